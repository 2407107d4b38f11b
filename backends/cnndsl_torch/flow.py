"""What the emission of a class keeps at hand: the flowing value, where children live, names in use."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field, replace

from cnndsl_torch.lowering import Code


@dataclass(frozen=True, slots=True)
class Flow:
    """The flowing value: its text in ``forward``, and the text of its channels in ``__init__``.

    ``weight`` counts what the text applies already; an expression is given a variable before it grows dense.
    """

    text: str
    channels: str
    weight: int = 0

    def applied(self, call: str, channels: str, weight: int) -> Flow:
        return Flow(call, channels, self.weight + weight)


@dataclass(slots=True)
class Names:
    """Variables of one function, each used once; those of a loop are free again behind it."""

    used: set[str]
    _made: dict[str, tuple[str, int]] = field(default_factory=dict)
    """What each name was made of, and its number."""
    _least: dict[str, int] = field(default_factory=dict)
    """The least number that may be free."""

    def new(self, hint: str) -> str:
        hint = f"{hint}_" if hint in ("l", "O", "I") else hint
        count = self._least.get(hint, 1)
        while (name := hint if count == 1 else f"{hint}{count}") in self.used or keyword.iskeyword(name):
            count += 1
        self._made[name], self._least[hint] = (hint, count), count + 1
        self.used.add(name)
        return name

    def free(self, name: str) -> None:
        """A name that may be used again."""
        self.used.discard(name)
        if name in self._made:
            hint, count = self._made[name]
            self._least[hint] = min(self._least[hint], count)

    def release(self, header: str) -> None:
        """Free the variables of a loop's header."""
        for name in loop_variables(header):
            self.free(name)


def loop_variables(header: str) -> list[str]:
    """The variables of ``for i, c in …:``."""
    return header[len("for ") :].partition(" in ")[0].split(", ")


def stored(flow: Flow, variable: str, forward: Code) -> Flow:
    """The flow in a variable."""
    if flow.text == variable:
        return flow
    forward(f"{variable} = {flow.text}")
    return Flow(variable, flow.channels)


def settled(flow: Flow, forward: Code, variable: str) -> Flow:
    """The flow in some variable: the one it is in, or this one."""
    return flow if flow.text.isidentifier() or not flow.weight else stored(flow, variable, forward)


def with_unread(header: str, inner: Code) -> str:
    """A loop's header with ``_`` for variables that its lines don't read."""
    variables = loop_variables(header)
    text = "\n".join(inner.lines)
    read = [name if re.search(rf"\b{name}\b", text) else "_" for name in variables]
    return f"for {', '.join(read)} in {header.partition(' in ')[2]}"


@dataclass(frozen=True, slots=True)
class Container:
    """Where the children of a scope are registered: attributes of the class, or keys of an ``nn.ModuleDict``."""

    path: str
    keyed: bool

    def reference(self, name: str) -> str:
        """The text of a child. ``name`` is a Python string literal or f-string."""
        attribute = self.path == "self" and name[1:-1].isidentifier()
        return f"{self.path}.{name[1:-1]}" if attribute or not self.keyed else f"{self.path}[{name}]"

    def register(self, name: str, module: str, init: Code) -> str:
        reference = self.reference(name)
        init(f"{reference} = {module}")
        return reference


@dataclass(slots=True)
class Sequence:
    """The children of an ``nn.Sequential``: written in one expression, or gathered by statements."""

    variable: str
    keyed: bool
    init: Code
    entries: list[str]
    gathered: bool = False

    def add(self, key: str, module: str) -> None:
        if not self.gathered:
            self.entries.append(f"({key}, {module})" if self.keyed else module)
        elif self.keyed:
            self.init(f"{self.variable}[{key}] = {module}")
        else:
            self.init(f"{self.variable}.append({module})")

    def gather(self) -> None:
        """From here on, statements: a loop, a branch, or a child that the next one must ask."""
        if self.gathered:
            return
        self.gathered = True
        entries = f"[{', '.join(self.entries)}]"
        if self.keyed:
            self.init(f"{self.variable}: OrderedDict[str, nn.Module] = OrderedDict({entries if self.entries else ''})")
        else:
            self.init(f"{self.variable}: list[nn.Module] = {entries}")

    def last(self, key: str) -> str:
        return f"{self.variable}[{key if self.keyed else '-1'}]"

    @property
    def arguments(self) -> str:
        """What ``nn.Sequential(…)`` is given."""
        if self.gathered:
            return self.variable if self.keyed else f"*{self.variable}"
        if self.keyed:
            return f"OrderedDict([{', '.join(self.entries)}])"
        return ", ".join(self.entries)


__all__ = [
    "Code",
    "Container",
    "Flow",
    "Names",
    "Sequence",
    "loop_variables",
    "replace",
    "settled",
    "stored",
    "with_unread",
]

"""What a lowering rule sees of an op and gives back. One rule an op serves the source and the live module."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cnndsl.ir.dims import Shape
from cnndsl.ops import Op, Symbol
from cnndsl.ops.base import REQUIRED
from cnndsl_torch.text import literal
from cnndsl_torch.write.place import Decline


@dataclass(frozen=True, slots=True)
class OpCall:
    """An op at one place of the spec, with all its expansions there (none in a branch not taken).

    ``channels`` is the text of the input's channels (or features); ``texts`` the Python text of each given
    argument; ``fresh`` whether the input may be overwritten: nothing else reads it, its gradient neither.
    """

    ops: tuple[Op, ...]
    cls: type[Op]
    inputs: tuple[tuple[Shape, ...], ...]
    channels: str
    texts: Mapping[str, str]
    fresh: bool
    read: set[str] = field(default_factory=set)
    """What the rule asked for as a value: arguments, and `SIZED` where it is the input's shape."""

    def __getitem__(self, name: str) -> str:
        """The text of an argument, its default included."""
        return self.texts.get(name) or literal(self.cls.args[name].default)

    def value(self, name: str) -> Any:
        """An argument's value where a rule needs to know it; the same in all expansions.

        Raises:
            Decline: it differs.
        """
        self.read.add(name)
        default = self.cls.args[name].default
        if not self.ops and name in self.texts:
            return self._stated(name)
        if not self.ops and default is REQUIRED:
            raise Decline(f"{self.cls.name} is never reached")
        return self.agreed(tuple(getattr(op, name) for op in self.ops), default)

    def _stated(self, name: str) -> Any:
        """The value of an argument of which there is only the text. Raises Decline where that is no literal."""
        try:
            value = ast.literal_eval(self.texts[name])
            return self.cls.args[name].kind.parse(Symbol(value) if isinstance(value, str) else value)
        except (ValueError, SyntaxError):
            raise Decline(f"{self.cls.name} is never reached") from None

    def agreed(self, values: tuple[Any, ...], default: Any = None) -> Any:
        """The one value of all expansions. Raises Decline where they differ, or where there is none."""
        if not values:
            return default
        if any(v != values[0] for v in values):
            raise Decline(f"{self.cls.name} differs between expansions")
        return values[0]

    @property
    def input(self) -> Shape:
        """The input's shape. Raises Decline where it differs, or where the branch is never taken."""
        if not self.ops:
            raise Decline(f"{self.cls.name} is never reached")
        self.read.add(SIZED)
        shape: Shape = self.agreed(tuple(i[0] for i in self.inputs))
        return shape

    def rank(self) -> int:
        """3 for a map, 1 for features."""
        rank: int = self.agreed(tuple(len(i[0]) for i in self.inputs), 3)
        return rank

    def call(self, target: str, *positional: str, **keywords: tuple[str, str]) -> str:
        """``target(positional, keyword=text)``: keywords are (argument of the op, PyTorch's default).

        One is left out where the spec does not give it, or gives PyTorch's default.
        """
        given = list(positional)
        for keyword, (name, default) in keywords.items():
            if not equal(self[name], default):
                given.append(f"{keyword}={self[name]}")
        return f"{target}({', '.join(given)})"


@lru_cache(maxsize=1024)
def equal(text: str, other: str) -> bool:
    """Whether two texts are the same, or literals of one value: ``1`` and ``1.0``, ``(3, 3)`` and ``3``."""
    try:
        values = [ast.literal_eval(t) for t in (text, other)]
    except (ValueError, SyntaxError):
        return text == other
    one, two = ((v, v) if isinstance(v, int | float) else v for v in values)
    return bool(one == two)


def is_operation(text: str) -> bool:
    """Whether a text needs brackets inside another operation."""
    return isinstance(ast.parse(text, mode="eval").body, ast.BinOp | ast.UnaryOp | ast.IfExp)


@dataclass(frozen=True, slots=True)
class Lowered:
    """An op in PyTorch.

    ``module`` builds it. ``call``, with ``{x}`` for the input, applies it without a module of its own, for
    an op without state that has no label. ``helpers`` names classes of `cnndsl_torch.modules` that the text uses.
    A ``light`` op is written around the one before it in the same line. ``running`` is the ``call`` where arguments
    are computed from the size at hand, if that is another.
    """

    module: str
    call: str | None = None
    helpers: tuple[str, ...] = ()
    light: bool = False
    running: str | None = None

    def apply(self, x: str) -> str:
        """``call`` on a text, in brackets where it is an operation and `{x}` a part of an expression."""
        assert self.call is not None
        argument = re.search(r"\(\{x\}[,)]", self.call) or self.call == "{x}"
        bare = argument or not is_operation(x)
        return self.call.replace("{x}", x if bare else f"({x})")


@dataclass(frozen=True, slots=True)
class Joined:
    """A merge in PyTorch. ``call`` has ``{lanes}``: a comma-separated list, or ``*name`` of a list.

    ``module`` is set where the join has a mode or a parameter; ``call`` then has ``{module}`` as well.
    """

    call: str
    module: str | None = None
    helpers: tuple[str, ...] = ()
    infix: str | None = None
    """An operator that joins the lanes where their number is known: ``+``."""


SIZED = "in"
"""Stands for the input's height and width among what a rule asked for."""

Rule = Callable[[OpCall], Lowered | Joined]
RULES: dict[type[Op], Rule] = {}
OVERWRITABLE: set[type[Op] | None] = set()
"""Ops whose result may be overwritten in place: their gradient does not need it."""


def lowers(*classes: type[Op], overwritable: bool = False) -> Callable[[Rule], Rule]:
    """Declare a function to be the lowering rule of op classes. See `OVERWRITABLE`."""

    def declare(rule: Rule) -> Rule:
        for cls in classes:
            RULES[cls] = rule
            if overwritable:
                OVERWRITABLE.add(cls)
        return rule

    return declare


@dataclass(slots=True)
class Code:
    """Lines of Python with their indentation."""

    lines: list[str] = field(default_factory=list)

    def __call__(self, line: str) -> None:
        self.lines.append(line)

    def block(self, header: str, inner: Code) -> None:
        """A header with an indented block, which is not left empty; one under the same header goes on."""
        last = next((line for line in reversed(self.lines) if not line.startswith(" ")), None)
        if last != header or not header.startswith("if self.training"):
            self.lines.append(header)
        self.lines.extend("    " + line for line in inner.lines or ["pass"])

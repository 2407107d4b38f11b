"""The parameters of a block: columns of figures as expressions of a few of them, presence as conditions on them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cnndsl.ops import registry
from cnndsl.recover import values
from cnndsl.recover.generalise import ABSENT, Generaliser, Role
from cnndsl.recover.relations import Known, combined, kind_of
from cnndsl.recover.terms import OMITTED, Code, Parameter, Value

SHORT = {"out": "c", "p": "drop", "count": "n", "planes": "planes"}
MOSTLY = 0.6
"""How often a value must be given to be a parameter's default."""


@dataclass(slots=True)
class Found:
    """A parameter with its value in each instance."""

    parameter: Parameter
    column: list[Value]
    kind: str


class Parameters:
    """Solves the columns of one form. ``weights`` says how many calls each instance stands for."""

    def __init__(self, general: Generaliser, channels: Sequence[int], weights: Sequence[int], taken: set[str],
                 levels: Sequence[int] = ()) -> None:  # fmt: skip
        self.general, self.weights, self.taken = general, weights, taken
        self.found: list[Found] = []
        self.known = [Known("in.channels", tuple(channels), "channels")]
        if levels:
            taken.add("n")
            self.found.append(Found(Parameter("n"), list(levels), "level"))
            self.known.append(Known("n", tuple(levels), "count"))
        self.values: list[Value] = [None] * len(general.columns)
        late = ("presence", "position")
        for number, role in enumerate(general.roles):
            if role.kind not in late:
                self.values[number] = self._figure(general.columns[number], role)
        for number, role in enumerate(general.roles):
            if role.kind == "presence":
                self.values[number] = self._condition(general.columns[number], role)
            elif role.kind == "position":
                self.values[number] = Code("")
        for each in self.found:
            if not isinstance(each.parameter.default, Code) and each.kind != "level":
                self._default(each)
        # The order of `Unit(c, stride)`: what must be given, then the stride, then the rest.
        self.found.sort(key=lambda each: (each.parameter.default is not OMITTED, each.kind not in ("level", "stride")))

    # --- figures

    def _figure(self, column: tuple[Value, ...], role: Role) -> Value:
        kind = kind_of(role)
        exact = [known for known in self.known if known.column == column and known.kind == kind]
        found = exact[-1] if exact else combined(column, self.known[::-1], kind)
        if found is None:
            return Code(self._new(column, role, kind))
        if "in.channels" in found.text:
            return Code(self._new(found.column, role, kind, Code(found.text)))
        if found not in self.known:
            self.known.append(found)
        return Code(found.text)

    def _new(self, column: tuple[Value, ...], role: Role, kind: str, incoming: Code | None = None) -> str:
        """A parameter; one whose value follows from the channels that come in is not given by the calls."""
        name = self._name(role)
        if incoming is not None:
            self.found.append(Found(Parameter(name, incoming), [OMITTED] * len(column), kind))
        else:
            self.found.append(Found(Parameter(name, self._operand(role)), list(column), kind))
        self.known.append(Known(name, column, kind))
        return name

    def _operand(self, role: Role) -> Value:
        """The default of the op's own argument."""
        op = registry.get(role.kind)
        if op is None or role.name not in op.args:
            return OMITTED
        default = values.defaults(op)[list(op.args).index(role.name)]
        return default if isinstance(default, int | float | str | tuple) else OMITTED

    def _name(self, role: Role) -> str:
        name = SHORT.get(role.name, role.name) or "n"
        label = role.label or ""
        if role.kind == "presence":
            name = re.sub(r"\W", "_", label) or role.name
        elif role.name == "out" and re.fullmatch(r"[a-z]+_?[a-z]*|[a-z]+\d?x\d?", label) and label != "conv":
            name = label
        elif role.name == "out" and (number := re.search(r"\d+$", label)):
            name = f"c{number[0]}"
        return fresh(name, self.taken)

    def _default(self, each: Found) -> None:
        """What most calls give becomes the default; what they don't give, must be one."""
        counts: Counter[tuple[type, Value]] = Counter()
        for value, weight in zip(each.column, self.weights, strict=True):
            if value is not ABSENT:
                counts[type(value), value] += weight
        (_, most), often = counts.most_common(1)[0]
        given = each.parameter.default
        lacks = ABSENT in each.column
        if given is not OMITTED and (type(given), given) in counts:
            most = given
        elif not (lacks or often >= MOSTLY * counts.total()) or (each.kind == "channels" and not lacks):
            each.parameter.default = OMITTED
            return
        each.parameter.default = most
        each.column = [most if value is ABSENT else value for value in each.column]

    # --- conditions

    def _condition(self, column: tuple[Value, ...], role: Role) -> Value:
        """When a part is there. ``column`` holds True and False, or ABSENT where what is around it is not there."""
        options = list(self._options(column, role.first))
        for text, truth in options:
            if agrees(column, truth):
                return Code(text)
        for text, truth in options:  # one of two, as in `stride != 1 or in.channels != c`
            for other, too in options:
                both = [a or b if ABSENT not in (a, b) else ABSENT for a, b in zip(truth, too, strict=True)]
                if text != other and " or " not in text and agrees(column, both):
                    return Code(f"{text} or {other}")
        name = self._name(role)
        self.found.append(Found(Parameter(name), [value is True for value in column], "presence"))
        self.known.append(Known(name, tuple(value is True for value in column), "presence"))
        return Code(name)

    def _options(self, column: tuple[Value, ...], first: bool) -> list[tuple[str, list[Value]]]:
        found: list[tuple[str, list[Value]]] = []
        for known in self.known:
            if known.kind == "presence":
                found.append((known.text, list(known.column)))
                found.append((f"not {known.text}", [not value for value in known.column]))
        for each in self.found:
            name, given = each.parameter.name, each.column
            stated = [value for value in given if value is not ABSENT]
            if agrees(column, [value is not ABSENT for value in given]) and all(
                type(value) in (int, float) and value > 0 for value in stated
            ):
                each.column = [type(stated[0])(0) if value is ABSENT else value for value in given]
                self.known.append(Known(name, tuple(each.column), each.kind))
                return [(f"{name} > 0", [value > 0 for value in each.column])]
            if each.kind == "stride":
                found.append((f"{name} != 1", [ABSENT if value is ABSENT else value != 1 for value in given]))
            if each.kind == "count":
                for limit in sorted({value for value in given if type(value) is int})[:3]:
                    found.append((f"{name} > {limit}", [ABSENT if v is ABSENT else v > limit for v in given]))
        incoming = self.known[0].column
        for known in self.known[1:] if first else ():
            if known.kind == "channels" and "in.channels" not in known.text and ABSENT not in known.column:
                pairs = zip(incoming, known.column, strict=True)
                found.append((f"in.channels != {known.text}", [one != other for one, other in pairs]))
        return found


def agrees(column: Sequence[Value], truth: Sequence[Value]) -> bool:
    return all(wanted is ABSENT or wanted is value for wanted, value in zip(column, truth, strict=True))


def fresh(name: str, taken: set[str]) -> str:
    """A name that is not taken yet, and now is."""
    number, found = 2, name
    while found in taken:
        found, number = f"{name}{number}", number + 1
    taken.add(found)
    return found

"""One form for several terms: what is equal in all stays, a figure that differs becomes a column of its values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cnndsl.ops import registry
from cnndsl.recover.align import align
from cnndsl.recover.terms import (
    OMITTED,
    Body,
    Call,
    Dense,
    For,
    From,
    Group,
    Hole,
    If,
    Label,
    LaneLoop,
    Loop,
    Merge,
    Op,
    Output,
    Range,
    Repeat,
    Step,
    Turn,
    Value,
)

NUMBERS = re.compile(r"(\{[^{}]*\}|\d+)")
WORDS = {"pooling": "pool", "normalization": "norm", "activation": "act", "regularization": "drop"}
MARK = re.compile(r"\{@(\d+)\}")


class Differs(Exception):
    """The terms have no common form."""


class Absent:
    """The value of a figure in an instance that lacks the part it stands in."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Role:
    """What a column is about: an op's argument or a block's parameter, or a `count`, `label` or `presence`."""

    kind: str
    name: str
    label: Label = None
    first: bool = False
    """Whether it stands where the flow is still what came in."""


class Generaliser:
    """Forms of ``count`` instances. With ``optional`` some may lack steps that others have; with ``numbered`` labels
    may differ in their numbers. ``backwards``: what is common is looked for from the end."""

    def __init__(self, count: int, optional: bool, numbered: bool, backwards: bool = False) -> None:
        self.count, self.optional, self.numbered, self.backwards = count, optional, numbered, backwards
        self.columns: list[tuple[Value, ...]] = []
        self.roles: list[Role] = []
        self._known: dict[Any, int] = {}
        self.parameters: dict[str, list[str]] = {}
        """The names of the parameters of blocks that are called."""

    def hole(self, values: Sequence[Value], who: Sequence[int], role: Role) -> Hole:
        column: list[Value] = [ABSENT] * self.count
        for place, value in zip(who, values, strict=True):
            column[place] = value
        key = (role.kind, role.first, tuple((type(value), value) for value in column))
        if key not in self._known:
            self._known[key] = len(self.columns)
            self.columns.append(tuple(column))
            self.roles.append(role)
        return Hole(self._known[key])

    def value(self, values: Sequence[Value], who: Sequence[int], role: Role) -> Value:
        first = values[0]
        if all(type(value) is type(first) and value == first for value in values):
            return first
        if any(isinstance(value, Hole) for value in values):
            raise Differs
        if any(isinstance(value, Turn) for value in values):
            if not all(isinstance(value, Turn) for value in values):
                raise Differs
            return Turn(self.text(values, who))
        if all(isinstance(value, Range) for value in values):
            return Range(self.value([v[side] for v in values], who, Role("count", "n")) for side in (0, 1))
        return self.hole(values, who, role)

    def label(self, labels: Sequence[Label], who: Sequence[int]) -> Label:
        if len(set(labels)) == 1:
            return labels[0]
        if any(label is None for label in labels):
            numbers = {label for label in labels if label is not None}
            if self.optional and all(number.isdigit() for number in numbers):
                return positioned(self.hole([label is None for label in labels], who, Role("position", "")))
            raise Differs
        if not self.numbered:
            raise Differs
        return self.text([label or "" for label in labels], who)

    def text(self, texts: Sequence[str], who: Sequence[int]) -> str:
        """Labels and paths that differ in their numbers alone."""
        if len(set(texts)) == 1:
            return texts[0]
        pieces = [NUMBERS.split(text) for text in texts]
        if len({len(each) for each in pieces}) > 1:
            raise Differs
        found: list[str] = []
        for options in zip(*pieces, strict=True):
            if len(set(options)) == 1:
                found.append(options[0])
            elif all(option.isdigit() and str(int(option)) == option for option in options):
                found.append(f"{{@{self.hole([int(option) for option in options], who, Role('label', 'i')).column}}}")
            else:
                raise Differs
        return "".join(found)

    # --- terms

    def body(self, bodies: Sequence[Body], who: Sequence[int], first: bool = False) -> Body:
        """The form of bodies; ``first``: they begin with what flows into the whole."""
        if len(set(map(len, bodies))) == 1 and all(
            same(steps) for steps in zip(*[[key(step, self.numbered) for step in body] for body in bodies], strict=True)
        ):
            return tuple(self.step(steps, who, first and not n) for n, steps in enumerate(zip(*bodies, strict=True)))
        if not self.optional:
            raise Differs
        found: list[Step] = []
        for row in align([[key(step, self.numbered) for step in body] for body in bodies], self.backwards):
            present = [n for n, place in enumerate(row) if place is not None]
            steps = [bodies[n][place] for n, place in enumerate(row) if place is not None]
            if len(present) < len(bodies) and all(isinstance(step, Repeat) or repeatable(step) for step in steps):
                some = next((step for step in steps if isinstance(step, Repeat)), None)
                if some is not None:  # none of them is a repetition of no turns
                    given = iter(steps)
                    steps = [next(given) if n in present else Repeat(some.body, 0) for n in range(len(bodies))]
                    present = list(range(len(bodies)))
            begins = first and not found
            inner = self.step(steps, [who[n] for n in present], begins)
            if len(present) == len(bodies):
                found.append(inner)
                continue
            presence = self.hole(
                [n in present for n in range(len(bodies))], who, Role("presence", hint(inner), label_of(inner), begins)
            )
            before = found[-1] if found else None
            if isinstance(before, If) and self.columns[before.condition.column] == self.columns[presence.column]:
                found[-1] = If(before.condition, (*before.then, inner))
            else:
                found.append(If(presence, (inner,)))
        return tuple(found)

    def step(self, steps: Sequence[Step], who: Sequence[int], begins: bool = False) -> Step:
        first: Any = steps[0]
        if any(isinstance(step, Repeat) for step in steps):
            steps = [step if isinstance(step, Repeat) else Repeat((step,), 1) for step in steps]
            first = steps[0]
        if any(type(step) is not type(first) for step in steps):
            raise Differs
        every: Sequence[Any] = steps
        match first:
            case Op():
                return self._op(every, who)
            case Call():
                self._same(step.block for step in every)
                label = self.label([step.label for step in every], who)
                names = self.parameters[first.block]
                args = zip(names, zip(*[step.args for step in every], strict=True), strict=True)
                found = (self._argument(values, who, Role("parameter", name, label)) for name, values in args)
                return Call(first.block, tuple(found), label)
            case Group():
                label = self.label([step.label for step in every], who)
                return Group(self.body([step.body for step in every], who, begins), label)
            case Merge():
                self._same((step.name, len(step.lanes)) for step in every)
                args = zip(*[step.args for step in every], strict=True)
                return Merge(first.name, tuple(
                    self.value(values, who, Role(f"{first.name}.{n}", "drop")) for n, values in enumerate(args)
                ), self._lanes([step.lanes for step in every], who, begins))  # fmt: skip
            case Repeat():
                count = self.value([step.count for step in every], who, Role("count", "n"))
                return Repeat(self.body([step.body for step in every], who), count)
            case For():
                loop = self._loop([step.loop for step in every], who)
                return For(loop, self.body([step.body for step in every], who))
            case Dense():
                self._same(step.index for step in every)
                count = self.value([step.count for step in every], who, Role("count", "n"))
                return Dense(count, first.index, self.body([step.body for step in every], who))
            case If():
                self._same(step.condition for step in every)
                then = self.body([step.then for step in every], who)
                return If(first.condition, then, self.body([step.otherwise for step in every], who))
            case From():
                return From(self.text([step.target for step in every], who))
            case Output():
                self._same((step.name, step.training_only) for step in every)
                return Output(first.name, first.training_only, self.body([step.body for step in every], who))
        raise TypeError(f"no step: {first}")

    def _op(self, steps: Sequence[Op], who: Sequence[int]) -> Op:
        self._same(step.name for step in steps)
        name, label = steps[0].name, self.label([step.label for step in steps], who)
        columns = zip(*[step.args for step in steps], strict=True)
        args = (self.value(v, who, Role(name, key, label)) for key, v in zip(registry[name].args, columns, strict=True))
        return Op(name, tuple(args), label)

    def _argument(self, values: Sequence[Value], who: Sequence[int], role: Role) -> Value:
        if any(value is OMITTED for value in values) and not all(value is OMITTED for value in values):
            raise Differs
        return self.value(values, who, role)

    def _lanes(self, lanes: Sequence[Sequence[Any]], who: Sequence[int], begins: bool) -> tuple[Body | LaneLoop, ...]:
        found: list[Body | LaneLoop] = []
        for column in zip(*lanes, strict=True):
            if not all(isinstance(lane, LaneLoop) for lane in column):
                if any(isinstance(lane, LaneLoop) for lane in column):
                    raise Differs
                found.append(self.body(column, who, begins))
                continue
            self._same(len(lane.lanes) for lane in column)
            loop = self._loop([lane.loop for lane in column], who)
            found.append(LaneLoop(loop, self._lanes([lane.lanes for lane in column], who, begins)))
        return tuple(found)

    def _loop(self, loops: Sequence[Loop], who: Sequence[int]) -> Loop:
        self._same((loop.variable, loop.index) for loop in loops)
        items = self.value([loop.items for loop in loops], who, Role("list", loops[0].variable + "s"))
        return Loop(loops[0].variable, items, loops[0].index)

    def _same(self, things: Any) -> None:
        if len(set(things)) > 1:
            raise Differs


def positioned(hole: Hole) -> str:
    """A label that some instances need and others don't, since they have the step at its position."""
    return f"?{hole.column}"


def same(things: Sequence[Any]) -> bool:
    return all(thing == things[0] for thing in things)


def label_of(step: Step) -> Label:
    return step.label if isinstance(step, Op | Call | Group) else None


def hint(step: Step) -> str:
    """A word for a step that may be missing."""
    family = registry[step.name].family if isinstance(step, Op | Merge) else ""
    return WORDS.get(family, "more")


def repeatable(step: Step) -> bool:
    return isinstance(step, Op | Call) and step.label is None


def key(step: Step, numbered: bool) -> Any:
    """What steps must share to be the same step of a form."""
    match step:
        case Op() | Call() | Group():
            name = step.name if isinstance(step, Op) else step.block if isinstance(step, Call) else ""
            label = step.label
            if label is not None:
                label = None if label.isdigit() else NUMBERS.sub("#", label) if numbered else label
            return type(step).__name__, name, label
        case Merge():
            return "Merge", step.name, len(step.lanes)
        case Repeat():
            return key(step.body[0], numbered) if len(step.body) == 1 else ("Repeat", len(step.body))
        case From():
            return "From", NUMBERS.sub("#", step.target)
    return (type(step).__name__,)

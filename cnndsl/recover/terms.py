"""What is recovered, before it is text: steps with plain values in them, equal where they say the same.

The tree of `cnndsl.syntax.ast` has spans and is compared by identity; these terms are values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

Value: TypeAlias = Any
"""An int, float, bool, word, None, a size (an int where it is square, else a pair), a `Items`, or `Code`."""


class Code(str):
    """An expression as text, in the place of a value."""

    __slots__ = ()


class Turn(Code):
    """An expression of the variable of a loop around."""

    __slots__ = ()


class Items(tuple[Any, ...]):
    """A list among values; a plain tuple is a size."""

    __slots__ = ()


class Range(tuple[Any, ...]):
    """The integers from a first to before a last one, among values."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Hole:
    """A figure that differs between the instances of a form: the number of its column."""

    column: int


class Omitted:
    """An argument that is left to its default."""

    def __repr__(self) -> str:
        return "omitted"


OMITTED = Omitted()
Label: TypeAlias = "str | None"
"""A name as it stands in paths, with indices in braces; None for a position."""


@dataclass(frozen=True, slots=True)
class Op:
    """An op with all of its arguments, in declared order."""

    name: str
    args: tuple[Value, ...]
    label: Label = None


@dataclass(frozen=True, slots=True)
class Call:
    """A block's call, an argument for each of its parameters."""

    block: str
    args: tuple[Value, ...]
    label: Label = None


@dataclass(frozen=True, slots=True)
class Group:
    body: Body
    label: Label = None


@dataclass(frozen=True, slots=True)
class Merge:
    name: str
    args: tuple[Value, ...]
    lanes: tuple[Body | LaneLoop, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """``for variable in items as index``."""

    variable: str
    items: Value
    index: str | None = None


@dataclass(frozen=True, slots=True)
class LaneLoop:
    loop: Loop
    lanes: tuple[Body | LaneLoop, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    body: Body
    count: Value


@dataclass(frozen=True, slots=True)
class For:
    loop: Loop
    body: Body


@dataclass(frozen=True, slots=True)
class Dense:
    count: Value
    index: str | None
    body: Body


@dataclass(frozen=True, slots=True)
class If:
    condition: Value
    then: Body
    otherwise: Body = ()


@dataclass(frozen=True, slots=True)
class From:
    """``target`` is a dotted path below the definition around; ``input`` where it is empty."""

    target: str


@dataclass(frozen=True, slots=True)
class Output:
    name: str
    training_only: bool
    body: Body


Step: TypeAlias = Op | Call | Group | Merge | Repeat | For | Dense | If | From | Output
Body: TypeAlias = tuple[Step, ...]


@dataclass(slots=True)
class Parameter:
    name: str
    default: Value = OMITTED
    """`OMITTED` where the caller must give it."""


@dataclass(slots=True)
class Block:
    """A block that was found: its text, and how it is called."""

    name: str
    parameters: list[Parameter]
    body: Body
    lets: list[tuple[str, Code]] = field(default_factory=list)
    library: bool = False
    """Whether it is one of ``std``: then the body is empty here."""


def unlabelled(step: Step) -> Step:
    """The step without its label."""
    return replace(step, label=None) if isinstance(step, Op | Call | Group) else step


def rewrite(step: Step, value: Callable[[Value], Value], text: Callable[[str], str]) -> Step:
    """The step with each of its values, and the text of each of its labels and paths, put through a function."""

    def body(steps: Body) -> Body:
        return tuple(rewrite(each, value, text) for each in steps)

    def loop(head: Loop) -> Loop:
        return Loop(head.variable, value(head.items), head.index)

    def lane(each: Body | LaneLoop) -> Body | LaneLoop:
        return LaneLoop(loop(each.loop), tuple(map(lane, each.lanes))) if isinstance(each, LaneLoop) else body(each)

    def label(name: Label) -> Label:
        return None if name is None else text(name)

    match step:
        case Op():
            return Op(step.name, tuple(map(value, step.args)), label(step.label))
        case Call():
            return Call(step.block, tuple(map(value, step.args)), label(step.label))
        case Group():
            return Group(body(step.body), label(step.label))
        case Merge():
            return Merge(step.name, tuple(map(value, step.args)), tuple(map(lane, step.lanes)))
        case Repeat():
            return Repeat(body(step.body), value(step.count))
        case For():
            return For(loop(step.loop), body(step.body))
        case Dense():
            return Dense(value(step.count), step.index, body(step.body))
        case If():
            return If(value(step.condition), body(step.then), body(step.otherwise))
        case From():
            return From(text(step.target))
        case Output():
            return Output(step.name, step.training_only, body(step.body))


def bodies_of(step: Step) -> Iterator[Body]:
    """The bodies inside a step, lanes among them."""
    match step:
        case Group() | Repeat() | For() | Dense() | Output():
            yield step.body
        case If():
            yield step.then
            yield step.otherwise
        case Merge():
            yield from _lanes(step.lanes)


def _lanes(lanes: tuple[Body | LaneLoop, ...]) -> Iterator[Body]:
    for lane in lanes:
        if isinstance(lane, LaneLoop):
            yield from _lanes(lane.lanes)
        else:
            yield lane


def steps_of(body: Body) -> Iterator[Step]:
    """All steps of a body, at any depth, but not inside the blocks that it calls."""
    for step in body:
        yield step
        for inner in bodies_of(step):
            yield from steps_of(inner)


def loops_of(body: Body) -> Iterator[str]:
    """The variables of a body's loops."""
    for step in steps_of(body):
        if isinstance(step, For):
            yield from filter(None, (step.loop.variable, step.loop.index))
        elif isinstance(step, Dense) and step.index is not None:
            yield step.index
        elif isinstance(step, Merge):
            lanes = list(step.lanes)
            while lanes:
                lane = lanes.pop()
                if isinstance(lane, LaneLoop):
                    yield from filter(None, (lane.loop.variable, lane.loop.index))
                    lanes += lane.lanes


def transformed(body: Body, change: Callable[[Step], Step]) -> Body:
    """The body with each of its steps changed, inner ones first."""

    def lane(each: Body | LaneLoop) -> Body | LaneLoop:
        if isinstance(each, LaneLoop):
            return LaneLoop(each.loop, tuple(map(lane, each.lanes)))
        return transformed(each, change)

    def inside(step: Step) -> Step:
        match step:
            case Merge():
                return replace(step, lanes=tuple(map(lane, step.lanes)))
            case If():
                return replace(step, then=transformed(step.then, change), otherwise=transformed(step.otherwise, change))
            case Group() | Repeat() | For() | Dense() | Output():
                return replace(step, body=transformed(step.body, change))
        return step

    return tuple(change(inside(step)) for step in body)

"""Lanes and their joins."""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Sequence as Many
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from cnndsl.ir.expansion import Body, Step
from cnndsl.syntax import ast
from cnndsl_torch import tree
from cnndsl_torch.lowering import Joined
from cnndsl_torch.tree import Expr
from cnndsl_torch.write.apply import application, lower, ruled, stateless
from cnndsl_torch.write.expansions import lane_loops
from cnndsl_torch.write.formulas import same_size
from cnndsl_torch.write.loop import (
    Header,
    Loop,
    closed,
    header,
    known_items,
    opened,
    over,
    with_variables,
)
from cnndsl_torch.write.place import Decline, Place, Value, settled
from cnndsl_torch.write.result import Result, stacks
from cnndsl_torch.write.writer import Writer, agreed

MANY = 200
"""Lanes of one join; Python's parser gives up at about a thousand terms."""


def merge(w: Writer, syntax: ast.Merge, steps: Many[Step], value: Value, place: Place) -> Value:
    """Every lane from the same variable, then the join."""
    value = settled(value, place)
    loops = lane_loops(syntax.lanes)
    if any(loops.values()):
        return _looped(w, syntax, steps, value, place)
    lanes = []
    for position, lane in enumerate(syntax.lanes):
        assert isinstance(lane, ast.Lane)
        lanes.append(_lane(w, lane.body, [step.bodies[position] for step in steps], value, place))
    return _joined(w, syntax, steps, lanes, value, place)


def _lane(w: Writer, syntax: ast.Body, bodies: Many[Body], value: Value, place: Place) -> Value:
    if not syntax.statements:
        return value

    def write(inner: Place) -> Value:
        result = w.write_body(w, syntax, bodies, value, inner)
        # A single application reads well inside the join; more gets a line of its own.
        return settled(result, inner) if result.weight > 1 else result

    return aside(w, place, write)


def aside(w: Writer, place: Place, write: Callable[[Place], Value]) -> Value:
    """Something beside the main flow, with a variable of its own, which is free again where it needs none."""
    variable = w.locals.new("y")
    inner = replace(place, variable=variable)
    before = len(place.forward)
    result = write(inner)
    written = [*place.forward[before:], tree.statement(result.tensor)]
    if not any(isinstance(each, py.Name) and each.id == variable for s in written for each in tree.walk(s)):
        w.locals.free({variable})
    return result


def _joined(w: Writer, syntax: ast.Merge, steps: Many[Step], lanes: list[Value], value: Value, place: Place) -> Value:
    translate = w.at(place, value, steps)
    if len(lanes) > MANY:
        joined = ruled(w, application(w, syntax, steps, translate), steps, value)
        behind = _figure(w, steps, lanes)
    else:
        joined, behind = lower(w, syntax, steps, lanes, translate)
        behind = replace(behind, channels=w.short(behind.channels, place.init))
    assert isinstance(joined, Joined)
    few = len(lanes) <= MANY
    tensors = [lane.tensor for lane in (same_size(w, steps, lanes, place) if few else lanes)]
    if joined.infix and joined.module is None and few:
        total = tensors[0]
        for tensor in tensors[1:]:
            total = tree.infix(joined.infix, total, tensor)
        return Value(total, behind.channels, 1, behind.sized)
    return Value(_join(w, joined, tree.listed(*tensors), steps, place), behind.channels, 1, behind.sized)


def _figure(w: Writer, steps: Many[Step], lanes: Many[Value]) -> Result:
    """What comes out of more lanes than a formula is made of, as a number."""
    channels = agreed((step.output.shape[0] for step in steps), "the channels of lanes")
    w.fix(frozenset().union(*(w.depends(lane.channels) for lane in lanes)))
    return Result(tree.literal(channels), frozenset().union(*(lane.sized for lane in lanes)))


def _join(w: Writer, joined: Joined, lanes: Expr, steps: Many[Step], place: Place) -> Expr:
    """The join of a list, written or in a variable."""
    template = tree.parse(
        joined.call.replace("[{lanes}]", "_lanes").replace("{lanes}", "*_lanes").replace("{module}", "_m")
    )
    values = {"_lanes": lanes}
    if joined.module is not None:
        values["_m"] = stateless(w, tree.parse(joined.module), steps, place.init)
    return spread(tree.substitute(template, values))


def spread(node: Expr) -> Expr:
    """``f(*[a, b])`` as ``f(a, b)``."""
    for each in tree.walk(node):
        if isinstance(each, py.Call):
            match each.args:
                case [py.Starred(value=py.List(elts=elements))]:
                    each.args = elements
    return node


def _looped(w: Writer, syntax: ast.Merge, steps: Many[Step], value: Value, place: Place) -> Value:
    """Lanes that loops make: gathered in a list, or written out one by one."""
    runs = [list(zip(step.bodies, step.lanes, strict=True)) for step in steps]

    def write_out() -> Value:
        lanes = [
            _lane(w, lane.body, bodies, value, inner)
            for lane, bodies, inner in _written_out(w, syntax, runs, value, steps, place)
        ]
        return _joined(w, syntax, steps, lanes, value, place)

    def roll() -> Value:
        gathered = tree.name(w.locals.new("lanes"))
        place.forward.append(tree.assign(gathered, tree.listed()))
        into = Gathering(runs, steps, gathered)
        parts = [_gathered(w, lane, into, value, place) for lane in syntax.lanes]
        applied = application(w, syntax, steps, w.at(place, value, steps))
        joined = ruled(w, applied, steps, value)
        assert isinstance(joined, Joined)
        lanes = [lane for _, inner in parts for lane in inner]
        every = {stacks(op, shapes) for op, shapes in zip(applied.ops, applied.inputs, strict=True)}
        if len(every) != 1:
            raise Decline("lanes that are never reached")
        channels = summed([total for total, _ in parts]) if every.pop() else plainest(lanes, w)
        sized = min((lane.sized for lane in lanes), key=len)
        return Value(_join(w, joined, gathered, steps, place), channels, 1, sized)

    first = next(lane for lane in syntax.lanes if isinstance(lane, ast.LaneLoop))
    return Loop(w, first, place).either(roll, write_out)


Runs = list[list[tuple[Body, tuple[ast.Lane, tuple[int, ...], Mapping[str, Any]]]]]


def _written_out(w: Writer, syntax: ast.Merge, runs: Runs, value: Value, steps: Many[Step],
                 place: Place) -> Iterator[tuple[ast.Lane, list[Body], Place]]:  # fmt: skip
    """Each lane with its expansions, and what the variables of the loops around it are there."""
    loops = lane_loops(syntax.lanes)
    shapes = {tuple((id(lane), turns) for _, (lane, turns, _) in run) for run in runs}
    if len(shapes) != 1:
        raise Decline("another number of lanes each time")
    for position, (_, (lane, _, _)) in enumerate(runs[0]):
        inner = place
        bodies = [run[position][0] for run in runs]
        variables = [run[position][1][2] for run in runs]
        for loop in loops[id(lane)]:
            translate = w.at(inner, value, steps)
            w.fix(w.read_by(loop.items, translate))
            inner = with_variables(w, loop, variables, inner)
        yield lane, bodies, inner


@dataclass(frozen=True, slots=True)
class Gathering:
    """The lanes of one merge in all expansions, and the list of ``forward`` that they go into."""

    runs: Runs
    steps: Many[Step]
    variable: Expr


def _gathered(w: Writer, lane: ast.Lane | ast.LaneLoop, into: Gathering, value: Value,
              place: Place) -> tuple[Expr, list[Value]]:  # fmt: skip
    """A lane, or a loop of lanes, into the list: the sum of their channels, and what each lane of the text is."""
    if isinstance(lane, ast.Lane):
        bodies = [body for run in into.runs for body, (each, _, _) in run if each is lane]
        result = _lane(w, lane.body, bodies, value, place)
        append = tree.call(tree.attribute(into.variable, "append"), result.tensor)
        place.forward.append(tree.statement(append))
        return result.channels, [result]
    loop = header(w, lane, place, w.at(place, value, into.steps))
    known = known_items(w, loop, place.init)
    place.container.shifted |= loop.depends
    opened(w, loop)
    inner = replace(place.inside([], []), names={**place.names, **loop.names})
    parts = [_gathered(w, each, into, value, inner) for each in lane.lanes]
    closed(w, loop)
    if inner.init:
        place.init.append(over(loop.target, loop.items, inner.init))
    place.forward.append(over(loop.target, known, inner.forward))
    return repeated(loop, summed([total for total, _ in parts])), [value for _, values in parts for value in values]


def summed(values: list[Expr]) -> Expr:
    return reduce(lambda one, two: tree.operation("+", one, two), values)


def repeated(loop: Header, total: Expr) -> Expr:
    """The sum of what each turn adds."""
    if tree.names_in(total) & tree.names_in(loop.target):
        if tree.same(total, loop.target):
            return tree.call("sum", loop.items)
        each = py.comprehension(loop.target, loop.items, [], 0)
        return tree.call("sum", py.GeneratorExp(total, [each]))
    match loop.items:
        case py.Call(func=py.Name(id="range"), args=[stop]):
            return tree.operation("*", stop, total)
        case py.Call(func=py.Name(id="enumerate"), args=[items]):
            return tree.operation("*", tree.call("len", items), total)
    return tree.operation("*", tree.call("len", loop.items), total)


def plainest(lanes: Many[Value], w: Writer) -> Expr:
    """The channels of lanes that agree, in the terms that are known outside of them."""
    known = [lane.channels for lane in lanes if tree.names_in(lane.channels) <= w.top_names | w.parameter_names]
    if not known:
        raise Decline("channels that only a lane knows")
    return min(known, key=lambda channels: len(tree.text(channels)))

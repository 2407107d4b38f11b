"""The sizes of a body's nodes over the height and width of its input."""

from __future__ import annotations

import ast as py
from collections.abc import Mapping, Sequence
from typing import Any

from cnndsl.ir.dims import Shape
from cnndsl.ir.expansion import Body, Step
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer, Merge, Mismatch
from cnndsl.sizes import Formula, Size, formula_of, symbol
from cnndsl_torch import tree
from cnndsl_torch.write.at_hand import (
    MAP,
    require,
    shown,
    stated,
)
from cnndsl_torch.write.place import Place, Value, stored
from cnndsl_torch.write.reading import SIDES
from cnndsl_torch.write.writer import Writer

DEEP = 30
"""Changes of size of which one formula is made."""


def formulas(w: Writer, body: Body) -> Mapping[int, Shape]:
    """The shapes of a body's nodes over the height and width of its input, by their index."""
    known = w.formulas.get(id(body))
    if known is None or known[0] != len(w.measured):
        known = w.formulas[id(body)] = len(w.measured), _formulas(w, body)
    return known[1]


def _formulas(w: Writer, body: Body) -> dict[int, Shape]:
    """An op whose arguments are computed, and not known as formulas, has sizes of its own, and so has one behind so
    many changes of size that their formula is too deep."""
    assert body.output is not None
    found = {body.input.index: _own(body.input, SIDES)}
    dims = w.syntax.signature.input if w.syntax.signature is not None else []
    if len(dims) == len(body.input.shape):  # what is stated as a number has been checked
        x, symbols = body.input.shape, found[body.input.index]
        found[body.input.index] = tuple(x[i] if dim.name is None else symbols[i] for i, dim in enumerate(dims))
    depths = {body.input.index: 0}
    for node in w.program.graph.nodes[body.input.index + 1 : body.output.index + 1]:
        op = w.measured.get(node.index, node.op)
        lanes = tuple(found[each.index] for each in node.inputs if each.index in found)
        if len(lanes) < len(node.inputs):
            continue
        depth = max(depths[each.index] for each in node.inputs)
        if op is None or depth > DEEP:
            found[node.index], depth = _own(node, [(node.index, 1), (node.index, 2)]), 0
        elif isinstance(op, Merge):
            found[node.index] = _joined(op, lanes)
        else:
            assert isinstance(op, Layer)
            found[node.index] = op.infer(lanes[0])
        before = {formula_of(size) for lane in lanes for size in lane[1:]}
        changed = any(formula_of(size) not in before for size in found[node.index][1:])
        depths[node.index] = depth + changed
    return found


def _joined(op: Merge, lanes: tuple[Shape, ...]) -> Shape:
    """What a merge gives. Lanes that must agree have been checked, so that any of them says the sizes: the shortest."""
    shape = op.join(lanes)
    if len(shape) != 3 or repeats_lanes(op):
        return shape
    sides = (min((lane[axis] for lane in lanes), key=lambda n: len(str(formula_of(n)))) for axis in (1, 2))
    return (shape[0], *sides)


def _own(node: Node, names: Sequence[Any]) -> Shape:
    return (node.shape[0], *(Size(n, symbol(name)) for n, name in zip(node.shape[1:], names, strict=False)))


def same_size(w: Writer, steps: Sequence[Step], lanes: list[Value], place: Place) -> list[Value]:
    """Lanes whose heights and widths are the same for this input, but perhaps not for others, in variables that are
    compared: PyTorch would repeat a lane of one row, or name no step."""
    bodies = {id(scope): body for scope, body in zip(w.scopes, w.bodies, strict=True)}
    sizes = [_sizes(w, step, bodies.get(id(next(step.scope.calls)))) for step in steps]
    for position in range(1, len(lanes)):
        if all(each[0] == each[position] for each in sizes if each):
            continue
        for each in (0, position):
            lanes[each] = (
                lanes[each]
                if isinstance(lanes[each].tensor, py.Name)
                else stored(lanes[each], w.locals.new("y"), place.forward)
            )
        first, other = lanes[0].tensor, lanes[position].tensor
        one, two = (tree.subscript(tree.attribute(each, "shape"), MAP) for each in (first, other))
        message = [py.Constant(f"{stated(w)}: the lanes are "), *shown(first), py.Constant(" and "), *shown(other)]
        require(py.Compare(one, [py.Eq()], [two]), message, place.forward)
    return lanes


def _sizes(w: Writer, step: Step, body: Body | None) -> list[tuple[Formula, ...]]:
    """The heights and widths of a merge's lanes; none where any will do."""
    node = step.node
    if node is None or body is None or len(node.shape) != 3:
        return []
    assert isinstance(node.op, Merge)
    if repeats_lanes(node.op):
        return []
    known = formulas(w, body)
    shapes = [known.get(each.index, each.shape) for each in node.inputs]
    return [tuple(formula_of(size) for size in shape[1:]) for shape in shapes]


def repeats_lanes(op: Merge) -> bool:
    """Whether a lane of one row and column is repeated by the op itself."""
    try:
        op.join(((2, 2, 2), (2, 1, 1)))
    except Mismatch:
        return False
    return True

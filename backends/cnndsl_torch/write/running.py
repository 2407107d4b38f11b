"""Heights and widths while the module runs.

An op without tensors whose arguments read them is computed from the size at hand, and so are `let` values. Whatever
else reads them is checked: `cnndsl_torch.write.checking`.
"""

from __future__ import annotations

import ast as py
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from cnndsl.ir.expansion import Body, Step
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer
from cnndsl.syntax import ast
from cnndsl.syntax.traversal import within
from cnndsl_torch import tree
from cnndsl_torch.lowering import Lowered
from cnndsl_torch.names import identifier
from cnndsl_torch.tree import Expr
from cnndsl_torch.write import apply
from cnndsl_torch.write.at_hand import (
    at_hand,
    depends,
    held,
    known_numbers,
    number_of,
    require,
    shown,
    stated,
)
from cnndsl_torch.write.checking import check, decisions
from cnndsl_torch.write.place import Decline, Measured, Place, Value
from cnndsl_torch.write.reading import reads_input
from cnndsl_torch.write.result import Application, result
from cnndsl_torch.write.writer import Writer


def let(w: Writer, statement: ast.Let, place: Place, value: Value, flows: Sequence[Node],
        bodies: Sequence[Body]) -> tuple[Value, Place]:  # fmt: skip
    """A `let` that reads heights or widths, as a variable of ``forward``; one that chooses is decided."""
    value = held(value, place)
    name = statement.name.name
    if _chooses(statement.value):
        if name in w.reading.used:
            for each in decisions(w, statement.value, place):
                check(w, each, flows, value, place)
        return value, place
    try:
        expr = at_hand(w, place, value)(statement.value)
    except Decline:
        return value, place
    variable = tree.name(w.locals.new(identifier(name)))
    place.forward.append(tree.assign(variable, expr))
    numbers = {body.variables.get(name) for body in bodies if isinstance(body.variables.get(name), int | float)}
    number = numbers.pop() if len(numbers) == 1 else None
    if number is not None and not reads_input(statement.value):
        with suppress(Decline):
            number = number_of(statement.value, None, known_numbers(place))
    return value, place.measuring(name, Measured(variable, number, depends(w, statement.value, place)))


def _chooses(expr: ast.Expr) -> bool:
    """Whether the way that an expression is worked out depends on values."""
    return any(
        isinstance(each, ast.Conditional | ast.Call | ast.List)
        or (isinstance(each, ast.Operation) and each.rest[0][0] in ("and", "or"))
        for each in within(expr)
    )


def computed(w: Writer, syntax: ast.Apply, steps: Sequence[Step], value: Value, place: Place) -> Value | None:
    """An op without tensors, its arguments computed in ``forward``; None where it can't be."""
    if apply.is_call(w, syntax, steps):
        return None
    cls = apply.op_class(w, syntax, steps)
    nodes = [step.node for step in steps if step.node is not None and step.node.op is not None]
    direct = syntax.name.name not in place.names and not apply.is_held(w, syntax.name.name)
    if not nodes or not direct or not issubclass(cls, Layer) or apply.stateful(w, replace(syntax, label=None), steps):
        return None
    try:
        given = apply.written(syntax, cls, list(cls.args), at_hand(w, place, value))
        ops = tuple(node.op for node in nodes if node.op is not None)
        applied = Application(cls, ops, tuple(tuple(i.shape for i in node.inputs) for node in nodes), given)
        lowered = apply.ruled(w, applied, steps, value)
        behind = result(applied, [value], w.depends)
    except Decline:
        return None
    assert isinstance(lowered, Lowered)
    own = {name for each in place.sizes.values() for name in tree.names_in(each.expr)}
    measured = [expr for expr in given.values() if measures(expr, own)]
    call = lowered.running or lowered.call
    if call is None or measures(behind.channels, own) or behind.baked:
        return None
    template = tree.parse(call.replace("{x}", "_x"))
    if lowered.running is None and any(not _inside(expr, template) for expr in measured):
        return None  # the rule took its value
    _check_lows(w, cls, given, value, place)
    for step in steps:
        if step.node is not None:
            w.measured[step.node.index] = _over_sizes(syntax, step, place)
    return Value(tree.substitute(template, {"_x": value.tensor}), behind.channels, value.weight + 1, behind.sized)


def _check_lows(w: Writer, cls: type[Layer], given: Mapping[str, Expr], value: Value, place: Place) -> None:
    """Check that computed arguments are not below what the op takes: PyTorch makes empty maps of some."""
    for name, expr in given.items():
        low = getattr(cls.args[name].kind, "low", None)
        for each in expr.elts if isinstance(expr, py.Tuple) else [expr]:
            if isinstance(low, int) and isinstance(each, py.BinOp):
                message = py.Constant(f"{stated(w)}: `{name}` of `{cls.name}` is ")
                shown_here = [message, py.FormattedValue(each, -1), py.Constant(" for "), *shown(value.tensor)]
                require(py.Compare(each, [py.GtE()], [tree.literal(low)]), shown_here, place.forward)


def _over_sizes(syntax: ast.Apply, step: Step, place: Place) -> Layer | None:
    """A step's op whose arguments are formulas; None where they are more than arithmetic."""
    op = step.node.op if step.node is not None else None
    assert isinstance(op, Layer)
    names, values, known = list(op.args), op.values(), known_numbers(place)
    try:
        for position, argument in enumerate(syntax.arguments or []):
            name = argument.name.name if argument.name else names[position]
            if isinstance(values[name], tuple):
                dims = argument.value.dims if isinstance(argument.value, ast.Product) else [argument.value] * 2
                values[name] = tuple(number_of(each, step.input, known) for each in dims)
            elif isinstance(values[name], int):
                values[name] = number_of(argument.value, step.input, known)
        return type(op)(**values)
    except Decline:
        return None


def measures(expr: Expr, own: set[str]) -> bool:
    """Whether an expression of ``forward`` reads a shape, itself or by a variable."""
    return any(
        each.attr == "shape" if isinstance(each, py.Attribute) else isinstance(each, py.Name) and each.id in own
        for each in tree.walk(expr)
    )


def _inside(expr: Expr, template: Expr) -> bool:
    wanted = [tree.text(each) for each in (expr.elts if isinstance(expr, py.Tuple) else [expr])]
    found = {tree.text(each) for each in tree.walk(template) if isinstance(each, py.expr)}
    return all(each in found for each in wanted)

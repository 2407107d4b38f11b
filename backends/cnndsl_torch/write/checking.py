"""What was decided from heights and widths when the module was built, checked against the size at hand."""

from __future__ import annotations

import ast as py
from collections.abc import Collection, Iterator, Sequence

from cnndsl.ir.expansion import Step
from cnndsl.ir.graph import Node
from cnndsl.syntax import ast
from cnndsl.syntax.traversal import parts, within
from cnndsl_torch import tree
from cnndsl_torch.tree import Expr
from cnndsl_torch.write.at_hand import (
    at_hand,
    depends,
    held,
    known_numbers,
    number_of,
    quoted,
    require,
    shown,
    side,
    stated,
)
from cnndsl_torch.write.place import Decline, Place, Value
from cnndsl_torch.write.reading import SIDES, exprs, period_of
from cnndsl_torch.write.writer import Writer


def checked(w: Writer, syntax: ast.Step, steps: Sequence[Step], value: Value, place: Place) -> Value:
    """What a step decided from heights and widths, checked against those at hand."""
    value = held(value, place)
    for expr in exprs(syntax, w.definition):
        for part in decisions(w, expr, place):
            check(w, part, [step.input for step in steps], value, place)
    return value


def decisions(w: Writer, expr: ast.Expr, place: Place) -> Iterator[ast.Expr]:
    """The largest parts of an expression that are arithmetic of heights, widths and numbers alone."""
    names = place.sizes.keys() | known_numbers(place).keys()
    waiting = [expr]
    while waiting:
        each = waiting.pop()
        if each not in w.reading:
            continue
        if all(_plain(inner, names) for inner in within(each)):
            yield each
        else:
            waiting += reversed(parts(each))


def _plain(expr: ast.Expr, names: Collection[str]) -> bool:
    """Whether an expression is arithmetic, apart from what is inside it."""
    match expr:
        case ast.Name():
            return expr.name in names
        case ast.Operation():
            return expr.rest[0][0] not in ("and", "or", "/")
    return isinstance(expr, ast.Literal | ast.InputDim | ast.Unary)


def check(w: Writer, expr: ast.Expr, flows: Sequence[Node], value: Value, place: Place) -> None:
    """Check that an expression is what it was in all expansions. Raises Decline where it differs between them."""
    w.fix(depends(w, expr, place))
    at = at_hand(w, place, value)(expr)
    known = known_numbers(place)
    values = {number_of(expr, flow, known) for flow in flows}
    if len(values) != 1:
        raise Decline(f"{expr.span.text} differs")
    [number] = values
    if isinstance(number, bool):
        test = at if number else opposite(at)
    else:
        test = py.Compare(at, [py.Eq()], [tree.literal(number)])
    word = "holds" if number is True else "does not hold" if number is False else f"is {number:g}"
    other = "holds" if number is False else "not"
    message: list[Expr] = [py.Constant(f"{stated(w)}: `{quoted(expr)}` {word} in this module, and {other} for ")]
    if all(len(flow.shape) == 3 for flow in flows):
        message += shown(value.tensor)
    else:  # what flows is flat by now
        message.append(py.Constant("this input"))
    require(test, message, place.forward)


OPPOSITE: dict[type[py.cmpop], type[py.cmpop]] = {
    py.Eq: py.NotEq, py.NotEq: py.Eq, py.Lt: py.GtE, py.GtE: py.Lt, py.Gt: py.LtE, py.LtE: py.Gt,
}  # fmt: skip


def opposite(test: Expr) -> Expr:
    """What holds where a test does not; without ``not``, which asks for a value where a module is traced."""
    match test:
        case py.UnaryOp(op=py.Not(), operand=inner):
            return inner
        case py.Compare(left=left, ops=[sign], comparators=[right]):
            return py.Compare(left, [OPPOSITE[type(sign)]()], [right])
    return py.UnaryOp(py.Not(), test)


def repeats(w: Writer, syntax: ast.Step, steps: Sequence[Step], value: Value, place: Place) -> Value:
    """The arguments of an op that mean the same for some sizes only: ``pad=same`` with a stride."""
    for axis, word in enumerate(SIDES):
        periods = {period_of(step)[axis] for step in steps}
        if len(periods) != 1:
            raise Decline("another period each time")
        [period] = periods
        rests = {step.input.shape[axis + 1] % period for step in steps}
        if period == 1:
            continue
        if len(rests) != 1:
            raise Decline("another padding each time")
        value = held(value, place)
        rest = tree.operation("%", side(value.tensor, axis), tree.literal(period))
        test = py.Compare(rest, [py.Eq()], [tree.literal(rests.pop())])
        message = py.Constant(f"{stated(w)}: `{quoted(syntax)}` is padded for another {word} than that of ")
        require(test, [message, *shown(value.tensor)], place.forward)
    return value

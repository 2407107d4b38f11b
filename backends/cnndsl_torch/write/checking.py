"""What was decided from heights and widths when the module was built, checked against the size at hand."""

from __future__ import annotations

import ast as py
from collections.abc import Iterator, Sequence

from cnndsl.ir.expansion import Step
from cnndsl.ir.graph import Node
from cnndsl.syntax import ast
from cnndsl_torch import tree
from cnndsl_torch.tree import Expr
from cnndsl_torch.write.at_hand import (
    at_hand,
    depends,
    held,
    literal_of,
    number_of,
    quoted,
    require,
    shown,
    side,
    stated,
)
from cnndsl_torch.write.place import Decline, Place, Value
from cnndsl_torch.write.reading import SIDES, exprs, parts, period_of
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
    if expr not in w.reading:
        return
    if _plain(w, expr, place):
        yield expr
        return
    for each in parts(expr):
        yield from decisions(w, each, place)


def _plain(w: Writer, expr: ast.Expr, place: Place) -> bool:
    match expr:
        case ast.Literal() | ast.InputDim():
            return True
        case ast.Name():
            return expr.name in place.sizes or literal_of(place, expr.name) is not None
        case ast.Unary() | ast.Operation():
            logic = isinstance(expr, ast.Operation) and expr.rest[0][0] in ("and", "or", "/")
            return not logic and all(_plain(w, each, place) for each in parts(expr))
    return False


def check(w: Writer, expr: ast.Expr, flows: Sequence[Node], value: Value, place: Place) -> None:
    w.fix(depends(w, expr, place))
    at = at_hand(w, place, value)(expr)
    values = {number_of(expr, flow, place) for flow in flows}
    if len(values) != 1:
        raise Decline(f"{expr.span.text} differs")
    [number] = values
    if isinstance(number, bool):
        test = at if number else opposite(at)
    else:
        test = py.Compare(at, [py.Eq()], [tree.literal(number)])
    word = "holds" if number is True else "does not hold" if number is False else f"is {number:g}"
    other = "holds" if number is False else "not"
    message = py.Constant(f"{stated(w)}: `{quoted(expr)}` {word} in this module, and {other} for ")
    require(test, [message, *shown(value.tensor)], place.forward)


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

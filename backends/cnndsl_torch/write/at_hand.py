"""The size at hand: expressions of ``forward``, and checks there."""

from __future__ import annotations

import ast as py
import operator
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from cnndsl.elaborate.evaluate import ARITHMETIC, ORDERING
from cnndsl.ir.graph import Node
from cnndsl.sizes import Size, symbol
from cnndsl.syntax import ast
from cnndsl.syntax.traversal import names_in
from cnndsl_torch import tree
from cnndsl_torch.names import identifier
from cnndsl_torch.tree import Expr, Stmt
from cnndsl_torch.write.place import NOTHING, Decline, Depends, Place, Value, stored
from cnndsl_torch.write.reading import SIDES
from cnndsl_torch.write.translate import Translator
from cnndsl_torch.write.writer import Writer

OPERATIONS = {**ARITHMETIC, **ORDERING, "==": operator.eq, "!=": operator.ne}
MAP = py.Slice(py.Constant(2))
"""Of a shape, the height and width."""
SHOWN = 60
"""Characters of the spec that a message quotes."""


def at_hand(w: Writer, place: Place, value: Value) -> Translator:
    """Writes expressions in ``forward``, where a value is in a variable."""

    class Known(dict[str, Expr]):
        def __missing__(self, name: str) -> Expr:
            self[name] = w.attribute_of(place.names[name], identifier(name), place.init)
            return self[name]

        def __contains__(self, name: object) -> bool:
            return super().__contains__(name) or name in place.names

    def dimension(dim: str) -> Expr:
        if dim in SIDES:
            return side(value.tensor, SIDES.index(dim))
        return value.channels if tree.is_literal(value.channels) else shape(value.tensor, 1)

    sizes = Known({name: each.expr for name, each in place.sizes.items()})
    return Translator(w.program, sizes, w.definition.called, dimension)


def shape(tensor: Expr, axis: int) -> Expr:
    return tree.subscript(tree.attribute(tensor, "shape"), tree.literal(axis))


def side(tensor: Expr, axis: int) -> Expr:
    """The height (0) or width (1) of a tensor in a variable."""
    return shape(tensor, axis + 2)


def held(value: Value, place: Place) -> Value:
    """The value in a variable whose shape can be asked."""
    return value if isinstance(value.tensor, py.Name) else stored(value, place.variable, place.forward)


def depends(w: Writer, expr: ast.Expr, place: Place) -> Depends:
    """The parameters that an expression of heights and widths depends on as well."""
    names = names_in(expr)
    measured = [place.sizes[name].depends for name in names if name in place.sizes]
    others = [w.depends(place.names[name]) for name in names if name in place.names and name not in place.sizes]
    return NOTHING.union(*measured, *others)


def known_numbers(place: Place) -> dict[str, int | float]:
    """The numbers that names are, whatever the constructor is given: heights and widths with their formulas."""
    known = {name: expr.value for name, expr in place.names.items() if isinstance(expr, py.Constant)}
    known |= {name: each.number for name, each in place.sizes.items()}
    return {name: value for name, value in known.items() if isinstance(value, int | float)}


def number_of(expr: ast.Expr, flow: Node | None, known: Mapping[str, int | float]) -> int | float | bool:
    """The value of an expression at one expansion, with its formula. Raises Decline where it is not known."""

    def value(expr: ast.Expr) -> Any:
        match expr:
            case ast.Literal():
                return expr.value
            case ast.InputDim() if flow is not None:
                axis = ("channels", *SIDES).index(expr.dim) if expr.dim != "features" else 0
                size = flow.shape[axis]
                return Size(size, symbol((flow.index, axis))) if axis else size
            case ast.Name() if expr.name in known:
                return known[expr.name]
            case ast.Unary():
                return not value(expr.operand) if expr.operator == "not" else -value(expr.operand)
            case ast.Operation():
                return reduce(
                    lambda left, right: OPERATIONS[right[0]](left, value(right[1])), expr.rest, value(expr.first)
                )
        raise Decline(f"{expr.span.text} is not known")

    found: int | float | bool = value(expr)
    return found


def require(test: Expr, message: list[Expr], forward: list[Stmt]) -> None:
    """A check in ``forward`` that tracing, scripting and exporting keep, as torchvision's vision transformer has it."""
    forward.append(tree.statement(tree.call("torch._assert", test, py.JoinedStr(message))))


def shown(tensor: Expr) -> list[Expr]:
    """``8 x 16``, of a tensor."""
    return by([side(tensor, 0), side(tensor, 1)])


def by(sizes: Sequence[Expr]) -> list[Expr]:
    rows, columns = sizes
    return [py.FormattedValue(rows, -1), py.Constant(" x "), py.FormattedValue(columns, -1)]


def stated(w: Writer) -> str:
    """A definition's name and signature."""
    signature = w.syntax.signature
    name = w.syntax.name.name
    if signature is None:
        return name
    sides = [" x ".join(map(quoted, dims)) for dims in (signature.input, signature.output)]
    return f"{name} : {' -> '.join(sides)}"


def quoted(syntax: ast.Expr | ast.Dim | ast.Step) -> str:
    """What the spec says, on one line."""
    return " ".join(syntax.span.text.split())[:SHOWN]

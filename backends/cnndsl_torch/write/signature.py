"""The sizes that a signature states, checked where they could be others at run time."""

from __future__ import annotations

import ast as py
from dataclasses import replace

from cnndsl.ir.expansion import Body, Scope
from cnndsl.sizes import Formula, Size, formula_of, symbol
from cnndsl.syntax import ast
from cnndsl_torch import tree
from cnndsl_torch.tree import Expr
from cnndsl_torch.write.at_hand import (
    MAP,
    at_hand,
    by,
    held,
    number_of,
    quoted,
    require,
    shape,
    shown,
    side,
    stated,
)
from cnndsl_torch.write.expansions import bodies_in, own_steps
from cnndsl_torch.write.formulas import formulas
from cnndsl_torch.write.place import Decline, Measured, Place, Value
from cnndsl_torch.write.reading import SIDES
from cnndsl_torch.write.writer import Writer


def check_input(w: Writer, value: Value, place: Place) -> Place:
    """Name the heights and widths of the signature, and check those that are stated as numbers."""
    signature = w.syntax.signature
    if signature is not None and w.root:
        _check_channels(w, signature, value, place)
    if signature is None or len(signature.input) != 3:
        return place
    for axis, dim in enumerate(signature.input[1:]):
        here = side(value.tensor, axis)
        if dim.name is not None and dim.name.name not in ("_", *place.sizes):
            expr = here
            if dim.name.name in w.reading.used:
                expr = tree.name(w.locals.new(SIDES[axis]))
                place.forward.append(tree.assign(expr, here))
            sizes = {body.input.shape[axis + 1] for body in w.bodies}
            size = Size(sizes.pop(), symbol(SIDES[axis])) if len(sizes) == 1 else None
            place = place.measuring(dim.name.name, Measured(expr, size))
            continue
        stated_size = size_of(w, dim, value, place)
        if stated_size is not None:
            wanted = " x ".join(map(quoted, signature.input))
            message = py.Constant(f"{w.syntax.name.name} takes {wanted}, not {SIDES[axis]} ")
            require(py.Compare(here, [py.Eq()], [stated_size]), [message, py.FormattedValue(here, -1)], place.forward)
    return place


def _check_channels(w: Writer, signature: ast.Signature, value: Value, place: Place) -> None:
    """Channels that the signature lets vary are those of this module, even where nothing in it has weights."""
    dim = signature.input[0]
    if dim.name is None or dim.value is None:
        return
    here = shape(value.tensor, 1)
    what = "channels" if len(signature.input) == 3 else "features"
    wanted = " x ".join(map(quoted, signature.input))
    channels = w.attribute_of(w.names[dim.name.name], what, place.init)
    message: list[Expr] = [
        py.Constant(f"{w.syntax.name.name} takes {wanted}: this module is for "),
        py.Constant(tree.text(channels)) if tree.is_literal(channels) else py.FormattedValue(channels, -1),
        py.Constant(f" {what}, not "),
        py.FormattedValue(here, -1),
    ]
    require(py.Compare(here, [py.Eq()], [channels]), message, place.forward)


def size_of(w: Writer, dim: ast.Dim, value: Value, place: Place) -> Expr | None:
    """A side of a signature in ``forward``; None where it may be any."""
    expr = dim.name if dim.name is not None else dim.value
    if expr is None or (isinstance(expr, ast.Name) and expr.name == "_"):
        return None
    return at_hand(w, place, value)(expr)


def check_result(w: Writer, value: Value, place: Place) -> Value:
    """Check the result's height and width, where they are not what the signature states whatever the input is."""
    signature, differing = w.syntax.signature, unproven(w)
    if signature is None or not differing:
        return value
    place = _at_first(w, place)
    stated_sizes = [size_of(w, dim, value, place) for dim in signature.output[1:]]
    value = held(value, place)
    given = [each.expr for each in place.sizes.values()][:2]
    both = len(differing) == 2 and [*map(tree.text, filter(None, stated_sizes))] == [*map(tree.text, given)]
    if both:
        size = tree.name(w.locals.new("size"))
        place.forward.insert(0, tree.assign(size, tree.subscript(tree.parse("x.shape"), MAP)))
        given = [tree.subscript(size, tree.literal(axis)) for axis in (0, 1)]
    became = [*by(given), py.Constant(" becomes ")] if len(given) == 2 else [py.Constant("the result is ")]
    message = [
        py.Constant(f"{stated(w)}: "),
        *became,
        *shown(value.tensor),
        py.Constant(f" in `{_last(w.syntax.body)}`"),
    ]
    if both:
        here = tree.subscript(tree.attribute(value.tensor, "shape"), MAP)
        require(py.Compare(here, [py.Eq()], [size]), message, place.forward)
        return value
    for axis in differing:
        stated_size = stated_sizes[axis]
        assert stated_size is not None
        require(py.Compare(side(value.tensor, axis), [py.Eq()], [stated_size]), message, place.forward)
    return value


def _at_first(w: Writer, place: Place) -> Place:
    """The place where the signature's heights and widths are in variables, from before the flow changed."""
    x = tree.name("x")
    for axis, word in enumerate(SIDES):
        here = side(x, axis)
        for name, each in place.sizes.items():
            if tree.same(each.expr, here):
                variable = tree.name(w.locals.new(word))
                place.forward.insert(0, tree.assign(variable, here))
                place = place.measuring(name, replace(each, expr=variable))
    return place


def _last(body: ast.Body) -> str:
    """The last step of a body, without what it holds."""
    step = list(own_steps(body))[-1]
    return quoted(step).partition("{")[0].strip() or _last(bodies_in(step)[0])


def unproven(w: Writer) -> list[int]:
    """The axes of the result that have the stated size for this input, but perhaps not for others."""
    signature = w.syntax.signature
    if signature is None or len(signature.output) != 3 or len(signature.input) != 3:
        return []
    found = []
    for axis, dim in enumerate(signature.output[1:]):
        expr = dim.value if dim.value is not None else dim.name
        assert expr is not None
        if isinstance(expr, ast.Name) and expr.name == "_":
            continue
        if any(_result(w, body, axis) != _stated(signature, expr, scope, body)
               for scope, body in zip(w.scopes, w.bodies, strict=True)):  # fmt: skip
            found.append(axis)
    return found


def _stated(signature: ast.Signature, expr: ast.Expr, scope: Scope, body: Body) -> Formula | None:
    """The formula of a stated size over the input's height and width; None where it is no plain arithmetic."""
    known: dict[str, int | float] = {n: v for n, v in scope.values.items() if isinstance(v, int | float)}
    for axis, dim in reversed([*enumerate(signature.input[1:])]):
        if dim.name is not None:
            known[dim.name.name] = Size(body.input.shape[axis + 1], symbol(SIDES[axis]))

    try:
        found = number_of(expr, None, known)
    except (Decline, ZeroDivisionError):
        return None
    return formula_of(found) if isinstance(found, int) else None


def _result(w: Writer, body: Body, axis: int) -> Formula:
    """The formula of the result's height or width over those of the input."""
    assert body.output is not None
    return formula_of(formulas(w, body)[body.output.index][axis + 1])

"""Groups that do not divide channels: which of the two was computed, and from what."""

from __future__ import annotations

from dataclasses import replace

from cnndsl.diagnostics.model import Edit, Label, SpecError
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.evaluate import Evaluator
from cnndsl.elaborate.remedies.figures import let_of, origin
from cnndsl.elaborate.remedies.rewriting import given, literal
from cnndsl.ir.dims import Shape
from cnndsl.ir.expansion import Scope
from cnndsl.ops import Op
from cnndsl.syntax import ast


def indivisible(error: SpecError, call: ast.Apply, op: Op, x: Shape, place: tuple[Scope, Env, Evaluator]) -> SpecError:
    """E0406 with the output channels that the groups divide, and the `let` that the channels come from."""
    (found,) = error.diagnostics
    groups, out = op.values().get("groups"), op.values().get("out")
    if not groups or not out or out % groups == 0 or (x[0] % groups and x[0] != out):
        return error
    written, scope = given(call, op.args, "out"), place[0]
    multiples = [m for m in (out // groups * groups, -(-out // groups) * groups) if m]
    let = let_of(written, next(scope.calls).definition)
    divisor = given(call, op.args, "groups")
    if (
        let is not None
        and isinstance(divisor, ast.Name | ast.Literal)
        and (note := origin(let, *place[1:])) is not None
    ):
        value = let.value.span.text
        plain = isinstance(let.value, ast.Operation) and all(sign in ("*", "//", "/") for sign, _ in let.value.rest)
        meant = f"{value if plain else f'({value})'} // {divisor.span.text} * {divisor.span.text}"
        help = f"`let {let.name.name} = {meant}` gives {multiples[0]}, which {groups} divides"
        fix = (Edit(let.value.span, meant),) if multiples[0] < out else ()
        labels = (Label(let.span, f"{out} here"),)
        return SpecError([replace(found, notes=(note, *found.notes), labels=labels, help=help, fix=fix)])
    if x[0] % groups:
        return error
    if written is None or not literal(written):
        shown = f"`{written.span.text}`" if written is not None else "`out`"
        return SpecError(
            [replace(found, help=f"{found.help}; or {shown} of {' or '.join(map(str, multiples))}", fix=())]
        )
    shown = f"{' or '.join(map(str, multiples))} output channels"
    return SpecError([replace(found, help=f"{found.help}; or {shown}", fix=())])

"""Where the value of an expression comes from, in the figures that were computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cnndsl.diagnostics.model import Diagnostic, Edit, SpecError
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.evaluate import Evaluator
from cnndsl.elaborate.tree import around
from cnndsl.elaborate.values import Unknown, show
from cnndsl.ir.dims import Shape
from cnndsl.syntax import ast


def figures(expr: ast.Expr, env: Env, evaluate: Evaluator, flow: Shape | None) -> str | None:
    """`` `width * 64` is 1.33 * 64 = 85.12``; None for what needs no words."""
    if isinstance(expr, ast.Literal | ast.Name | ast.Product | ast.List):
        return None
    try:
        value = show(evaluate(expr, env, flow))
    except (SpecError, Unknown):
        return None
    text = _filled(expr, env, evaluate, flow)
    return f"`{_line(expr.span.text)}` is {text} = {value}" if text else None


def let_of(name: ast.Expr | None, definition: ast.Block | ast.Network | None) -> ast.Let | None:
    """The `let` of a definition that gives a name its value."""
    if not isinstance(name, ast.Name) or definition is None:
        return None
    bodies = [definition.body, *(body for body, _ in around(definition.body, name.span))]
    found = [s for body in bodies for s in body.statements if isinstance(s, ast.Let) and s.name.name == name.name]
    return found[-1] if found else None


def origin(let: ast.Let, env: Env, evaluate: Evaluator) -> str | None:
    """`` `mid` is `out // 4` = 360 // 4 = 90, in line 2``."""
    text = _filled(let.value, env, evaluate, None)
    value = show(env.find(let.name.name))
    written = _line(let.value.span.text)
    return f"`{let.name.name}` is `{written}`{f' = {text}' if text else ''} = {value}, in line {let.span.line}"


def rounded(found: Diagnostic, let: ast.Let, env: Env) -> Diagnostic:
    """The mistake of a `let` whose value is no integer, with the repair there; it goes on with that one."""
    value = env.find(let.name.name)
    if not isinstance(value, float) or found.code != "E0303" or round(value) < 1:
        return found
    whole = value == value // 1 and let.value.span.text.count("/") == 1
    meant = let.value.span.text.replace("/", "//") if whole else f"round({let.value.span.text})"
    env.redefine(let.name.name, round(value))
    help = f"`let {let.name.name} = {meant}` gives {round(value)}"
    return replace(found, help=help, fix=(Edit(let.value.span, meant),))


def _filled(expr: ast.Expr, env: Env, evaluate: Evaluator, flow: Shape | None) -> str | None:
    """The text with values in place of names; None where one is not known, or there are none."""
    text, start = expr.span.text, expr.span.start
    leaves = sorted(_leaves(expr), key=lambda leaf: -leaf.span.start)
    for leaf in leaves:
        try:
            value = evaluate(leaf, env, flow)
        except (SpecError, Unknown):
            return None
        if not isinstance(value, int | float):
            return None
        text = text[: leaf.span.start - start] + show(value) + text[leaf.span.end - start :]
    return _line(text) if leaves else None


def _leaves(expr: ast.Expr) -> Iterator[ast.Expr]:
    match expr:
        case ast.Name() | ast.InputDim() | ast.Index():
            yield expr
        case ast.Unary():
            yield from _leaves(expr.operand)
        case ast.Operation():
            for each in (expr.first, *(operand for _, operand in expr.rest)):
                yield from _leaves(each)
        case ast.Call():
            for argument in expr.arguments:
                yield from _leaves(argument.value)
        case ast.Conditional():
            for each in (expr.condition, expr.then, expr.otherwise):
                yield from _leaves(each)


def _line(text: str) -> str:
    return " ".join(text.split())

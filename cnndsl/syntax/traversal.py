"""What is inside an expression, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.syntax import ast


def parts(expr: ast.Expr) -> list[ast.Expr]:
    """The expressions that one is made of, a call's name among them; none for a name or literal."""
    match expr:
        case ast.Unary():
            return [expr.operand]
        case ast.Operation():
            return [expr.first, *(operand for _, operand in expr.rest)]
        case ast.Product():
            return expr.dims
        case ast.List():
            return expr.items
        case ast.Index():
            return [expr.base, expr.index]
        case ast.Conditional():
            return [expr.condition, expr.then, expr.otherwise]
        case ast.Call():
            return [expr.name, *(argument.value for argument in expr.arguments)]
    return []


def within(expr: ast.Expr) -> Iterator[ast.Expr]:
    """An expression and all that are inside it."""
    stack = [expr]
    while stack:
        each = stack.pop()
        yield each
        stack += parts(each)


def names_in(expr: ast.Expr) -> set[str]:
    """The names that an expression reads."""
    return {each.name for each in within(expr) if isinstance(each, ast.Name)}

"""Python's syntax trees: building them, and asking what is in them. Nothing here makes Python of strings but `parse`,
which reads constant text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from cnndsl.ops import Symbol
from cnndsl_torch.printer import expression

Expr = ast.expr
Stmt = ast.stmt
Tree = TypeVar("Tree", bound=ast.AST)

COMPARED = {"==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE}
BINARY: dict[str, type[ast.operator]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod,
}  # fmt: skip


def text(node: Expr) -> str:
    """An expression on one line."""
    return expression(node)


@lru_cache(maxsize=1024)
def parse(source: str) -> Expr:
    """Constant text as a tree: ``nn.Conv2d``. Trees are never changed, so that one can stand in many places."""
    return ast.parse(source, mode="eval").body


def name(identifier: str) -> ast.Name:
    return ast.Name(identifier)


def call(function: str | Expr, *args: Expr, **keywords: Expr | None) -> ast.Call:
    """A call. Keywords without a value are left out."""
    given = [ast.keyword(key, value) for key, value in keywords.items() if value is not None]
    return ast.Call(parse(function) if isinstance(function, str) else function, list(args), given)


def attribute(value: Expr, *names: str) -> Expr:
    for each in names:
        value = ast.Attribute(value, each)
    return value


def subscript(value: Expr, index: Expr) -> Expr:
    return ast.Subscript(value, index)


def listed(*elements: Expr) -> Expr:
    return ast.List(list(elements))


def paired(*elements: Expr) -> Expr:
    return ast.Tuple(list(elements))


def literal(value: Any) -> Expr:
    """A plain value; a square size as its side, as PyTorch's own code writes it."""
    if isinstance(value, tuple) and len(value) == 2 and value[0] == value[1]:
        value = value[0]
    if isinstance(value, list | tuple):
        items = [_item(each) for each in value]
        return ast.List(items) if isinstance(value, list) else ast.Tuple(items)
    if isinstance(value, Symbol):
        value = None if value == "none" else str(value)
    return ast.Constant(value)


def _item(value: Any) -> Expr:
    """A value inside a list: a size there stays a pair, so that all items are alike."""
    if isinstance(value, tuple) and len(value) == 2:
        return ast.Tuple([ast.Constant(each) for each in value])
    return literal(value)


def value_of(node: Expr) -> Any:
    """The value of a literal.

    Raises:
        ValueError: it is none.
    """
    return ast.literal_eval(text(node))


def is_literal(node: Expr) -> bool:
    return not names_in(node) and not any(isinstance(each, ast.Call) for each in walk(node))


def same(one: Expr, two: Expr) -> bool:
    """Whether two trees are the same, or literals of one value: ``1`` and ``1.0``, ``(3, 3)`` and ``3``."""
    if text(one) == text(two):
        return True
    try:
        values = [value_of(each) for each in (one, two)]
    except (ValueError, SyntaxError):
        return False
    a, b = ((v, v) if isinstance(v, int | float) else v for v in values)
    return bool(a == b)


def same_statements(one: Stmt, two: Stmt) -> bool:
    """Whether two assignments are the same text."""
    match one, two:
        case ast.Assign(targets=[a], value=b), ast.Assign(targets=[c], value=d):
            return text(a) == text(c) and text(b) == text(d)
    return False


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """A tree's nodes in any order, as `ast.walk` in a third of its time: whole files are looked through."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        for name in node._fields:
            match getattr(node, name, None):
                case ast.AST() as child:
                    stack.append(child)
                case list() as children:
                    stack += [child for child in children if isinstance(child, ast.AST)]


def names_in(node: Expr) -> set[str]:
    """The variables that an expression reads, or functions that it calls."""
    match node:
        case ast.Name(id=name):
            return {name}
        case ast.Constant():
            return set()
    return {each.id for each in walk(node) if isinstance(each, ast.Name)}


def attributes_in(node: Expr, name: str) -> Iterator[Expr]:
    """The attributes of this name that an expression reads."""
    if not isinstance(node, ast.Name | ast.Constant):
        yield from (each for each in walk(node) if isinstance(each, ast.Attribute) and each.attr == name)


def makes_anew(node: Expr) -> bool:
    """Whether it makes an object that all calls would share if it were a parameter's default."""
    return any(isinstance(each, ast.List | ast.Call) for each in walk(node))


def is_operation(node: Expr) -> bool:
    """Whether it needs brackets inside another operation."""
    return isinstance(node, ast.BinOp | ast.UnaryOp | ast.IfExp | ast.BoolOp | ast.Compare)


# --- arithmetic, in Python's own style


def operation(sign: str, left: Expr, right: Expr) -> Expr:
    """``left sign right`` of numbers: worked out where both are literals; no + 0, * 1 and // 1; 2 * c for c + c."""
    one, two = _integer(left), _integer(right)
    if one is not None and two is not None and (sign != "//" or two > 0) and (sign != "-" or one >= two):
        match sign:
            case "+":
                return ast.Constant(one + two)
            case "-":
                return ast.Constant(one - two)
            case "*":
                return ast.Constant(one * two)
            case "//":
                return ast.Constant(one // two)
    if two is not None and sign in ("*", "+"):
        match left:  # as of a product of several sides
            case ast.BinOp(left=first, op=op, right=ast.Constant(value=int(other))) if isinstance(op, BINARY[sign]):
                return operation(sign, first, ast.Constant(other * two if sign == "*" else other + two))
    if (sign in ("*", "//") and two == 1) or (sign in ("+", "-") and two == 0):
        return left
    if (sign == "*" and one == 1) or (sign == "+" and one == 0):
        return right
    if sign == "+" and two is None:
        match left:
            case ast.BinOp(left=first, op=ast.Add(), right=second) if (times := _times(second, right)) is not None:
                return infix("+", first, times)
        if (times := _times(left, right)) is not None:
            return times
    return infix(sign, left, right)


def infix(sign: str, left: Expr, right: Expr) -> Expr:
    """``left sign right`` as it stands, as of tensors: what is called twice may give two results."""
    return ast.BinOp(left, BINARY[sign](), right)


def _times(left: Expr, right: Expr) -> Expr | None:
    """The sum of multiples of one expression; None where they are of two."""
    (one, base), (two, again) = _multiple(left), _multiple(right)
    same = isinstance(base, type(again)) and text(base) == text(again)
    return operation("*", ast.Constant(one + two), base) if same else None


def _multiple(node: Expr) -> tuple[int, Expr]:
    """``3 * c`` and ``c * 3`` as 3 and ``c``; 1 and the expression itself where it is no such product."""
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            for factor, base in ((left, right), (right, left)):
                if (value := _integer(factor)) is not None:
                    return value, base
    return 1, node


def _integer(node: Expr) -> int | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.value
    return None


def copied(node: Tree) -> Tree:
    """A tree that can be changed: it shares no node with another, and has none twice, as `x + x` may."""

    def copy(value: Any) -> Any:
        if isinstance(value, list):
            return [copy(each) for each in value]
        return copied(value) if isinstance(value, ast.AST) else value

    return type(node)(**{name: copy(value) for name, value in ast.iter_fields(node)})


class _Substitute(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, Expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> Expr:
        return self.values.get(node.id, node)

    def visit_BinOp(self, node: ast.BinOp) -> Expr:
        self.generic_visit(node)
        sign = next((sign for sign, kind in BINARY.items() if isinstance(node.op, kind)), None)
        return node if sign is None else operation(sign, node.left, node.right)


def folded(node: Expr) -> Expr:
    """The expression with integer arithmetic done."""
    result: Expr = _Substitute({}).visit(copied(node))
    return result


def substitute(node: Expr, values: Mapping[str, Expr]) -> Expr:
    """The expression with variables replaced, and integer arithmetic done."""
    if not names_in(node) & values.keys():
        return node
    result: Expr = _Substitute(values).visit(copied(node))
    return result


# --- statements


def assign(target: Expr, value: Expr) -> Stmt:
    return ast.Assign([target], value)


def annotated(target: ast.Name, annotation: str, value: Expr) -> Stmt:
    return ast.AnnAssign(target, parse(annotation), value, simple=1)


def returned(value: Expr) -> Stmt:
    return ast.Return(value)


def statement(value: Expr) -> Stmt:
    return ast.Expr(value)


def loop(target: Expr, items: Expr, body: list[Stmt]) -> Stmt:
    return ast.For(target, items, body or [ast.Pass()], [])


def branch(test: Expr, then: list[Stmt], otherwise: list[Stmt]) -> Stmt:
    return ast.If(test, then or [ast.Pass()], otherwise)

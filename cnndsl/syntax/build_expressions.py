"""Parse tree → AST, expressions: one method a grammar rule. Each gets its rule's children, tokens included.

The parser calls the methods as it reduces. A mistake that the grammar can't see is noted, not raised, so that
the rest of the text is read; the definition around it counts as broken then.
"""

from __future__ import annotations

import re
from math import isinf
from typing import Any

from lark import Token

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.source import Source, Span
from cnndsl.syntax import ast
from cnndsl.syntax.errors import MAX_CHAIN, MAX_DIGITS, MAX_MISTAKES, MAX_NAME, MAX_NUMBER

SUFFIXES = {"k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class Items(list[Any]):
    """The children that matter of a rule that is no node by itself, with the rule's span."""

    span: Span


class ExpressionBuilder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Diagnostic] = []
        self.skipped: list[Span] = []
        """Text that the tree does not hold as it was written."""

    def problem(self, code: str, message: str, span: Span, **more: Any) -> None:
        if len(self.problems) < MAX_MISTAKES:
            self.problems.append(Diagnostic(code, message, span, **more))
            self.skipped.append(span)

    # --- spans and selection

    def _span(self, children: list[Any]) -> Span:
        first: Any = children[0]
        last: Any = children[-1]
        start: int = (first.start_pos or 0) if isinstance(first, Token) else first.span.start
        end: int = (last.end_pos or 0) if isinstance(last, Token) else last.span.end
        # A separator token swallows the space before its sign, or behind it; the sign alone is meant.
        text = self.source.text
        if isinstance(first, Token) and text[start] in " \t\r\n#":
            start = end - 1
        if isinstance(last, Token) and last.type in ("LBRACE", "LPAR", "LSQB", "BAR"):
            end = (last.start_pos or 0) + len(last) - len(last.lstrip()) + 1
        return Span(self.source, start, end)

    def _nodes(self, children: list[Any]) -> list[Any]:
        return [c for c in children if not isinstance(c, Token)]

    def _name(self, token: Token) -> ast.Name:
        span = Span(self.source, token.start_pos or 0, token.end_pos or 0)
        if len(token) > MAX_NAME:
            self.problem("E0605", f"a name of {len(token):,} characters is too long", span,
                         help=f"names have at most {MAX_NAME} characters")  # fmt: skip
            return ast.Name(token[:MAX_NAME], span)
        return ast.Name(str(token), span)

    def _names(self, children: list[Any]) -> list[ast.Name]:
        return [self._name(c) for c in children if isinstance(c, Token) and c.type == "NAME"]

    def _items(self, children: list[Any]) -> Items:
        items = Items(self._nodes(children))
        items.span = self._span(children)
        return items

    def _one(self, children: list[Any], kind: type) -> Any:
        return next((c for c in children if isinstance(c, kind)), None)

    def _skipped(self, token: Token) -> Span:
        """The place of text that the parser skipped behind a mistake."""
        span = Span(self.source, token.start_pos or 0, token.end_pos or 0)
        self.skipped.append(span)
        return span

    # --- expressions

    def number(self, children: list[Token]) -> ast.Literal:
        text, span = str(children[0]), self._span(children)
        factor = SUFFIXES.get(text[-1], 1)
        digits = (text[:-1] if factor > 1 else text).replace("_", "")
        written = sum(map(str.isdigit, re.split("[eE]", digits)[0].lstrip("0.")))
        if written > MAX_DIGITS or len(digits) > MAX_NUMBER:
            self.problem("E0604", f"a number of {max(written, len(digits) - MAX_NUMBER):,} digits is too long", span,
                         help=f"numbers have at most {MAX_DIGITS} digits")  # fmt: skip
            return ast.Literal(1, span)
        if digits.isdigit():
            return ast.Literal(int(digits) * factor, span)
        value = float(digits) * factor
        if isinf(value):
            self.problem("E0604", f"{text} is too large", span)
            return ast.Literal(1, span)
        if factor > 1:
            from decimal import Decimal  # for `1.8G` and its like alone: it delays every start

            exact = Decimal(digits) * factor
            if exact == exact.to_integral_value():
                return ast.Literal(int(exact), span)
        return ast.Literal(value, span)

    def string(self, children: list[Token]) -> ast.Literal:
        return ast.Literal(unquote(children[0]), self._span(children))

    def true(self, children: list[Token]) -> ast.Literal:
        return ast.Literal(True, self._span(children))

    def false(self, children: list[Token]) -> ast.Literal:
        return ast.Literal(False, self._span(children))

    def name(self, children: list[Token]) -> ast.Name:
        return self._name(children[0])

    def input_dim(self, children: list[Token]) -> ast.InputDim:
        return ast.InputDim(str(children[-1]), self._span(children))

    def parenthesised(self, children: list[Any]) -> Any:
        return children[1]

    def list_(self, children: list[Any]) -> ast.List:
        return ast.List(self._nodes(children), self._span(children))

    def conditional(self, children: list[Any]) -> ast.Conditional:
        condition, then, otherwise = self._nodes(children)
        found = ast.Conditional(condition, then, otherwise, self._span(children))
        depth, inner = 0, found
        while isinstance(inner.otherwise, ast.Conditional):
            inner, depth = inner.otherwise, depth + 1
        if depth > MAX_CHAIN:
            self.problem("E0601", "too many `else if` in a row", found.otherwise.span)
            found.otherwise = ast.Literal(1, found.otherwise.span)
        return found

    def call(self, children: list[Any]) -> ast.Call:
        return ast.Call(self._name(children[0]), children[1], self._span(children))

    def index(self, children: list[Any]) -> Any:
        nodes = self._nodes(children)
        if len(nodes) > MAX_CHAIN:
            self.problem("E0601", "too many indices in a row", self._span(children))
            return nodes[0]
        result = nodes[0]
        closing = [c for c in children if isinstance(c, Token) and c.type == "RSQB"]
        for node, bracket in zip(nodes[1:], closing, strict=True):
            result = ast.Index(result, node, self._span([result, bracket]))
        return result

    def unary(self, children: list[Any]) -> Any:
        operand: Any = children[1]
        depth = 0
        while isinstance(operand, ast.Unary):
            operand, depth = operand.operand, depth + 1
        if depth > MAX_CHAIN:
            self.problem("E0601", "too many signs in a row", self._span(children[:1]))
            return operand
        return ast.Unary(sign(children[0]), children[1], self._span(children))

    def _operation(self, children: list[Any]) -> Any:
        if len(children) == 1:
            return children[0]
        rest = [(sign(children[i]), children[i + 1]) for i in range(1, len(children), 2)]
        return ast.Operation(children[0], rest, self._span(children))

    disjunction = conjunction = comparison_expr = sum = term = _operation

    def product(self, children: list[Any]) -> Any:
        dims = self._nodes(children)
        return dims[0] if len(dims) == 1 else ast.Product(dims, self._span(children))

    def arguments(self, children: list[Any]) -> Items:
        return self._items(children)

    def broken_argument(self, children: list[Token]) -> ast.Argument:
        span = self._skipped(children[0])
        return ast.Argument(None, ast.Literal(1, span), span)

    def argument(self, children: list[Any]) -> ast.Argument:
        name = self._name(children[0]) if len(children) > 1 else None
        return ast.Argument(name, children[-1], self._span(children))


def sign(token: Token) -> str:
    """An operator without the space and comments that its token swallowed."""
    match = re.match(r"[a-z]+|[=!<>]=|//|.", token.strip())
    return match[0] if match else str(token)


def unquote(token: Token) -> str:
    return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[0]), token[1:-1])

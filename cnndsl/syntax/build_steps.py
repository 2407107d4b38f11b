"""Parse tree → AST, steps and statements."""

from __future__ import annotations

from typing import Any

from lark import Token

from cnndsl.source import Span
from cnndsl.syntax import ast
from cnndsl.syntax.build_expressions import ExpressionBuilder, Items, sign, unquote
from cnndsl.syntax.errors import MAX_CHAIN

BROKEN: Any = object()
"""A statement or lane of which nothing could be read."""


class StepBuilder(ExpressionBuilder):
    def apply(self, children: list[Any]) -> ast.Apply:
        return ast.Apply(self._span(children), self._name(children[0]), self._one(children, Items))

    def merge(self, children: list[Any]) -> ast.Merge:
        arguments = children[1] if len(children) == 3 else None
        return ast.Merge(self._span(children), self._name(children[0]), arguments, children[-1])

    def lanes(self, children: list[Any]) -> Items:
        return self._items([c for c in children if c is not BROKEN])

    def lane(self, children: list[Any]) -> ast.Lane:
        bar = children[0]
        start = bar.start_pos + bar.index("|")
        span = Span(self.source, start, start + 1)
        statements: Any = children[1] if len(children) > 1 else None
        inner = statements.span if statements else span
        return ast.Lane(ast.Body(list(statements or []), inner), span.to(inner))

    def lane_loop(self, children: list[Any]) -> ast.LaneLoop:
        names, (items, lanes) = self._names(children), self._nodes(children)
        index = names[1] if len(names) > 1 else None
        return ast.LaneLoop(names[0], index, items, lanes, self._span(children))

    def group(self, children: list[Any]) -> ast.Group:
        return ast.Group(children[0].span, children[0])

    def for_(self, children: list[Any]) -> ast.For:
        if children[1].type == "ERROR":
            span = self._skipped(children[1])
            return ast.For(self._span(children), ast.Name("_", span), None, ast.List([], span), children[2])
        names, (items, body) = self._names(children), self._nodes(children)
        return ast.For(self._span(children), names[0], names[1] if len(names) > 1 else None, items, body)

    def dense(self, children: list[Any]) -> ast.Dense:
        if isinstance(children[1], Token):
            count: ast.Expr = ast.Literal(1, self._skipped(children[1]))
            return ast.Dense(self._span(children), count, None, children[2])
        names, (count, body) = self._names(children), self._nodes(children)
        return ast.Dense(self._span(children), count, names[0] if names else None, body)

    def if_(self, children: list[Any]) -> ast.If:
        skipped = isinstance(children[1], Token)
        condition = ast.Literal(True, self._skipped(children[1])) if skipped else children[1]
        then, *rest = self._nodes(children[2:])
        otherwise = rest[0] if rest else None
        if isinstance(otherwise, ast.If):
            depth, inner = 0, otherwise
            while (following := else_if(inner)) is not None:
                inner, depth = following, depth + 1
            if depth > MAX_CHAIN:
                self.problem("E0601", "too many `else if` in a row", otherwise.span)
                otherwise.otherwise = None
            otherwise = ast.Body([ast.Chain([otherwise], otherwise.span)], otherwise.span)
        return ast.If(self._span(children), condition, then, otherwise)

    def from_(self, children: list[Any]) -> ast.From:
        return ast.From(self._span(children), children[1])

    def path(self, children: list[Any]) -> ast.Label:
        parts: list[str | ast.Expr] = [""]
        for child in children:
            if not isinstance(child, Token):
                parts += [child, ""]
            elif child.type not in ("LBRACE", "RBRACE"):
                parts[-1] = str(parts[-1]) + child.strip(' \t{}"')
        return ast.Label(parts, self._span(children))

    def label(self, children: list[Any]) -> ast.Label:
        span = self._span(children)
        text = self.source.text[span.start : span.end].rstrip(": \t")
        parts = [c if not isinstance(c, Token) else c.strip(": \t").strip('{}"') for c in children]
        return ast.Label(parts, Span(self.source, span.start, span.start + len(text)))

    def repeated(self, children: list[Any]) -> Any:
        if len(children) == 1:
            return children[0]
        return ast.Repeat(self._span(children), children[0], children[2])

    def labelled(self, children: list[Any]) -> ast.Step:
        step: ast.Step = children[-1]
        if len(children) == 2:
            step.label = children[0]
        return step

    def ascribed(self, children: list[Any]) -> ast.Step:
        step: ast.Step = children[0]
        if len(children) == 3:
            step.ascription = children[2]
        return step

    # --- statements

    def chain(self, children: list[Any]) -> ast.Chain:
        steps = self._nodes(children)
        first, last = steps[0], steps[-1]
        start = first.label.span.start if first.label else first.span.start
        end = last.ascription.span.end if last.ascription else last.span.end
        return ast.Chain(steps, Span(self.source, start, end))

    def let(self, children: list[Any]) -> ast.Let:
        return ast.Let(self._name(children[1]), children[-1], self._span(children))

    def output(self, children: list[Any]) -> ast.Chain:
        training = any(isinstance(c, Token) and c.type == "TRAINING" for c in children)
        chain, name, span = children[-1], self._name(children[1]), self._span(children)
        steps = [s for s in chain.steps if not isinstance(s, ast.From)]
        single = len(steps) == 1 and steps[0].label is None and steps[0] is chain.steps[-1]
        if single:
            steps[0].label = ast.Label([name.name], name.span)
        opens = bool(steps) and not single
        return ast.Chain([ast.Output(span, name, training, ast.Body([chain], chain.span), opens)], span)

    def target(self, children: list[Any]) -> ast.Label:
        label: ast.Label = children[1]
        return label

    def exact(self, children: list[Any]) -> Items:
        items = Items([sign(children[0]), children[1], None])
        items.span = self._span(children)
        return items

    def within(self, children: list[Any]) -> Items:
        percent = self.number([children[1]]).value
        items = Items(["within", children[-1], float(percent)])
        items.span = self._span(children)
        return items

    def expect(self, children: list[Any]) -> ast.Expect:
        comparison, value, tolerance = self._one(children, Items)
        note = unquote(children[-1]) if isinstance(children[-1], Token) else None
        training = any(isinstance(c, Token) and c.type == "TRAINING" for c in children)
        target = self._one(children, ast.Label)
        metric = self._name(children[1])
        return ast.Expect(metric, target, training, comparison, value, tolerance, note, self._span(children))

    def targets(self, children: list[Any]) -> Items:
        return self._items(children)

    def init(self, children: list[Any]) -> ast.Init:
        return ast.Init(
            self._name(children[1]),
            list(self._one(children, Items) or []),
            children[-1],
            self._span(children),
        )

    def broken(self, children: list[Token]) -> Any:
        self._skipped(children[0])
        return BROKEN

    def statements(self, children: list[Any]) -> Items:
        items = Items(c for c in children if not isinstance(c, Token) and c is not BROKEN)
        if items:
            items.span = items[0].span.to(items[-1].span)
        else:
            items.span = self.skipped[-1]
        return items

    def body(self, children: list[Any]) -> ast.Body:
        statements = self._one(children, Items)
        opening, closing = children[0], children[-1]
        span = Span(self.source, opening.start_pos, closing.end_pos)
        return ast.Body(list(statements or []), span)


def else_if(step: ast.If) -> ast.If | None:
    """The `If` that follows directly on ``else``."""
    statements = step.otherwise.statements if step.otherwise is not None else []
    if len(statements) != 1 or not isinstance(statements[0], ast.Chain):
        return None
    following = statements[0].steps[0]
    braces = step.otherwise is not None and step.otherwise.span != statements[0].span
    return following if isinstance(following, ast.If) and not braces else None

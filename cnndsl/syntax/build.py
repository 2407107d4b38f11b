"""Parse tree → AST: one method a grammar rule. Each gets its rule's children, tokens included."""

from __future__ import annotations

import re
from typing import Any

from lark import Token, Transformer

from cnndsl.source import Source, Span
from cnndsl.syntax import ast
from cnndsl.syntax.errors import MAX_CHAIN, MAX_DIGITS, problem

SUFFIXES = {"k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class Items(list[Any]):
    """The children that matter of a rule that is no node by itself, with the rule's span."""

    span: Span


class Builder(Transformer[Token, Any]):
    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source

    # --- spans and selection

    def _span(self, children: list[Any]) -> Span:
        first, last = children[0], children[-1]
        start = first.start_pos if isinstance(first, Token) else first.span.start
        end = last.end_pos if isinstance(last, Token) else last.span.end
        # A separator token swallows the space before its sign, or behind it; the sign alone is meant.
        text = self.source.text
        if isinstance(first, Token) and text[start] in " \t\r\n#":
            start = end - 1
        if isinstance(last, Token) and last.type in ("LBRACE", "LPAR", "LSQB", "BAR"):
            end = last.start_pos + len(last) - len(last.lstrip()) + 1
        return Span(self.source, start, end)

    def _nodes(self, children: list[Any]) -> list[Any]:
        return [c for c in children if not isinstance(c, Token)]

    def _name(self, token: Token) -> ast.Name:
        return ast.Name(str(token), Span(self.source, token.start_pos or 0, token.end_pos or 0))

    def _names(self, children: list[Any]) -> list[ast.Name]:
        return [self._name(c) for c in children if isinstance(c, Token) and c.type == "NAME"]

    def _items(self, children: list[Any]) -> Items:
        items = Items(self._nodes(children))
        items.span = self._span(children)
        return items

    def _one(self, children: list[Any], kind: type) -> Any:
        return next((c for c in children if isinstance(c, kind)), None)

    # --- expressions

    def number(self, children: list[Token]) -> ast.Literal:
        text, span = str(children[0]), self._span(children)
        factor = SUFFIXES.get(text[-1], 1)
        digits = (text[:-1] if factor > 1 else text).replace("_", "")
        if len(digits) > MAX_DIGITS:
            raise problem("E0604", f"a number of {len(digits)} digits is too long", span,
                          help=f"numbers have at most {MAX_DIGITS} digits")  # fmt: skip
        if digits.isdigit():
            return ast.Literal(int(digits) * factor, span)
        value = float(digits) * factor
        if value in (float("inf"),):
            raise problem("E0604", f"{text} is too large", span)
        if factor > 1 and abs(value - round(value)) < 1e-6 * max(1.0, value):
            return ast.Literal(round(value), span)
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

    def list(self, children: list[Any]) -> ast.List:
        return ast.List(self._nodes(children), self._span(children))

    def conditional(self, children: list[Any]) -> ast.Conditional:
        return ast.Conditional(*self._nodes(children), self._span(children))

    def call(self, children: list[Any]) -> ast.Call:
        return ast.Call(self._name(children[0]), children[1], self._span(children))

    def index(self, children: list[Any]) -> Any:
        nodes = self._nodes(children)
        if len(nodes) > MAX_CHAIN:
            raise problem("E0601", "too many indices in a row", self._span(children))
        result = nodes[0]
        closing = [c for c in children if isinstance(c, Token) and c.type == "RSQB"]
        for node, bracket in zip(nodes[1:], closing, strict=True):
            result = ast.Index(result, node, self._span([result, bracket]))
        return result

    def unary(self, children: list[Any]) -> ast.Unary:
        operand, depth = children[1], 0
        while isinstance(operand, ast.Unary):
            operand, depth = operand.operand, depth + 1
        if depth > MAX_CHAIN:
            raise problem("E0601", "too many signs in a row", self._span(children))
        return ast.Unary(children[0].strip(), children[1], self._span(children))

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

    def argument(self, children: list[Any]) -> ast.Argument:
        name = self._name(children[0]) if len(children) > 1 else None
        return ast.Argument(name, children[-1], self._span(children))

    # --- steps

    def apply(self, children: list[Any]) -> ast.Apply:
        return ast.Apply(self._span(children), self._name(children[0]), self._one(children, Items))

    def merge(self, children: list[Any]) -> ast.Merge:
        arguments = children[1] if len(children) == 3 else None
        return ast.Merge(self._span(children), self._name(children[0]), arguments, children[-1])

    def lanes(self, children: list[Any]) -> Items:
        return self._items(children)

    def lane(self, children: list[Any]) -> ast.Lane:
        bar = children[0]
        start = bar.start_pos + bar.index("|")
        span = Span(self.source, start, start + 1)
        statements = children[1] if len(children) > 1 else []
        inner = statements.span if statements else span
        return ast.Lane(ast.Body(list(statements), inner), span.to(inner))

    def lane_loop(self, children: list[Any]) -> ast.LaneLoop:
        names, (items, lanes) = self._names(children), self._nodes(children)
        index = names[1] if len(names) > 1 else None
        return ast.LaneLoop(names[0], index, items, lanes, self._span(children))

    def group(self, children: list[Any]) -> ast.Group:
        return ast.Group(children[0].span, children[0])

    def for_(self, children: list[Any]) -> ast.For:
        names, (items, body) = self._names(children), self._nodes(children)
        return ast.For(self._span(children), names[0], names[1] if len(names) > 1 else None, items, body)

    def dense(self, children: list[Any]) -> ast.Dense:
        names, (count, body) = self._names(children), self._nodes(children)
        return ast.Dense(self._span(children), count, names[0] if names else None, body)

    def if_(self, children: list[Any]) -> ast.If:
        condition, then, *rest = self._nodes(children)
        otherwise = rest[0] if rest else None
        if isinstance(otherwise, ast.If):
            depth, inner = 0, otherwise
            while inner.otherwise and inner.otherwise.span == inner.otherwise.statements[0].span:
                inner, depth = inner.otherwise.statements[0].steps[0], depth + 1
            if depth > MAX_CHAIN:
                raise problem("E0601", "too many `else if` in a row", self._span(children))
            otherwise = ast.Body([ast.Chain([otherwise], otherwise.span)], otherwise.span)
        return ast.If(self._span(children), condition, then, otherwise)

    def from_(self, children: list[Any]) -> ast.From:
        return ast.From(self._span(children), children[1])

    def path(self, children: list[Any]) -> ast.Label:
        index = self._nodes(children)
        text = "".join(str(c) for c in children if isinstance(c, Token) and c.type in ("NAME", "INTEGER", "DOT"))
        return ast.Label([text, index[0], ""] if index else [text], self._span(children))

    def label(self, children: list[Any]) -> ast.Label:
        span = self._span(children)
        text = self.source.text[span.start : span.end].rstrip(": \t")
        parts = [c if not isinstance(c, Token) else c.rstrip(": \t").strip("{}") for c in children]
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
        if len(steps) == 1 and steps[0].label is None and steps[0] is chain.steps[-1]:
            steps[0].label = ast.Label([name.name], name.span)
        return ast.Chain([ast.Output(span, name, training, ast.Body([chain], chain.span))], span)

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

    def statements(self, children: list[Any]) -> Items:
        items = Items(c for c in children if not isinstance(c, Token))
        items.span = items[0].span.to(items[-1].span)
        return items

    def body(self, children: list[Any]) -> ast.Body:
        statements = self._one(children, Items)
        opening, closing = children[0], children[-1]
        span = Span(self.source, opening.start_pos, closing.end_pos)
        return ast.Body(list(statements or []), span)

    # --- definitions

    def parameters(self, children: list[Any]) -> Items:
        return self._items(children)

    def parameter(self, children: list[Any]) -> ast.Parameter:
        default = children[2] if len(children) > 2 else None
        return ast.Parameter(self._name(children[0]), default, self._span(children))

    def named_dim(self, children: list[Any]) -> ast.Dim:
        return ast.Dim(self._name(children[0]), children[2], self._span(children))

    def dim(self, children: list[Any]) -> ast.Dim:
        value = children[0]
        if isinstance(value, ast.Name):
            return ast.Dim(value, None, value.span)
        return ast.Dim(None, value, value.span)

    def dims(self, children: list[Any]) -> Items:
        return self._items(children)

    def signature(self, children: list[Any]) -> ast.Signature:
        before, after = self._nodes(children)
        return ast.Signature(list(before), list(after), before.span.to(after.span))

    def block(self, children: list[Any]) -> ast.Block:
        return ast.Block(
            self._name(children[1]),
            list(self._one(children, Items) or []),
            self._one(children, ast.Signature),
            children[-1],
            None,
            self._span(children),
        )

    def network(self, children: list[Any]) -> ast.Network:
        block = self.block(children)
        return ast.Network(
            block.name, block.parameters, block.signature, None, block.body, None, block.span
        )

    def member_base(self, children: list[Any]) -> ast.Call:
        return ast.Call(self._name(children[0]), self._one(children, Items) or [], self._span(children))

    def member(self, children: list[Any]) -> ast.Network:
        base = self._one(children, ast.Call)
        body = self._one(children, ast.Body) or ast.Body([], base.span)
        parameters = list(self._one(children, Items) or [])
        name = self._name(children[1])
        return ast.Network(name, parameters, None, base, body, None, self._span(children))

    def import_(self, children: list[Any]) -> ast.Import:
        return ast.Import(unquote(children[1]), self._span(children))

    def std_name(self, children: list[Any]) -> ast.Name:
        return ast.Name("".join(children), self._span(children))

    def use(self, children: list[Any]) -> Items:
        items = Items(ast.Use(c, c.span) for c in children if isinstance(c, ast.Name))
        items.span = self._span(children)
        return items

    def start(self, children: list[Any]) -> ast.File:
        file = ast.File(self.source, None, [], [], [], [])
        doc: Token | None = None
        for child in children:
            if isinstance(child, Token):
                if child.type == "DOCSTRING":
                    self._file_doc(file, doc)
                    doc = child
                continue
            if isinstance(child, ast.Block | ast.Network):
                child.doc = docstring(doc) if doc else None
                (file.blocks if isinstance(child, ast.Block) else file.networks).append(child)  # type: ignore[arg-type]
            else:
                self._file_doc(file, doc)
                if isinstance(child, ast.Import):
                    file.imports.append(child)
                else:
                    file.uses.extend(child)
            doc = None
        self._file_doc(file, doc)
        return file

    def _file_doc(self, file: ast.File, doc: Token | None) -> None:
        """A docstring that no definition follows is the file's, if it stands first."""
        if doc is None:
            return
        if file.doc is not None or file.imports or file.uses or file.blocks or file.networks:
            raise problem("E0105", "this docstring belongs to no definition", self._span([doc]),
                          help="put it directly before a `block` or `network`, or use `#`")  # fmt: skip
        file.doc = docstring(doc)


def sign(token: Token) -> str:
    """An operator without the space and comments that its token swallowed."""
    match = re.match(r"[a-z]+|[=!<>]=|//|.", token.strip())
    return match[0] if match else str(token)


def unquote(token: Token) -> str:
    return re.sub(r"\\(.)", lambda m: ESCAPES.get(m[1], m[0]), token[1:-1])


def docstring(token: Token) -> str:
    """A docstring's text without its quotes and its common indentation."""
    lines = token[3:-3].expandtabs().splitlines() or [""]
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(indents, default=0)
    return "\n".join([lines[0].strip(), *(line[margin:].rstrip() for line in lines[1:])]).strip()

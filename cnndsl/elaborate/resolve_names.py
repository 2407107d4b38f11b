"""Expressions without evaluation, but for those that are the same everywhere."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.elaborate.binding import OpBinder
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.evaluate import INPUT_DIMS, Evaluator, unknown_name
from cnndsl.elaborate.limits import Budget, Limits
from cnndsl.elaborate.modules import Module
from cnndsl.elaborate.values import Definition, Unknown, fail
from cnndsl.ops import registry
from cnndsl.source import Span
from cnndsl.syntax import ast
from cnndsl.syntax.traversal import parts

MAX_FOUND = 100
MAX_GAP = 2000
"""How much of a piece of missing text is looked through for names."""
WORD = re.compile(r"[A-Za-z_]\w*")
DYNAMIC: Any = object()
"""A value that only the expansion knows."""


class TooMany(Exception):
    """Enough mistakes are reported."""


class Names:
    """The variables of one body, and those around it."""

    __slots__ = ("names", "outer")

    def __init__(self, names: set[str] | frozenset[str] = frozenset(), outer: Names | None = None) -> None:
        self.names, self.outer = set(names), outer

    def inner(self) -> Names:
        return Names(outer=self)

    def defines(self, name: str) -> bool:
        env: Names | None = self
        while env is not None:
            if name in env.names:
                return True
            env = env.outer
        return False

    def all(self) -> list[str]:
        return [*self.names, *(self.outer.all() if self.outer else [])]


def lines(text: str, span: Span) -> tuple[int, int]:
    """The lines around a piece of text, a long one cut short: what a mistake may have changed the meaning of."""
    start = max(text.rfind("\n", 0, span.start) + 1, span.start - MAX_GAP)
    end = text.find("\n", span.end)
    return start, min(len(text) if end < 0 else end, span.start + MAX_GAP)


class NameResolver:
    def __init__(self, module: Module) -> None:
        self.module = module
        self.found: list[Diagnostic] = []
        self.binder = OpBinder()
        self.evaluate = Evaluator(Budget(Limits()))
        self.empty = Env({})
        self.words = {word for op in registry.values() for a in op.args.values() for word in a.words}
        self.skipped: list[Span] = []
        self.lost_here: frozenset[str] = frozenset()
        self.current: Definition | None = None
        self.headless = False
        """Whether text is missing from the definition's head, so that its parameters are not known."""

    def begin(self, definition: Definition) -> None:
        self.current = definition
        span = definition.syntax.span
        self.skipped = [s for s in self.module.file.broken if span.start <= s.start < span.end]
        syntax = definition.syntax
        head = syntax.body.span.start + (isinstance(syntax, ast.Network) and syntax.base is not None)
        self.headless = any(s.start < head for s in self.skipped)
        text = span.source.text
        self.lost_here = frozenset(word for gap in self.skipped for word in WORD.findall(text, *lines(text, gap)))

    def has_gap(self, span: Span) -> bool:
        """Whether text is missing there."""
        return any(span.start <= s.start < span.end for s in self.skipped)

    def report(self, error: SpecError) -> None:
        self.found.extend(error.diagnostics)
        if len(self.found) >= MAX_FOUND:
            raise TooMany

    def unknown(self, name: ast.Name, known: list[str], what: str) -> None:
        """A name that nothing defines, unless text that could not be read may define it."""
        assert self.current is not None
        if (
            self.module.open
            or self.headless
            or self.has_gap(name.span)
            or name.name in self.module.lost
            or name.name in self.lost_here
            or any(name.name in head for head in self.module.heads)
        ):
            self.module.doubtful.add(self.current.name)
            return
        from cnndsl.elaborate.reach import out_of_reach  # only where there is a mistake

        error = unknown_name(name, known, what)
        below = Span(name.span.source, name.span.end, self.current.syntax.span.end)
        if (found := out_of_reach(name.name, self.module, below)) is not None:
            error = SpecError(replace(each, help=found[0], fix=found[1]) for each in error.diagnostics)
        self.report(error)

    # --- expressions

    def expr(self, expr: ast.Expr, env: Names, shape: bool = False) -> Any:
        """Check an expression. Gives its value if it is the same everywhere, else `DYNAMIC`."""
        if closed(expr):
            try:
                return self.evaluate(expr, self.empty)
            except SpecError as error:
                self.report(error)
            except Unknown:
                pass
            return DYNAMIC
        match expr:
            case ast.Name(name="_"):
                if not shape:
                    self.report(fail("E0207", "`_` stands for any size, in a shape", expr.span))
            case ast.Name():
                self.name(expr, env)
            case ast.InputDim():
                if expr.dim not in INPUT_DIMS:
                    self.closed_error(expr)
            case ast.Unary():
                self.expr(expr.operand, env)
            case ast.Operation():
                for operand in (expr.first, *(o for _, o in expr.rest)):
                    self.expr(operand, env)
            case ast.Product():
                for dim in expr.dims:
                    self.expr(dim, env, shape=True)
            case ast.List():
                for item in expr.items:
                    self.expr(item, env)
            case ast.Index():
                self.expr(expr.base, env)
                self.expr(expr.index, env)
            case ast.Conditional():
                for part in (expr.condition, expr.then, expr.otherwise):
                    self.expr(part, env, shape)
            case ast.Call():
                self.call(expr, env)
        return DYNAMIC

    def stated(self, expr: ast.Expr, env: Names) -> None:
        """Check what an author states: a repair of it is never safe."""
        before = len(self.found)
        try:
            self.expr(expr, env, shape=True)
        finally:
            self.found[before:] = [replace(each, safe=False) for each in self.found[before:]]

    def closed_error(self, expr: ast.Expr) -> None:
        try:
            self.evaluate(expr, self.empty)
        except SpecError as error:
            self.report(error)

    def name(self, name: ast.Name, env: Names) -> None:
        assert self.current is not None
        definitions = self.current.names
        known = env.defines(name.name) or name.name in definitions or name.name in registry or name.name in self.words
        if not known:
            self.unknown(name, [*env.all(), *definitions, *registry], "name")

    def call(self, expr: ast.Call, env: Names) -> None:
        """A call as a value; `cnndsl.elaborate.resolve_calls` knows how."""
        raise NotImplementedError


def closed(expr: ast.Expr) -> bool:
    """Whether an expression has the same value everywhere: it names nothing."""
    return not isinstance(expr, ast.Name | ast.InputDim | ast.Call) and all(map(closed, parts(expr)))

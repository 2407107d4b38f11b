"""Expressions and arguments without evaluation, but for those that are the same everywhere."""

from __future__ import annotations

import re
from typing import Any

from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.elaborate.binding import OpBinder, match, wrong_kind
from cnndsl.elaborate.evaluate import FUNCTIONS, INPUT_DIMS, Env, Evaluator, unknown_name
from cnndsl.elaborate.limits import Budget, Limits
from cnndsl.elaborate.modules import Module
from cnndsl.elaborate.values import Definition, Partial, Unknown, fail, joins_lanes, not_a_merge
from cnndsl.ops import Merge, Op, Symbol, registry
from cnndsl.ops.base import REQUIRED
from cnndsl.source import Span
from cnndsl.syntax import ast

MAX_FOUND = 100
DYNAMIC: Any = object()
"""A value that only the expansion knows."""

Target = Definition | type[Op] | None


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


class CallResolver:
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
        words = (re.findall(r"[A-Za-z_]\w*", s.text) for s in self.skipped)
        self.lost_here = frozenset(word for each in words for word in each)

    def report(self, error: SpecError) -> None:
        self.found.extend(error.diagnostics)
        if len(self.found) >= MAX_FOUND:
            raise TooMany

    def unknown(self, name: ast.Name, known: list[str], what: str) -> None:
        """A name that nothing defines, unless text that could not be read may define it."""
        assert self.current is not None
        if self.module.open or self.headless or name.name in self.module.lost or name.name in self.lost_here:
            self.module.doubtful.add(self.current.name)
        else:
            self.report(unknown_name(name, known, what))

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

    def closed_error(self, expr: ast.Expr) -> None:
        try:
            self.evaluate(expr, self.empty)
        except SpecError as error:
            self.report(error)

    def name(self, name: ast.Name, env: Names) -> None:
        assert self.current is not None
        definitions = self.current.names
        if not (env.defines(name.name) or name.name in definitions or name.name in registry):
            self.unknown(name, [*env.all(), *definitions, *registry], "name")

    def call(self, expr: ast.Call, env: Names) -> None:
        assert self.current is not None
        name = expr.name.name
        if name in FUNCTIONS and not env.defines(name) and name not in self.current.names:
            if not (name in registry and any(a.name for a in expr.arguments)):
                for argument in expr.arguments:
                    if argument.name:
                        self.report(fail("E0301", f"`{name}` has no argument `{argument.name.name}`", argument.name.span))
                    self.expr(argument.value, env)
                return
        target = self.target(expr.name, env, "name")
        self.bind(target, expr.arguments, env, expr.span, complete=False)

    def target(self, name: ast.Name, env: Names, what: str) -> Target:
        """The block or op that a name stands for; None where that is not known here."""
        assert self.current is not None
        if env.defines(name.name):
            return None
        if name.name in self.current.names:
            return self.current.names[name.name]
        if name.name in registry:
            return registry[name.name]
        more = FUNCTIONS if what == "name" else ()
        self.unknown(name, [*env.all(), *self.current.names, *registry, *more], what)
        return None

    # --- steps that call

    def apply(self, step: ast.Apply, env: Names) -> None:
        target = self.target(step.name, env, "op or block")
        if isinstance(target, type) and issubclass(target, Merge):
            self.arguments(step.arguments or [], target, env)
            self.report(joins_lanes(target.name, step.span))
        else:
            self.bind(target, step.arguments or [], env, step.span, complete=True)

    def merge(self, step: ast.Merge, env: Names) -> None:
        target = self.target(step.name, env, "op or block")
        if target is None:
            self.arguments(step.arguments or [], None, env)
        elif isinstance(target, Definition) or not issubclass(target, Merge):
            self.report(not_a_merge(step.name))
        else:
            self.bind(target, step.arguments or [], env, step.name.span, complete=True)
            if not step.lanes and not self.has_gap(step.span):
                self.report(fail("E0310", f"`{step.name.name}` has no lanes", step.span))

    def has_gap(self, span: Span) -> bool:
        return any(span.start <= s.start < span.end for s in self.skipped)

    def arguments(
        self, given: list[ast.Argument], target: Target, env: Names
    ) -> tuple[list[tuple[Any, Span]], dict[str, tuple[Any, Span]]] | None:
        """The arguments with their values, as far as these are known; None if they can't be bound."""
        declared = list(target.args.values()) if isinstance(target, type) else []
        positional: list[tuple[Any, Span]] = []
        keywords: dict[str, tuple[Any, Span]] = {}
        fits = True
        for argument in given:
            name, value = argument.name, argument.value
            words: Any = self.words if target is None else ()
            if name is not None and isinstance(target, type) and name.name in target.args:
                words = target.args[name.name].words
            elif name is None and len(positional) < len(declared):
                words = declared[len(positional)].words
            if isinstance(value, ast.Name) and value.name in words and not (target is None and env.defines(value.name)):
                found: Any = Symbol(value.name) if target is not None else DYNAMIC
            else:
                found = self.expr(value, env)
            if name is None:
                if keywords and fits:
                    fits = False
                    self.report(fail("E0302", "a positional argument comes after one by keyword", argument.span))
                positional.append((found, value.span))
            elif name.name in keywords:
                if fits:
                    fits = False
                    self.report(fail("E0302", f"`{name.name}` is given twice", argument.span))
            else:
                keywords[name.name] = (found, value.span)
        return (positional, keywords) if fits else None

    def bind(self, target: Target, given: list[ast.Argument], env: Names, where: Span, complete: bool,
             text: Span | None = None) -> None:  # fmt: skip
        """Check arguments against parameters. ``complete``: the call is made, nothing may be missing.

        ``text`` is where text may be missing that is the call's, by default where the call is.
        """
        before = len(self.found)
        values = self.arguments(given, target, env)
        if target is None or values is None or self.has_gap(text or where) or target in self.module.damaged:
            return
        partial = Partial(target, tuple(values[0]), values[1])
        try:
            if isinstance(target, Definition):
                self.bind_definition(partial, target, where, complete)
            else:
                self.bind_op(partial, target, where, complete, len(self.found) == before)
        except SpecError as error:
            self.report(error)

    def bind_definition(self, partial: Partial, target: Definition, where: Span, complete: bool) -> None:
        syntax = target.syntax
        names = [p.name.name for p in syntax.parameters]
        required = [p.name.name for p in syntax.parameters if p.default is None and complete]
        if isinstance(syntax, ast.Network) and syntax.base is not None:
            own = {k: v for k, v in partial.keywords.items() if k in names}
            partial = Partial(target, partial.positional, own)
        match(partial, names, required, where, syntax.name.span)

    def bind_op(self, partial: Partial, op: type[Op], where: Span, complete: bool, clean: bool) -> None:
        values = [v for v, _ in (*partial.positional, *partial.keywords.values())]
        if complete and clean and not any(v is DYNAMIC for v in values):
            self.binder.bind(partial, where)
            return
        required = [name for name, a in op.args.items() if a.default is REQUIRED and complete]
        problems = []
        for name, (value, span) in match(partial, list(op.args), required, where, None).items():
            if value is DYNAMIC:
                continue
            try:
                op.args[name].kind.parse(value)
            except ValueError as error:
                problems.append(wrong_kind(op, name, value, span, str(error)))
        if problems:
            raise SpecError(problems)


def closed(expr: ast.Expr) -> bool:
    """Whether an expression has the same value everywhere: it names nothing."""
    match expr:
        case ast.Literal():
            return True
        case ast.Unary():
            return closed(expr.operand)
        case ast.Operation():
            return closed(expr.first) and all(closed(o) for _, o in expr.rest)
        case ast.Product():
            return all(closed(d) for d in expr.dims)
        case ast.List():
            return all(closed(i) for i in expr.items)
        case ast.Index():
            return closed(expr.base) and closed(expr.index)
        case ast.Conditional():
            return closed(expr.condition) and closed(expr.then) and closed(expr.otherwise)
    return False

"""What every step of an expansion shares: nodes, bodies, scopes, and how a mistake is told once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.elaborate.binding import OpBinder
from cnndsl.elaborate.evaluate import Env, Evaluator
from cnndsl.elaborate.limits import TURN, Budget
from cnndsl.elaborate.names import Namer
from cnndsl.elaborate.shapes import check_ascription, known_ascription
from cnndsl.elaborate.turns import Turn, chain
from cnndsl.elaborate.values import Unknown, Value, fail
from cnndsl.ir.dims import Shape
from cnndsl.ir.graph import Body, Node, Output, Scope, Step
from cnndsl.ops import Op
from cnndsl.source import Span
from cnndsl.syntax import ast

MAX_FOUND = 100
"""Mistakes after which a network's expansion ends."""


class Statements:
    """Expands bodies. The subclasses expand the kinds of steps, each with its method in ``_expand``.

    ``diagnostics`` collects what is wrong; the nodes are complete only without.
    """

    _expand: ClassVar[dict[type, Callable[..., None]]] = {}

    def __init__(self, budget: Budget, binder: OpBinder, stated: bool) -> None:
        self.budget = budget
        self.stated = stated
        self.evaluate = Evaluator(budget)
        self.binder = binder
        self.nodes: list[Node] = []
        self.outputs: list[Output] = []
        self.diagnostics: list[Diagnostic] = []
        self.told: set[tuple[str, str, int]] = set()
        self.mistakes = 0
        """How often something was wrong: as often as what is told, or more."""
        self.expectations: list[tuple[ast.Expect, Env]] = []
        self.initial: list[tuple[ast.Init, Env]] = []
        self.names = Namer()
        self.bound: set[str] = set()
        """The family's parameters that a member gives."""
        self.turns: list[Turn] = []
        """The loops around the step that is expanded, outermost first."""
        self.training_only = False
        self.depth = 0
        self.stopped = False
        self._unknown: Node | None = None
        self._inferred: dict[tuple[int, Shape], Shape] = {}
        self._bound: dict[Any, Op] = {}
        self._constant: dict[int, Op] = {}

    # --- nodes

    def node(self, op: Op | None, inputs: tuple[Node, ...], shape: Shape, path: str, scope: Scope, span: Span) -> Node:
        if len(self.nodes) >= self.budget.limits.nodes:
            self.stopped = True
            raise self.budget.exceeded("nodes", "the network has", self.budget.limits.nodes, "ops", span)
        if max(shape) > self.budget.limits.integer:
            raise fail("E0604", f"the output has a size beyond {self.budget.limits.integer:,}", span)
        node = Node(len(self.nodes), op, inputs, shape, path, scope, span, self.training_only)
        self.nodes.append(node)
        return node

    def unknown(self, scope: Scope, span: Span) -> Node:
        """The flow of unknown shape, behind a mistake."""
        if self._unknown is None:
            self._unknown = Node(-1, None, (), (), "", scope, span)
        return self._unknown

    def flow_on(self, step: Step, shape: Shape, error: SpecError, scope: Scope) -> None:
        """Tell of a mistake in a step, and go on with the shape that it would have without. Raises the error
        where that is not known."""
        if not shape:
            raise error
        self.report(error, scope)
        step.output = Node(-1, None, (), shape, scope.path, scope, step.syntax.span)

    @contextmanager
    def reporting(self, scope: Scope) -> Iterator[None]:
        """Collects the errors of a step, with the calls that led to it."""
        try:
            yield
        except Unknown:
            pass
        except SpecError as error:
            self.report(error, scope)

    def report(self, error: SpecError, scope: Scope) -> None:
        self.mistakes += 1
        calls = chain(scope, self.turns)
        for each in error.diagnostics:
            place = (each.code, each.span.source.name, each.span.start)
            if place not in self.told:  # a block is told of once, however often it is called
                self.told.add(place)
                self.diagnostics.append(each if each.calls else replace(each, calls=calls))

    # --- bodies and statements

    def body(self, syntax: ast.Body, scope: Scope, env: Env, flow: Node) -> Body:
        """Expand a sequence of statements. ``env`` is the body's own."""
        self.budget.spend(TURN, syntax.span)
        body = Body(flow, variables=env.values)
        for statement in syntax.statements:
            self.budget.spend(1, statement.span)
            match statement:
                case ast.Chain():
                    for step in statement.steps:
                        body.steps.append(self.step(step, scope, env, flow))
                        flow = body.steps[-1].output
                case ast.Let():
                    self.let(statement, scope, env, flow)
                case ast.Expect():
                    if isinstance(scope.definition, ast.Network) and scope.parent is not None:
                        continue  # it is stated of the network by itself, not of this call
                    if scope.definition is None or scope.parent is not None:
                        with self.reporting(scope):
                            raise fail("E0503", "`expect` stands at the top of a network's body", statement.span)
                    else:
                        self.expectations.append((statement, env))
                case ast.Init():
                    if scope.parent is None:
                        self.initial.append((statement, env))
                    elif not isinstance(scope.definition, ast.Network):
                        with self.reporting(scope):
                            raise fail("E0503", "`init` stands at the top of a network's body", statement.span)
        body.output = flow
        return body

    def let(self, statement: ast.Let, scope: Scope, env: Env, flow: Node) -> None:
        name = statement.name.name
        if name in env:
            self.report(fail("E0203", f"`{name}` is defined already", statement.name.span,
                             help="a name keeps its value; choose another"), scope)  # fmt: skip
            return
        value: Value = Unknown
        with self.reporting(scope):
            value = self.evaluate(statement.value, env, flow.shape)
        env[name] = value

    def step(self, syntax: ast.Step, scope: Scope, env: Env, flow: Node) -> Step:
        if self.stopped or self.budget.empty or len(self.diagnostics) > MAX_FOUND:
            raise Unknown
        self.budget.spend(1, syntax.span)
        before, turns = self.mistakes, len(self.turns)
        step = Step(syntax, flow, self._unknown or self.unknown(scope, syntax.span), scope)
        try:  # as `reporting`, which costs a tenth of the whole expansion here
            self._expand[type(syntax)](self, step, scope, env, flow)
        except Unknown:
            del self.turns[turns:]  # of loops that ended early
        except SpecError as error:
            self.report(error, scope)
            del self.turns[turns:]
        ascription = syntax.ascription
        if ascription is not None:
            with self.reporting(scope):
                if step.output.shape and self.stated:
                    self.ascribed(step, ascription, env, scope)
                elif not step.output.shape and (shape := known_ascription(self.evaluate, ascription, env)):
                    # The writer says what comes out: what follows can be checked in spite of the mistake.
                    step.output = Node(-1, None, (), shape, scope.path, scope, syntax.span)
        if syntax.label is not None and self.mistakes > before and not step.output.shape:
            self.names.forgive(syntax.label)
        return step

    def ascribed(self, step: Step, ascription: ast.Expr, env: Env, scope: Scope) -> None:
        """Check a stated shape. Where it is wrong, what follows is checked as if it were right."""
        try:
            check_ascription(self.evaluate, ascription, env, step.output.shape)
        except SpecError:
            stated = known_ascription(self.evaluate, ascription, env, step.output.shape)
            step.output = Node(-1, None, (), stated, scope.path, scope, step.syntax.span)
            raise

    # --- scopes

    def labelled_scope(self, step: Step, scope: Scope, env: Env) -> Scope:
        """The scope that a label opens; without one, the scope around."""
        if step.syntax.label is None:
            return scope
        name = self.names.name(step.syntax, scope, env, self.evaluate, full=False)
        step.opened = self.open(name, step.syntax.label, scope)
        return step.opened

    def open(self, name: str, label: ast.Label, scope: Scope) -> Scope:
        return Scope(self.names.join_path(scope, name), scope, label.span, None, name)

    def finish(self, step: Step, bodies: list[Body], inner: Scope, output: Node | None = None) -> None:
        step.bodies = bodies
        step.output = output or (bodies[-1].output if bodies else None) or step.output
        if inner is not step.scope:
            self.names.result(inner.path, step.output, step.scope)

"""What every step of an expansion shares: nodes, bodies, scopes, and how a mistake is told once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.elaborate.binding import OpBinder
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.evaluate import Evaluator
from cnndsl.elaborate.limits import TURN, Budget
from cnndsl.elaborate.names import Namer, TakenLabel, UnfitLabel
from cnndsl.elaborate.shapes import as_shape, check_ascription, known_ascription, reordered
from cnndsl.elaborate.turns import Turn, chain, indexed
from cnndsl.elaborate.values import WILDCARD, Unknown, Value, fail
from cnndsl.ir.dims import Shape, product
from cnndsl.ir.expansion import Body, Scope, Step
from cnndsl.ir.graph import Node, Output
from cnndsl.ops import Op
from cnndsl.source import Span
from cnndsl.syntax import ast

MAX_FOUND = 100
"""Mistakes that are told, after which a network's expansion ends."""
MAX_MISTAKES = 2000
"""The same, with those that are found again each time that a block is called."""
MAX_SEARCHES = 20
"""Mistakes in shapes of a network for which changes are tried: it takes time."""


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
        self.expanded: set[int] = set()
        """The texts of definitions that were expanded, by identity."""
        self.bound: set[str] = set()
        """The family's parameters that a member gives."""
        self.searches = 0
        self.repairs: set[frozenset[tuple[int, str]]] = set()
        """The repairs of lanes that were told."""
        self.undivided: set[tuple[str, tuple[str, ...]]] = set()
        """The figures of groups that do not divide channels, by the scope in which they were told."""
        self.confirmed: set[int] = set()
        """The nodes whose shapes are stated, and right."""
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
        for each in inputs:
            each.users.append(node)
        self.nodes.append(node)
        return node

    def unknown(self, scope: Scope, span: Span) -> Node:
        """The flow of unknown shape, behind a mistake."""
        if self._unknown is None:
            self._unknown = Node(-1, None, (), (), "", scope, span)
        return self._unknown

    def search(self) -> bool:
        """Whether there is time to try what would mend a shape."""
        self.searches += 1
        return self.searches <= MAX_SEARCHES

    def flow_on(self, step: Step, shape: Shape, error: SpecError | None, scope: Scope) -> None:
        """Tell of a mistake in a step, if not told already, and go on with the shape that it would have without. Raises
        the error where that is not known."""
        if not shape:
            raise error or Unknown
        if error is not None:
            self.report(error, scope)
        step.output = Node(-1, None, (), shape, scope.path, scope, step.syntax.span)

    def untold(self, error: SpecError) -> SpecError | None:
        """What is left of an error without the mistakes whose repair was told already, elsewhere."""
        left = []
        for each in error.diagnostics:
            edits = frozenset((edit.span.start, edit.replacement) for edit in each.fix)
            elsewhere = edits and not any(
                edit.span.start in range(each.span.start, each.span.end + 1) for edit in each.fix
            )
            if not (elsewhere and edits in self.repairs):
                left.append(each)
            self.repairs.add(edits)
        return SpecError(left) if left else None

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

    @property
    def ended(self) -> bool:
        """Whether enough is wrong, or there is enough of it."""
        many = len(self.diagnostics) > MAX_FOUND or self.mistakes > MAX_MISTAKES
        return many or self.stopped or self.budget.empty

    def go_on(self) -> None:
        """Raises Unknown where the expansion has ended."""
        if self.ended:
            raise Unknown

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
        self.go_on()
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
        self.go_on()
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
        if ascription is not None and not self.ended:
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
        node = step.output
        try:
            check_ascription(self.evaluate, ascription, env, node.shape)
        except SpecError as error:
            stated = known_ascription(self.evaluate, ascription, env, node.shape)
            if product(stated) == product(node.shape) != 1:
                raise reordered(error, node.shape, stated) from None  # in another order: the flow goes on as it is
            step.output = Node(-1, None, (), stated, scope.path, scope, step.syntax.span)
            if stated and self.search():
                from cnndsl.elaborate.remedies.stated import Stated, explained

                sizes = as_shape(self.evaluate, ascription, env)
                raise explained(
                    error, Stated(sizes, node, self.confirmed, scope, step.syntax.span, self.nodes)
                ) from None
            raise
        if WILDCARD not in as_shape(self.evaluate, ascription, env):
            self.confirmed.add(node.index)

    # --- scopes

    def name(self, syntax: ast.Step, scope: Scope, env: Env, full: bool = True) -> str:
        """The name of the next step of a scope, or its whole path. A wrong label is told, and the step goes without."""
        try:
            return self.names.name(syntax, scope, env, self.evaluate, full)
        except SpecError as error:
            label = syntax.label
            if label is None:  # a label in quotes has its position's name
                self.report(error, scope)
                name = str(scope.children - 1)
                return self.names.join_path(scope, name) if full else name
            if isinstance(error, UnfitLabel) and len(label.parts) == 1:
                self.report(error, scope)
                return self.names.join_path(scope, str(label)) if full else str(label)
            again = isinstance(error, TakenLabel) and error.again
            self.report(indexed(error, label, scope, self.turns) if again else error, scope)
            self.names.forgive(label)
            return self.names.position(scope, full)

    def labelled_scope(self, step: Step, scope: Scope, env: Env) -> Scope:
        """The scope that a label opens; without one, the scope around."""
        if step.syntax.label is None:
            return scope
        name = self.name(step.syntax, scope, env, full=False)
        step.opened = self.open(name, step.syntax.label, scope)
        return step.opened

    def open(self, name: str, label: ast.Label, scope: Scope) -> Scope:
        return Scope(self.names.join_path(scope, name), scope, label.span, None, name)

    def finish(self, step: Step, bodies: list[Body], inner: Scope, output: Node | None = None) -> None:
        step.bodies = bodies
        step.output = output or (bodies[-1].output if bodies else None) or step.output
        if inner is not step.scope:
            self.names.result(inner.path, step.output, step.scope)

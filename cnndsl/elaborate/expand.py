"""AST + arguments → graph: blocks are expanded, expressions evaluated and shapes inferred, in one walk.

They can't be apart: ``if in.channels != out`` makes the structure depend on shapes. A step that is wrong
is reported once and gives a flow of unknown shape, over which everything behind it stays silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from cnndsl.diagnostics.model import Diagnostic, Label, SpecError
from cnndsl.elaborate.binding import OpBinder, bind_parameters, violated
from cnndsl.elaborate.evaluate import Env, Evaluator, unknown_name
from cnndsl.elaborate.limits import TURN, Budget
from cnndsl.elaborate.names import Namer
from cnndsl.elaborate.shapes import bind_signature, check_ascription, check_output, known_ascription
from cnndsl.elaborate.values import Definition, Partial, Unknown, Value, fail, joins_lanes, not_a_merge, show
from cnndsl.ir.dims import Shape
from cnndsl.ir.dims import show as show_shape
from cnndsl.ir.graph import Body, Node, Output, Scope, Step
from cnndsl.ops import Layer, Merge, Mismatch, Op, Violation, registry
from cnndsl.source import Span
from cnndsl.syntax import ast

MAX_FOUND = 100
"""Mistakes after which a network's expansion ends."""


class Expander:
    """Expands one network. ``diagnostics`` collects what is wrong; the nodes are complete only without."""

    def __init__(self, budget: Budget, binder: OpBinder, stated: bool) -> None:
        self.budget = budget
        self.stated = stated
        self.evaluate = Evaluator(budget)
        self.binder = binder
        self.nodes: list[Node] = []
        self.outputs: list[Output] = []
        self.diagnostics: list[Diagnostic] = []
        self.expectations: list[tuple[ast.Expect, Env]] = []
        self.initial: list[tuple[ast.Init, Env]] = []
        self.names = Namer()
        self.bound: set[str] = set()
        """The family's parameters that a member gives."""
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
        calls = tuple(
            f"{each.path}: `{each.definition.name.name}`, called from {each.span}"
            for each in scope.calls
            if each.definition is not None and each.parent is not None
        )
        self.diagnostics.extend(d if d.calls else replace(d, calls=calls) for d in error.diagnostics)

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
        before = len(self.diagnostics)
        step = Step(syntax, flow, self._unknown or self.unknown(scope, syntax.span), scope)
        try:  # as `reporting`, which costs a tenth of the whole expansion here
            self._expand[type(syntax)](self, step, scope, env, flow)
        except Unknown:
            pass
        except SpecError as error:
            self.report(error, scope)
        ascription = syntax.ascription
        if ascription is not None:
            with self.reporting(scope):
                if step.output.shape and self.stated:
                    self.ascribed(step, ascription, env, scope)
                elif not step.output.shape and (shape := known_ascription(self.evaluate, ascription, env)):
                    # The writer says what comes out: what follows can be checked in spite of the mistake.
                    step.output = Node(-1, None, (), shape, scope.path, scope, syntax.span)
        if syntax.label is not None and len(self.diagnostics) > before and not step.output.shape:
            self.names.forgive(scope, syntax.label)
        return step

    def ascribed(self, step: Step, ascription: ast.Expr, env: Env, scope: Scope) -> None:
        """Check a stated shape. Where it is wrong, what follows is checked as if it were right."""
        try:
            check_ascription(self.evaluate, ascription, env, step.output.shape)
        except SpecError:
            stated = known_ascription(self.evaluate, ascription, env, step.output.shape)
            step.output = Node(-1, None, (), stated, scope.path, scope, step.syntax.span)
            raise

    # --- one method a kind of step

    def apply(self, step: Step, scope: Scope, env: Env, flow: Node) -> None:
        syntax = step.syntax
        assert isinstance(syntax, ast.Apply)
        op = self._constant.get(id(syntax))
        if op is not None:
            self.layer(step, op, {}, scope, env, flow)
            return
        target = self.callee(syntax.name, env)
        positional, keywords = self.evaluate.arguments(syntax.arguments or [], target, env, flow.shape)
        partial = Partial(target.target, target.positional + positional, {**target.keywords, **keywords})
        if isinstance(partial.target, Definition):
            self.call(step, partial, partial.target, scope, env, flow)
            return
        if issubclass(partial.target, Merge):
            raise joins_lanes(partial.name, syntax.span)
        op = self.bound_op(syntax, target, partial)
        if all(constant(a.value) for a in syntax.arguments or []) and syntax.name.name not in env:
            self._constant[id(syntax)] = op
        self.layer(
            step,
            op,
            {**dict(zip(op.args, partial.positional, strict=False)), **partial.keywords},
            scope,
            env,
            flow,
        )

    def bound_op(self, syntax: ast.Apply, target: Partial, partial: Partial) -> Op:
        """The op of a call: the one made before, where the same text has the same values."""
        values = [value for value, _ in (*partial.positional, *partial.keywords.values())]
        key = (id(syntax), id(target.target), *values, *map(type, values))
        try:
            op = self._bound.get(key)
        except TypeError:  # a list among the values
            return self.binder.bind(partial, syntax.span)
        if op is None:
            op = self._bound[key] = self.binder.bind(partial, syntax.span)
        return op

    def callee(self, name: ast.Name, env: Env) -> Partial:
        target = env.find(name.name)
        if target is None:
            if name.name in env.definitions:
                return Partial(env.definitions[name.name])
            if name.name in registry:
                return Partial(registry[name.name])
            steps = [k for k in env if isinstance(env[k], Partial)]
            raise unknown_name(name, [*steps, *env.definitions, *registry], "op or block")
        if target is Unknown:
            raise Unknown
        if not isinstance(target, Partial):
            raise fail("E0308", f"`{name.name}` is {show(target)}, not a step", name.span)
        return target

    def layer(self, step: Step, op: Op, bound: dict[str, Any], scope: Scope, env: Env, flow: Node) -> None:
        assert isinstance(op, Layer)
        path = self.names.name(step.syntax, scope, env, self.evaluate)
        if not flow.shape:
            self.names.result(path, step.output, scope)
            return
        shape = self._inferred.get((id(op), flow.shape))
        if shape is None:
            try:
                shape = self._inferred[id(op), flow.shape] = op.infer(flow.shape)
            except Violation as violation:
                if not bound and isinstance(step.syntax, ast.Apply):  # the op came from the cache of constants
                    partial = self.callee(step.syntax.name, env)
                    given, keywords = self.evaluate.arguments(step.syntax.arguments or [], partial, env, flow.shape)
                    bound = {**dict(zip(op.args, given, strict=False)), **keywords}
                raise violated(violation, step.syntax.span, bound) from None
        step.node = step.output = self.node(op, (flow,), shape, path, scope, step.syntax.span)
        self.names.result(path, step.output, scope)

    def call(self, step: Step, partial: Partial, definition: Definition, scope: Scope, env: Env, flow: Node) -> None:
        path = self.names.name(step.syntax, scope, env, self.evaluate)
        label = str(step.syntax.label) if step.syntax.label else None
        inner = step.opened = Scope(path, scope, step.syntax.span, definition.syntax, label)
        step.bodies.append(self.expansion(partial, definition, inner, step.syntax.span, flow, env.definitions))
        output = step.bodies[0].output
        assert output is not None
        step.output = output
        self.names.result(path, output, scope)

    def expansion(self, partial: Partial, definition: Definition, scope: Scope, where: Span, flow: Node,
                  definitions: Any = None) -> Body:  # fmt: skip
        """The body of a block or network for a call. A member's is its base's."""
        if self.depth >= self.budget.limits.depth:
            self.stopped = True
            raise self.budget.exceeded(
                "depth", "blocks call each other", self.budget.limits.depth, "levels deep", where
            )
        env = Env(definition.names)
        syntax = definition.syntax
        passed: dict[str, Any] = {}
        if isinstance(syntax, ast.Network) and syntax.base is not None:
            # A member also has the parameters that it leaves open in its family.
            own = {p.name.name for p in syntax.parameters}
            passed = {k: v for k, v in partial.keywords.items() if k not in own}
            partial = replace(partial, keywords={k: v for k, v in partial.keywords.items() if k in own})
        scope.values = bind_parameters(partial, definition, self.evaluate, env, where, flow.shape)
        self.depth += 1
        try:
            if isinstance(syntax, ast.Network) and syntax.base is not None:
                base = self.base(definition, env, passed)
                assert isinstance(base.target, Definition)
                scope.definition = base.target.syntax
                self.member_expectations(syntax, scope, env)
                return self.expansion(base, base.target, scope, syntax.base.span, flow)
            scope.definition, scope.names = syntax, definition.names
            if syntax.signature is not None and flow.shape:
                bind_signature(self.evaluate, syntax, env, flow.shape, where)
            scope.body = self.body(syntax.body, scope, env, flow)
            output = scope.body.output
            if syntax.signature is not None and output is not None and output.shape and output.index >= 0:
                check_output(self.evaluate, syntax.signature, env, output.shape, syntax.name.name)
            return scope.body
        finally:
            self.depth -= 1

    def member_expectations(self, syntax: ast.Network, scope: Scope, env: Env) -> None:
        for statement in syntax.body.statements:
            if isinstance(statement, ast.Let):
                self.let(statement, scope, env, self.unknown(scope, statement.span))
            elif isinstance(statement, ast.Expect | ast.Init):
                if scope.parent is None:
                    kept: list[Any] = self.initial if isinstance(statement, ast.Init) else self.expectations
                    kept.append((statement, env))
            else:
                raise fail("E0504", "a member has expectations, no steps of its own", statement.span,
                           help="give the family's network a parameter for what differs")  # fmt: skip

    def base(self, definition: Definition, env: Env, passed: dict[str, Any]) -> Partial:
        """What a member stands for: its base with the member's arguments and those passed on."""
        syntax = definition.syntax
        assert isinstance(syntax, ast.Network)
        assert syntax.base is not None
        target = env.definitions.get(syntax.base.name.name)
        if target is None or not isinstance(target.syntax, ast.Network):
            networks = [n for n, d in env.definitions.items() if isinstance(d.syntax, ast.Network)]
            raise unknown_name(syntax.base.name, networks, "network")
        positional, keywords = self.evaluate.arguments(syntax.base.arguments, Partial(target), env, ())
        self.bound.update(keywords, [p.name.name for p in target.syntax.parameters[: len(positional)]])
        return Partial(target, positional, {**keywords, **passed})

    def group(self, step: Step, scope: Scope, env: Env, flow: Node) -> None:
        syntax = step.syntax
        assert isinstance(syntax, ast.Group)
        inner = self.labelled_scope(step, scope, env)
        self.finish(step, [self.body(syntax.body, inner, env.inner(), flow)], inner)

    def merge(self, step: Step, scope: Scope, env: Env, flow: Node) -> None:
        syntax = step.syntax
        assert isinstance(syntax, ast.Merge)
        target = self.callee(syntax.name, env)
        if isinstance(target.target, Definition) or not issubclass(target.target, Merge):
            raise not_a_merge(syntax.name)
        positional, keywords = self.evaluate.arguments(syntax.arguments or [], target, env, flow.shape)
        partial = Partial(target.target, target.positional + positional, {**target.keywords, **keywords})
        op = self.binder.bind(partial, syntax.name.span)
        inner = self.labelled_scope(step, scope, env)
        places: list[Span] = []
        self.lanes(syntax.lanes, step.bodies, places, inner, env, flow)
        if not step.bodies:
            raise fail("E0310", f"`{syntax.name.name}` has no lanes", syntax.span)
        self.join(step, op, [body.output or flow for body in step.bodies], places, inner)

    def lanes(self, lanes: list[ast.Lane | ast.LaneLoop], bodies: list[Body], places: list[Span],
              scope: Scope, env: Env, flow: Node) -> None:  # fmt: skip
        for lane in lanes:
            if isinstance(lane, ast.Lane):
                self.budget.spend(1, lane.span)
                bodies.append(self.body(lane.body, scope, env.inner(), flow))
                places.append(lane.span)
            else:
                for inner in self.iterations(lane, scope, env, flow):
                    self.lanes(lane.lanes, bodies, places, scope, inner, flow)

    def iterations(self, loop: ast.For | ast.LaneLoop, scope: Scope, env: Env, flow: Node) -> Iterator[Env]:
        """The environment of each turn of a loop."""
        items = self.evaluate.items(loop.items, env, flow.shape)
        for position, item in enumerate(items):
            self.budget.spend(1, loop.span)
            inner = env.inner()
            for name, value in ((loop.variable, item), (loop.index, position)):
                if name is not None:
                    self.new_variable(name, env)
                    inner[name.name] = value
            yield inner

    def new_variable(self, name: ast.Name, env: Env) -> None:
        if name.name in env:
            raise fail("E0203", f"`{name.name}` is defined already", name.span)

    def join(self, step: Step, op: Op, lanes: list[Node], places: list[Span], scope: Scope) -> None:
        assert isinstance(op, Merge)
        if all(lane.shape for lane in lanes):
            try:
                shape = op.join(tuple(lane.shape for lane in lanes))
            except Mismatch as mismatch:
                raise self.disagreement(step, op, mismatch, lanes, places) from None
            path = self.names.join(op.name, scope)
            step.output = step.node = self.node(op, tuple(lanes), shape, path, scope, step.syntax.span)
            self.names.joined[path] = step.node
            step.joins.append(step.node)
        if step.syntax.label is not None:
            self.names.result(scope.path, step.output, step.scope)

    def disagreement(self, step: Step, op: Op, mismatch: Mismatch, lanes: list[Node], places: list[Span]) -> SpecError:
        first, other = lanes[0].shape, lanes[mismatch.lane].shape
        identity = " (the input itself)" if lanes[mismatch.lane] is step.input else ""
        help = None
        if len(first) == len(other) == 3 and op.name != "concat":
            target, source = (first, other) if identity or lanes[0] is not step.input else (other, first)
            if target[1] and source[1] % target[1] == 0 and source[2] % target[2] == 0:
                stride = source[1] // target[1]
                more = f", stride={stride}" if stride > 1 else ""
                help = f"project the lane of {show_shape(source)}: `conv({target[0]}, 1x1{more})`"
        return fail(
            "E0402", f"the lanes of `{op.name}` have different shapes", places[mismatch.lane],
            text=show_shape(other) + identity,
            labels=(Label(places[0], show_shape(first)), Label(_head(step.syntax), mismatch.rule)), help=help,
        )  # fmt: skip

    def repeat(self, step: Step, scope: Scope, env: Env, flow: Node) -> None:
        syntax = step.syntax
        assert isinstance(syntax, ast.Repeat)
        count = self.evaluate.integer(syntax.count, env, flow.shape, "the number of repetitions")
        if count > self.budget.limits.nodes:
            raise self.budget.exceeded(
                "nodes", "this repetition has", self.budget.limits.nodes, "turns", syntax.count.span
            )
        inner = self.labelled_scope(step, scope, env)
        bodies = []
        for _ in range(count):
            self.budget.spend(TURN, syntax.span)
            body = Body(flow)
            body.steps.append(self.step(syntax.step, inner, env, flow))
            flow = body.output = body.steps[0].output
            bodies.append(body)
        step.output = flow
        self.finish(step, bodies, inner)

    def for_(self, step: Step, scope: Scope, env: Env, flow: Node) -> None:
        syntax = step.syntax
        assert isinstance(syntax, ast.For)
        inner = self.labelled_scope(step, scope, env)
        step.output = flow
        for turn in self.iterations(syntax, scope, env, flow):
            step.bodies.append(self.body(syntax.body, inner, turn, step.output))
            step.output = step.bodies[-1].output or flow
        self.finish(step, step.bodies, inner)

    def dense(self, step: Step, scope: Scope, env: Env, flow: Node) -> None:
        syntax = step.syntax
        assert isinstance(syntax, ast.Dense)
        count = self.evaluate.integer(syntax.count, env, flow.shape, "the number of dense layers")
        if count > self.budget.limits.nodes:
            raise self.budget.exceeded(
                "nodes", "this `dense` has", self.budget.limits.nodes, "turns", syntax.count.span
            )
        inner = self.labelled_scope(step, scope, env)
        concat = self.binder.bind(Partial(registry["concat"]), syntax.span)
        place = Span(syntax.span.source, syntax.span.start, syntax.span.start + len("dense"))
        step.output = flow
        for position in range(count):
            turn = env.inner()
            if syntax.index is not None:
                self.new_variable(syntax.index, env)
                turn[syntax.index.name] = position
            body = self.body(syntax.body, inner, turn, step.output)
            step.bodies.append(body)
            assert body.output is not None
            lanes = [step.output, body.output]
            step.output = self.unknown(scope, syntax.span)
            self.join(step, concat, lanes, [place, syntax.body.span], inner)
            if not step.output.shape:
                break
        self.finish(step, step.bodies, inner, step.output)

    def if_(self, step: Step, scope: Scope, env: Env, flow: Node) -> None:
        syntax = step.syntax
        assert isinstance(syntax, ast.If)
        inner = self.labelled_scope(step, scope, env)
        chosen = syntax.then if self.evaluate.boolean(syntax.condition, env, flow.shape) else syntax.otherwise
        step.branch = 0 if chosen is syntax.then else -1 if chosen is None else 1
        step.output = flow
        self.finish(step, [self.body(chosen, inner, env.inner(), flow)] if chosen else [], inner)

    def from_(self, step: Step, scope: Scope, env: Env, flow: Node) -> None:
        syntax = step.syntax
        assert isinstance(syntax, ast.From)
        target = self.names.text(syntax.target, env, self.evaluate)
        step.output = self.names.find(target, syntax.target.span, scope)
        if step.output.training_only and not self.training_only:
            step.output = self.unknown(scope, syntax.span)
            message = f"`{target}` is computed in training only, and needed here always"
            help = "leave out its `when training`, or put this into such an output too"
            raise fail("E0508", message, syntax.target.span, help=help)
        if syntax.label is not None:
            self.names.result(self.names.name(syntax, scope, env, self.evaluate), step.output, scope)

    def output(self, step: Step, scope: Scope, env: Env, flow: Node) -> None:
        syntax = step.syntax
        assert isinstance(syntax, ast.Output)
        step.output = flow
        if scope.parent is not None:
            raise fail("E0505", "`output` stands at the top of a network's body", syntax.span)
        self.names.check_output(syntax.name.name, [o.name for o in self.outputs], syntax.name.span)
        before, self.training_only = self.training_only, self.training_only or syntax.training_only
        try:
            # A single step behind `from` has the output's name as its label; a longer chain is a scope.
            chain = syntax.body.statements[0]
            assert isinstance(chain, ast.Chain)
            named = chain.steps[-1].label is not None and chain.steps[-1].label.span == syntax.name.span
            label = ast.Label([syntax.name.name], syntax.name.span)
            inner = (
                scope if named else self.labelled_scope(replace(step, syntax=replace(syntax, label=label)), scope, env)
            )
            body = self.body(syntax.body, inner, env.inner(), flow)
            if inner is not scope and body.output is not None:
                self.names.result(inner.path, body.output, scope)
        finally:
            self.training_only = before
        step.bodies.append(body)
        assert body.output is not None
        self.outputs.append(Output(syntax.name.name, body.output, syntax.training_only))

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

    _expand: ClassVar[dict[type, Callable[..., None]]] = {
        ast.Apply: apply, ast.Group: group, ast.Merge: merge, ast.Repeat: repeat, ast.For: for_,
        ast.Dense: dense, ast.If: if_, ast.From: from_, ast.Output: output,
    }  # fmt: skip


def constant(expr: ast.Expr) -> bool:
    """Whether an expression has the same value everywhere."""
    if isinstance(expr, ast.Product):
        return all(isinstance(d, ast.Literal) for d in expr.dims)
    return isinstance(expr, ast.Literal)


def _head(syntax: ast.Step) -> Span:
    """The first word of a step."""
    return syntax.name.span if isinstance(syntax, ast.Merge) else syntax.span

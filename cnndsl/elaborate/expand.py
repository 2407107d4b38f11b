"""AST + arguments → graph: blocks are expanded, expressions evaluated and shapes inferred, in one walk.

They can't be apart: ``if in.channels != out`` makes the structure depend on shapes. A step that is wrong
is reported once; behind it the flow goes on as if it were repaired, or, where it is not certain how, with an unknown
shape, over which everything stays silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import ClassVar

from cnndsl.diagnostics.model import SpecError
from cnndsl.elaborate.calls import Calls
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.limits import TURN
from cnndsl.elaborate.names import label_text
from cnndsl.elaborate.turns import Turn, numbered
from cnndsl.elaborate.values import Definition, Partial, Value, fail, not_a_merge
from cnndsl.ir.expansion import Body, Scope, Step
from cnndsl.ir.graph import Node, Output
from cnndsl.ops import Merge, Mismatch, Op, registry
from cnndsl.source import Span
from cnndsl.syntax import ast


class Expander(Calls):
    """Expands one network."""

    def group(self, step: Step, scope: Scope, env: Env, flow: Node) -> None:
        syntax = step.syntax
        assert isinstance(syntax, ast.Group)
        inner = self.labelled_scope(step, scope, env)
        self.finish(step, [self.body(syntax.body, inner, env.inner(), flow)], inner)

    def merge(self, step: Step, scope: Scope, env: Env, flow: Node) -> None:
        syntax = step.syntax
        assert isinstance(syntax, ast.Merge)
        target = self.callee(syntax.name, env, scope, lanes=True)
        if isinstance(target.target, Definition) or not issubclass(target.target, Merge):
            raise not_a_merge(syntax.name)
        positional, keywords = self.evaluate.arguments(syntax.arguments or [], target, env, flow.shape)
        partial = Partial(target.target, target.positional + positional, {**target.keywords, **keywords})
        op = self.binder.bind(partial, syntax.name.span)
        inner = self.labelled_scope(step, scope, env)
        self.lanes(syntax.lanes, step, (), inner, env, {})
        if not step.bodies:
            raise fail("E0310", f"`{syntax.name.name}` has no lanes", syntax.span)
        places = [lane.span for lane, *_ in step.lanes]
        self.join(step, op, [body.output or flow for body in step.bodies], places, inner)

    def lanes(self, lanes: list[ast.Lane | ast.LaneLoop], step: Step, turns: tuple[int, ...],
              scope: Scope, env: Env, variables: Mapping[str, Value]) -> None:  # fmt: skip
        for lane in lanes:
            if isinstance(lane, ast.Lane):
                self.budget.spend(1, lane.span)
                body = self.body(lane.body, scope, env.inner(), step.input)
                body.lane = lane
                step.bodies.append(body)
                step.lanes.append((lane, turns, variables))
            else:
                for position, inner in enumerate(self.iterations(lane, scope, env, step.input)):
                    self.lanes(lane.lanes, step, (*turns, position), scope, inner, {**variables, **inner.values})

    def iterations(self, loop: ast.For | ast.LaneLoop, scope: Scope, env: Env, flow: Node) -> Iterator[Env]:
        """The environment of each turn of a loop."""
        items = self.evaluate.items(loop.items, env, flow.shape)
        index = loop.index or (loop.variable if numbered(items) else None)
        for position, item in enumerate(items):
            self.budget.spend(1, loop.span)
            inner = env.inner()
            shown = []
            for name, value in ((loop.variable, item), (loop.index, position)):
                if name is not None:
                    self.new_variable(name, env)
                    inner[name.name] = value
                    shown.append((name.name, value))
            self.turns.append(Turn(scope, "for", loop, position, shown, index.name if index else None))
            yield inner
            self.turns.pop()

    def new_variable(self, name: ast.Name, env: Env) -> None:
        if name.name in env:
            raise fail("E0203", f"`{name.name}` is defined already", name.span)

    def join(self, step: Step, op: Op, lanes: list[Node], places: list[Span], scope: Scope) -> None:
        assert isinstance(op, Merge)
        if all(lane.shape for lane in lanes):
            try:
                shape = op.join(tuple(lane.shape for lane in lanes))
            except Mismatch:
                from cnndsl.elaborate.remedies.disagreement import disagreement
                from cnndsl.elaborate.remedies.lanes import Lanes

                thorough = self.search()
                known = self.names.within(scope) if thorough else {}
                shape, error = disagreement(Lanes(step, op, lanes, places, known, self.nodes if thorough else ()))
                self.flow_on(step, shape, self.untold(error), scope)
            else:
                path = self.names.join(op.name, scope)
                step.output = step.node = self.node(op, tuple(lanes), shape, path, scope, step.syntax.span)
                self.names.joined[path] = step.node
                self.names.result(path, step.node, scope)
                step.joins.append(step.node)
        if step.syntax.label is not None:
            self.names.result(scope.path, step.output, step.scope)

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
        for position in range(count):
            self.budget.spend(TURN, syntax.span)
            body = Body(flow)
            self.turns.append(Turn(scope, "*", syntax, position))
            body.steps.append(self.step(syntax.step, inner, env, flow))
            self.turns.pop()
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
            shown: list[tuple[str, Value]] = []
            if syntax.index is not None:
                self.new_variable(syntax.index, env)
                turn[syntax.index.name] = position
                shown.append((syntax.index.name, position))
            self.turns.append(
                Turn(scope, "dense", syntax, position, shown, syntax.index.name if syntax.index else None)
            )
            body = self.body(syntax.body, inner, turn, step.output)
            step.bodies.append(body)
            assert body.output is not None
            lanes = [step.output, body.output]
            step.output = self.unknown(scope, syntax.span)
            try:
                self.join(step, concat, lanes, [place, syntax.body.span], inner)
            except SpecError as error:
                self.report(error, inner)
            self.turns.pop()
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
        target = label_text(syntax.target, env, self.evaluate)
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
        self.names.check_output(syntax.name.name, syntax.name.span)
        before, self.training_only = self.training_only, self.training_only or syntax.training_only
        try:
            label = ast.Label([syntax.name.name], syntax.name.span)
            inner = scope
            if syntax.opens:
                inner = self.labelled_scope(replace(step, syntax=replace(syntax, label=label)), scope, env)
            body = self.body(syntax.body, inner, env.inner(), flow)
            if inner is not scope and body.output is not None:
                self.names.result(inner.path, body.output, scope)
        finally:
            self.training_only = before
        step.bodies.append(body)
        assert body.output is not None
        self.names.outputs.add(syntax.name.name)
        self.outputs.append(Output(syntax.name.name, body.output, syntax.training_only))

    _expand: ClassVar[dict[type, Callable[..., None]]] = {
        ast.Apply: Calls.apply, ast.Group: group, ast.Merge: merge, ast.Repeat: repeat, ast.For: for_,
        ast.Dense: dense, ast.If: if_, ast.From: from_, ast.Output: output,
    }  # fmt: skip

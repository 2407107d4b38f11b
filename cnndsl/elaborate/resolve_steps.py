"""Steps and statements without evaluation: labels, variables, and what may stand where."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import count

from cnndsl.diagnostics.model import Diagnostic, Edit, SpecError
from cnndsl.elaborate.initial import WORDS, unknown_initialiser
from cnndsl.elaborate.labels import INPUT, Scope
from cnndsl.elaborate.modules import Module
from cnndsl.elaborate.names import duplicate_label, unfit, unfit_label
from cnndsl.elaborate.resolve_calls import CallResolver, Target
from cnndsl.elaborate.resolve_flow import Flow, ascribed, behind_block, behind_op, either, joined, taken
from cnndsl.elaborate.resolve_names import Names
from cnndsl.elaborate.spelling import respelling
from cnndsl.elaborate.values import Definition, fail
from cnndsl.ir.initial import INITIALISERS
from cnndsl.source import Span
from cnndsl.syntax import ast


class StepResolver(CallResolver):
    def __init__(self, module: Module, metrics: Collection[str]) -> None:
        super().__init__(module)
        self.metrics = metrics
        self.network = False
        self.later: list[tuple[ast.Expect, Names]] = []
        self.targets: list[ast.Label] = []
        self.results: dict[str, Flow | None] = {}
        """What is known of the results that labels name."""
        self.given: dict[int, Flow | None] = {}
        """What is known of the results of definitions."""
        self.misfits: list[tuple[Definition, Diagnostic]] = []
        """Steps that what flows does not fit, by the definition in which they are."""

    def labelled(self, name: str) -> bool:
        return self.current is not None and name in self.labels(self.current.syntax).literal

    # --- statements

    def body(self, body: ast.Body, env: Names, scope: Scope, flow: Flow | None) -> Flow | None:
        """Look at statements. Gives what is known of the value behind them."""
        for statement in body.statements:
            match statement:
                case ast.Chain():
                    for step in statement.steps:
                        flow = self.step(step, env, scope, flow)
                case ast.Let():
                    self.let(statement, env)
                case ast.Expect():
                    self.expect(statement, env, scope)
                case ast.Init():
                    self.init(statement, env, scope)
        return flow

    def let(self, statement: ast.Let, env: Names) -> None:
        self.expr(statement.value, env)
        self.variable(statement.name, env, env, help="a name keeps its value; choose another")

    def variable(self, name: ast.Name, outer: Names, inner: Names, help: str | None = None) -> None:
        if outer.defines(name.name) or name.name in inner.names:
            self.report(fail("E0203", f"`{name.name}` is defined already", name.span, help=help))
        inner.names.add(name.name)

    def expect(self, statement: ast.Expect, env: Names, scope: Scope) -> None:
        if self.misplaced(scope):
            self.report(fail("E0503", "`expect` stands at the top of a network's body", statement.span))
        if self.metrics and statement.metric.name not in self.metrics:
            self.report(unknown_metric(statement.metric, self.metrics, statement))
        self.later.append((statement, env))

    def misplaced(self, scope: Scope) -> bool:
        """Whether this is not the top of a network; where braces may be wrong, that is not known."""
        return (not self.network or scope.named) and not self.skipped

    def init(self, statement: ast.Init, env: Names, scope: Scope) -> None:
        if self.misplaced(scope):
            self.report(fail("E0503", "`init` stands at the top of a network's body", statement.span))
        if isinstance(statement.value, ast.Call):
            if statement.value.name.name not in INITIALISERS:
                self.report(unknown_initialiser(statement.value.name))
            for argument in statement.value.arguments:
                if not (isinstance(argument.value, ast.Name) and argument.value.name in WORDS):
                    self.expr(argument.value, env)
        elif not (isinstance(statement.value, ast.Name) and statement.value.name in INITIALISERS):
            self.expr(statement.value, env)

    # --- steps

    def step(self, step: ast.Step, env: Names, scope: Scope, flow: Flow | None) -> Flow | None:
        inner, behind, within = scope, flow, flow and flow.within()
        if step.label is not None:
            self.label_parts(step.label, env)
            self.label(step.label, scope)
            inner = Scope(True)
        match step:
            case ast.Apply():
                behind = self.flows(self.apply(step, env), flow, step.name.span)
            case ast.Group():
                behind = self.body(step.body, env.inner(), inner, flow)
            case ast.Merge():
                target = self.merge(step, env)
                known = [each for each in self.lanes(step.lanes, env, inner, flow) if each is not None]
                behind = self.flows(target, joined(*known), step.name.span)
            case ast.Repeat():
                count = self.expr(step.count, env)
                once = type(count) is int and count > 0
                turned = self.step(step.step, env, inner, flow if once else within)
                behind = turned if once else either(flow, flow, turned)
            case ast.For():
                behind = either(flow, flow, self.body(step.body, self.loop(step, env), inner, within))
            case ast.Dense():
                self.expr(step.count, env)
                turn = env.inner()
                if step.index is not None:
                    self.variable(step.index, env, turn)
                self.body(step.body, turn, inner, within)
            case ast.If():
                behind = self.branches(step, env, inner, flow)
            case ast.From():
                self.label_parts(step.target, env)
                self.targets.append(step.target)
                behind = None if scope.named else self.result(step.target)
            case ast.Output():
                self.output(step, env, scope, flow)
        if step.ascription is not None:
            self.stated(step.ascription, env)
            behind = ascribed(step.ascription) or behind
        if step.label is not None and not scope.named:
            name = str(step.label)
            self.results[name] = joined(self.results[name], behind) if name in self.results else behind
        return behind

    def result(self, target: ast.Label) -> Flow | None:
        """What is known of the result of a label of the definition's own scope."""
        assert self.current is not None
        named = list(self.labels(self.current.syntax).named(str(target)))
        if str(target) == INPUT and not named:
            return taken(self.current.syntax)
        return self.results.get(str(target)) if named and all(len(each.parts) == 1 for each in named) else None

    def flows(self, target: Target, flow: Flow | None, span: Span) -> Flow | None:
        """What flows behind a call."""
        assert self.current is not None
        try:
            if isinstance(target, Definition):
                return behind_block(target, self.given.get(id(target.syntax)), flow, span)
            return None if target is None else behind_op(target, flow, span)
        except SpecError as error:
            self.misfits += [(self.current, each) for each in error.diagnostics]
            return None

    def loop(self, loop: ast.For | ast.LaneLoop, env: Names) -> Names:
        self.expr(loop.items, env)
        turn = env.inner()
        for name in (loop.variable, loop.index):
            if name is not None:
                self.variable(name, env, turn)
        return turn

    def lanes(self, lanes: list[ast.Lane | ast.LaneLoop], env: Names, scope: Scope,
              flow: Flow | None) -> Iterator[Flow | None]:  # fmt: skip
        for lane in lanes:
            if isinstance(lane, ast.Lane):
                yield self.body(lane.body, env.inner(), scope, flow)
            else:  # there may be none of them
                yield from (None for _ in self.lanes(lane.lanes, self.loop(lane, env), scope, None))

    def branches(self, step: ast.If, env: Names, scope: Scope, flow: Flow | None) -> Flow | None:
        """Only one branch is taken: a label may stand in both, and what flows in may fit the other alone."""
        self.expr(step.condition, env)
        branches = [scope.branch(), scope.branch()]
        within = flow and flow.within()
        behind, otherwise = self.body(step.then, env.inner(), branches[0], within), flow
        if step.otherwise is not None:
            otherwise = self.body(step.otherwise, env.inner(), branches[1], within)
        for branch in branches:
            scope.labels.update(branch.labels)
        return either(flow, behind, otherwise)

    def output(self, step: ast.Output, env: Names, scope: Scope, flow: Flow | None) -> None:
        if self.misplaced(scope):
            self.report(fail("E0505", "`output` stands at the top of a network's body", step.span))
        inner = scope
        if step.opens:
            self.label(ast.Label([step.name.name], step.name.span), scope)
            inner = Scope(True)
        self.body(step.body, env.inner(), inner, flow)

    def label(self, label: ast.Label, scope: Scope) -> None:
        if len(label.parts) > 1:
            return
        name = str(label)
        if unfit(name):
            self.report(unfit_label(name, label.span))
        first = scope.find(name)
        if first is not None:
            self.report(duplicate_label(name, label.span, first.span, self.free(name)))
        else:
            scope.labels[name] = label

    def free(self, name: str) -> str:
        """The next name that no label of the definition has."""
        assert self.current is not None
        stem = name.rstrip("0123456789")
        number = int(name[len(stem) :][-9:] or 1)
        taken = self.labels(self.current.syntax).literal
        return next(each for i in count(1) if (each := f"{stem}{number + i}") not in taken)

    def label_parts(self, label: ast.Label, env: Names) -> None:
        for part in label.parts:
            if not isinstance(part, str):
                self.expr(part, env)


def halved(expect: ast.Expect | None) -> str:
    """An expectation of FLOPs as one of multiply-adds, by either count."""
    value = expect.value if expect is not None else None
    if expect is None or not isinstance(value, ast.Literal) or type(value.value) not in (int, float):
        return ""
    assert isinstance(value.value, int | float)
    half = f"{value.value // 2 if value.value % 2 == 0 else value.value / 2:_}"
    sign = f"within {expect.tolerance:g}% of" if expect.tolerance is not None else expect.comparison
    return f": `expect macs {sign} {value.span.text}`, or `expect macs {sign} {half}`"


def unknown_metric(metric: ast.Name, metrics: Collection[str], expect: ast.Expect | None = None) -> SpecError:
    if metric.name.lower() in ("flops", "gflops", "madds", "multiply_adds"):
        return fail("E0511", f"there is no metric `{metric.name}`", metric.span,
                    help="`macs` counts multiply-adds; what papers call FLOPs are these, or twice as many"
                         + halved(expect))  # fmt: skip
    if metric.name.lower() in ("parameters", "num_params", "n_params", "param_count"):
        return fail("E0511", f"there is no metric `{metric.name}`", metric.span, help="it is called `params` here",
                    fix=(Edit(metric.span, "params"),))  # fmt: skip
    meant = respelling(metric.name, metric.span, metrics, "there are " + ", ".join(metrics))
    return fail("E0511", f"there is no metric `{metric.name}`", metric.span, **meant | {"safe": False})

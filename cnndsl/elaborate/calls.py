"""Ops and calls of blocks, networks and members."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnndsl.diagnostics.model import Edit, Label, SpecError
from cnndsl.elaborate import repaired
from cnndsl.elaborate.binding import match, violated
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.evaluate import ops, unknown_name
from cnndsl.elaborate.members import bind_call
from cnndsl.elaborate.recursion import endless
from cnndsl.elaborate.shapes import bind_signature, check_output, signature_shape
from cnndsl.elaborate.statements import Statements
from cnndsl.elaborate.values import Definition, Partial, Unknown, fail, joins_lanes, show
from cnndsl.ir.dims import Shape
from cnndsl.ir.expansion import Body, Scope, Step
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer, Merge, Op, Violation, registry
from cnndsl.source import Span
from cnndsl.syntax import ast


def pooled(error: SpecError, op: Layer, flow: Node) -> SpecError:
    """The error of a 1x1 convolution behind a global pool, with the pool that keeps a map."""
    if list(op.ranks) != [3] or op.values().get("size") != (1, 1):
        return error
    while len(flow.shape) == len(flow.inputs) == 1 and not getattr(flow.op, "as_map", ""):
        flow = flow.inputs[0]
    if len(flow.shape) != 1 or not isinstance(flow.op, Layer) or not flow.op.as_map:
        return error
    from cnndsl.elaborate.remedies.rewriting import call_of

    (found,) = error.diagnostics
    meant, call = flow.op.as_map, call_of(flow)
    help = f"`{meant}` in place of `{flow.op.name}` in line {flow.span.line} keeps a map of {flow.shape[0]} x 1 x 1"
    return SpecError([replace(found, help=help, fix=(Edit(call.span, meant),) if call is not None else ())])


class Calls(Statements):
    """Expands steps that apply something."""

    def apply(self, step: Step, scope: Scope, env: Env, flow: Node) -> None:
        syntax = step.syntax
        assert isinstance(syntax, ast.Apply)
        op = self._constant.get(id(syntax))
        if op is not None:
            self.layer(step, op, {}, scope, env, flow)
            return
        before = self.mistakes
        target = self.callee(syntax.name, env, scope)
        positional, keywords = self.evaluate.arguments(syntax.arguments or [], target, env, flow.shape)
        partial = Partial(target.target, target.positional + positional, {**target.keywords, **keywords})
        guessed = self.mistakes > before
        partial = self.respelled(partial, scope)
        if guessed and not self.fits(partial, syntax.span):
            raise Unknown  # another name was meant
        if isinstance(partial.target, Definition):
            self.call(step, partial, partial.target, scope, env, flow)
            return
        if issubclass(partial.target, Merge):
            raise joins_lanes(partial.name, syntax.span)
        try:
            op = self.bound_op(syntax, target, partial)
        except SpecError as error:
            raise self.computed(error, syntax, env, scope, flow.shape) from None
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

    def computed(self, error: SpecError, syntax: ast.Apply, env: Env, scope: Scope, flow: Shape) -> SpecError:
        """The error of a call, with the figures that the wrong arguments were computed from."""
        from cnndsl.elaborate.remedies.figures import figures, let_of, origin, rounded

        found = []
        for each in error.diagnostics:
            value = next((a.value for a in syntax.arguments or () if a.value.span == each.span), None)
            note = None if value is None else figures(value, env, self.evaluate, flow)
            let = let_of(value, next(scope.calls).definition)
            if let is not None:
                note = origin(let, env, self.evaluate)
                each = rounded(each, let, env)
            found.append(replace(each, notes=(*each.notes, *([note] if note else []))))
        return SpecError(found)

    def bound_op(self, syntax: ast.Apply, target: Partial, partial: Partial) -> Op:
        """The op of a call: the one made before, where the same text has the same values."""
        values = [value for value, _ in (*partial.positional, *partial.keywords.values())]
        key = (id(syntax), id(target.target), *values, *map(type, values))
        try:
            op = self._bound.get(key)
        except TypeError:  # a list among the values
            return self.binder.bind(partial, syntax.span, syntax)
        if op is None:
            op = self._bound[key] = self.binder.bind(partial, syntax.span, syntax)
        return op

    def fits(self, partial: Partial, where: Span) -> bool:
        """Whether a call has arguments that its op or block takes."""
        target = partial.target
        try:
            if isinstance(target, Definition):
                parameters = target.syntax.parameters
                required = [p.name.name for p in parameters if p.default is None]
                match(partial, [p.name.name for p in parameters], required, where, None)
            elif issubclass(target, Layer):
                self.binder.bind(partial, where)
        except SpecError:
            return False
        return True

    def respelled(self, partial: Partial, scope: Scope) -> Partial:
        """A call whose unknown keywords are told, and replaced by those that are meant."""
        target = partial.target
        if not partial.keywords or (isinstance(target, Definition) and isinstance(target.syntax, ast.Network)):
            return partial
        if isinstance(target, Definition):
            names, definition = [p.name.name for p in target.syntax.parameters], target.syntax.name.span
        else:
            names, definition = list(target.args), None
        if all(name in names for name in partial.keywords):
            return partial
        try:
            match(partial, names, (), scope.span, definition)
        except SpecError as error:
            meant = repaired.arguments(partial, error.diagnostics)
            if meant is not None:
                self.report(error, scope)
                return meant
        return partial

    def callee(self, name: ast.Name, env: Env, scope: Scope, lanes: bool = False) -> Partial:
        target = env.find(name.name)
        if target is None:
            if name.name in env.definitions:
                return Partial(env.definitions[name.name])
            if name.name in registry:
                return Partial(registry[name.name])
            steps = [k for k in env if isinstance(env[k], Partial)]
            known = ops(True) if lanes else [*steps, *env.definitions, *ops(False)]
            error = unknown_name(name, known, "op or block")
            label = self.names.join_path(next(scope.calls), name.name) in self.names.results
            meant = None if label else repaired.name(name.name, known)
            if meant is None:
                raise error
            self.report(error, scope)
            return self.callee(ast.Name(meant, name.span), env, scope, lanes)
        if target is Unknown:
            raise Unknown
        if not isinstance(target, Partial):
            raise fail("E0308", f"`{name.name}` is {show(target)}, not a step", name.span)
        return target

    def layer(self, step: Step, op: Op, bound: dict[str, Any], scope: Scope, env: Env, flow: Node) -> None:
        assert isinstance(op, Layer)
        path = self.name(step.syntax, scope, env)
        if not flow.shape:
            self.names.result(path, step.output, scope)
            return
        shape = self._inferred.get((id(op), flow.shape))
        if shape is None:
            try:
                shape = self._inferred[id(op), flow.shape] = op.infer(flow.shape)
            except Violation as violation:
                if not bound and isinstance(step.syntax, ast.Apply):  # the op came from the cache of constants
                    partial = self.callee(step.syntax.name, env, scope)
                    given, keywords = self.evaluate.arguments(step.syntax.arguments or [], partial, env, flow.shape)
                    bound = {**dict(zip(op.args, given, strict=False)), **keywords}
                error = self.input_turned(violated(violation, step.syntax.span, bound, step.syntax), flow)
                error = pooled(error, op, flow)
                told = violation.code == "E0406" and self.told_already(violation, scope)
                shape = repaired.output(op, violation, flow.shape)
                if not told:
                    error, shape = self.traced(error, violation.code, step, op, env, shape)
                self.flow_on(step, shape, None if told else error, scope)
                self.names.result(path, step.output, scope)
                return
        step.node = step.output = self.node(op, (flow,), shape, path, scope, step.syntax.span)
        self.names.result(path, step.output, scope)

    def told_already(self, violation: Violation, scope: Scope) -> bool:
        """Whether the same groups and channels were told of in this scope: their figures have one cause."""
        figures = scope.path, violation.notes
        told = figures in self.undivided
        self.undivided.add(figures)
        return told

    def traced(self, error: SpecError, code: str, step: Step, op: Layer, env: Env,
               shape: Shape) -> tuple[SpecError, Shape]:  # fmt: skip
        """The error of an op's input, a rule of this ``code`` being broken, with what it comes from, and the shape that
        comes out where it is mended."""
        x = step.input.shape
        if code not in ("E0401", "E0406") or not isinstance(step.syntax, ast.Apply) or not self.search():
            return error, shape
        if code == "E0401":
            from cnndsl.elaborate.remedies.windows import unfitting, without_input

            meant = without_input(step.syntax, op, x)
            return unfitting(error, step.syntax, op, step.input), meant[1].infer(x) if meant is not None else shape
        from cnndsl.elaborate.remedies.divisors import indivisible

        return indivisible(error, step.syntax, op, x, (step.scope, env, self.evaluate)), shape

    def input_turned(self, error: SpecError, flow: Node) -> SpecError:
        """The error, with help where the network's input is flat or in TensorFlow's order."""
        shape, definition = flow.shape, flow.scope.definition
        signature = definition.signature if definition is not None else None
        if flow.op is None and len(shape) == 1 and signature is not None:
            dim = signature.input[0].span
            meant = f"{dim.text} x 1 x 1"
            help = f"a vector is a map of one position if the signature says so: `{meant}`"
            return SpecError([replace(each, help=help, fix=(Edit(dim, meant),)) for each in error.diagnostics])
        if flow.op is not None or len(shape) != 3 or signature is None or not shape[2] <= 4 < min(shape[:2]):
            return error
        dims = signature.input
        meant = " x ".join(dim.span.text for dim in (dims[2], *dims[:2]))
        stated = dims[0].span.to(dims[2].span)
        label, fix = Label(stated, "channels x height x width"), (Edit(stated, meant),)
        help = f"channels come first: `{meant}`"
        return SpecError([replace(each, help=help, fix=fix, labels=(label,)) for each in error.diagnostics])

    def call(self, step: Step, partial: Partial, definition: Definition, scope: Scope, env: Env, flow: Node) -> None:
        path = self.name(step.syntax, scope, env)
        label = str(step.syntax.label) if step.syntax.label else None
        inner = step.opened = Scope(path, scope, step.syntax.span, definition.syntax, label)
        step.bodies.append(self.expansion(partial, definition, inner, step.syntax.span, flow))
        output = step.bodies[0].output
        assert output is not None
        step.output = output
        self.names.result(path, output, scope)

    def expansion(self, partial: Partial, definition: Definition, scope: Scope, where: Span, flow: Node) -> Body:
        """The body of a block or network for a call. A member's is its base's."""
        call = bind_call(self.evaluate, partial, definition, where, flow.shape)
        self.bound |= call.bound
        syntax, env = call.definition.syntax, call.env
        scope.values, scope.definition, scope.names = call.values, syntax, call.definition.names
        self.expanded.add(id(syntax))
        if self.depth >= self.budget.limits.depth:
            self.stopped = True
            limit = self.budget.exceeded(
                "depth", "blocks call each other", self.budget.limits.depth, "levels deep", where
            )
            raise endless(scope, limit)
        self.depth += 1
        try:
            self.names.inputs[scope.path] = flow
            if syntax.signature is not None and flow.shape:
                bind_signature(self.evaluate, syntax, env, flow.shape, where)
            call.expose()
            for member, own in call.members:
                self.member_statements(member, scope, own)
            scope.body = self.body(syntax.body, scope, env, flow)
            if scope.parent is None:  # what a member says of how tensors start replaces what its base says
                for member, own in reversed(call.members):
                    self.initial += [(s, own) for s in member.body.statements if isinstance(s, ast.Init)]
            output = scope.body.output
            if syntax.signature is not None and output is not None and output.shape and output.index >= 0:
                steps = scope.body.steps
                last = steps[-1].syntax.span if steps and isinstance(steps[-1].syntax, ast.Apply) else None
                try:
                    check_output(self.evaluate, syntax.signature, env, output.shape, syntax.name.name, last)
                except SpecError as error:
                    raise self.output_explained(error, syntax.signature, env, scope) from None
            return scope.body
        finally:
            self.depth -= 1

    def output_explained(self, error: SpecError, signature: ast.Signature, env: Env, scope: Scope) -> SpecError:
        """The error of a result that differs from the signature, with the steps that may be meant otherwise."""
        body, definition = scope.body, scope.definition
        if body is None or body.output is None or definition is None or not self.search():
            return error
        from cnndsl.elaborate.remedies.stated import Stated, explained, headless

        if self.mistakes:  # what comes out may be right without them
            error = SpecError([replace(each, help=None, fix=()) for each in error.diagnostics])
        last = body.steps[-1].syntax if body.steps else None
        sizes = signature_shape(self.evaluate, signature.output, env)
        stated = Stated(sizes, body.output, self.confirmed, scope, definition.body.span, self.nodes)
        return explained(headless(error, stated, last, signature.output[0].span.text), stated)

    def member_statements(self, syntax: ast.Network, scope: Scope, env: Env) -> None:
        for statement in syntax.body.statements:
            if isinstance(statement, ast.Let):
                self.let(statement, scope, env, self.unknown(scope, statement.span))
            elif isinstance(statement, ast.Expect):
                if scope.parent is None:
                    self.expectations.append((statement, env))
            elif not isinstance(statement, ast.Init):
                raise fail("E0504", "a member has expectations, no steps of its own", statement.span,
                           help="give the family's network a parameter for what differs")  # fmt: skip


def constant(expr: ast.Expr) -> bool:
    """Whether an expression has the same value everywhere."""
    if isinstance(expr, ast.Product):
        return all(isinstance(d, ast.Literal) for d in expr.dims)
    return isinstance(expr, ast.Literal)

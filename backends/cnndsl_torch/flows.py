"""Everything that is no plain sequence: statements of ``__init__`` and of ``forward`` side by side."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import accumulate

from cnndsl.ir.expansion import Body, Step
from cnndsl.syntax import ast
from cnndsl_torch.context import Result, Results, is_static, name_of, result
from cnndsl_torch.flow import Code, Container, Flow, Sequence, settled
from cnndsl_torch.lowering import Lowered
from cnndsl_torch.python import (
    Decline,
    names_in,
)
from cnndsl_torch.sequences import Sequences
from cnndsl_torch.structure import (
    body_of,
    is_sequential,
)  # fmt: skip


class Flows(Sequences):
    """Writes bodies with merges, labels that are read elsewhere, and outputs."""

    def body(self, body: ast.Body, bodies: list[Body], flow: Flow, init: Code, forward: Code,
             container: Container, variable: str) -> Flow:  # fmt: skip
        """Write a body into ``__init__`` and ``forward``; ``variable`` is the one that its flow may overwrite."""
        position = 0
        for statement in body.statements:
            if isinstance(statement, ast.Let):
                shapes = [b.steps[position - 1].output.shape if position else b.input.shape for b in bodies]
                self.let(statement, flow.channels, shapes, init)
            elif isinstance(statement, ast.Chain):
                for step in statement.steps:
                    zipped = [b.steps[position] for b in bodies]
                    self.look(zipped, flow.channels)
                    flow = self.step(step, zipped, flow, init, forward, container, variable)
                    flow = self.save(step, zipped, flow, init, forward, container, variable)
                    position += 1
        return flow

    def save(self, syntax: ast.Step, steps: list[Step], flow: Flow, init: Code, forward: Code,
             container: Container, variable: str) -> Flow:  # fmt: skip
        """Keep a result that ``from`` names in a variable of its own, or by its label where that has an index."""
        if syntax.label is None and not self.dotted:
            return flow
        wanted = [s.output for s in steps if self.targeted(s) and id(s.output) not in self.saved]
        path = ".".join([*self.labels, str(syntax.label)])
        ends = accumulate(reversed(path.split(".")), lambda end, name: f"{name}.{end}")
        named = is_static(syntax.label) and not self.target_names.isdisjoint(ends)
        indexed = self.indexed_targets if is_static(syntax.label) else self.targets
        if syntax.label is not None and not self.unrolled and any(result(s) in indexed for s in steps):
            flow = self.save_indexed(syntax, syntax.label, steps, flow, init, forward, container, variable)
            wanted = []
        if not (wanted or named) or isinstance(syntax, ast.From | ast.Output):
            return flow
        hint = re.sub(r"\W", "_", name_of(steps[0]) if steps else str(syntax.label)) if syntax.label else "kept"
        other = self.named.get(path)  # in the other branch of an `if`
        if other is not None and other.channels != flow.channels:
            raise Decline("a label with other channels in each branch")
        kept = other or Flow(self.locals.new(hint if hint.isidentifier() else f"x{hint}"), flow.channels)
        forward(f"{kept.text} = {flow.text}")
        for node in wanted:
            self.saved[id(node)] = kept
        if named:
            self.named[path] = kept
        return kept

    def save_indexed(self, syntax: ast.Step, label: ast.Label, steps: list[Step], flow: Flow, init: Code,
                     forward: Code, container: Container, variable: str) -> Flow:  # fmt: skip
        """Keep a result in the dict of those with indices, and its channels in that of ``__init__``."""
        if self.results is None:
            self.results = Results(self.locals.new("results"), self.locals.new("channels_of"), container.path)
        results = self.results
        results.texts[id(syntax)] = flow.channels
        results.found.update(result(s) for s in steps)
        if container.path != results.container:
            raise Decline("labels with indices in several scopes")
        key = self.label_text(label)
        init(f"{results.channels}[{key}] = {flow.channels}")
        flow = settled(flow, forward, variable)
        forward(f"{results.variable}[{key}] = {flow.text}")
        return flow

    def step(self, syntax: ast.Step, steps: list[Step], flow: Flow, init: Code, forward: Code,
             container: Container, variable: str) -> Flow:  # fmt: skip
        match syntax:
            case ast.Apply():
                return self.apply(syntax, steps, flow, init, forward, container, variable)
            case ast.From():
                return self.from_(syntax, steps)
            case ast.Output():
                return self.output(syntax, steps, flow, init, forward, container)
        if syntax.label is not None:
            key = self.key(syntax, steps)
            body = syntax.body if isinstance(syntax, ast.Group) else None
            zipped = [s.bodies[0] for s in steps] if body else []
            if body is None and not isinstance(syntax, ast.Merge | ast.Dense):
                outer = replace(syntax, label=None)
                body, zipped = body_of(outer), [Body(s.input, [s], s.output) for s in steps]
            if body is not None and is_sequential(body, zipped, self.targeted):
                inner = Sequence(self.locals.new(str(syntax.label).split("{")[0] if not self.unrolled else "layers"),
                                 self.labels_in(syntax), init, [])  # fmt: skip
                channels = self.sequence(body, zipped, flow.channels, inner)
                reference = container.register(key, f"nn.Sequential({inner.arguments})", init)
                flow = settled(flow, forward, variable)
                return Flow(f"{reference}({flow.text})", channels, 1)
            reference = container.register(key, "nn.ModuleDict()", init)
            self.labels.append(str(syntax.label))
            flow = self.compound(syntax, steps, flow, init, forward, Container(reference, True), variable)
            self.labels.pop()
            return flow
        return self.compound(syntax, steps, flow, init, forward, container, variable)

    def compound(self, syntax: ast.Step, steps: list[Step], flow: Flow, init: Code, forward: Code,
                 container: Container, variable: str) -> Flow:  # fmt: skip
        match syntax:
            case ast.Group():
                return self.body(syntax.body, [s.bodies[0] for s in steps], flow, init, forward, container, variable)
            case ast.Merge():
                return self.merge(syntax, steps, flow, init, forward, container, variable)
            case ast.If():
                return self.if_(syntax, steps, flow, init, forward, container, variable)
            case ast.Repeat() | ast.For() | ast.Dense():
                return self.turns_of(syntax, steps, flow, init, forward, container, variable)
        raise Decline(f"{type(syntax).__name__} is not written")

    def apply(self, syntax: ast.Apply, steps: list[Step], flow: Flow, init: Code, forward: Code,
              container: Container, variable: str) -> Flow:  # fmt: skip
        if self.is_call(syntax, steps):
            flow = settled(flow, forward, variable)
            text, after = self.block_call(syntax, steps, flow.channels)
            reference = container.register(self.key(syntax, steps), text, init)
            if after is None:
                self.untyped.add(self.program.variables.get(syntax.name.name, ""))
            return Flow(f"{reference}({flow.text})", after or f"{reference}.out_channels", 1)
        lowered, after = self.lower(syntax, steps, flow.channels)
        if not lowered.light or flow.weight >= 3:
            flow = settled(flow, forward, variable)
        keyed = container.keyed and (syntax.label is not None or self.stateful(syntax))
        if syntax.label is None and self.callable(lowered) and not self.stateful(syntax):
            return flow.applied(lowered.apply(flow.text), after, 1)
        if syntax.label is None and not keyed:
            reference = self.stateless(lowered.module, steps, init)
        else:
            reference = container.register(self.key(syntax, steps), lowered.module, init)
        return flow.applied(f"{reference}({flow.text})", after, 1)

    def callable(self, lowered: Lowered) -> bool:
        """Whether an op can be applied without a module: ``forward`` does not know the constructor's values."""
        if lowered.call is None:
            return False
        return not names_in(lowered.call.replace("{x}", "x")) - {"x", "F", "torch", "self", "math"}

    def stateless(self, module: str, steps: list[Step], init: Code) -> str:
        """An attribute for an unlabelled module without state: the same one for the same text.

        It is made before any loop, so that all of its turns can use it.
        """
        if module not in self.shared:
            inner = set(self.translate.variables.values()) - self.top_names
            if any(n in inner or n.startswith(("channels", "layers")) for n in names_in(module)):
                raise Decline("a module of its own in each turn")
            nodes = [s.node.op.name for s in steps if s.node is not None and s.node.op is not None]
            name = nodes[0] if nodes else module.partition("(")[0].rpartition(".")[2].lower()
            attribute = self.attribute_names.new(name)
            (self.top if self.turns else init)(f"self.{attribute} = {module}")
            self.shared[module] = f"self.{attribute}"
        return self.shared[module]

    def from_(self, syntax: ast.From, steps: list[Step]) -> Flow:
        for depth in range(len(self.labels), -1, -1) if is_static(syntax.target) else ():
            path = ".".join([*self.labels[:depth], str(syntax.target)])
            if path in self.named:
                return self.named[path]
        results = self.results
        if results is not None and steps and all(result(s) in results.found for s in steps):
            key = self.label_text(syntax.target)
            channels = next(iter(results.texts.values()))
            same = set(results.texts.values()) == {channels}
            same &= names_in(channels) <= self.top_names | {"in_channels", "in_features"}
            results.readers[id(syntax)] = channels if same else ""
            return Flow(f"{results.variable}[{key}]", channels if same else f"{results.channels}[{key}]")
        flows = {id(self.saved.get(id(s.output))): self.saved.get(id(s.output)) for s in steps}
        flow = next(iter(flows.values()), None)
        if len(flows) != 1 or flow is None:
            raise Decline("`from` names different steps")
        return flow

    def output(self, syntax: ast.Output, steps: list[Step], flow: Flow, init: Code, forward: Code,
               container: Container) -> Flow:  # fmt: skip
        flow = settled(flow, forward, "x")
        code = Code()
        field = syntax.name.name
        variable = self.locals.new(field)
        bodies = [s.bodies[0] for s in steps]
        chain = syntax.body.statements[0]
        assert isinstance(chain, ast.Chain)
        one = chain.steps[-1].label is not None and chain.steps[-1].label.span == syntax.name.span
        if not one and not all(isinstance(s, ast.From) for s in chain.steps):
            container = Container(container.register(f'"{field}"', "nn.ModuleDict()", init), True)
        self.labels += [] if one else [field]
        inner = self.body(syntax.body, bodies, flow, init, code, container, self.locals.new("y"))
        del self.labels[len(self.labels) - (not one) :]
        code(f"{variable} = {inner.text}")
        if syntax.training_only:
            forward.block("if self.training:", code)
        else:
            forward.lines.extend(code.lines)
        self.outputs.append(Result(field, variable, syntax.training_only))
        return flow

    def merge(self, syntax: ast.Merge, steps: list[Step], flow: Flow, init: Code, forward: Code,
              container: Container, variable: str) -> Flow:  # fmt: skip
        from cnndsl_torch.merges import merge

        return merge(self, syntax, steps, flow, init, forward, container, variable)

    def if_(self, syntax: ast.If, steps: list[Step], flow: Flow, init: Code, forward: Code,
            container: Container, variable: str) -> Flow:  # fmt: skip
        from cnndsl_torch.control import if_

        return if_(self, syntax, steps, flow, init, forward, container, variable)

    def turns_of(self, syntax: ast.Repeat | ast.For | ast.Dense, steps: list[Step], flow: Flow, init: Code,
                 forward: Code, container: Container, variable: str) -> Flow:  # fmt: skip
        from cnndsl_torch.control import turns

        return turns(self, syntax, steps, flow, init, forward, container, variable)

"""One block of the spec → one class: the walk over its text, along with all of its expansions at once.

Arguments are translated from the text; what the text leaves to inference (channels above all) is tracked as
an expression of the constructor's parameters. Where that can't be done, `Decline` is raised, and the
instances are written out one by one (``unrolled``), with literal figures and straight-line code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnndsl.elaborate.values import Definition, Partial
from cnndsl.ir.graph import Body, Node, Scope, Step
from cnndsl.ops import Layer, Op, registry
from cnndsl.ops.kinds import Many
from cnndsl.syntax import ast
from cnndsl_torch.flow import Code, Container, Flow, Names, Sequence, settled, stored
from cnndsl_torch.initialise import initialise
from cnndsl_torch.lowering import RULES, Joined, Lowered, OpCall
from cnndsl_torch.python import TAKEN, Decline, Fix, Translator, fold, identifier, literal, names_in, substitute
from cnndsl_torch.structure import (
    bodies_in, body_of, is_sequential, all_steps, names_of, scope_steps, stateful, steps_of,
)  # fmt: skip

if TYPE_CHECKING:
    from cnndsl_torch.program import Program

FRESH = frozenset({"conv", "conv_transpose", "linear", "bn", "groupnorm", "layernorm", "lrn", "add", "concat", "mean"})
"""Ops whose result may be overwritten: their gradients don't need it."""


@dataclass(slots=True)
class Emitted:
    """A class, and what its users need to know of it."""

    name: str
    parameters: list[tuple[str, str | None]]
    """Constructor parameters after the input's channels, with the text of their defaults."""
    channels: str | None
    """The output's channels in terms of the parameters; None: ask the instance's ``out_channels``."""
    lines: list[str] = field(default_factory=list)
    recursive: bool = False


class BlockEmitter:
    """Writes the class of one definition for a list of its expansions."""

    def __init__(
        self, program: Program, definition: Definition, name: str, instances: list[tuple[Scope, Body]],
        unrolled: bool, root: bool, fixed: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.program, self.definition, self.name = program, definition, name
        self.scopes = [s for s, _ in instances]
        self.bodies = [b for _, b in instances]
        self.unrolled, self.root, self.fixed = unrolled, root, fixed
        self.syntax = definition.syntax
        self.names = dict(definition.names)
        labels = {str(s.label) for s in scope_steps(self.syntax.body) if s.label}
        self.locals = Names(set(TAKEN) - {"layers", "channels"})
        self.attributes: dict[str, str] = {}
        self.attribute_names = Names(set(labels) | {"out_channels"})
        self.targets = {id(s.output) for b in self.bodies for s in steps_of(b) if isinstance(s.syntax, ast.From)}
        self.saved: dict[int, Flow] = {}
        self.named: dict[str, Flow] = {}
        froms = [s for s in all_steps(self.syntax.body) if isinstance(s, ast.From)]
        self.target_names = {str(s.target) for s in froms if is_static(s.target)}
        self.outputs: list[tuple[str, bool]] = []
        self.helpers: set[str] = set()
        self.steps = self._step_parameters()
        self.translate = Translator({}, self._input_dim, program.reference, self.names, program.keeps)
        self.flow_shapes: list[Any] = []
        self.flow_channels = ""
        self.shared: dict[str, str] = {}
        self.top = Code()
        self.top_names: set[str] = set()
        self.turns: list[str] = []

    # --- parameters

    def _step_parameters(self) -> dict[str, bool]:
        """Parameters that hold steps; True where they hold an op, which is written in place."""
        found: dict[str, bool] = {}
        for parameter in self.syntax.parameters:
            name = parameter.name.name
            held = [s.values[name] for s in self.scopes if isinstance(s.values.get(name), Partial)]
            if held:
                ops = [p for p in held if not isinstance(p.target, Definition)]
                if ops and len(ops) < len(self.scopes):
                    raise Decline(f"{name} holds an op here, a block there")
                found[name] = bool(ops)
        return found

    def parameters(self) -> list[tuple[str, str | None]]:
        if self.unrolled:
            return []
        result: list[tuple[str, str | None]] = []
        for parameter in self.syntax.parameters:
            name = parameter.name.name
            if self.steps.get(name):
                continue
            if name in self.fixed:
                self.translate.variables[name] = self.program.value(self.scopes[0].values[name])
                continue
            default = None
            if parameter.default is not None:
                if self.root:
                    default = self.program.value(self.scopes[0].values[name])
                else:
                    default = self.translate(parameter.default)
                if names_in(default) & {p for p, _ in result}:
                    default = None
            variable = identifier(name)
            self.locals.used.add(variable)
            self.translate.variables[name] = variable
            result.append((variable, default))
        return result

    def _input_dim(self, dim: str) -> str:
        if dim in ("channels", "features"):
            return self.flow_channels
        sizes = {shape["_hw".index(dim[0]) if dim[0] in "hw" else 0] for shape in self.flow_shapes}
        if len(sizes) != 1:
            raise Decline(f"in.{dim} differs")
        return str(sizes.pop())

    # --- the class

    def emit(self) -> Emitted:
        parameters = self.parameters()
        init, forward = self.top, Code()
        self.top_names = set(self.translate.variables.values())
        body = self.syntax.body
        ranks = {len(b.input.shape) for b in self.bodies} or {3}
        if len(ranks) > 1:
            raise Decline("a map here, features there")
        incoming = "in_channels" if ranks == {3} else "in_features"
        channels = str(self.bodies[0].input.shape[0]) if self.root else incoming
        labelled = any(s.label for s in scope_steps(body))
        sequential = is_sequential(body, self.bodies, self.targeted)
        keyed = self.keyed(body)
        forward_lines = True
        if sequential and (not labelled or keyed):
            base, forward_lines = "nn.Sequential", False
            sequence = Sequence(self.locals.new("layers"), labelled, init, [])
            channels = self.sequence(body, self.bodies, channels, sequence)
            init(f"super().__init__({sequence.arguments})")
        else:
            base = "nn.ModuleDict" if keyed else "nn.Module"
            init("super().__init__()")
            flow = self.body(body, self.bodies, Flow("x", channels), init, forward, Container("self", keyed), "x")
            channels = flow.channels
            self.finish(flow, forward)
        if not self.emitted_recursively():
            parameters = [p for p in parameters if any(reads(line, p[0]) for line in init.lines)]
        if self.root:
            initialise(self.program.graph, base, init)
        exported = self.exported(channels, init, [p for p, _ in parameters], incoming)
        if self.program.needs_attribute(self.definition) or exported is None:
            self.program.asked.add(id(self.syntax)) if exported is None else None
            init(f"self.out_channels = {channels}")
        emitted = Emitted(self.name, parameters, exported)
        emitted.lines = self.text(base, parameters, incoming, init, forward if forward_lines else None)
        return emitted

    def emitted_recursively(self) -> bool:
        """Whether others build the class by the spec's own parameters: then it keeps those it does not use."""
        return self.program.needs_attribute(self.definition)

    def finish(self, flow: Flow, forward: Code) -> None:
        if not self.outputs:
            forward(f"return {flow.text}")
            return
        flow = settled(flow, forward, "x")
        if all(training for _, training in self.outputs):
            inner = Code()
            inner(f"return {self.name}Output({', '.join([flow.text, *(name for name, _ in self.outputs)])})")
            forward.block("if self.training:", inner)
            forward(f"return {flow.text}")
            return
        results = [f"{name} if self.training else None" if training else name for name, training in self.outputs]
        forward(f"return {self.name}Output({', '.join([flow.text, *results])})")

    def exported(self, channels: str, init: Code, parameters: list[str], incoming: str) -> str | None:
        """The output's channels in terms of the parameters alone, ``let`` values put in."""
        if channels == incoming or not names_in(channels) - {incoming, *parameters}:
            return channels
        lets = {}
        for line in init.lines:
            match = re.fullmatch(r"(\w+) = (.*)", line)
            if match and match[1] in self.translate.variables.values():
                lets[match[1]] = substitute(match[2], lets)
        text = substitute(channels, lets) if "layers" not in channels and "self" not in channels else channels
        return text if not names_in(text) - {incoming, *parameters} else None

    def text(
        self, base: str, parameters: list[tuple[str, str | None]], incoming: str, init: Code, forward: Code | None
    ) -> list[str]:
        lines = []
        tensor = "Tensor"
        if self.outputs:
            training_only = all(t for _, t in self.outputs)
            fields = [f"    {name}: Tensor{' | None' if t and not training_only else ''}" for name, t in self.outputs]
            lines += [f"class {self.name}Output(NamedTuple):", "    output: Tensor", *fields, "", ""]
            tensor = f"Tensor | {self.name}Output" if training_only else f"{self.name}Output"
        lines.append(f"class {self.name}({base}):")
        if doc := self.syntax.doc or (self.program.graph.doc if self.root else None):
            lines += docstring(doc)
        required = [p for p in parameters if p[1] is None]
        optional_ = [p for p in parameters if p[1] is not None]
        arguments = ["self", *([] if self.root else [f"{incoming}: int"])]
        arguments += [self.argument(p, d) for p, d in required + optional_]
        lines.append(f"    def __init__({', '.join(arguments)}) -> None:")
        lines += ["        " + line for line in without_unused(init.lines)]
        if forward is not None:
            lines += ["", f"    def forward(self, x: Tensor) -> {tensor}:"]
            lines += ["        " + line for line in forward.lines]
        return lines

    def argument(self, variable: str, default: str | None) -> str:
        spec_name = next(n for n, v in self.translate.variables.items() if v == variable)
        types = {type_of(s.values[spec_name]) for s in self.scopes if spec_name in s.values}
        if types == {"float", "int"}:
            types = {"float"}
        parts = sorted({part for each in types for part in each.split(" | ")})
        annotation = f": {' | '.join(parts)}" if types and "" not in types else ""
        if default is None:
            return variable + annotation
        return f"{variable}{annotation} = {default}" if annotation else f"{variable}={default}"

    # --- naming

    def keyed(self, body: ast.Body) -> bool:
        """Whether a scope's children need keys: unlabelled ones with state, or labels with an index."""
        for step in scope_steps(body):
            if step.label is None and stateful(step, self.names, self.steps):
                return True
            if step.label is not None and any(not isinstance(p, str) for p in step.label.parts):
                return True
        return False

    def key(self, syntax: ast.Step, steps: list[Step]) -> str:
        """A child's name as a Python string or f-string.

        Raises:
            Decline: its position depends on what came before in a way that is not written here.
        """
        label = syntax.label
        if label is not None and not self.unrolled:
            if all(isinstance(p, str) for p in label.parts):
                return f'"{"".join(str(p) for p in label.parts)}"'
            parts = [p if isinstance(p, str) else "{" + self.translate(p) + "}" for p in label.parts]
            return f'f"{"".join(parts)}"'
        names = {_name(step) for step in steps}
        if len(names) != 1:
            raise Decline("positions differ")
        return f'"{names.pop()}"'

    def targeted(self, node: Node) -> bool:
        return id(node) in self.targets

    # --- ops and calls

    def op_call(self, syntax: ast.Apply | ast.Merge, steps: list[Step], channels: str) -> OpCall:
        nodes = [s.node for s in steps if s.node is not None]
        if len(nodes) != len(steps):
            raise Decline("an op here, a block there")
        ops = tuple(n.op for n in nodes if n.op is not None)
        cls = type(ops[0]) if ops else registry.get(syntax.name.name)
        if cls is None or any(type(op) is not cls for op in ops):
            raise Decline("different ops at one place")
        held = self.steps.get(syntax.name.name)
        if self.unrolled or held:
            values = ops[0].values()
            if any(op.values() != values for op in ops):
                raise Decline("an op's arguments differ")
            texts = {k: argument(v, cls.args[k].kind) for k, v in values.items() if v != cls.args[k].default}
        else:
            texts = self.op_texts(syntax, cls)
        inputs = tuple(tuple(i.shape for i in n.inputs) for n in nodes)
        fresh = bool(nodes) and all(self.is_fresh(n) for n in nodes)
        return OpCall(ops, cls, inputs, channels, texts, fresh)

    def op_texts(self, syntax: ast.Apply | ast.Merge, cls: type[Op]) -> dict[str, str]:
        texts = {}
        names = list(cls.args)
        for position, argument in enumerate(syntax.arguments or []):
            name = argument.name.name if argument.name else names[position]
            value = argument.value
            if isinstance(value, ast.Name) and value.name in cls.args[name].words:
                texts[name] = repr(value.name)
                continue
            texts[name] = self.size_or(value)
        return texts

    def is_fresh(self, node: Node) -> bool:
        source = node.inputs[0]
        return (
            source.op is not None
            and source.op.name in FRESH
            and (isinstance(source.op, Layer) or len(source.inputs) > 1)
            and self.program.readers[source.index] == 1
            and next(source.scope.calls) is next(node.scope.calls)
        )

    def lower(self, syntax: ast.Apply, steps: list[Step], channels: str) -> tuple[Lowered, str]:
        call = self.op_call(syntax, steps, channels)
        lowered = RULES[call.cls](call)
        assert isinstance(lowered, Lowered)
        self.helpers.update(lowered.helpers)
        after = lowered.channels
        if after is None:
            sizes = {(n.inputs[0].shape[0], n.shape[0]) for n in (s.node for s in steps) if n is not None}
            after = channels if all(a == b for a, b in sizes) else self.agreed({b for _, b in sizes})
        return lowered, fold(after)

    def agreed(self, sizes: set[int]) -> str:
        if len(sizes) != 1:
            raise Decline("sizes differ")
        return str(next(iter(sizes)))

    def is_call(self, syntax: ast.Apply, steps: list[Step]) -> bool:
        if steps:
            calls = {s.node is None for s in steps}
            if len(calls) > 1:
                raise Decline("an op here, a block there")
            return calls.pop()
        return syntax.name.name in self.names or syntax.name.name in self.steps

    def block_call(self, syntax: ast.Apply, steps: list[Step], channels: str) -> tuple[str, str | None]:
        """The text that builds a called block, and that of its output's channels (None: ask the instance)."""
        name = syntax.name.name
        if self.unrolled:
            scope = steps[0].opened
            assert scope is not None
            emitted = self.program.emitted_for(scope)
            values = [self.program.value(scope.values[_spec_name(scope, p)]) for p, _ in emitted.parameters]
            text = f"{emitted.name}({', '.join([channels, *values])})"
            return text, str(steps[0].output.shape[0])
        if name in self.translate.variables and self.steps.get(name) is False:
            held = {id(s.opened.definition): s.opened for s in steps if s.opened is not None}
            keywords = [self.call_argument(a.name.name if a.name else None, a.value) for a in syntax.arguments or []]
            text = f"{self.translate.variables[name]}({', '.join([channels, *keywords])})"
            return text, self.held_channels(syntax, list(held.values()))
        if name not in self.names:
            raise Decline(f"{name} is no block")
        emitted = self.program.class_of(self.names[name], [s.opened for s in steps if s.opened])
        given, values_by_name = self.call_arguments(syntax, emitted)
        text = f"{emitted.name}({', '.join([channels, *given])})"
        if emitted.channels is None:
            self.program.asked.add(id(self.names[name].syntax))
            return text, None
        return text, substitute(emitted.channels, {**values_by_name, "in_channels": channels, "in_features": channels})

    def held_channels(self, syntax: ast.Apply, held: list[Scope]) -> str | None:
        """The channels behind a block that a parameter holds, where it is one, and says them as an argument."""
        if len(held) == 1:
            definition = self.program.definition_of(held[0])
            emitted = self.program.class_of(definition, held)
            order = [p.name.name for p in definition.syntax.parameters]
            for position, argument in enumerate(syntax.arguments or []):
                name = argument.name.name if argument.name else order[position]
                if emitted.channels == identifier(name):
                    return self.translate(argument.value)
        for scope in held:
            self.program.ask(scope)
        return None

    def call_argument(self, name: str | None, value: ast.Expr) -> str:
        text = self.size_or(value)
        return f"{identifier(name)}={text}" if name else text

    def size_or(self, value: ast.Expr) -> str:
        """An argument's text; a square size as its side, which PyTorch takes for the same."""
        text = self.translate(value)
        match = re.fullmatch(r"\((\d+), (\d+)\)", text)
        return match[1] if match and match[1] == match[2] and self.program.sizes_pass else text

    def call_arguments(self, syntax: ast.Apply, emitted: Emitted) -> tuple[list[str], dict[str, str]]:
        definition = self.names[syntax.name.name]
        order = [p.name.name for p in definition.syntax.parameters]
        kept = dict(emitted.parameters)
        given: list[str] = []
        values: dict[str, str] = {}
        in_place = True
        for position, argument in enumerate(syntax.arguments or []):
            name = identifier(argument.name.name if argument.name else order[position])
            if name not in kept:
                in_place = False
                continue
            text = values[name] = self.size_or(argument.value)
            given.append(f"{name}={text}" if argument.name or not in_place else text)
        for parameter in definition.syntax.parameters:
            name = identifier(parameter.name.name)
            if name in kept and name not in values:
                default = kept[name]
                if default is None:
                    assert parameter.default is not None
                    inner = Translator({n: identifier(n) for n in order}, self._input_dim, self.program.reference,
                                       definition.names, self.program.keeps)  # fmt: skip
                    default = substitute(inner(parameter.default), values)
                    given.append(f"{name}={default}")
                values[name] = default
        return given, values

    # --- sequences

    def sequence(self, body: ast.Body, bodies: list[Body], channels: str, sequence: Sequence) -> str:
        """Write a sequential body's children; gives the text of the channels behind it."""
        position = 0
        for statement in body.statements:
            if isinstance(statement, ast.Let):
                self.let(statement, channels, [b.steps[position - 1].output.shape if position else b.input.shape
                                               for b in bodies], sequence.init)  # fmt: skip
            elif isinstance(statement, ast.Chain):
                for step in statement.steps:
                    zipped = [b.steps[position] for b in bodies]
                    self.look(zipped, channels)
                    channels = self.sequence_step(step, zipped, channels, sequence)
                    position += 1
        return channels

    def look(self, steps: list[Step], channels: str) -> None:
        """Make ``in.channels`` and its like mean the flow at these steps."""
        self.flow_channels, self.flow_shapes = channels, [s.input.shape for s in steps]

    def let(self, statement: ast.Let, channels: str, shapes: list[Any], init: Code) -> None:
        if self.unrolled:
            return
        self.flow_channels, self.flow_shapes = channels, shapes
        text = self.translate(statement.value)
        variable = self.locals.new(statement.name.name)
        self.translate.variables[statement.name.name] = variable
        if init is self.top:
            self.top_names.add(variable)
        init(f"{variable} = {text}")

    def sequence_step(self, syntax: ast.Step, steps: list[Step], channels: str, sequence: Sequence) -> str:
        if f"{sequence.variable}[" in channels and syntax.label is not None and not isinstance(syntax, ast.Apply):
            channels = self.kept(channels, sequence.init)
            self.look(steps, channels)
        if isinstance(syntax, ast.Apply):
            return self.sequence_apply(syntax, steps, channels, sequence)
        if syntax.label is not None:
            key = self.key(syntax, steps)
            inner = Sequence(self.locals.new(str(syntax.label).split("{")[0]), False, sequence.init, [])
            inner.keyed = self.labels_in(syntax)
            channels = self.sequence_inner(syntax, steps, channels, inner)
            sequence.add(key, f"nn.Sequential({inner.arguments})")
            return channels
        return self.sequence_inner(syntax, steps, channels, sequence)

    def labels_in(self, syntax: ast.Step) -> bool:
        return any(s.label is not None for body in bodies_in(syntax) for s in scope_steps(body))

    def kept(self, channels: str, init: Code) -> str:
        variable = self.locals.new("channels")
        init(f"{variable} = {channels}")
        return variable

    def sequence_apply(self, syntax: ast.Apply, steps: list[Step], channels: str, sequence: Sequence) -> str:
        key = self.key(syntax, steps) if sequence.keyed else ""
        if self.is_call(syntax, steps):
            text, after = self.block_call(syntax, steps, channels)
        else:
            lowered, after = self.lower(syntax, steps, channels)
            text = lowered.module
        if after is not None and f"{sequence.variable}[" in after:
            after = self.kept(after, sequence.init)
        sequence.add(key, text)
        if after is None:
            sequence.gather()
            after = f"{sequence.last(key)}.out_channels"
        return after

    def sequence_inner(self, syntax: ast.Step, steps: list[Step], channels: str, sequence: Sequence) -> str:
        match syntax:
            case ast.Group():
                return self.sequence(syntax.body, [s.bodies[0] for s in steps], channels, sequence)
            case ast.If():
                return self.sequence_if(syntax, steps, channels, sequence)
            case ast.Repeat() | ast.For():
                body = body_of(syntax.step) if isinstance(syntax, ast.Repeat) else syntax.body
                if self.unrolled:
                    for turn in steps[0].bodies:
                        channels = self.sequence(body, [turn], channels, sequence)
                    return channels
                sequence.gather()
                turns = [t for s in steps for t in s.bodies]
                header = self.header(syntax)

                def write(inner: Code, channels: str) -> str:
                    nested = Sequence(sequence.variable, sequence.keyed, inner, [], True)
                    return self.sequence(body, turns, channels, nested)

                return self.loop(header, write, channels, sequence.init, alone=True)
        raise Decline(f"{type(syntax).__name__} in a sequence")

    def sequence_if(self, syntax: ast.If, steps: list[Step], channels: str, sequence: Sequence) -> str:
        if self.unrolled:
            branch = steps[0].branch
            if branch < 0:
                return channels
            chosen = syntax.then if branch == 0 else syntax.otherwise
            assert chosen is not None
            return self.sequence(chosen, [s.bodies[0] for s in steps], channels, sequence)
        condition = self.translate(syntax.condition)
        taken = self.decided(condition, steps)
        if taken is not None:
            chosen = syntax.then if taken == 0 else syntax.otherwise
            zipped = [s.bodies[0] for s in steps if s.bodies]
            return self.sequence(chosen, zipped, channels, sequence) if chosen else channels
        sequence.gather()

        def write(chosen: ast.Body | None, branch: int) -> Callable[[Code], str]:
            def branch_code(inner: Code) -> str:
                nested = Sequence(sequence.variable, sequence.keyed, inner, [], True)
                taken = [s.bodies[0] for s in steps if s.branch == branch]
                if chosen is None:
                    return channels
                with self.unreached(syntax, steps, taken):
                    return self.sequence(chosen, taken, channels, nested)
            return branch_code

        return self.branches(condition, write(syntax.then, 0), write(syntax.otherwise, 1), channels, sequence.init)

    def decided(self, condition: str, steps: list[Step]) -> int | None:
        """The branch that a condition without variables takes."""
        branches = {s.branch for s in steps}
        return branches.pop() if len(branches) == 1 and not names_in(condition) else None

    @contextmanager
    def unreached(self, syntax: ast.If, steps: list[Step], taken: list[Body]) -> Iterator[None]:
        """A branch that is never taken, if it can't be written: its condition's parameters become constants."""
        try:
            yield
        except Decline:
            parameters = self.parameters_in(syntax.condition)
            if taken or not steps or not parameters:
                raise
            raise Fix(parameters) from None

    def parameters_in(self, condition: ast.Expr) -> set[str]:
        """The parameters that a condition reads, if they may become constants: none differs."""
        parameters = {p.name.name for p in self.syntax.parameters} & names_of(condition) - self.fixed
        values = {tuple(repr(s.values.get(p)) for p in parameters) for s in self.scopes}
        return parameters if len(values) == 1 else set()

    # --- control flow in __init__

    def header(self, syntax: ast.Repeat | ast.For) -> str:
        if isinstance(syntax, ast.Repeat):
            return f"for _ in range({self.translate(syntax.count)}):"
        variable = self.locals.new(syntax.variable.name)
        items = self.translate(syntax.items)
        self.translate.variables[syntax.variable.name] = variable
        if syntax.index is None:
            return f"for {variable} in {plain_range(items)}:"
        index = self.locals.new(syntax.index.name)
        self.translate.variables[syntax.index.name] = index
        return f"for {index}, {variable} in enumerate({items}):"

    def loop(
        self, header: str, write: Callable[[Code, str], str], channels: str, init: Code, alone: bool = False
    ) -> str:
        """A loop whose turns may change the channels: then a variable carries them.

        ``alone`` says that nobody else reads a variable that carries them already.
        """
        inner, used = Code(), set(self.locals.used)
        after = write(inner, channels)
        if after != channels:
            self.locals.used = used
            carried = alone and re.fullmatch(r"channels\d*", channels)
            variable = channels if carried else self.kept(channels, init)
            inner = Code()
            after = write(inner, variable)
            if after.startswith(f"{variable} + "):
                inner(f"{variable} += {after.removeprefix(f'{variable} + ')}")
            elif after != variable:
                inner(f"{variable} = {after}")
            channels = variable
        init.block(header, inner)
        return channels

    def branches(self, condition: str, then: Callable[[Code], str], otherwise: Callable[[Code], str],
                 channels: str, init: Code) -> str:  # fmt: skip
        first, second = Code(), Code()
        after, alternative = then(first), otherwise(second)
        if after != alternative:
            variable = self.locals.new("channels")
            first(f"{variable} = {after}")
            second(f"{variable} = {alternative}")
            after = variable
        init.block(f"if {condition}:", first)
        if second.lines:
            init.block("else:", second)
        return after

    # --- the flow, where it is no plain sequence

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
                    flow = self.save(step, zipped, flow, forward, variable)
                    position += 1
        return flow

    def save(self, syntax: ast.Step, steps: list[Step], flow: Flow, forward: Code, variable: str) -> Flow:
        """Keep a result that ``from`` names in a variable of its own."""
        wanted = [s.output for s in steps if self.targeted(s.output) and id(s.output) not in self.saved]
        named = is_static(syntax.label) and str(syntax.label) in self.target_names
        if not (wanted or named) or isinstance(syntax, ast.From | ast.Output):
            return flow
        hint = re.sub(r"\W", "_", _name(steps[0]) if steps else str(syntax.label)) if syntax.label else "kept"
        kept = Flow(self.locals.new(hint if hint.isidentifier() else f"x{hint}"), flow.channels)
        forward(f"{kept.text} = {flow.text}")
        for node in wanted:
            self.saved[id(node)] = kept
        if named:
            self.named[str(syntax.label)] = kept
        return kept

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
                outer = type(syntax)(**{**{f: getattr(syntax, f) for f in syntax.__slots__}, "label": None, "span": syntax.span})  # fmt: skip
                body, zipped = body_of(outer), [Body(s.input, [s], s.output) for s in steps]
            if body is not None and is_sequential(body, zipped, self.targeted):
                inner = Sequence(self.locals.new(str(syntax.label).split("{")[0] if not self.unrolled else "layers"),
                                 self.labels_in(syntax), init, [])  # fmt: skip
                channels = self.sequence(body, zipped, flow.channels, inner)
                reference = container.register(key, f"nn.Sequential({inner.arguments})", init)
                flow = settled(flow, forward, variable)
                return Flow(f"{reference}({flow.text})", channels, 1)
            reference = container.register(key, "nn.ModuleDict()", init)
            container = Container(reference, True)
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
            return Flow(f"{reference}({flow.text})", after or f"{reference}.out_channels", 1)
        lowered, after = self.lower(syntax, steps, flow.channels)
        if not lowered.light or flow.weight >= 3:
            flow = settled(flow, forward, variable)
        keyed = container.keyed and (syntax.label is not None or stateful(syntax, self.names, self.steps))
        if syntax.label is None and self.callable(lowered) and not stateful(syntax, self.names, self.steps):
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

        It is made before any loop or branch, so that all of ``forward`` can use it.
        """
        if module not in self.shared:
            inner = set(self.translate.variables.values()) - self.top_names
            if any(n in inner or n.startswith(("channels", "layers")) for n in names_in(module)):
                raise Decline("a module of its own in each turn")
            name = steps[0].node.op.name if steps and steps[0].node and steps[0].node.op else "op"
            attribute = self.attribute_names.new(name)
            self.top(f"self.{attribute} = {module}")
            self.shared[module] = f"self.{attribute}"
        return self.shared[module]

    def from_(self, syntax: ast.From, steps: list[Step]) -> Flow:
        if is_static(syntax.target) and str(syntax.target) in self.named:
            return self.named[str(syntax.target)]
        flows = {id(self.saved.get(id(s.output))): self.saved.get(id(s.output)) for s in steps}
        flow = next(iter(flows.values()), None)
        if len(flows) != 1 or flow is None:
            raise Decline("`from` names different steps")
        return flow

    def output(self, syntax: ast.Output, steps: list[Step], flow: Flow, init: Code, forward: Code,
               container: Container) -> Flow:  # fmt: skip
        flow = settled(flow, forward, "x")
        code = Code()
        name = self.locals.new(syntax.name.name) if syntax.name.name in TAKEN_OUTPUTS else identifier(syntax.name.name)
        bodies = [s.bodies[0] for s in steps]
        chain = syntax.body.statements[0]
        assert isinstance(chain, ast.Chain)
        one = chain.steps[-1].label is not None and chain.steps[-1].label.span == syntax.name.span
        if not one:
            container = Container(container.register(f'"{syntax.name.name}"', "nn.ModuleDict()", init), True)
        inner = self.body(syntax.body, bodies, flow, init, code, container, self.locals.new("y"))
        code(f"{name} = {inner.text}")
        if syntax.training_only:
            forward.block("if self.training:", code)
        else:
            forward.lines.extend(code.lines)
        self.outputs.append((name, syntax.training_only))
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


TAKEN_OUTPUTS = frozenset({"x", "self", "output"})


def is_static(label: ast.Label | None) -> bool:
    """Whether a label is written out, without indices."""
    return label is not None and all(isinstance(part, str) for part in label.parts)


def _name(step: Step) -> str:
    """The last part of a step's path."""
    if step.opened is not None:
        return step.opened.name
    if step.node is not None:
        return step.node.path.rpartition(".")[2]
    return ""


def _spec_name(scope: Scope, variable: str) -> str:
    return next(n for n in scope.values if identifier(n) == variable)


def argument(value: Any, kind: Any) -> str:
    """An op's canonical value as text; a list, which is kept as a tuple, as a list."""
    return literal(list(value)) if isinstance(kind, Many) else literal(value)


def type_of(value: Any) -> str:
    """A parameter's annotation for a value; empty where there is none worth writing."""
    if isinstance(value, Partial):
        return "Callable[..., nn.Module]"
    if isinstance(value, list):
        kinds = {type_of(v) for v in value}
        return f"list[{kinds.pop()}]" if len(kinds) == 1 and "" not in kinds else "list"
    if isinstance(value, tuple):
        return "int | tuple[int, int]" if len(value) == 2 else f"tuple[{', '.join(['int'] * len(value))}]"
    return {bool: "bool", int: "int", float: "float", str: "str"}.get(type(value), "")


def plain_range(items: str) -> str:
    """``list(range(n))`` as ``range(n)`` where it is only gone through."""
    return items[len("list(") : -1] if items.startswith("list(range(") else items


def docstring(doc: str) -> list[str]:
    """A spec's docstring as data: nothing in it can end the literal."""
    safe = doc.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    safe = "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in safe)
    if safe.endswith('"'):
        safe = safe[:-1] + '\\"'
    first, *rest = safe.split("\n")
    if not rest:
        return [f'    """{first}"""', ""]
    return [f'    """{first}', *(f"    {line}".rstrip() for line in rest), '    """', ""]


def without_unused(lines: list[str]) -> list[str]:
    """Without assignments to local variables that nothing reads."""
    while True:
        kept = []
        for index, line in enumerate(lines):
            match = re.fullmatch(r" *([a-z_]\w*) \+?= .*", line)
            others = lines[:index] + lines[index + 1 :]
            if match and not any(reads(other, match[1]) for other in others):
                continue
            kept.append(line)
        if len(kept) == len(lines):
            return with_bodies(lines)
        lines = kept


def reads(line: str, variable: str) -> bool:
    """Whether a line reads a variable (assigning it, or counting it on, is not reading)."""
    own = re.fullmatch(rf" *{variable} (\+?)= (.*)", line)
    return re.search(rf"(?<![\w.]){variable}\b(?! ?=[^=])", own[2] if own else line) is not None


def with_bodies(lines: list[str]) -> list[str]:
    """``pass`` where a header lost all of its lines; an empty ``else`` goes."""
    result: list[str] = []
    for index, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        following = lines[index + 1] if index + 1 < len(lines) else ""
        inner = len(following) - len(following.lstrip()) if following else -1
        if line.endswith(":") and inner <= indent:
            if line.strip() != "else:":
                result += [line, " " * (indent + 4) + "pass"]
            continue
        result.append(line)
    return result

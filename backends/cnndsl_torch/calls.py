"""Ops and block calls: the text that builds them, and that of the channels behind them."""

from __future__ import annotations

import re

from cnndsl.ir.expansion import Scope, Step
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer, Op, registry
from cnndsl.syntax import ast
from cnndsl_torch.context import Context, Emitted
from cnndsl_torch.lowering import RULES, Lowered, OpCall
from cnndsl_torch.python import (
    Decline,
    Translator,
    fold,
    substitute,
)
from cnndsl_torch.text import argument_text

FRESH = frozenset({"conv", "conv_transpose", "linear", "bn", "groupnorm", "layernorm", "lrn", "add", "concat", "mean"})
"""Ops whose result may be overwritten: their gradients don't need it."""


class Calls(Context):
    """Writes single steps."""

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
            texts = {k: argument_text(v, cls.args[k].kind) for k, v in values.items() if v != cls.args[k].default}
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
                texts[name] = "None" if value.name == "none" else repr(value.name)
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
            self.referenced.add(emitted.name)
            own = {self.program.variables[name]: value for name, value in scope.values.items()}
            values = [self.value(own[p]) for p, _ in emitted.parameters]
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
        self.referenced.add(emitted.name)
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
                if emitted.channels == self.program.variables[name]:
                    return self.translate(argument.value)
        for scope in held:
            self.program.ask(scope)
        return None

    def call_argument(self, name: str | None, value: ast.Expr) -> str:
        text = self.size_or(value)
        return f"{self.program.variables[name]}={text}" if name else text

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
            name = self.program.variables[argument.name.name if argument.name else order[position]]
            if name not in kept:
                in_place = False
                continue
            text = values[name] = self.size_or(argument.value)
            given.append(f"{name}={text}" if argument.name or not in_place else text)
        own = {n: self.program.variables[n] for n in order}
        inner = Translator(own, self._input_dim, self.reference, definition.names, self.program.keyword)
        for parameter in definition.syntax.parameters:
            name = self.program.variables[parameter.name.name]
            if name in kept and name not in values:
                default = kept[name]
                if default is None or name in emitted.computed:
                    assert parameter.default is not None
                    values[name] = substitute(inner(parameter.default), values)
                    given += [f"{name}={values[name]}"] if default is None else []
                else:
                    values[name] = default
        return given, values

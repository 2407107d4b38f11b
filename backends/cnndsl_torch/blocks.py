"""One block of the spec → one class: the walk over its text, along with all of its expansions at once.

Arguments are translated from the text; what the text leaves to inference (channels above all) is tracked as
an expression of the constructor's parameters. Where that can't be done, `Decline` is raised, and the
instances are written out one by one (``unrolled``), with literal figures and straight-line code.
"""

from __future__ import annotations

import ast as py
import re
from typing import Any

from cnndsl.elaborate.labels import INPUT
from cnndsl.syntax import ast
from cnndsl_torch.context import Emitted
from cnndsl_torch.flow import Code, Container, Flow, Sequence, settled
from cnndsl_torch.flows import Flows
from cnndsl_torch.initialise import initialise
from cnndsl_torch.python import (
    Decline,
    names_in,
    operand,
    substitute,
)
from cnndsl_torch.structure import (
    is_sequential,
    scope_steps,
    steps_of,
)  # fmt: skip
from cnndsl_torch.text import docstring, names_read, type_of, without_unused

LONG = 300
"""Characters up to which an expression is put into another: each of many ``let`` values may double it."""


DEEP = " " * 4 * 15
"""Loops and branches inside one another; Python's compiler takes twenty loops."""


class BlockEmitter(Flows):
    """Writes the class of one definition for a list of its expansions."""

    def emit(self) -> Emitted:
        body = self.syntax.body
        ranks = {len(b.input.shape) for b in self.bodies} or {3}
        if len(ranks) > 1:
            raise Decline("a map here, features there")
        incoming = "in_channels" if ranks == {3} else "in_features"
        channels = str(self.bodies[0].input.shape[0]) if self.root else incoming
        self.flow_channels, self.flow_shapes = channels, [b.input.shape for b in self.bodies]
        parameters = self.parameters()
        init, forward = self.top, Code()
        self.top_names = set(self.translate.variables.values())
        for name, default in self.computed.items():
            init(f"{name} = {operand(default)} if {name} is None else {name}")
        self.name_dimensions(channels)
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
            flow = self.entry(Flow("x", channels), forward)
            flow = self.body(body, self.bodies, flow, init, forward, Container("self", keyed), "x")
            channels = flow.channels
            self.finish(flow, forward)
            self.declare_results(init, forward)
        if any(line.startswith(DEEP) for line in (*init.lines, *forward.lines)):
            raise Decline("loops in loops, more than Python reads")
        if not self.emitted_recursively():
            read = set[str]().union(*(names_read(line) - {line.partition(" = ")[0]} for line in init.lines))
            parameters = [p for p in parameters if p[0] in read]
        if self.root:
            initialise(self.program.graph, base, init)
        exported = self.exported(channels, init, [p for p, _ in parameters], incoming)
        if not self.root and (self.program.needs_attribute(self.definition) or exported is None):
            self.program.asked.add(id(self.syntax)) if exported is None else None
            init(f"self.out_channels = {channels}")
        init.lines[:] = with_any(init.lines)
        own = {variable for variable, _ in parameters}
        self.program.clashes |= self.referenced & own
        self.program.hidden |= self.referenced & self.locals.used - own
        if self.outputs and self.program.output_class in self.locals.used:
            self.program.hidden.add(self.program.output_class)
        emitted = Emitted(self.name, parameters, exported, computed=self.computed)
        emitted.lines = self.text(base, parameters, incoming, init, forward if forward_lines else None)
        return emitted

    def entry(self, flow: Flow, forward: Code) -> Flow:
        """What flows in; in a variable of its own where `from input` asks for it."""
        wanted = {
            id(body.input): body.input
            for body in self.bodies
            for step in steps_of(body)
            if isinstance(step.syntax, ast.From) and str(step.syntax.target) == INPUT and step.output is body.input
        }
        if wanted:
            kept = Flow(self.locals.new(INPUT), flow.channels)
            forward(f"{kept.text} = {flow.text}")
            self.saved |= dict.fromkeys(wanted, kept)
        return flow

    def declare_results(self, init: Code, forward: Code) -> None:
        """The dicts of results that have indices, and of their channels where these differ."""
        if self.results is None:
            return
        self.results.check()
        forward.lines.insert(0, f"{self.results.variable}: dict[str, Tensor] = {{}}")
        if self.results.looked_up:
            init.lines.insert(1, f"{self.results.channels}: dict[str, int] = {{}}")
        else:
            init.lines[:] = [n for n in init.lines if not n.lstrip().startswith(f"{self.results.channels}[")]

    def name_dimensions(self, channels: str) -> None:
        """Give the names of the signature's input their texts: channels as tracked, sizes where all agree."""
        signature = self.syntax.signature
        for position, dim in enumerate(signature.input if signature else ()):
            sizes = {b.input.shape[position] for b in self.bodies}
            if dim.name is None or dim.name.name in self.translate.variables:
                continue
            if position == 0:
                self.translate.variables[dim.name.name] = channels
            elif len(sizes) == 1:
                self.translate.variables[dim.name.name] = str(sizes.pop())

    def emitted_recursively(self) -> bool:
        """Whether others build the class by the spec's own parameters: then it keeps those it does not use."""
        return self.program.needs_attribute(self.definition)

    def finish(self, flow: Flow, forward: Code) -> None:
        if not self.outputs:
            forward(f"return {self.tensor(flow, forward)}")
            return
        flow = settled(flow, forward, "x")
        output = self.program.output_class
        if all(each.training_only for each in self.outputs):
            inner = Code()
            inner(f"return {output}({', '.join([flow.text, *(each.variable for each in self.outputs)])})")
            forward.block("if self.training:", inner)
            forward(f"return {self.tensor(flow, forward)}")
            return
        results = [f"{each.variable} if self.training else None" if each.training_only else each.variable
                   for each in self.outputs]  # fmt: skip
        forward(f"return {output}({', '.join([flow.text, *results])})")

    def tensor(self, flow: Flow, forward: Code) -> str:
        """The result, in ``x`` where type checkers don't know that it is a tensor: calling a module gives anything."""
        if is_tensor(flow.text, forward.lines):
            return flow.text
        forward(f"x = {flow.text}")
        return "x"

    def exported(self, channels: str, init: Code, parameters: list[str], incoming: str) -> str | None:
        """The output's channels in terms of the parameters alone, ``let`` values put in."""
        if channels == incoming or not names_in(channels) - {incoming, *parameters}:
            return channels
        lets: dict[str, str] = {}
        variables = set(self.translate.variables.values()) - set(parameters)
        for line in init.lines:
            match = re.fullmatch(r"(\w+) = (.*)", line)
            if match and match[1] in variables:
                try:
                    lets[match[1]] = substitute(match[2], lets)
                except Decline:
                    return None
                if len(lets[match[1]]) > LONG:
                    return None
        text = substitute(channels, lets) if "layers" not in channels and "self" not in channels else channels
        return text if not names_in(text) - {incoming, *parameters} else None

    def text(
        self, base: str, parameters: list[tuple[str, str | None]], incoming: str, init: Code, forward: Code | None
    ) -> list[str]:
        lines = []
        tensor = "Tensor"
        if self.outputs:
            output = self.program.output_class
            training_only = all(each.training_only for each in self.outputs)
            fields = [f"    {each.field}: Tensor{' | None' if each.training_only and not training_only else ''}"
                      for each in self.outputs]  # fmt: skip
            lines += [f"class {output}(NamedTuple):", "    output: Tensor", *fields, "", ""]
            tensor = f"Tensor | {output}" if training_only else output
        lines.append(f"class {self.name}({base}):")
        if doc := self.syntax.doc or (self.program.graph.doc if self.root else None):
            lines += docstring(doc)
        required = [p for p in parameters if p[1] is None]
        optional_ = [p for p in parameters if p[1] is not None]
        arguments = ["self", *([] if self.root else [f"{incoming}: int"])]
        named = {variable: name for name, variable in reversed(self.translate.variables.items())}
        arguments += [self.argument(p, d, named[p]) for p, d in required + optional_]
        lines.append(f"    def __init__({', '.join(arguments)}) -> None:")
        lines += ["        " + line for line in without_unused(init.lines)]
        if forward is not None:
            lines += ["", f"    def forward(self, x: Tensor) -> {tensor}:"]
            lines += ["        " + line for line in forward.lines]
        return lines

    def argument(self, variable: str, default: str | None, spec_name: str) -> str:
        types = {type_of(s.values[spec_name]) for s in self.scopes if spec_name in s.values}
        types |= {type_of(value) for value in known(default)}
        if types == {"float", "int"}:
            types = {"float"}
        parts = sorted({part for each in types for part in each.split(" | ")})
        if variable in self.untyped:
            parts = [part.replace("nn.Module", "Any") for part in parts]
        if any(f"{variable}[" in line for line in self.top.lines):
            parts = [part for part in parts if part != "int"]
        parts += ["None"] if variable in self.computed else []
        annotation = " | ".join(parts) if types and "" not in types else "Any"
        return f"{variable}: {annotation}" + ("" if default is None else f" = {default}")


def with_any(lines: list[str]) -> list[str]:
    """Modules that are asked for their channels can be of any class to a type checker."""
    text = "\n".join(lines)
    asked = set(re.findall(r"(?<![\w.])(\w+)\[[^\]]*\]\.out_channels", text))
    return [
        line.replace("nn.Module]", "Any]", 1) if line.lstrip().partition(":")[0] in asked and ": " in line else line
        for line in lines
    ]


def is_tensor(text: str, lines: list[str]) -> bool:
    """Whether a type checker sees that an expression behind these lines of ``forward`` is a tensor."""
    node: py.AST = py.parse(text, mode="eval").body
    while not isinstance(node, py.Name):
        match node:
            case py.BinOp(left=left, right=inner) if is_tensor(py.unparse(left), lines):
                node = inner
            case py.Call(func=py.Attribute(value=inner)) | py.Subscript(value=inner):
                node = inner
            case _:
                return False
    if node.id in ("x", "F", "torch"):
        return True
    given = [line.strip().removeprefix(f"{node.id} = ") for line in lines if line.strip().startswith(f"{node.id} = ")]
    return node.id != "self" and bool(given) and all(is_tensor(each, []) for each in given)


def known(default: str | None) -> list[Any]:
    """The value of a default that is a literal."""
    try:
        value = py.literal_eval(default or "None")
    except ValueError:
        return []
    return [] if value is None else [value]

"""Terms → text. Lines are broken between statements; the formatter does the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cnndsl.ops import Layer, registry
from cnndsl.ops.base import REQUIRED
from cnndsl.recover import values
from cnndsl.recover.terms import (
    OMITTED,
    Block,
    Body,
    Call,
    Dense,
    For,
    From,
    Group,
    If,
    LaneLoop,
    Loop,
    Merge,
    Op,
    Output,
    Repeat,
    Step,
    Value,
)

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\{[^{}]*\}[A-Za-z0-9_]*)*")
PART = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\{[^{}]*\}[A-Za-z0-9_]*)*|[0-9]+")
FLAT = 60
"""Characters of lanes that stand on one line."""
INDENT = "    "


class Writer:
    """Writes bodies. ``blocks`` are those that they may call."""

    def __init__(self, blocks: Mapping[str, Block]) -> None:
        self.blocks = blocks

    def block(self, block: Block) -> str:
        given = parameters(block)
        head = f"block {block.name}({given})" if given else f"block {block.name}"
        lets = [f"let {name} = {value}" for name, value in block.lets]
        return f"{head} {braced([*lets, *self.statements(block.body)])}\n"

    # --- statements

    def statements(self, body: Body) -> list[str]:
        """The lines of a body: a layer and what is applied to its result share one."""
        lines: list[str] = []
        chain: list[str] = []
        early = self._activates_first(body)
        state, named = "", False
        for step in body:
            kind = self._kind(step)
            if chain and (
                kind == "pool"
                or (kind == "apart" and not self._small(step))
                or state == "apart"
                or (state == "layer" and (early or kind == "layer"))
                or (kind == "layer" and named and not early and label_of(step) is not None)
            ):
                lines.append(" -> ".join(chain))
                chain, state, named = [], "", False
            chain.append(self.step(step))
            named = named or label_of(step) is not None
            state = kind if kind != "light" else state
        return [*lines, " -> ".join(chain)] if chain else lines

    def _small(self, step: Step) -> bool:
        """Whether a merge stands behind a step on its line."""
        return isinstance(step, Merge) and "\n" not in self.step(step)

    def _kind(self, step: Step) -> str:
        match step:
            case Op():
                op = registry[step.name]
                if issubclass(op, Layer) and op.weighted:
                    return "layer"
                return "pool" if op.family == "pooling" and op.args else "light"
            case From():
                return "apart-from"
        return "apart"

    def _activates_first(self, body: Body) -> bool:
        """Whether norms and activations stand before the layers, not behind them."""
        first = body[0] if body else None
        return isinstance(first, Op) and registry[first.name].family in ("activation", "normalization")

    # --- steps

    def step(self, step: Step) -> str:
        match step:
            case Op():
                return label(step.label) + step.name + self._op_arguments(step.name, step.args)
            case Call():
                return label(step.label) + step.block + self._call_arguments(step)
            case Group():
                return label(step.label) + self._group(step)
            case Merge():
                return step.name + self._op_arguments(step.name, step.args) + self._lanes(step.lanes)
            case Repeat():
                return f"{self._single(step.body)} * {counted(step.count)}"
            case For():
                return f"{loop(step.loop)} {braced(self.statements(step.body))}"
            case Dense():
                index = f" as {step.index}" if step.index else ""
                return f"dense {counted(step.count)}{index} {braced(self.statements(step.body))}"
            case If():
                return self._if(step)
            case From():
                return f"from {path(step.target)}"
            case Output():
                mode = " when training" if step.training_only else ""
                return f"output {step.name}{mode}: {' -> '.join(map(self.step, step.body))}"

    def _single(self, body: Body) -> str:
        if len(body) == 1 and isinstance(body[0], Op | Call) and body[0].label is None:
            return self.step(body[0])
        return braced(self.statements(body))

    def _group(self, step: Group) -> str:
        """A label stands before a loop, a merge or a condition itself."""
        only = step.body[0] if len(step.body) == 1 and step.label is not None else None
        if isinstance(only, Merge | Repeat | For | Dense):
            return self.step(only)
        return braced(self.statements(step.body))

    def _if(self, step: If) -> str:
        text = f"if {values.text(step.condition)} {braced(self.statements(step.then))}"
        if len(step.otherwise) == 1 and isinstance(step.otherwise[0], If):
            return f"{text} else {self._if(step.otherwise[0])}"
        return f"{text} else {braced(self.statements(step.otherwise))}" if step.otherwise else text

    def _lanes(self, lanes: Iterable[Body | LaneLoop]) -> str:
        lines: list[str] = []
        several = False
        for lane in lanes:
            if isinstance(lane, LaneLoop):
                lines.append(loop(lane.loop) + self._lanes(lane.lanes))
                several = True
                continue
            first, *rest = self.statements(lane) or [""]
            lines += [f"| {first}".rstrip(), *rest]
            several = several or bool(rest)
        flat = " ".join(lines)
        if not several and "\n" not in flat and len(flat) < FLAT:
            return f" {{ {flat} }}"
        return " {\n" + indented("\n".join(lines)) + "\n}"

    # --- arguments

    def _op_arguments(self, name: str, given: tuple[Value, ...]) -> str:
        op = registry[name]
        parts: list[str] = []
        positional = True
        for (key, argument), default, value in zip(op.args.items(), values.defaults(op), given, strict=True):
            if default is not REQUIRED and type(value) is type(default) and value == default:
                positional = False
                continue
            first = not parts and positional and not isinstance(value, bool | str)
            if default is REQUIRED or first:
                parts.append(values.text(value, size=key == "size" and argument.kind.describe().startswith("a size")))
            else:
                parts.append(f"{key}={values.text(value)}")
        return f"({', '.join(parts)})" if parts else ""

    def _call_arguments(self, call: Call) -> str:
        parts = []
        parameters = self.blocks[call.block].parameters
        positional = True
        for parameter, value in zip(parameters, call.args, strict=True):
            if value is OMITTED or (type(value) is type(parameter.default) and value == parameter.default):
                positional = False
                continue
            size = parameter.name == "size" and self.blocks[call.block].library
            text = values.text(value, size)
            parts.append(text if positional and parameter.default is OMITTED else f"{parameter.name}={text}")
        return f"({', '.join(parts)})" if parts else ""


def parameters(block: Block) -> str:
    return ", ".join(
        p.name if p.default is OMITTED else f"{p.name} = {values.text(p.default)}" for p in block.parameters
    )


def label_of(step: Step) -> str | None:
    return step.label if isinstance(step, Op | Call | Group) else None


def label(name: str | None) -> str:
    if name is None:
        return ""
    return f"{name}: " if PLAIN.fullmatch(name) else f'"{name}": '


def path(target: str) -> str:
    """A dotted path, whose points in braces join nothing."""
    parts = re.split(r"\.(?![^{]*\})", target)
    return ".".join(part if PART.fullmatch(part) else f'"{part}"' for part in parts)


def loop(head: Loop) -> str:
    return f"for {head.variable} in {values.text(head.items)}" + (f" as {head.index}" if head.index else "")


def counted(count: Value) -> str:
    text = values.text(count)
    return text if re.fullmatch(r"\w+|\w+\[\w+\]|\w+\([^()]*\)", text) else f"({text})"


def braced(lines: list[str]) -> str:
    if not lines:
        return "{}"
    if len(lines) == 1 and "\n" not in lines[0] and len(lines[0]) < 90:
        return f"{{ {lines[0]} }}"
    return "{\n" + indented("\n".join(lines)) + "\n}"


def indented(text: str) -> str:
    return "\n".join(INDENT + line for line in text.split("\n"))

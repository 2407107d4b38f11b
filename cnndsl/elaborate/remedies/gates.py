"""``in.channels`` in a lane: the channels of the lane's own flow, where those of the merge's input are meant."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Edit
from cnndsl.elaborate.remedies.lanes import Lanes, Option
from cnndsl.elaborate.remedies.rewriting import block_call, call_of, given, rewritten, spell
from cnndsl.elaborate.remedies.trials import outcome
from cnndsl.ops import Layer
from cnndsl.source import Span
from cnndsl.syntax import ast

FREE = ("c", "channels", "width", "outer")


def channels_before(lanes: Lanes, index: int, other: int) -> Option | None:
    """A `let` before the merge for the channels that its last convolution in a lane has to give."""
    before, wanted = lanes.step.input.shape, lanes.wanted(index, other)
    nodes = lanes.own(index, other)
    node = next((n for n in reversed(nodes) if isinstance(n.op, Layer) and "out" in n.op.args), None)
    call = call_of(node) if node is not None else None
    if node is None or node.op is None or call is None or len(before) != 3 or before[0] != wanted[0]:
        return None
    written = given(call, node.op.args, "out")
    in_block = isinstance(next(lanes.step.scope.calls).definition, ast.Block)
    flow = isinstance(written, ast.InputDim) and written.dim == "channels"
    named = isinstance(written, ast.Name) and written.name in next(lanes.step.scope.calls).values
    parameter = named and lanes.op.gates  # a residual block is projected
    if written is None or not (flow or parameter or (in_block and isinstance(written, ast.Literal))):
        return None
    op = type(node.op)(**{**node.op.values(), "out": wanted[0]})
    shape = outcome(lanes.nodes[index], nodes, {node.index: op})
    if not shape or not lanes.fit(lanes.nodes[other].shape, shape):
        return None
    if parameter:
        option = _called_with(lanes, index, written.span.text, before[0])
        if option is not None:
            return Option(option[0], index, shape, option[1])
    step = lanes.step.syntax
    name = _free(lanes)
    edit = Edit(written.span, name)
    start = step.label.span.start if step.label is not None else step.span.start
    source = step.span.source
    indent = re.search(r"[^\n]*$", source.text[:start])
    assert indent is not None
    let = Edit(Span(source, start, start), f"let {name} = in.channels\n{indent[0]}")
    why = f"`in.channels` is the lane's flow there, {node.input_shape[0]}: " if flow else ""
    text = (f"{why}`let {name} = in.channels` before the `{lanes.op.name}`, {before[0]} here, and "
            f"`{rewritten(call.span, (edit,))}`")  # fmt: skip
    return Option(text, index, shape, () if indent[0].strip() else (let, edit))


def _called_with(lanes: Lanes, index: int, name: str, channels: int) -> tuple[str, tuple[Edit, ...]] | None:
    """A call of the block around, with as many channels as flow into the merge; none where the block uses the
    parameter outside of the lane, too: then other channels may flow in."""
    scope = next(lanes.step.scope.calls)
    if scope.parent is None or not isinstance(scope.definition, ast.Block):
        return None
    uses = [
        re.findall(rf"(?<![\w.]){name}\b", text) for text in (scope.definition.body.span.text, lanes.places[index].text)
    ]
    if len(uses[0]) != len(uses[1]):
        return None
    caller = next(scope.parent.calls)
    call, parameters = block_call(scope, caller), {p.name.name: p for p in scope.definition.parameters}
    text = spell(channels, caller)
    if call is None or text is None or name not in parameters:
        return None
    written = given(call, parameters, name)
    if written is None:
        return None
    edit = Edit(written.span, text)
    found = scope.values.get(name)
    return (f"`{name}` is {found} in this call, and {channels} channels flow in: `{rewritten(call.span, (edit,))}` in "
            f"line {call.span.line}", (edit,))  # fmt: skip


def gate_as_map(lanes: Lanes, index: int) -> tuple[Edit, ...]:
    """The edits that make a gate of flat features one of a map of one position; none where it is written otherwise."""
    edits = []
    for node in lanes.own(index, 1 - index if index < 2 else 0):
        call, op = call_of(node), node.op
        if not isinstance(op, Layer) or node.shape == node.input_shape:
            continue
        if call is None or not lanes.inside(node, index):
            return ()
        if op.as_map:
            edits.append(Edit(call.span, op.as_map))
        elif op.name == "linear" and call.arguments:
            first = call.arguments[0].span
            edits += [Edit(call.name.span, "conv"), Edit(Span(first.source, first.end, first.end), ", 1x1")]
        else:
            return ()
    return tuple(edits)


def _free(lanes: Lanes) -> str:
    """A name that the definition's text does not use."""
    definition = next(lanes.step.scope.calls).definition
    used = set(re.findall(r"(?<![.\w])\w+", definition.span.text)) if definition is not None else set()
    return next((name for name in FREE if name not in used), "channels_before")

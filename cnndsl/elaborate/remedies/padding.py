"""Padding whose lack is all that is wrong with a shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnndsl.diagnostics.model import Edit
from cnndsl.elaborate.remedies.changes import multiplied
from cnndsl.elaborate.remedies.rewriting import call_of, given, with_arguments
from cnndsl.elaborate.remedies.trials import Fits, outcome
from cnndsl.ir.dims import Shape
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer, Violation
from cnndsl.source import Span
from cnndsl.syntax import ast


@dataclass(frozen=True, slots=True)
class Padding:
    """What keeps a size, in words, what then comes out, and the edits where these are all of it."""

    text: str
    shape: Shape
    edits: tuple[Edit, ...]


def padded(end: Node, nodes: Sequence[Node], fits: Fits, place: Span) -> Padding | None:
    """Padding for the convolutions and pools among ``nodes`` that lose rows, where that is all that a shape lacks.
    Those outside of ``place`` are told with their line."""
    ops: dict[int, Layer] = {}
    words: list[str] = []
    edits: dict[int, Edit] = {}
    complete = True
    for node in reversed(nodes):
        call = call_of(node) if _loses(node) else None
        if call is None or node.span.source is not place.source:
            continue
        assert isinstance(node.op, Layer)
        if multiplied(call, node.op):
            continue
        value, text = _keeping(node, call)
        try:
            ops[node.index] = type(node.op)(**{**node.op.values(), "pad": value})
        except Violation:
            continue
        line = "" if place.start <= call.span.start < place.end else f" in line {call.span.line}"
        words.append(f"`pad={text}` for `{' '.join(call.span.text.split())}`{line}")
        found = with_arguments(call, node.op.args, {"pad": text})
        complete = complete and bool(found)
        edits.update({edit.span.start: edit for edit in found})
    shape = outcome(end, nodes, ops) if ops else ()
    if not shape or not fits(shape):
        return None
    shown = " and ".join(dict.fromkeys(words))
    return Padding(f"keep the size: {shown}", shape, tuple(edits.values()) if complete else ())


def _loses(node: Node) -> bool:
    """Whether a window of odd extent that steps by one leaves rows or columns out."""
    if not isinstance(node.op, Layer) or not isinstance(getattr(node.op, "pad", None), tuple):
        return False
    window = node.op.window(node.input_shape) if len(node.input_shape) == 3 else None
    if window is None or window[1] != (1, 1) or not all(side % 2 for side in window[0]):
        return False
    return node.shape[1:] != node.input_shape[1:]


def _keeping(node: Node, call: ast.Apply) -> tuple[tuple[int, int], str]:
    """The padding that keeps a map's size, and its text, in the terms of a size or dilation that is a parameter."""
    assert isinstance(node.op, Layer)
    window = node.op.window(node.input_shape)
    assert window is not None
    value = window[0][0] // 2, window[0][1] // 2
    size, dilation = given(call, node.op.args, "size"), given(call, node.op.args, "dilation")
    half = node.op.values()["size"][0] // 2
    if isinstance(size, ast.Name) and dilation is None:
        return value, f"{size.name} // 2"
    if isinstance(dilation, ast.Name) and isinstance(size, ast.Literal | ast.Product) and value[0] == value[1]:
        return value, dilation.name if half == 1 else f"{half} * {dilation.name}"
    return value, f"{value[0]}" if value[0] == value[1] else f"{value[0]}x{value[1]}"

"""How a height or width came about, in figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnndsl.ir.graph import Node
from cnndsl.ops import Layer
from cnndsl.ops.checks import SIDES, formula


def sizes(nodes: Iterable[Node]) -> Iterator[str]:
    """The arithmetic of each step that changed the height, or the width alone."""
    for node in nodes:
        if not isinstance(node.op, Layer) or len(node.shape) != 3 or len(node.input_shape) != 3:
            continue
        axis = next((i for i in (0, 1) if node.input_shape[i + 1] != node.shape[i + 1]), None)
        figures = None if axis is None else _figures(node.op, node, axis)
        if axis is not None and figures is not None:
            yield f"{SIDES[axis]}: `{node.op.name}` at {node.span} gives {figures}"


def _figures(op: Layer, node: Node, axis: int) -> str | None:
    n, found = node.input_shape[axis + 1], node.shape[axis + 1]
    window, pad = op.window(node.input_shape), getattr(op, "pad", (0, 0))
    if window is None or not {"size", "stride"} <= op.args.keys():
        return op.arithmetic(node.input_shape, axis)
    if not isinstance(pad, tuple):
        return None
    (extent, stride), p = (each[axis] for each in window), pad[axis]
    positions = (n + 2 * p - extent) / stride + 1
    way = "" if found == positions else f", rounded {'down' if found < positions else 'up'} to {found}"
    return formula(n, extent, stride, p) + way

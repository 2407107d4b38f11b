"""Receptive fields: how large a part of the input one output value sees."""

from __future__ import annotations

from cnndsl.ir.graph import Graph, Node
from cnndsl.ops import Layer


def receptive_fields(graph: Graph) -> dict[int, tuple[int, int]]:
    """Height and width that each node's values see, by node index, not clipped to the input.

    The field grows by (K - 1) times the product of the strides so far; a join has its widest lane's
    (Araujo, Norris, Sim: Computing receptive fields of convolutional neural networks, Distill 2019).
    """
    fields: dict[int, tuple[int, int]] = {}
    jumps: dict[int, tuple[int, int]] = {}
    for node in graph.nodes:
        field, jump = _joined(node, fields, jumps)
        window = node.op.window(node.input_shape) if isinstance(node.op, Layer) else None
        if window is not None:
            extent, stride = window
            field = (field[0] + (extent[0] - 1) * jump[0], field[1] + (extent[1] - 1) * jump[1])
            jump = (jump[0] * stride[0], jump[1] * stride[1])
        fields[node.index], jumps[node.index] = field, jump
    return fields


def _joined(
    node: Node, fields: dict[int, tuple[int, int]], jumps: dict[int, tuple[int, int]]
) -> tuple[tuple[int, int], tuple[int, int]]:
    lanes = [(fields[i.index], jumps[i.index]) for i in node.inputs] or [((1, 1), (1, 1))]
    field = (max(f[0] for f, _ in lanes), max(f[1] for f, _ in lanes))
    jump = (max(j[0] for _, j in lanes), max(j[1] for _, j in lanes))
    return field, jump

"""What can be said of a network in numbers. Every metric is generic over ops."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cnndsl.ir.dims import Shape, product
from cnndsl.ir.graph import Graph, Node
from cnndsl.ops import Layer

FLOAT32 = 4


def params(nodes: Iterable[Node]) -> int:
    """Trainable values."""
    return total(nodes, lambda node: node.params)


def macs(nodes: Iterable[Node]) -> int:
    """Multiply-adds of one image: convolutions and linear layers, no bias, norm or pooling."""
    return total(nodes, lambda node: node.macs)


def total(nodes: Iterable[Node], figure: Callable[[Node], int]) -> int:
    """The sum of a figure that depends on a node's op and input alone: computed once for equal ones."""
    memo: dict[tuple[int, Shape], int] = {}
    result = 0
    for node in nodes:
        if node.inputs:
            key = (id(node.op), node.inputs[0].shape)
            if key not in memo:
                memo[key] = figure(node)
            result += memo[key]
    return result


def memory(nodes: Iterable[Node]) -> int:
    """Bytes of all results of the ops in float32, for one image: what a plain training step keeps."""
    return FLOAT32 * sum(product(node.shape) for node in nodes)


def depth(nodes: Iterable[Node]) -> int:
    """Convolutions and linear layers on the longest path, as papers count layers (ResNet-50 has 50)."""
    longest: dict[int, int] = {}
    for node in nodes:
        weighted = isinstance(node.op, Layer) and node.op.weighted
        before = max((longest.get(i.index, 0) for i in node.inputs), default=0)
        longest[node.index] = before + weighted
    return max(longest.values(), default=0)


METRICS: dict[str, Callable[[Iterable[Node]], int]] = {
    "params": params, "macs": macs, "memory": memory, "depth": depth,
}  # fmt: skip


def evaluation_nodes(graph: Graph) -> list[Node]:
    """The nodes without those that only training reaches."""
    return [node for node in graph.nodes if not node.training_only]

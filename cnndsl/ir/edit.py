"""Changing a graph: on a copy, and all at once, so that each change costs no more than what it touches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cnndsl.ir.graph import Graph, Node, Output
from cnndsl.ir.verify import shape_of
from cnndsl.ops.base import Op


def clone(graph: Graph) -> Graph:
    """The graph with nodes of its own. It has no text: who copies a graph means to change it."""
    copies: dict[Node, Node] = {}
    for node in graph.nodes:
        inputs = tuple(copies[each] for each in node.inputs)
        copies[node] = replace(node, inputs=inputs, users=[])
        for each in inputs:
            each.users.append(copies[node])
    outputs = [replace(output, node=copies[output.node]) for output in graph.outputs]
    initial = tuple(replace(each, nodes=tuple(copies[n] for n in each.nodes)) for each in graph.initial)
    return Graph(graph.name, list(copies.values()), outputs, graph.doc, initial, graph.dimensions)


class Editor:
    """Changes to a copy of a graph, which is ``graph`` and in order again behind `done`.

    Nodes keep their paths, so that tensors keep their names.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = clone(graph)
        self._behind: dict[Node, list[Node]] = {}
        self._removed: set[Node] = set()

    def replace(self, old: Node, new: Node) -> None:
        """Let everything that reads ``old`` read ``new``, which has its shape and may read ``old`` itself; where
        ``old`` is an output of the network, ``new`` is it now."""
        if old.shape != new.shape:
            raise ValueError(f"`{new.path}` has another shape than `{old.path}`")
        moved = [user for user in old.users if user is not new]
        for user in dict.fromkeys(moved):
            user.inputs = tuple(new if each is old else each for each in user.inputs)
        new.users += moved
        old.users = [user for user in old.users if user is new]
        for output in self.outputs_of(old):
            output.node = new

    def change(self, node: Node, op: Op) -> None:
        """Give a node another op, for the same inputs, that makes the same shape of them."""
        changed = replace(node, op=op)
        if shape_of(changed) != node.shape:
            raise ValueError(f"{op!r} makes another shape of the input of `{node.path}`")
        node.op = op

    def insert(self, op: Op, inputs: Iterable[Node], path: str, behind: Node) -> Node:
        """A new node behind one that its inputs do not stand behind."""
        node = replace(behind, op=op, inputs=tuple(inputs), path=path, users=[])
        node.shape = shape_of(node)
        for each in node.inputs:
            each.users.append(node)
        self._behind.setdefault(behind, []).append(node)
        return node

    def remove(self, node: Node) -> None:
        """Take a node out that nothing reads any more."""
        if node.users or self.outputs_of(node) or not node.inputs:
            raise ValueError(f"`{node.path}` is needed")
        for each in node.inputs:
            each.users.remove(node)
        self._removed.add(node)

    def outputs_of(self, node: Node) -> list[Output]:
        """The network's outputs that a node is."""
        return [output for output in self.graph.outputs if output.node is node]

    def done(self) -> Graph:
        """The changed graph. What is said of how a node's tensors start goes with the node."""
        order: list[Node] = []
        queue = self.graph.nodes[::-1]
        while queue:
            node = queue.pop()
            queue += reversed(self._behind.pop(node, []))
            if node not in self._removed:
                node.index = len(order)
                order.append(node)
        self.graph = replace(self.graph, nodes=order, _by_path=[])
        kept = [replace(each, nodes=tuple(n for n in each.nodes if n not in self._removed))
                for each in self.graph.initial]  # fmt: skip
        self.graph.initial = tuple(each for each in kept if each.nodes)
        return self.graph

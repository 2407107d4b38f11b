"""The graph's nodes as its scopes nest them, and which scopes are twins of each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from cnndsl.ir.expansion import Scope
from cnndsl.ir.graph import Graph, Node
from cnndsl.ops import Op


@dataclass(slots=True, eq=False)
class Group:
    """A scope with what it holds, in order of execution."""

    scope: Scope
    items: list[Item] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    """All nodes within, at any depth."""


Item: TypeAlias = "Node | Group"


def nodes_of(item: Item) -> Sequence[Node]:
    return (item,) if isinstance(item, Node) else item.nodes


def _stem(name: str) -> str:
    """A name without its number."""
    return name.rstrip("0123456789")


class Tree:
    """A graph's scopes as groups, and who reads each node's result."""

    def __init__(self, graph: Graph) -> None:
        self.root = Group(graph.expansion.root)
        self.depth = 1
        """The components of the longest path."""
        self.consumers: dict[Node, list[Node]] = defaultdict(list)
        self.results = {output.node for output in graph.outputs}
        self._groups = {graph.expansion.root: self.root}
        self._signatures: dict[Group, Hashable] = {}
        self._kinds: dict[Group, Hashable] = {}
        self._written: dict[Op, str] = {}
        for node in graph.nodes[1:]:
            for source in node.inputs:
                self.consumers[source].append(node)
            self._add(node)

    def _add(self, node: Node) -> None:
        scopes: list[Scope] = []
        scope: Scope | None = node.scope
        while scope is not None:
            scopes.append(scope)
            scope = scope.parent
        self.depth = max(self.depth, len(scopes))
        group = self.root
        for inner in reversed(scopes[:-1]):
            group.nodes.append(node)
            child = self._groups.get(inner)
            if child is None:
                child = self._groups[inner] = Group(inner)
                group.items.append(child)
            group = child
        group.nodes.append(node)
        group.items.append(node)

    def run(self, items: Sequence[Item], start: int) -> int:
        """How many of the groups from ``start`` on are one and the same, each fed by the one before alone."""
        first = items[start]
        length = 1
        if not isinstance(first, Group) or len(self._sources(first)) != 1:
            return length
        for item in items[start + 1 :]:
            before = items[start + length - 1]
            if not (isinstance(item, Group) and isinstance(before, Group) and self._follows(before, item)):
                break
            length += 1
        return length

    def _follows(self, before: Group, after: Group) -> bool:
        if len(before.nodes) != len(after.nodes) or self._signature(before) != self._signature(after):
            return False
        if _stem(before.scope.name) != _stem(after.scope.name):
            return False
        inside, beyond = {*before.nodes}, {*after.nodes}
        readers = {reader for node in before.nodes for reader in self.consumers[node]} - inside
        return self._sources(after) == {before.nodes[-1]} and readers <= beyond and self.results.isdisjoint(inside)

    def _sources(self, group: Group) -> set[Node]:
        """The nodes outside that the group reads."""
        return {source for node in group.nodes for source in node.inputs} - {*group.nodes}

    def _signature(self, group: Group) -> Hashable:
        """What two groups share if and only if their drawings are the same."""
        if group not in self._signatures:
            position = {node: i for i, node in enumerate(group.nodes)}
            prefix = len(group.scope.path)
            block = group.scope.definition
            self._signatures[group] = (
                block and block.name.name,
                tuple(
                    (
                        node.path[prefix:], self._write(node), node.training_only, node.shape,
                        node.input_shape,
                        tuple(position.get(source, -1) for source in node.inputs),
                    )
                    for node in group.nodes
                ),
            )  # fmt: skip
        return self._signatures[group]

    def kind(self, group: Group) -> Hashable:
        """What two groups share that are the same but for sizes and for how often parts are repeated."""
        if group not in self._kinds:
            block = group.scope.definition
            parts = frozenset(
                self.kind(item) if isinstance(item, Group) else item.op and item.op.name for item in group.items
            )
            self._kinds[group] = (block and block.name.name, parts)
        return self._kinds[group]

    def _write(self, node: Node) -> str:
        if node.op is None:
            return ""
        if node.op not in self._written:
            self._written[node.op] = repr(node.op)
        return self._written[node.op]

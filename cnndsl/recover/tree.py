"""The scopes that the paths of a graph's nodes tell of."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from cnndsl.ir.graph import Graph, Node
from cnndsl.ops import Merge


class Unsayable(Exception):
    """The graph is none that the language has a text for."""


@dataclass(slots=True, eq=False)
class Scope:
    """What a label or a call opens. ``items`` are its ops, joins and scopes in the order of the text."""

    path: str
    parent: Scope | None
    items: list[Item] = field(default_factory=list)
    labels: dict[int, str | None] = field(default_factory=dict)
    """The label of each item that has a name, None where that is its position, by the item's id."""
    entries: list[Node] = field(default_factory=list)
    """The values from outside that are read inside, in the order of reading."""
    results: list[Node] = field(default_factory=list)
    """The values of inside that are read outside, or are the network's."""
    exit: Node | None = None
    """What flows out of it."""
    height: int = 0

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    @property
    def whole(self) -> bool:
        """Whether it could be a block's expansion: one value comes in, one goes out."""
        return len(self.entries) == 1 and all(r is self.exit for r in self.results)

    def nodes(self) -> Iterator[Node]:
        for item in self.items:
            if isinstance(item, Scope):
                yield from item.nodes()
            else:
                yield item

    def scopes(self) -> Iterator[Scope]:
        """The scopes inside, inner ones first."""
        for item in self.items:
            if isinstance(item, Scope):
                yield from item.scopes()
                yield item


Item: TypeAlias = Node | Scope


def is_join(item: Item) -> bool:
    return not isinstance(item, Scope) and isinstance(item.op, Merge)


def name_of(item: Item) -> str:
    return item.path.rpartition(".")[2]


def exit_of(item: Item) -> Node | None:
    return item.exit if isinstance(item, Scope) else item


def scope_tree(graph: Graph) -> Scope:
    """The root scope with everything in it.

    Raises:
        Unsayable: a scope has nodes between which others must stand.
    """
    root = Scope("", None)
    scopes = {"": root}
    last: dict[str, str] = {}
    apart = False
    for node in graph.nodes[1:]:
        parent = node.path.rpartition(".")[0]
        scope = _scope(parent, scopes)
        apart = apart or _reopened(parent, last)
        scope.items.append(node)
    _measure(root)
    _boundaries(graph, root, scopes)
    if apart:
        _arrange(root)
    for scope in scopes.values():
        _label(scope)
        for before, item in pairwise(scope.items):
            if isinstance(item, Scope) and (flow := exit_of(before)) in item.entries:
                item.entries.sort(key=lambda value: value is not flow)  # what flows in comes first
    return root


def _scope(path: str, scopes: dict[str, Scope]) -> Scope:
    if path not in scopes:
        parent = _scope(path.rpartition(".")[0], scopes)
        scopes[path] = Scope(path, parent)
        parent.items.append(scopes[path])
    return scopes[path]


def _reopened(path: str, last: dict[str, str]) -> bool:
    """Whether a node comes back to a scope behind nodes of another. ``last`` is each scope's innermost one so far."""
    before, last[""] = last.get("", ""), path
    common = 0
    old, new = before.split("."), path.split(".")
    while common < min(len(old), len(new)) and old[common] == new[common]:
        common += 1
    back = False
    for depth in range(common + 1, len(new) + 1):
        scope = ".".join(new[:depth])
        back = back or scope in last
        last[scope] = scope
    return back


def _measure(scope: Scope) -> int:
    scope.height = 1 + max((_measure(item) for item in scope.items if isinstance(item, Scope)), default=0)
    return scope.height


def _boundaries(graph: Graph, root: Scope, scopes: dict[str, Scope]) -> None:
    """What each scope reads of outside, and gives to it."""
    owners = {id(node): _around(node.path, scopes) for node in graph.nodes[1:]}
    owners[id(graph.nodes[0])] = [root]
    read: set[tuple[int, int]] = set()
    given: set[tuple[int, int]] = set()

    def reads(value: Node, inside: list[Scope]) -> None:
        source = owners[id(value)]
        for scope in inside:
            if scope not in source and (id(scope), id(value)) not in read:
                read.add((id(scope), id(value)))
                scope.entries.append(value)
        for scope in source:
            if scope not in inside and (id(scope), id(value)) not in given:
                given.add((id(scope), id(value)))
                scope.results.append(value)

    for node in graph.nodes[1:]:
        for value in node.inputs:
            reads(value, owners[id(node)])
    for output in graph.outputs:
        reads(output.node, [root])
    for scope in scopes.values():
        inner = list(scope.nodes())
        if inner:
            scope.results.sort(key=lambda node: node.index)
            scope.exit = scope.results[-1] if scope.results else inner[-1]
    root.exit = graph.outputs[0].node


def _around(path: str, scopes: dict[str, Scope]) -> list[Scope]:
    found: list[Scope] = []
    scope: Scope | None = scopes[path.rpartition(".")[0]]
    while scope is not None:
        found.append(scope)
        scope = scope.parent
    return found


def _arrange(scope: Scope) -> None:
    """Bring the items into an order in which each scope is in one piece: that of the nodes, as far as possible."""
    place = {id(node): number for number, item in enumerate(scope.items) for node in _nodes(item)}
    needs: list[set[int]] = [set() for _ in scope.items]
    users: list[list[int]] = [[] for _ in scope.items]
    for number, item in enumerate(scope.items):
        for node in _nodes(item):
            for value in node.inputs:
                source = place.get(id(value), number)
                if source != number and source not in needs[number]:
                    needs[number].add(source)
                    users[source].append(number)
    ready = [number for number, before in enumerate(needs) if not before]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        number = heapq.heappop(ready)
        order.append(number)
        for user in users[number]:
            needs[user].discard(number)
            if not needs[user]:
                heapq.heappush(ready, user)
    if len(order) < len(scope.items):
        raise Unsayable(f"the scope `{scope.path}` can't be written in one piece")
    scope.items = [scope.items[number] for number in order]
    for item in scope.items:
        if isinstance(item, Scope):
            _arrange(item)


def _nodes(item: Item) -> Iterator[Node]:
    return item.nodes() if isinstance(item, Scope) else iter((item,))


def _label(scope: Scope) -> None:
    position = 0
    for item in scope.items:
        if not is_join(item):
            name = name_of(item)
            scope.labels[id(item)] = None if name == str(position) else name
            position += 1

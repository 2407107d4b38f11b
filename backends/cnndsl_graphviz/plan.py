"""Graph → figure: what becomes a box, a row of a box, a cluster, or is folded away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

from cnndsl.ir.expansion import Scope
from cnndsl.ir.graph import Graph, Node
from cnndsl.ops import Layer, Merge
from cnndsl_graphviz.figure import POINTWISE, SEPARATOR, Box, Cluster, Edge, Figure, Folded, Join, Leaf, Part
from cnndsl_graphviz.tree import Group, Item, Tree, nodes_of

TALLEST = 24
"""The most rows of a box."""


def plan(
    graph: Graph, tree: Tree, depth: int, *, brief: bool = False, examples: bool = False, limit: int = 0
) -> Figure:
    """Lay down what a figure shows.

    Scopes whose path has ``depth`` components are one box each. A ``brief`` figure draws a unit that is
    applied several times in a row, each time the same, once. With ``examples``, of the blocks below
    ``depth`` the first of each kind shows its inside. With a ``limit`` it is the most steps that a scope
    may show, and the middle of a longer one is folded.
    """
    planner = _Planner(tree, depth, brief, examples, limit)
    parts: list[Part] = []
    planner.visit(tree.root, 0, parts)
    return Figure(graph, parts, planner.edges(graph.nodes), planner.places)


class _Planner:
    def __init__(self, tree: Tree, depth: int, brief: bool, examples: bool, limit: int) -> None:
        self.tree, self.depth, self.brief, self.examples, self.limit = tree, depth, brief, examples, limit
        self.places: dict[Node, Leaf] = {}
        self.twins: set[Node] = set()
        """Nodes that are drawn as those of the first unit of their run."""
        self.shown: set[Hashable] = set()
        """The kinds of blocks whose inside has been shown."""

    def visit(self, group: Group, level: int, parts: list[Part]) -> None:
        """Draw a group's items into ``parts``."""
        if level >= self.depth and not _one_box(group) and not self.exemplary(group):
            parts.append(self.fold(heading(group.scope), [group]))
            return
        items = group.items
        if self.limit and len(items) > self.limit:
            half = self.limit // 2
            self.items(items[:half], level, parts)
            middle = items[half:-half]
            parts.append(self.fold(f"{len(middle):,} more steps", middle))
            self.items(items[-half:], level, parts)
        else:
            self.items(items, level, parts)

    def exemplary(self, group: Group) -> bool:
        """Whether a block is the first of its kind. A group that is no call belongs to the block around."""
        if not self.examples or group.scope.definition is None:
            return self.examples
        kind = self.tree.kind(group)
        new = kind not in self.shown
        self.shown.add(kind)
        return new

    def items(self, items: Sequence[Item], level: int, parts: list[Part]) -> None:
        open: dict[Node, Box] = {}  # by the last row
        position = 0
        while position < len(items):
            item = items[position]
            times = self.tree.run(items, position) if self.brief else 1
            if isinstance(item, Node):
                self.node(item, open, parts)
            else:
                same = [each for each in items[position : position + times] if isinstance(each, Group)]
                self.group(same, level + 1, parts)
            position += times

    def node(self, node: Node, open: dict[Node, Box], parts: list[Part]) -> None:
        if isinstance(node.op, Merge):
            leaf: Leaf = Join(node)
            parts.append(leaf)
        else:
            before = node.inputs[0]
            box = open.pop(before, None)
            alone = len(self.tree.consumers[before]) == 1 and before not in self.tree.results
            if box is not None and alone and _continues(box.rows, node):
                box.rows.append(node)
            else:
                box = Box([node])
                parts.append(box)
            open[node] = leaf = box
        self.places[node] = leaf

    def group(self, same: list[Group], level: int, parts: list[Part]) -> None:
        """Draw a group, or once for all a run of twins."""
        first, last = same[0], same[-1]
        inner: list[Part] = []
        self.visit(first, level, inner)
        for twin in same[1:]:
            for node, original in zip(twin.nodes, first.nodes, strict=True):
                self.places[node] = self.places[original]
                self.twins.add(node)
        title = heading(first.scope, last.scope, len(same))
        only = inner[0] if len(inner) == 1 else None
        if isinstance(only, Folded) and len(only.nodes) == len(first.nodes):
            only.title = title
            only.nodes = [node for twin in same for node in twin.nodes]
            only.contents += f" each; totals of all {len(same)}" if len(same) > 1 else ""
            parts.append(only)
        elif isinstance(only, Box) and not only.title and len(same) == 1:
            only.title = title
            parts.append(only)
        else:
            training = all(node.training_only for node in first.nodes)
            parts.append(Cluster(title, inner, len(same), training))

    def fold(self, title: str, items: Sequence[Item]) -> Folded:
        nodes = [node for item in items for node in nodes_of(item)]
        inside = {*nodes}
        sources = [source for node in nodes for source in node.inputs if source not in inside]
        readers = self.tree.consumers
        results = [n for n in nodes if n in self.tree.results or any(r not in inside for r in readers[n])]
        within = items[0].items if len(items) == 1 and isinstance(items[0], Group) else items
        output = results[-1] if results else nodes[-1]
        folded = Folded(title, nodes, _contents(within, len(nodes)), sources[0].shape, output.shape)
        self.places.update(dict.fromkeys(nodes, folded))
        return folded

    def edges(self, nodes: Sequence[Node]) -> list[Edge]:
        """The edges between boxes. Those inside a folded part or a box, and between twins, are not drawn."""
        edges: list[Edge] = []
        seen: set[tuple[Leaf | None, Leaf]] = set()
        for node in nodes[1:]:
            head = self.places[node]
            for source in node.inputs:
                tail = self.places.get(source)
                if tail is head or node in self.twins:
                    continue
                folded = isinstance(tail, Folded) or isinstance(head, Folded)
                if folded and (tail, head) in seen:
                    continue
                seen.add((tail, head))
                skips = isinstance(head, Join) and len(self.tree.consumers[source]) > 1
                edges.append(Edge(tail, head, skips, node.training_only))
        return edges


def _continues(rows: Sequence[Node], node: Node) -> bool:
    """Whether a node is one more row: a pointwise op, or the one op that a normalisation prepares for."""
    if node.training_only != rows[-1].training_only or len(rows) == TALLEST:
        return False
    first = rows[0].op
    if first is not None and first.family == "normalization":  # pre-activation: bn -> relu -> conv
        weighted = isinstance(node.op, Layer) and node.op.weighted
        return all(map(_pointwise, rows)) and (weighted or _pointwise(node))
    return _pointwise(node)


def _pointwise(node: Node) -> bool:
    return node.op is not None and node.op.family in POINTWISE


def heading(first: Scope, last: Scope | None = None, times: int = 1) -> str:
    """A scope's title: its name and its block's. With ``last`` that of the run of twins that it ends."""
    name = first.name if last is None or times == 1 else f"{first.name} – {last.name}  ×{times}"
    block = first.definition.name.name if first.definition is not None else ""
    return f"{name}{SEPARATOR}{block}" if block and name else name or block


def _one_box(group: Group) -> bool:
    """Whether a group's ops share one box, so that nothing is gained by folding them."""
    rows: list[Node] = []
    for item in group.items:
        if not isinstance(item, Node) or isinstance(item.op, Merge) or (rows and not _continues(rows, item)):
            return False
        if rows and item.inputs[0] is not rows[-1]:
            return False
        rows.append(item)
    return True


def _contents(items: Sequence[Item], ops: int) -> str:
    """What is inside, in a few words: ``6 DenseLayer, 24 ops``."""
    blocks = [f"{count} {name}" for name, count in Counter(_blocks(items)).most_common(3)]
    return ", ".join([*blocks, f"{ops:,} op{'s' if ops != 1 else ''}"])


def _blocks(items: Sequence[Item]) -> Iterator[str]:
    """The blocks that are called here or in groups that are no calls themselves."""
    for item in items:
        if isinstance(item, Group):
            if item.scope.definition is not None:
                yield item.scope.definition.name.name
            else:
                yield from _blocks(item.items)

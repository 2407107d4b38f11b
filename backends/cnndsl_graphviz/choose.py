"""How much of a network one figure shows."""

from __future__ import annotations

from cnndsl.ir.graph import Graph
from cnndsl_graphviz.figure import Figure
from cnndsl_graphviz.plan import plan
from cnndsl_graphviz.tree import Tree

READABLE = 42
"""The most boxes in a figure whose depth nobody chose."""

POSSIBLE = 2500
"""The most boxes that are laid out, in seconds, whatever was asked for."""


def choose(graph: Graph, depth: int | None) -> Figure:
    """The figure of a depth, or by default the deepest that is still readable.

    By default a unit that is repeated is drawn once, and where scopes are folded, the first of each kind is
    not. A figure that would have more boxes than can be laid
    out in reasonable time shows less, and says so in its note.
    """
    tree = Tree(graph)
    if depth is None:
        return _deepest(graph, tree, tree.depth, READABLE, (True, False))
    figure = plan(graph, tree, depth)
    boxes = _size(figure)
    if boxes <= POSSIBLE:
        return figure
    figure = _deepest(graph, tree, depth, POSSIBLE, (False,))
    figure.note = f"simplified: drawn in full it would have {boxes:,} boxes"
    return figure


def _deepest(graph: Graph, tree: Tree, depth: int, limit: int, examples: tuple[bool, ...]) -> Figure:
    """The deepest figure within a limit; where none is, the shallowest, with its middle folded."""
    for example in examples:
        for level in range(min(depth, tree.depth), 0, -1):
            figure = plan(graph, tree, level, brief=True, examples=example)
            if _size(figure) <= limit:
                return figure
    return plan(graph, tree, min(depth, 1), brief=True, limit=limit)


def _size(figure: Figure) -> int:
    return sum(1 for _ in figure.leaves())

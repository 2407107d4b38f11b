"""The diagram backend: a graph as a figure in SVG, PNG or PDF, or as DOT.

Layout needs no Graphviz on the machine: it comes with the package graphviz-pure.
"""

from __future__ import annotations

from cnndsl.ir.graph import Graph
from cnndsl_graphviz.render import FORMATS, DiagramError, render, to_dot


class GraphvizBackend:
    """What the entry point ``cnndsl.backends: graphviz`` gives."""

    name = "graphviz"
    formats = endings = FORMATS

    def emit(self, graph: Graph, ending: str) -> bytes:
        """The network as a figure in the format of the ending."""
        from cnndsl.recover.target import with_text

        return self.render(with_text(graph), ending)

    def render(self, graph: Graph, format: str = "svg", depth: int | None = None, *, title: str | None = None) -> bytes:
        """The network as a file's content. See `cnndsl_graphviz.render.render`."""
        return render(graph, format, depth, title=title)

    def to_dot(self, graph: Graph, depth: int | None = None, *, title: str | None = None) -> str:
        """The network in Graphviz's language."""
        return to_dot(graph, depth, title=title)


backend = GraphvizBackend()

__all__ = ["FORMATS", "DiagramError", "GraphvizBackend", "backend", "render", "to_dot"]

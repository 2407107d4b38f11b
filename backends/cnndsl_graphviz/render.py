"""A graph as a file: DOT, SVG by graphviz-pure, and from that PNG and PDF."""

from __future__ import annotations

from typing import Literal, get_args

from cnndsl.ir.graph import Graph
from cnndsl_graphviz.choose import choose
from cnndsl_graphviz.convert import DiagramError, layout, pdf, png, public

Format = Literal["svg", "png", "pdf", "dot"]
FORMATS: tuple[str, ...] = get_args(Format)


def to_dot(graph: Graph, depth: int | None = None, *, title: str | None = None) -> str:
    """The network in Graphviz's language. See `render`."""
    from cnndsl_graphviz.dot import write

    if depth is not None and depth < 0:
        raise DiagramError(f"a depth is at least 0, not {depth}")
    return write(choose(graph, depth), title)


def render(graph: Graph, format: str = "svg", depth: int | None = None, *, title: str | None = None) -> bytes:
    """The network as a figure in one of `FORMATS`; the same bytes at each run.

    Scopes whose path has ``depth`` components are one box each, and what is above is drawn in full. Without
    a depth the figure is as deep as is readable, and a unit that repeats itself is drawn once, with how
    often. ``title`` stands in place of the network's name.

    Raises:
        DiagramError: the format is unknown, or the layout fails.
    """
    if format not in FORMATS:
        raise DiagramError(f"there is no format `{format}`; there are {', '.join(FORMATS)}")
    dot = to_dot(graph, depth, title=title)
    if format == "dot":
        return dot.encode()
    svg = layout(dot)
    return {"svg": public, "png": png, "pdf": pdf}[format](svg)


__all__ = ["FORMATS", "DiagramError", "Format", "render", "to_dot"]

"""Figure → DOT, by the package graphviz."""

from __future__ import annotations

from graphviz import Digraph, escape

from cnndsl.analysis.metrics import macs, params
from cnndsl.analysis.written import written
from cnndsl.ir.graph import Node
from cnndsl.ops import Op
from cnndsl_graphviz import html
from cnndsl_graphviz.figure import Box, Cluster, Edge, Figure, Folded, Join, Leaf, Part
from cnndsl_graphviz.style import CLUSTERS, FAINT, FONT, INK, LINE
from cnndsl_graphviz.words import shape_text, totals_text

OUTPUTS = 40
"""The most outputs that are drawn: laying them out takes time that grows with their square."""


def write(figure: Figure, title: str | None = None) -> str:
    """A figure in Graphviz's language, the same at each run."""
    dot = Digraph(
        "network",
        graph_attr={
            "rankdir": "TB", "ranksep": "0.28", "nodesep": "0.22", "labelloc": "t",
            "fontname": FONT, "pad": "0.15", "label": _heading(figure, title),
        },
        node_attr={"fontname": FONT, "fontsize": "10", "fontcolor": INK, "shape": "plain", "color": LINE},
        edge_attr={"color": LINE, "arrowsize": "0.55", "penwidth": "0.9", "weight": "8"},
    )  # fmt: skip
    graph = figure.graph
    dot.node("input", label=_terminal("input", graph.input), **TERMINAL)
    for part in figure.parts:
        _part(dot, part, 0)
    for edge in figure.edges:
        _edge(dot, edge)
    for index, output in enumerate(graph.outputs[:OUTPUTS]):
        dashed = {"style": "rounded,filled,dashed"} if output.training_only else {}
        dot.node(f"output{index}", label=_terminal(output.name, output.node), **{**TERMINAL, **dashed})
        tail = figure.places.get(output.node)
        dot.edge(_id(tail), f"output{index}", **({"style": "dashed"} if output.training_only else {}))
    return str(dot.source)


TERMINAL = {
    "shape": "box", "style": "rounded,filled", "fillcolor": "#ffffff", "color": INK, "penwidth": "1.4",
    "margin": "0.12,0.04", "height": "0.3",
}  # fmt: skip


def _heading(figure: Figure, title: str | None) -> str:
    nodes = figure.graph.nodes
    more = len(figure.graph.outputs) - OUTPUTS
    below = [totals_text(params(nodes), macs(nodes)), figure.note, f"{more:,} more outputs" if more > 0 else ""]
    lines = [html.text(figure.graph.name if title is None else title, size=14, bold=True)]
    lines += [html.text(line, size=9, color=FAINT) for line in below if line]
    rows = "".join(f"<TR><TD>{line}</TD></TR>" for line in lines)
    return f'<<TABLE BORDER="0" CELLPADDING="1" CELLSPACING="0">{rows}</TABLE>>'


def _terminal(name: str, node: Node) -> str:
    return f"<{html.text(name, bold=True)} {html.text('  ' + shape_text(node.shape), size=9)}>"


def _id(leaf: Leaf | None) -> str:
    if leaf is None:
        return "input"
    match leaf:
        case Box():
            return f"n{leaf.rows[0].index}"
        case Join():
            return f"n{leaf.node.index}"
        case Folded():
            return f"n{leaf.nodes[0].index}"


def _part(dot: Digraph, part: Part, level: int) -> None:
    match part:
        case Box():
            tip = "\n".join(_tip(node) for node in part.rows)
            dot.node(_id(part), label=html.box(part), tooltip=escape(tip))
        case Folded():
            dot.node(_id(part), label=html.folded(part), tooltip=escape(part.title))
        case Join():
            _join(dot, part)
        case Cluster():
            _cluster(dot, part, level)


def _tip(node: Node) -> str:
    assert isinstance(node.op, Op)
    return f"{node.path}: {node.op.name}({written(node.op)}) {shape_text(node.shape)}"


def _join(dot: Digraph, join: Join) -> None:
    node = join.node
    assert node.op is not None
    style = "filled,dashed" if node.training_only else "filled"
    look = {"fillcolor": "#ffffff", "tooltip": escape(_tip(node)), "penwidth": "1.2", "color": INK}
    if symbol := getattr(node.op, "symbol", ""):  # then a small circle is enough
        label = f"<{html.text(symbol, size=12, bold=True)}>"
        look |= {"shape": "circle", "fixedsize": "true", "width": "0.22", "height": "0.22", "style": style}
    else:
        shape = html.text("  " + shape_text(node.shape), size=8)
        label = f"<{html.text(node.op.name, size=9, bold=True)} {shape}>"
        look |= {"shape": "box", "style": f"rounded,{style}", "margin": "0.08,0.02", "height": "0.2"}
    dot.node(_id(join), label=label, **look)


def _cluster(dot: Digraph, cluster: Cluster, level: int) -> None:
    first = _first(cluster)
    with dot.subgraph(name=f"cluster_{level}_{_id(first)}") as inner:
        style = "rounded,filled,dashed" if cluster.training_only else "rounded,filled"
        inner.attr(
            label=html.heading(cluster.title), labeljust="l", style=style, margin="7",
            fillcolor=CLUSTERS[min(level, len(CLUSTERS) - 1)], color="#b1bac4",
            penwidth="2" if cluster.times > 1 else "0.8",
        )  # fmt: skip
        for part in cluster.parts:
            _part(inner, part, level + 1)


def _first(part: Part) -> Leaf:
    while isinstance(part, Cluster):
        part = part.parts[0]
    return part


def _edge(dot: Digraph, edge: Edge) -> None:
    look = {"style": "dashed"} if edge.training_only else {}
    if edge.skips:
        look["weight"] = "0"
    dot.edge(_id(edge.tail), _id(edge.head), **look)

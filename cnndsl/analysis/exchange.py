"""A network as a networkx graph, for analyses that are not ours: cuts, dominators, layouts, comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.analysis.written import written
from cnndsl.ir.graph import Graph

if TYPE_CHECKING:
    import networkx


def to_networkx(graph: Graph) -> networkx.MultiDiGraph[str]:
    """The data flow: a node an op by its path, added in order of execution, and an edge an input.

    Nodes have ``op``, ``arguments`` (as the language writes them), ``shape``, ``params``, ``macs``,
    ``training_only`` and ``line``; the network's input is the node ``input``, whose op is ``input``. Edges
    have ``lane``, the position among the inputs of the op that they enter: one op's result can enter
    another twice.
    """
    import networkx

    flow: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(name=graph.name)
    for node in graph.nodes:
        flow.add_node(
            node.path,
            op=node.op.name if node.op else "input",
            arguments=written(node.op) if node.op else "",
            shape=node.shape,
            params=node.params,
            macs=node.macs,
            training_only=node.training_only,
            line=node.span.line,
        )
        for lane, source in enumerate(node.inputs):
            flow.add_edge(source.path, node.path, lane=lane)
    return flow

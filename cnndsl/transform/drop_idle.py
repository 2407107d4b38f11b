"""Steps that evaluation passes over go."""

from __future__ import annotations

from cnndsl.ir.edit import Editor
from cnndsl.ir.graph import Graph
from cnndsl.ops.base import Layer
from cnndsl.transform.model import Transformed


class DropIdle:
    """Takes out `identity`, dropout, and whatever else gives its input unchanged in evaluation.

    Exact in evaluation. None of these ops has tensors.
    """

    name = "drop-idle"

    def __call__(self, graph: Graph) -> Transformed:
        editor = Editor(graph)
        for node in editor.graph.nodes[1:]:
            if isinstance(node.op, Layer) and node.op.idle:
                editor.replace(node, node.inputs[0])
                editor.remove(node)
        return Transformed(editor.done())

"""What only training needs goes."""

from __future__ import annotations

from cnndsl.ir.edit import Editor
from cnndsl.ir.graph import Graph
from cnndsl.transform.model import Transformed


class DropTraining:
    """Takes out the outputs that only training has, and every node that no output is left to need.

    Exact in evaluation, which computes none of them. The tensors of what went are gone too, and how the others start:
    they are what training made of them.
    """

    name = "drop-training"

    def __call__(self, graph: Graph) -> Transformed:
        editor = Editor(graph)
        graph = editor.graph
        graph.initial = ()
        graph.outputs = [output for output in graph.outputs if not output.training_only]
        for node in reversed(graph.nodes[1:]):
            if not node.users and not editor.outputs_of(node):
                editor.remove(node)
        return Transformed(editor.done())

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.ir.graph import Node
from cnndsl.lint.model import Rule, Site
from cnndsl.lint.view import View
from cnndsl.ops import Layer


class DropoutAfterLastLayer(Rule):
    """Dropout behind the last layer with weights.

    ## What it does

    It finds dropout and its like on the straight way from the last convolution or linear layer to an output
    of the network. Drop-path in a lane is left alone.

    ## Why is this bad?

    It sets results of the network to zero, class scores for example, which no later layer makes up for: the
    loss gets noise, and nothing is regularised. Dropout belongs before the last layer.

    ## Example

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        global_avgpool -> linear(10) -> dropout(0.5)
    }
    ```

    ## Use instead

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        global_avgpool -> dropout(0.5) -> linear(10)
    }
    ```
    """

    code = "W0202"
    name = "dropout-after-last-layer"

    def graph(self, view: View) -> Iterable[Site]:
        late = _late(view)
        for node, op in view.layers:
            span = view.place(node) if op.family == "regularization" else None
            if span is None:
                continue
            key = span.start, node.span.source.name, node.span.start
            if node.index not in late:
                yield key, None
            else:
                yield key, self.finding(
                    f"`{op.name}` comes after the last layer with weights", span,
                    help="put it before that layer",
                )  # fmt: skip


def _late(view: View) -> set[int]:
    """The dropouts between an output and the last layer with weights, if there is one."""
    found: set[int] = set()
    seen: set[int] = set()
    for output in view.graph.outputs:
        passed: list[int] = []
        node: Node = output.node
        while isinstance(node.op, Layer) and not node.op.weighted and node.index not in seen:
            seen.add(node.index)
            if node.op.family == "regularization":
                passed.append(node.index)
            node = node.inputs[0]
        if node.index in seen or isinstance(node.op, Layer):
            found.update(passed)
    return found

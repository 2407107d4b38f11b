from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostics.model import Label
from cnndsl.ir.graph import Node
from cnndsl.lint.model import Rule, Site
from cnndsl.lint.view import View
from cnndsl.ops import Layer


class LinearPair(Rule):
    """Two convolutions or linear layers without an activation between them.

    ## What it does

    It finds a convolution or linear layer whose only reader is another one, with nothing between but
    batch norm, `flatten`, dropout or `identity`, in every network of the file that has the step. What is done
    on purpose is left alone: grouped and depthwise convolutions before a 1x1, a 1xn before an nx1, a narrow
    layer between wide ones, which takes fewer weights than the one layer that could take their place, and a
    transposed convolution that has as many channels as it gets: it enlarges a map of scores.

    ## Why is this bad?

    The two are one linear map: once trained, a single layer computes the same with fewer weights and
    multiply-adds. Most often the activation was forgotten.

    ## Example

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1)
        conv(32, 3x3, pad=1) -> relu
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        conv(32, 3x3, pad=1) -> relu
        global_avgpool -> linear(10)
    }
    ```
    """

    code = "W0204"
    name = "linear-pair"

    def graph(self, view: View) -> Iterable[Site]:
        for node, op in view.layers:
            span = view.place(node) if op.weighted else None
            if span is None:
                continue
            key = span.start, node.span.source.name, node.span.start
            first = _feeding(node, view)
            if first is None or _on_purpose(first, node):
                yield key, None
                continue
            assert first.op is not None
            place = view.place(first)
            labels = () if place is None or place == span else (Label(place, f"`{first.op.name}`"),)
            yield key, self.finding(
                f"no activation is between this `{op.name}` and the `{first.op.name}` before it", span,
                labels=labels, help="put an activation between them, or make them one layer",
            )  # fmt: skip


def _feeding(node: Node, view: View) -> Node | None:
    """The layer with weights whose result comes in, and goes nowhere else."""
    while True:
        for before in view.before(node):
            if len(before.users) > 1 or before.index in view.results:
                return None
            node = before
        if not isinstance(node.op, Layer):
            return None
        if not node.op.centres and not node.op.reshapes:
            return node if node.op.weighted else None


def _on_purpose(first: Node, second: Node) -> bool:
    for node in (first, second):
        if getattr(node.op, "groups", 1) > 1 or hasattr(node.op, "connections"):
            return True
    if second.shape[0] == first.shape[0] and second.shape[1:] > first.shape[1:]:
        return True  # a map of scores is enlarged
    sizes = [getattr(node.op, "size", (1, 1)) for node in (first, second)]
    if any(height != width for height, width in sizes):
        return True
    # A convolution keeps the places of its map, so that channels count; a linear layer all values.
    channels = len(second.shape) == 3
    wide = [n.shape[0] if channels else _values(n) for n in (first.inputs[0], second)]
    middle = first.shape[0] if channels else _values(first)
    return middle < min(wide)


def _values(node: Node) -> int:
    from cnndsl.ir.dims import product

    return product(node.shape)

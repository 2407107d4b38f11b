from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cnndsl.ir.dims import show
from cnndsl.ir.graph import Node
from cnndsl.lint.model import Rule, Site
from cnndsl.lint.view import View
from cnndsl.ops import Layer

SMALL = 100
"""A border that is below this part of the input is not worth a word: 1 pixel of 224, as SqueezeNet loses."""
SHOWN = 4
WAYS = {"round": "`round=ceil`", "pad": "a padding"}


@dataclass(frozen=True, slots=True)
class Loss:
    node: Node
    side: str
    size: int
    lost: int
    sum: str

    def __str__(self) -> str:
        rows = {"height": "rows", "width": "columns"}[self.side]
        return f"the last{f' {self.lost}' if self.lost > 1 else ''} of {self.size} {rows}"


class LostBorder(Rule):
    """A window that does not reach the end of its input: the rounding throws pixels away.

    ## What it does

    It finds convolutions and pools whose last window ends before the last row or column of the input,
    where the rows and columns that no window sees are at least one in a hundred. Padding that is not seen is
    no loss. One finding is given a network, at the first loss; the others are in its notes.

    ## Why is this bad?

    The number of windows, (N + 2P - K) / S + 1, is rounded down, and the network ignores the right and lower
    border of every image. Another input size, a padding or `round=ceil` keeps it.

    ## Example

    ```cnn
    network small : 3 x 30 x 30 -> 10 {
        conv(16, 3x3, pad=1) -> relu -> maxpool(2x2, stride=2)
        conv(32, 3x3, pad=1) -> relu -> maxpool(2x2, stride=2)
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu -> maxpool(2x2, stride=2)
        conv(32, 3x3, pad=1) -> relu -> maxpool(2x2, stride=2)
        global_avgpool -> linear(10)
    }
    ```
    """

    code = "W0205"
    name = "lost-border"

    def graph(self, view: View) -> Iterable[Site]:
        found = [loss for node, op in view.layers for loss in losses(node, op)]
        if not found:
            return
        first = found[0]
        span = view.place(first.node, root=True)
        if span is None:
            return
        op = first.node.op
        assert op is not None
        here = [loss for loss in found if loss.node is first.node]
        lost = " and ".join(map(str, here))
        more = list(dict.fromkeys(loss.node for loss in found if loss.node is not first.node))
        notes = list(dict.fromkeys(loss.sum for loss in here))
        for node in more[:SHOWN]:
            each = " and ".join(str(loss) for loss in found if loss.node is node)
            notes.append(f"so does `{node.op.name if node.op else ''}` ({node.path}): {each}")
        if len(more) > SHOWN:
            notes.append(f"and {len(more) - SHOWN} more after these")
        size = show(view.graph.input.shape)
        ways = [way for argument, way in WAYS.items() if argument in op.args]
        ways = [", ".join(ways), "another input size"] if ways else ["another input size"]
        yield span.start, self.finding(
            f"`{op.name}` never sees {lost}, for an input of {size}", span,
            text=f"of {show(first.node.input_shape)}", notes=tuple(notes),
            help=f"{' or '.join(ways)} keeps the border",
        )  # fmt: skip


def losses(node: Node, op: Layer) -> Iterator[Loss]:
    """The rows and columns of a node's input that no window of its op reaches."""
    x, y = node.input_shape, node.shape
    window = op.window(x) if "stride" in op.args and len(x) == 3 else None
    if window is None:
        return
    padding = getattr(op, "padding", None)
    pads = padding(x) if callable(padding) else getattr(op, "pad", (0, 0))
    for axis, side in enumerate(("height", "width")):
        n, k, s, p = x[axis + 1], window[0][axis], window[1][axis], pads[axis]
        lost = n - ((y[axis + 1] - 1) * s + k - p)
        if k >= s and lost * SMALL >= n and lost > 0:
            sum = f"({n} + 2·{p} - {k}) / {s} + 1 is rounded down to {y[axis + 1]}"
            yield Loss(node, side, n, lost, sum)

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.lint.model import Rule, Site
from cnndsl.lint.view import View


class StrideBeyondWindow(Rule):
    """A stride that is larger than its window: some rows or columns are never read.

    ## What it does

    It finds convolutions and pools whose stride is larger than the window, dilation counted. A window of one
    value is left alone: it takes every n-th position on purpose, as the shortcuts of ResNet. A window
    that is larger than its stride overlaps, which is fine.

    ## Why is this bad?

    The rows and columns between two windows reach nothing: what the layers before computed there is thrown
    away. Most often size and stride have changed places.

    ## Example

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        maxpool(2x2, stride=3)
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        maxpool(3x3, stride=2, pad=1)
        global_avgpool -> linear(10)
    }
    ```
    """

    code = "W0206"
    name = "stride-beyond-window"

    def graph(self, view: View) -> Iterable[Site]:
        for node, op in view.layers:
            span = view.place(node) if "stride" in op.args and len(node.input_shape) == 3 else None
            window = op.window(node.input_shape) if span is not None else None
            if span is None or window is None:
                continue
            key = span.start, node.span.source.name, node.span.start
            skipped = next(
                (
                    (k, s, rows)
                    for k, s, rows, size in zip(*window, ("rows", "columns"), node.shape[1:], strict=True)
                    if 1 < k < s and size > 1
                ),
                None,
            )
            if skipped is None:
                yield key, None
                continue
            k, s, rows = skipped
            yield key, self.finding(
                f"the stride of `{op.name}`, {s}, is larger than its window, {k}", span,
                notes=(f"of every {s} {rows} {s - k} {'is' if s - k == 1 else 'are'} never read",),
                help=f"a window of at least {s}, or a stride of at most {k}",
            )  # fmt: skip

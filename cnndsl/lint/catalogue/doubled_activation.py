from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostics.model import Label
from cnndsl.lint.model import Rule, Site
from cnndsl.lint.view import View

NORMALISES = "softmax"


class DoubledActivation(Rule):
    """An activation right behind another.

    ## What it does

    It finds activations whose input is the result of an activation, with nothing but dropout or `identity`
    between. `softmax` behind another is left alone: it turns scores into probabilities.

    ## Why is this bad?

    A rectifier behind a rectifier does nothing, and one behind a sigmoid neither. Most often a block that
    ends in an activation is followed by one of the caller's.

    ## Example

    ```cnn
    use std.ConvRelu

    network small : 3 x 32 x 32 -> 10 {
        ConvRelu(16, 3x3, pad=1) -> relu
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    use std.ConvRelu

    network small : 3 x 32 x 32 -> 10 {
        ConvRelu(16, 3x3, pad=1)
        global_avgpool -> linear(10)
    }
    ```
    """

    code = "W0203"
    name = "doubled-activation"

    def graph(self, view: View) -> Iterable[Site]:
        for node, op in view.layers:
            span = view.place(node) if op.family == "activation" and op.name != NORMALISES else None
            if span is None:
                continue
            key = span.start, node.span.source.name, node.span.start
            *_, first = view.before(node)
            if first.op is None or first.op.family != "activation":
                yield key, None
                continue
            again = op.name == first.op.name
            place = view.place(first)
            labels = () if place is None or place == span else (Label(place, f"`{first.op.name}` here"),)
            yield key, self.finding(
                f"`{op.name}` comes right behind {'another' if again else f'`{first.op.name}`'}", span,
                labels=labels, help="one of the two is enough",
            )  # fmt: skip

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostics.model import Edit
from cnndsl.lint.model import Rule, Site
from cnndsl.lint.view import View
from cnndsl.ops import Layer, registry
from cnndsl.source import Span
from cnndsl.syntax import ast


class ConvBiasBeforeNorm(Rule):
    """A biased layer whose result goes to batch norm alone.

    ## What it does

    It finds convolutions and linear layers with a bias that only batch norm reads, in every network of the
    file that has the step. VGG's convolutions, which have batch norm in some of its networks and none in
    the others, are left alone. Other norms don't subtract the mean of each channel, and are not meant.

    ## Why is this bad?

    Batch norm subtracts each channel's mean, and the bias with it: these parameters are trained, stored and
    counted, and have no effect.

    ## Example

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> bn -> relu
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1, bias=false) -> bn -> relu
        global_avgpool -> linear(10)
    }
    ```
    """

    code = "W0201"
    name = "conv-bias-before-norm"
    fixes = "unsafe"

    def graph(self, view: View) -> Iterable[Site]:
        for node, op in view.layers:
            if not op.weighted or "bias" not in op.args or not view.own(node.span):
                continue
            readers = node.users
            centred = [r.op for r in readers if isinstance(r.op, Layer) and r.op.centres]
            alone = centred and len(centred) == len(readers) and node.index not in view.results
            if not alone or not getattr(op, "bias", False):
                yield node.span.start, None
            else:
                yield node.span.start, self.finding(
                    f"the bias of `{op.name}` has no effect: `{centred[0].name}` subtracts it", node.span,
                    help="`bias=false`", fix=_fix(view.by_node[node.index].syntax),
                )  # fmt: skip


def _fix(syntax: ast.Step) -> tuple[Edit, ...]:
    """`bias=false`, where the step is a call of the op itself."""
    if not isinstance(syntax, ast.Apply) or syntax.name.name not in registry or not syntax.arguments:
        return ()
    args = list(registry[syntax.name.name].args)
    for index, argument in enumerate(syntax.arguments):
        name = argument.name.name if argument.name else args[index]
        if name == "bias":
            literal = isinstance(argument.value, ast.Literal)
            return (Edit(argument.value.span, "false"),) if literal else ()
    end = syntax.arguments[-1].span.end
    return (Edit(Span(syntax.span.source, end, end), ", bias=false"),)

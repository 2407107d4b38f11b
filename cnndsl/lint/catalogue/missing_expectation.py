from __future__ import annotations

from collections.abc import Iterable

from cnndsl.analysis.metrics import METRICS
from cnndsl.lint.model import Rule, Site
from cnndsl.lint.view import View
from cnndsl.syntax import ast

WANTED = ("params", "macs")


class MissingExpectation(Rule):
    '''A network of a shared spec that does not state its parameters and multiply-adds.

    ## What it does

    It finds networks that need no arguments and state no `expect params` or no `expect macs` of the whole
    network, neither themselves nor by a family of theirs.

    It applies to specs that the configuration calls shared, or where it is selected:

    ```toml
    [tool.cnndsl.lint]
    shared = ["specs/*"]
    ```

    ## Why is this bad?

    The figures are what shows that the spec is the network of the paper, and that a later change of a
    block is not a change of it. The help shows today's; compare them with the published ones.

    ## Example

    ```cnn
    """A single convolution, to try things with."""
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        global_avgpool -> linear(10)

        expect params == 618
    }
    ```

    ## Use instead

    ```cnn
    """A single convolution, to try things with."""
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        global_avgpool -> linear(10)

        expect params == 618
        expect macs == 442_528
    }
    ```
    '''

    code = "W0402"
    name = "missing-expectation"
    default = False

    def graph(self, view: View) -> Iterable[Site]:
        network = view.graph.expansion.network
        definition = view.program.module.own[network.name.name]
        stated = {
            statement.metric.name
            for each in view.program.family(definition)
            for statement in each.syntax.body.statements
            if isinstance(statement, ast.Expect) and statement.target is None
        }
        missing = [metric for metric in WANTED if metric not in stated]
        if missing:
            figures = [f"`expect {m} == {METRICS[m](view.graph.nodes):_}`" for m in missing]
            yield network.span.start, self.finding(
                f"`{network.name.name}` does not state its {' and '.join(missing)}", network.name.span,
                help=f"compare with the published figures: {', '.join(figures)}",
            )  # fmt: skip

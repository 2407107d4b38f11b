from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.lint.edits import without_argument
from cnndsl.lint.model import Rule
from cnndsl.lint.program import Program
from cnndsl.lint.tree import steps
from cnndsl.ops import registry
from cnndsl.ops.base import REQUIRED
from cnndsl.syntax import ast


class SingleGroup(Rule):
    """`groups=1` written out: a single group is no group.

    ## What it does

    It finds the number 1 as the `groups` of an op. A parameter or a computed number that happens to be 1 is
    left alone.

    ## Why is this bad?

    Every convolution has one group unless told otherwise; to write it makes the reader look for the others.
    A `channel_shuffle(1)` does nothing at all.

    ## Example

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1, groups=1) -> relu
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        global_avgpool -> linear(10)
    }
    ```
    """

    code = "W0208"
    name = "single-group"
    fixes = "safe"

    def tree(self, program: Program) -> Iterable[Diagnostic]:
        for definition in program.module.own.values():
            for step in steps(definition.syntax):
                if isinstance(step, ast.Apply) and step.arguments:
                    yield from self.call(step, step.arguments)

    def call(self, step: ast.Apply, arguments: list[ast.Argument]) -> Iterable[Diagnostic]:
        op = registry.get(step.name.name)
        declared = list(op.args) if op else []
        if op is None or "groups" not in declared:
            return
        for index, argument in enumerate(arguments):
            name = argument.name.name if argument.name else declared[index]
            one = isinstance(argument.value, ast.Literal) and argument.value.value == 1
            if name != "groups" or not one or op.args["groups"].kind.describe().startswith("a list"):
                continue
            idle = op.args["groups"].default is REQUIRED
            keyword = argument.name is not None and not idle
            yield self.finding(
                f"one group is none: `{op.name}` does nothing here" if idle and not op.weighted  # type: ignore[attr-defined]
                else f"`{op.name}` has one group unless told otherwise",
                argument.span, help="take it out", fix=without_argument(arguments, index) if keyword else (),
            )  # fmt: skip

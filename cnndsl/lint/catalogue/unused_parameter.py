from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.lint.model import Rule
from cnndsl.lint.program import Program


class UnusedParameter(Rule):
    """A parameter that nothing in its block or network reads.

    ## What it does

    It finds parameters of blocks and networks that neither the body, nor the signature, nor the default of
    another parameter reads. A block that is given to another as an argument, as in `Stage(Unit, 64, 3)`, is
    left alone: its parameters are those that the other one fills in. So is a name that begins with `_`.

    ## Why is this bad?

    A caller who sets it believes that it does something. Most often a number in the body should have been
    the parameter.

    ## Example

    ```cnn
    block Unit(out, stride = 1) {
        conv(out, 3x3, pad=1) -> relu
    }

    network small : 3 x 32 x 32 -> 10 {
        Unit(16, stride=2)
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    block Unit(out, stride = 1) {
        conv(out, 3x3, stride=stride, pad=1) -> relu
    }

    network small : 3 x 32 x 32 -> 10 {
        Unit(16, stride=2)
        global_avgpool -> linear(10)
    }
    ```
    """

    code = "W0101"
    name = "unused-parameter"

    def tree(self, program: Program) -> Iterable[Diagnostic]:
        for name, usage in program.usages.items():
            if name in program.values:
                continue
            for each in usage.bindings:
                if each.kind == "parameter" and not each.uses and not each.name.name.startswith("_"):
                    message = f"`{name}` does not use its parameter `{each.name.name}`"
                    yield self.finding(message, each.name.span, help="use it, or take it out with its calls")

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.lint.edits import without_line
from cnndsl.lint.model import Rule
from cnndsl.lint.names import Binding
from cnndsl.lint.program import Program
from cnndsl.syntax import ast


class UnusedLet(Rule):
    """A `let` or a loop's variable that nothing reads.

    ## What it does

    It finds names that `let`, `for … in` and `as` give to values which are not read then. Names that begin
    with `_` are left alone, and so is the variable of a loop of lanes, which nothing can take the place of.

    ## Why is this bad?

    It is a line to read that does nothing, or the place where it should have been used has another number.

    ## Example

    ```cnn
    network small(width = 16) : 3 x 32 x 32 -> 10 {
        let hidden = 4 * width
        conv(4 * width, 3x3, pad=1) -> relu
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    network small(width = 16) : 3 x 32 x 32 -> 10 {
        let hidden = 4 * width
        conv(hidden, 3x3, pad=1) -> relu
        global_avgpool -> linear(10)
    }
    ```
    """

    code = "W0102"
    name = "unused-let"
    fixes = "unsafe"

    def tree(self, program: Program) -> Iterable[Diagnostic]:
        for usage in program.usages.values():
            for each in usage.bindings:
                if not each.uses and not each.name.name.startswith("_"):
                    yield from self.unused(each)

    def unused(self, binding: Binding) -> Iterable[Diagnostic]:
        name, owner = binding.name, binding.owner
        if binding.kind == "let":
            fix = without_line(owner.span)
            yield self.finding(f"`{name.name}` is not used", name.span, help="take the `let` out", fix=fix)
        elif binding.kind == "index":
            yield self.finding(f"the index `{name.name}` is not used", name.span, help=f"leave `as {name.name}` out")
        elif binding.kind == "loop variable" and isinstance(owner, ast.For):
            help = "`{ … } * n` repeats steps without a variable" if owner.index is None else None
            yield self.finding(f"the loop's `{name.name}` is not used", name.span, help=help)

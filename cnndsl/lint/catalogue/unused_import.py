from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnndsl.diagnostics.model import Diagnostic, Edit, Label
from cnndsl.lint.edits import without_line
from cnndsl.lint.model import Rule
from cnndsl.lint.program import Program
from cnndsl.source import Span
from cnndsl.syntax import ast


class UnusedImport(Rule):
    """An `import` or `use` of which no name is used.

    ## What it does

    It finds names of `use`, and files of `import`, that no definition of the file uses. What a file imports
    is not passed on to those that import it in turn.

    ## Why is this bad?

    The reader looks for the place where it matters, and an imported file is read at every check.

    ## Example

    ```cnn
    use std.ConvBnRelu, std.ConvRelu

    network small : 3 x 32 x 32 -> 10 {
        ConvRelu(16, 3x3, pad=1)
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

    code = "W0104"
    name = "unused-import"
    fixes = "safe"

    def tree(self, program: Program) -> Iterable[Diagnostic]:
        for statement in program.file.imports:
            names = program.imported(statement)
            if names is not None and names.isdisjoint(program.used):
                message, span = f'nothing of "{statement.path}" is used', statement.span
                yield self.finding(message, span, help="take the `import` out", fix=without_line(span))
        for uses in statements(program.file.uses):
            unused = [use for use in uses if _short(use) not in program.used]
            if unused:
                yield self.unused(uses, unused)

    def unused(self, uses: list[ast.Use], unused: list[ast.Use]) -> Diagnostic:
        names = [f"`{use.name.name}`" for use in unused]
        what = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
        message = f"{what} {'is' if len(names) == 1 else 'are'} not used"
        labels = tuple(Label(use.span, "") for use in unused[1:])
        kept = [use.name.name for use in uses if use not in unused]
        all = uses[0].span.to(uses[-1].span)
        fix: tuple[Edit, ...] = ()
        if not kept:
            start = all.source.text.rfind("use", 0, all.start)
            fix = without_line(Span(all.source, start, all.end))
        elif "#" not in all.text:
            fix = (Edit(all, ", ".join(kept)),)
        help = f"`use {', '.join(kept)}`" if kept else "take the `use` out"
        return self.finding(message, unused[0].span, labels=labels, help=help, fix=fix)


def _short(use: ast.Use) -> str:
    return use.name.name.rpartition(".")[2]


def statements(uses: list[ast.Use]) -> Iterator[list[ast.Use]]:
    """The uses of each `use` statement."""
    group: list[ast.Use] = []
    for use in uses:
        text = use.span.source.text
        if group and "use" in text[group[-1].span.end : use.span.start].split():
            yield group
            group = []
        group.append(use)
    if group:
        yield group

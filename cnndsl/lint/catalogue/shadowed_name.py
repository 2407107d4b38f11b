from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostics.model import Diagnostic, Label
from cnndsl.elaborate.evaluate import FUNCTIONS
from cnndsl.lint.model import Rule
from cnndsl.lint.program import Program
from cnndsl.ops import registry
from cnndsl.source import Span


class ShadowedName(Rule):
    """A name that hides an op, a function, a block or a word of the language.

    ## What it does

    It finds parameters, `let`s, loop variables and dimensions that are named as an op, a function, a block or
    network that the file can see, or a word that an argument understands, such as `same`; and blocks and
    networks that are named as a function.

    Two values of one name, one inside the other, are an error already.

    ## Why is this bad?

    Behind it the name means something else than the reader thinks. A word is worse: where an argument
    understands it, `pad=same` is the word, whatever `same` is here.

    ## Example

    ```cnn
    network small(relu = elu) : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    network small(Act = elu) : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> Act
        global_avgpool -> linear(10)
    }
    ```
    """

    code = "W0106"
    name = "shadowed-name"

    def tree(self, program: Program) -> Iterable[Diagnostic]:
        words = {word for op in registry.values() for a in op.args.values() for word in a.words}
        for name, definition in program.module.own.items():
            if name in FUNCTIONS:
                yield self.shadow(name, f"the function `{name}`", definition.syntax.name.span)
        for usage in program.usages.values():
            for each in usage.bindings:
                name, span = each.name.name, each.name.span
                other = program.module.names.get(name)
                if other is not None:
                    labels = (Label(other.syntax.name.span, "defined here"),)
                    yield self.shadow(name, f"the definition `{name}`", span, labels)
                elif name in registry:
                    yield self.shadow(name, f"the op `{name}`", span)
                elif name in FUNCTIONS:
                    yield self.shadow(name, f"the function `{name}`", span)
                elif name in words:
                    yield self.shadow(name, f"the word `{name}`, which some arguments understand", span)

    def shadow(self, name: str, what: str, span: Span, labels: tuple[Label, ...] = ()) -> Diagnostic:
        return self.finding(f"`{name}` hides {what}", span, labels=labels, help="choose another name")

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.lint.model import Rule
from cnndsl.lint.program import Program
from cnndsl.syntax import ast


class MissingDocstring(Rule):
    '''A network of a shared spec without a docstring.

    ## What it does

    It finds networks that have no docstring, and are no member of a family that has one. The file's docstring
    is that of its only network, or only family, as well.

    It applies to specs that the configuration calls shared, or where it is selected:

    ```toml
    [tool.cnndsl.lint]
    shared = ["specs/*"]
    ```

    ## Why is this bad?

    Whoever finds the network by its name must guess which paper and which of its versions it is, and what
    was changed. `cnndsl zoo`, diagrams and generated code show the docstring.

    ## Example

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    """A single convolution, to try things with."""
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        global_avgpool -> linear(10)
    }
    ```
    '''

    code = "W0401"
    name = "missing-docstring"
    default = False

    def tree(self, program: Program) -> Iterable[Diagnostic]:
        networks = program.module.networks
        own = program.file.source.name
        for definition in networks.values():
            syntax = definition.syntax
            # A member without one is its family's affair, where that is in this file and has none either.
            family = [d.syntax for d in program.family(definition)]
            base = isinstance(syntax, ast.Network) and syntax.base is not None
            if any(each.doc for each in family) or (base and family[1].span.source.name == own):
                continue
            yield self.finding(
                f"the network `{definition.name}` has no docstring", syntax.name.span,
                help='`"""What it is. Who; where and when it was published."""` on the line above',
            )  # fmt: skip

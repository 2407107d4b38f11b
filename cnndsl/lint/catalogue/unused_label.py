from __future__ import annotations

import re
from collections.abc import Iterable

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.lint.model import Rule
from cnndsl.lint.program import Program
from cnndsl.lint.tree import steps
from cnndsl.syntax import ast


class UnusedLabel(Rule):
    """A label on a step that computes nothing, which nothing refers to.

    ## What it does

    It finds labels on `from`, on `identity` and on groups of nothing else, which no `from`, `expect`
    or `init` of the file names. Every other label is of use by itself: it is the name of the step in the
    `state_dict`, in the diagram and in messages.

    ## Why is this bad?

    The label names no computation, and where nobody refers to it, it says nothing. Most often the reference
    was taken out, or has another name.

    ## Example

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        stem: conv(16, 3x3, pad=1) -> relu
        start: identity
        add {
            | body: conv(16, 3x3, pad=1)
            | from stem
        }
        global_avgpool -> fc: linear(10)
    }
    ```

    ## Use instead

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        stem: conv(16, 3x3, pad=1) -> relu
        add {
            | body: conv(16, 3x3, pad=1)
            | from stem
        }
        global_avgpool -> fc: linear(10)
    }
    ```
    """

    code = "W0105"
    name = "unused-label"

    def tree(self, program: Program) -> Iterable[Diagnostic]:
        idle: list[ast.Label] = []
        named: set[str] = set()
        for definition in program.module.own.values():
            targets = [target for s in definition.syntax.body.statements for target in _targets(s)]
            for step in steps(definition.syntax):
                if isinstance(step, ast.From):
                    targets.append(step.target)
                if step.label is not None and _computes_nothing(step):
                    idle.append(step.label)
            for target in targets:
                named.update(_stem(target).split("."))
        for label in idle:
            if _stem(label) not in named and str(label) not in program.elsewhere:
                yield self.finding(
                    f"the label `{label}` names no computation, and nothing refers to it", label.span,
                    help="take it out, or refer to it with `from`",
                )  # fmt: skip


def _targets(statement: ast.Statement) -> list[ast.Label]:
    if isinstance(statement, ast.Expect):
        return [statement.target] if statement.target else []
    return statement.targets if isinstance(statement, ast.Init) else []


def _computes_nothing(step: ast.Step) -> bool:
    if isinstance(step, ast.Apply):
        return step.name.name == "identity"
    if isinstance(step, ast.From):
        return True
    if not isinstance(step, ast.Group):
        return False
    for inner in steps(step):
        if isinstance(inner, ast.Merge) or (isinstance(inner, ast.Apply) and inner.name.name != "identity"):
            return False
    return True


def _stem(label: ast.Label) -> str:
    """A label with all numbers and indices taken as one: `half{k}` and `half3` are the same."""
    return re.sub(r"\d+", "#", "".join(part if isinstance(part, str) else "0" for part in label.parts))

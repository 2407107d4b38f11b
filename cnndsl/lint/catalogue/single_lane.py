from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.lint.model import Rule, Site
from cnndsl.lint.program import Program
from cnndsl.lint.tree import steps
from cnndsl.lint.view import View
from cnndsl.syntax import ast


class SingleLane(Rule):
    """A merge that has a single lane.

    ## What it does

    It finds `concat`, `add` and the like with one lane in the text, or whose loop gives one lane in every
    network of the file that has it.

    ## Why is this bad?

    There is nothing to merge, and the step is its lane alone. Most often a lane is missing, such as the
    empty one that is a shortcut.

    ## Example

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        add {
            | conv(16, 3x3, pad=1)
        }
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        add {
            | conv(16, 3x3, pad=1)
            |
        }
        global_avgpool -> linear(10)
    }
    ```
    """

    code = "W0207"
    name = "single-lane"

    def tree(self, program: Program) -> Iterable[Diagnostic]:
        for definition in program.module.own.values():
            for step in steps(definition.syntax):
                if isinstance(step, ast.Merge) and len(step.lanes) == 1:
                    lane = step.lanes[0]
                    if isinstance(lane, ast.Lane):
                        yield self.single(step)

    def graph(self, view: View) -> Iterable[Site]:
        for step in view.steps:
            syntax = step.syntax
            if isinstance(syntax, ast.Merge) and view.own(syntax.span):
                looped = any(isinstance(lane, ast.LaneLoop) for lane in syntax.lanes)
                single = looped and len(step.bodies) == 1
                yield syntax.span.start, self.single(syntax) if single else None

    def single(self, merge: ast.Merge) -> Diagnostic:
        return self.finding(
            f"`{merge.name.name}` has a single lane, and so nothing to merge", merge.name.span,
            help="add the lane that is missing, an empty one for a shortcut, or take the merge out",
        )  # fmt: skip

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from cnndsl.ir.expansion import Scope, Step
from cnndsl.lint.model import Rule, Site
from cnndsl.lint.view import View
from cnndsl.syntax import ast


class PositionalName(Rule):
    """A step with weights that has no label, among steps that have.

    ## What it does

    It finds ops and block calls that have weights and are named by their position, in a scope, that is a body
    or a labelled step, where other steps are labelled. A scope without any label is left alone: its steps
    are numbered on purpose, as those of torchvision's `features`.

    ## Why is this bad?

    The position is part of the name of the weights. Whoever puts in an activation before it renames
    them, and weights that were saved no longer load. Where some steps have names, the reader takes it that
    all that matter have.

    ## Example

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv1: conv(16, 3x3, pad=1, bias=false) -> bn -> relu
        global_avgpool
        fc: linear(10)
    }
    ```

    ## Use instead

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv1: conv(16, 3x3, pad=1, bias=false) -> bn1: bn -> relu
        global_avgpool
        fc: linear(10)
    }
    ```
    """

    code = "W0107"
    name = "positional-name"

    def graph(self, view: View) -> Iterable[Site]:
        labelled: dict[int, dict[str, int]] = {}
        weighty: set[int] = set()
        for step in view.steps:
            if step.syntax.label is not None:
                labelled.setdefault(id(step.scope), {})[step.syntax.label.span.text] = step.syntax.span.start
        for node, op in view.layers:
            scope: Scope | None = node.scope if op.tensors(node.input_shape) else None
            while scope is not None and id(scope) not in weighty:
                weighty.add(id(scope))
                scope = scope.parent
        for step in view.steps:
            syntax = step.syntax
            if isinstance(syntax, ast.Apply) and syntax.label is None and view.own(syntax.span):
                yield self.site(step, labelled.get(id(step.scope)), weighty)

    def site(self, step: Step, among: dict[str, int] | None, weighty: set[int]) -> Site:
        syntax = step.syntax
        assert isinstance(syntax, ast.Apply)
        inside = id(step.opened) in weighty if step.opened else bool(step.node and step.node.tensors())
        if among is None or not inside:
            return syntax.span.start, None
        path = step.opened.path if step.opened else step.node.path if step.node else ""
        position = path.rpartition(".")[2]
        name = syntax.name.name
        at = syntax.span.start
        free = next(label for n in count(1) if among.setdefault(label := f"{name.lower()}{n}", at) == at)
        return syntax.span.start, self.finding(
            "this step has weights and no label, among steps that have labels", syntax.span,
            text=f"its position names it: `{position}`", help=f"name it, as in `{free}: {name}`",
        )  # fmt: skip

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnndsl.analysis.metrics import params
from cnndsl.ir.expansion import Body, Scope
from cnndsl.ir.graph import Node, behind
from cnndsl.lint.model import Rule, Site
from cnndsl.lint.view import View
from cnndsl.source import Span
from cnndsl.syntax import ast


class DeadStep(Rule):
    """A step whose result reaches no output of the network, or none of evaluation.

    ## What it does

    It finds steps whose result nothing reads, most often because a `from` takes the place of the flow, and, in
    the text of evaluation, those whose result only an `output … when training` reads. Of several in a row
    it names the last.

    ## Why is this bad?

    The step is computed for nothing. Its weights are counted, created and saved, and no gradient ever reaches
    them. Where training reads them, they look like a part of the network that evaluation runs.

    ## Example

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        stem: conv(16, 3x3, pad=1) -> relu
        body: conv(16, 3x3, pad=1) -> relu
        from stem
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
        relu
        global_avgpool -> fc: linear(10)
    }
    ```
    """

    code = "W0209"
    name = "dead-step"

    def graph(self, view: View) -> Iterable[Site]:
        outputs = view.graph.outputs
        read = behind([output.node for output in outputs])
        body = view.graph.expansion.root.body
        training = {node.index for node in _in_outputs(body, False)} if body is not None else set()
        used = {id(scope) for node in view.graph.nodes if node.index in read for scope in _around(node)}
        for node in view.graph.nodes:
            if node.op is None:
                continue
            if node.index not in read and not node.users:
                span, name = _unused(node, view, used)
                if span is not None:
                    yield span.start, self.finding(
                        f"nothing reads the result of `{name}`", span,
                        notes=_lost(node, read), help="take the step out, or let its result flow on",
                    )  # fmt: skip
                continue
            span = view.place(node)
            if span is not None and _late(node, read, training):
                yield span.start, self.finding(
                    f"only training reads the result of `{node.op.name}`, and it is no part of an output", span,
                    help="write the step in the `output … when training` that reads it",
                )  # fmt: skip
            elif node.index in read:
                places = [span, *(scope.span for scope in _around(node) if view.own(scope.span))]
                yield from ((each.start, None) for each in places if each is not None)


def _around(node: Node) -> Iterable[Scope]:
    scope: Scope | None = node.scope
    while scope is not None and scope.parent is not None:
        yield scope
        scope = scope.parent


def _unused(node: Node, view: View, used: set[int]) -> tuple[Span | None, str]:
    """The step of which nothing is used, the call of a block rather than what is in it; and its name."""
    span, name = view.place(node), node.op.name if node.op else ""
    for scope in _around(node):
        if id(scope) in used:
            break
        if scope.definition is not None and view.own(scope.span):
            span, name = scope.span, scope.definition.name.name
    return span, name


def _in_outputs(body: Body, inside: bool) -> Iterator[Node]:
    """The nodes that are made in outputs which only training has."""
    for step in body.steps:
        within = inside or (isinstance(step.syntax, ast.Output) and step.syntax.training_only)
        for each in step.bodies:
            yield from _in_outputs(each, within)
        if within:
            yield from (node for node in (step.node, *step.joins) if node is not None)


def _late(node: Node, read: set[int], training: set[int]) -> bool:
    """Whether it is the last step in evaluation's text that training alone needs."""
    if not node.training_only or node.index not in read or node.index in training:
        return False
    return all(reader.index in training or reader.index not in read for reader in node.users)


def _lost(last: Node, read: set[int]) -> tuple[str, ...]:
    """What is made for nothing, up to the step that is named."""
    dead, nodes = {last.index: last}, [last]
    while nodes:
        inputs = [each for each in nodes.pop().inputs if each.index not in read and each.index not in dead]
        dead.update((each.index, each) for each in inputs)
        nodes += inputs
    lost = params(dead.values())
    return (f"{lost:,} parameters are counted and created, and never used",) if lost else ()

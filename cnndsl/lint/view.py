"""A network's graph as the rules see it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from cnndsl.ir.expansion import Body, Scope, Step
from cnndsl.ir.graph import Graph, Node
from cnndsl.lint.program import Program
from cnndsl.ops import Layer
from cnndsl.source import Span

MAX_PASSED = 16
"""How many steps that pass values on are looked through."""


class View:
    """One network of a file, with who reads what."""

    def __init__(self, graph: Graph, program: Program) -> None:
        self.graph = graph
        self.program = program
        self.source = program.file.source.name

    def own(self, span: Span) -> bool:
        """Whether a place is in the file that is linted."""
        return span.source.name == self.source

    def place(self, node: Node, root: bool = False) -> Span | None:
        """The smallest text of the file that made a node: its step, or the call that led there.

        With ``root`` it is the network's name where all that is elsewhere.
        """
        if self.own(node.span):
            return node.span
        scope: Scope | None = node.scope
        while scope is not None:
            if self.own(scope.span) and (root or scope.parent is not None):
                return scope.span
            scope = scope.parent
        return None

    @cached_property
    def steps(self) -> list[Step]:
        """Every expanded step."""
        found: list[Step] = []
        root = self.graph.expansion.root
        stack: list[Body] = [root.body] if root.body else []
        while stack:
            for step in stack.pop().steps:
                found.append(step)
                stack.extend(step.bodies)
        return found

    @cached_property
    def layers(self) -> list[tuple[Node, Layer]]:
        """The nodes with one input, in order of execution."""
        return [(node, node.op) for node in self.graph.nodes if isinstance(node.op, Layer)]

    @cached_property
    def by_node(self) -> dict[int, Step]:
        """The step of each op's node."""
        return {step.node.index: step for step in self.steps if step.node is not None}

    @cached_property
    def results(self) -> set[int]:
        """The nodes that are outputs of the network."""
        return {output.node.index for output in self.graph.outputs}

    def before(self, node: Node) -> Iterator[Node]:
        """What feeds a layer: its input, and where that one passes values on, what feeds it, and so on."""
        for _ in range(MAX_PASSED):
            if not node.inputs:
                return
            node = node.inputs[0]
            yield node
            if not (isinstance(node.op, Layer) and node.op.idle):
                return

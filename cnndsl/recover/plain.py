"""The plainest text of a graph: each scope a group, nothing put together."""

from __future__ import annotations

from cnndsl.ir.graph import Graph, Node
from cnndsl.recover.flow import Flow
from cnndsl.recover.outputs import network_body
from cnndsl.recover.terms import Body, Group, Step
from cnndsl.recover.tree import Scope, scope_tree


def plain(graph: Graph) -> Body:
    """The network's body.

    Raises:
        Unsayable: it has none.
    """

    def inner(scope: Scope) -> Step:
        assert scope.exit is not None
        flow = Flow(scope, scope.items, inner, name)
        return Group(tuple(step for _, step in flow.steps(scope.entries[0], scope.exit)), _label(scope))

    def name(value: Node) -> str:
        return value.path

    return network_body(graph, scope_tree(graph), inner, name)


def _label(scope: Scope) -> str:
    return scope.name

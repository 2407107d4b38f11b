"""What tells the expansions of one block apart, where one class can't hold them all."""

from __future__ import annotations

from typing import Any

from cnndsl.elaborate.values import Definition, Partial
from cnndsl.ir.expansion import Body, Scope
from cnndsl_torch.write.expansions import calls_of, nodes_of

Instances = list[tuple[Scope, Body]]


def recurses(instances: Instances) -> bool:
    """Whether a block calls itself, at any depth."""
    outer = {id(scope.definition) for scope, _ in instances}
    return any(id(inner.definition) in outer for _, body in instances for inner, _ in calls_of(body))


def kind_of(scope: Scope, body: Body) -> Any:
    """What a class with parameters can't vary in: map or features, and the ops that parameters hold."""
    steps = [(k, v) for k, v in scope.values.items() if isinstance(v, Partial)]
    return len(body.input.shape), tuple((k, repr(v)) for k, v in steps if not isinstance(v.target, Definition))


def structure(scope: Scope, body: Body) -> Any:
    """The ops of an expansion, their names and wiring."""
    nodes = list(nodes_of(body))
    index = {id(node): position for position, node in enumerate(nodes)}
    root = len(scope.path)
    return tuple((n.path[root:], type(n.op), tuple(index.get(id(i), -1) for i in n.inputs)) for n in nodes)


def form(scope: Scope, body: Body) -> Any:
    """Everything that makes two expansions the same class: their ops, shapes, names and wiring."""
    nodes = list(nodes_of(body))
    return structure(scope, body), tuple((repr(n.op), n.shape, tuple(i.shape for i in n.inputs)) for n in nodes)


KINDS = (kind_of, structure, form, lambda scope, body: id(scope))
"""What tells expansions of one block apart, from coarse to fine."""

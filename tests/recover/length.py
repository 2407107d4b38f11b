"""How long a spec is."""

from __future__ import annotations

from cnndsl.ir.expansion import Body, Scope
from cnndsl.ir.graph import Graph
from cnndsl.pipeline import Spec
from cnndsl.source import Span
from cnndsl.syntax import ast


def lines(spec: Spec, graph: Graph) -> int:
    """Lines of the definitions that a network needs, those of ``std`` included: no docstrings, blank lines, facts, and
    nothing of how tensors start."""
    used: list[ast.Block | ast.Network] = []
    network: ast.Block | ast.Network | None = spec.definition().syntax
    while isinstance(network, ast.Network):
        used.append(network)
        base = spec.module.names.get(network.base.name.name) if network.base else None
        network = base.syntax if base else None
    assert graph.expansion.root.body is not None
    used += [scope.definition for scope in _calls(graph.expansion.root.body) if scope.definition is not None]
    spans: dict[tuple[str, int], Span] = {(d.span.source.name, d.span.start): d.span for d in used}
    counted = (line.strip() for span in spans.values() for line in span.text.splitlines())
    return sum(1 for line in counted if line and not line.startswith(("expect", "init")))


def _calls(body: Body) -> list[Scope]:
    found = []
    for step in body.steps:
        if step.opened is not None and step.opened.definition is not None:
            found.append(step.opened)
        for inner in step.bodies:
            found += _calls(inner)
    return found

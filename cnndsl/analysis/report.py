"""A network in numbers, layer by layer: what `cnndsl summary` prints, and its JSON with a schema.

This is the program's border: pydantic is imported here, and nothing on the way of `check` imports this.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from cnndsl.analysis.metrics import depth, evaluation_nodes, macs, memory, params
from cnndsl.analysis.receptive_field import receptive_field
from cnndsl.analysis.written import written
from cnndsl.ir.dims import Shape
from cnndsl.ir.expansion import Scope
from cnndsl.ir.graph import Graph, Node


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Layer(_Model):
    """One op in place, or everything inside a scope that is folded into one row."""

    path: str
    """Dotted; the prefix of its tensors in the ``state_dict``."""
    op: str
    """The op, or the block of a folded scope (``group`` where it is none)."""
    arguments: str
    """The op's arguments that are not their defaults, as the language writes them."""
    output: list[int]
    """Channels, height and width, or features. There is no batch dimension."""
    params: int
    """Trainable values."""
    macs: int
    """Multiply-adds of one image, in convolutions and linear layers."""
    ops: int
    """How many ops the row stands for."""
    training_only: bool
    """Whether only training runs it."""
    file: str
    line: int
    """Where the spec writes it, from 1."""


class Result(_Model):
    """A result of the network."""

    name: str
    """``output`` is the main one."""
    shape: list[int]
    training_only: bool


class Summary(_Model):
    """A network for one input size. The figures are exact."""

    version: Literal[1] = 1
    """Of this format: another number means that a field was removed or has a new meaning."""
    network: str
    doc: str | None
    """The spec's docstring."""
    file: str
    line: int
    input: list[int]
    output: list[int]
    """The main output's shape."""
    outputs: list[Result]
    params: int
    """Trainable values of everything, training heads included, as in the ``state_dict``."""
    macs: int
    """Multiply-adds of one image in training, heads included."""
    macs_evaluation: int
    """Multiply-adds of one image in evaluation."""
    depth: int
    """Convolutions and linear layers on the longest path."""
    memory_bytes: int
    """All results of the ops in float32, for one image in evaluation."""
    receptive_field: list[int] | None
    """Height and width of the input that one position of the main output depends on; null where it is not known."""
    layers: list[Layer]


def summarize(graph: Graph, fold: int | None = None) -> Summary:
    """The figures of a graph. Scopes deeper than ``fold`` become one row each."""
    evaluation = evaluation_nodes(graph)
    place = graph.expansion.network.name.span
    return Summary(
        network=graph.name,
        doc=graph.doc,
        file=place.source.name,
        line=place.line,
        input=list(graph.input.shape),
        output=list(graph.output.shape),
        outputs=[Result(name=o.name, shape=list(o.node.shape), training_only=o.training_only) for o in graph.outputs],
        params=params(graph.nodes),
        macs=macs(graph.nodes),
        macs_evaluation=macs(evaluation),
        depth=depth(evaluation),
        memory_bytes=memory(evaluation),
        receptive_field=list(field) if (field := receptive_field(graph, graph.output)) else None,
        layers=list(_rows(graph, fold)),
    )


def _rows(graph: Graph, fold: int | None) -> Iterator[Layer]:
    folded: dict[str, list[Node]] = {}
    for node in graph.nodes:
        if node.op is not None:
            folded.setdefault(_prefix(node.path, fold), []).append(node)
    for path, nodes in folded.items():
        scope = _scope(nodes[0], path)
        yield _op_row(nodes[0]) if scope is None else _scope_row(scope, nodes, graph)


def _prefix(path: str, fold: int | None) -> str:
    return path if fold is None else ".".join(path.split(".")[:fold])


def _scope(node: Node, path: str) -> Scope | None:
    """The scope of this path around a node; None where the path is the node's own."""
    if node.path == path:
        return None
    scope: Scope | None = node.scope
    while scope is not None and scope.path != path:
        scope = scope.parent
    assert scope is not None, f"{node.path} is in no scope {path}"
    return scope


def _op_row(node: Node) -> Layer:
    assert node.op is not None
    return Layer(
        path=node.path,
        op=node.op.name,
        arguments=written(node.op),
        output=list(node.shape),
        params=node.params,
        macs=node.macs,
        ops=1,
        training_only=node.training_only,
        file=node.span.source.name,
        line=node.span.line,
    )


def _scope_row(scope: Scope, nodes: list[Node], graph: Graph) -> Layer:
    result = graph.expansion.results.get(scope.path)
    shape: Shape = result.shape if result is not None else nodes[-1].shape
    return Layer(
        path=scope.path,
        op=scope.definition.name.name if scope.definition else "group",
        arguments="",
        output=list(shape),
        params=params(nodes),
        macs=macs(nodes),
        ops=len(nodes),
        training_only=all(node.training_only for node in nodes),
        file=scope.span.source.name,
        line=scope.span.line,
    )

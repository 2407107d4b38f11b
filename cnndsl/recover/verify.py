"""Whether two graphs are the same network: ops, arguments, shapes, edges, names and results."""

from __future__ import annotations

from cnndsl.ir.graph import Graph, Initialisation
from cnndsl.ops import Merge


def difference(wanted: Graph, found: Graph) -> str | None:
    """The path where a recovered graph differs, or None. Names of joins, which hold no tensors, don't count."""
    nodes = {node.path: node for node in found.nodes}
    same = {id(wanted.nodes[0]): found.nodes[0]}
    if wanted.nodes[0].shape != found.nodes[0].shape or len(wanted.nodes) != len(found.nodes):
        return ""
    joins = [node for node in found.nodes if isinstance(node.op, Merge)]
    number = 0
    for node in wanted.nodes[1:]:
        assert node.op is not None
        if isinstance(node.op, Merge):
            other = joins[number] if number < len(joins) else None
            number += 1
        else:
            other = nodes.get(node.path)
        if other is None or other.op is None or type(other.op) is not type(node.op) or other.shape != node.shape:
            return node.path
        if other.op.values() != node.op.values() or other.training_only != node.training_only:
            return node.path
        if [id(same.get(id(value))) for value in node.inputs] != [id(value) for value in other.inputs]:
            return node.path
        same[id(node)] = other
    for one, two in zip(wanted.outputs, found.outputs, strict=False):
        if (one.name, one.training_only) != (two.name, two.training_only) or same[id(one.node)] is not two.node:
            return one.node.path
    if [_start(each) for each in wanted.initial] != [_start(each) for each in found.initial]:
        return ""
    return None if len(wanted.outputs) == len(found.outputs) else ""


def _start(each: Initialisation) -> object:
    return each.tensor, {node.path for node in each.nodes}, each.initialiser

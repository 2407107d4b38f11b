"""`from` another step: which of those above would fit."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.diagnostics.model import Edit
from cnndsl.elaborate.remedies.lanes import Lanes, Option
from cnndsl.elaborate.remedies.trials import outcome
from cnndsl.ir.dims import show as show_shape
from cnndsl.syntax import ast


def sources(lanes: Lanes, pairs: list[tuple[int, int]]) -> list[Option]:
    return [option for index, other in pairs for option in _others(lanes, index, other)]


def _others(lanes: Lanes, index: int, other: int) -> Iterator[Option]:
    """The labels whose results make a lane fit that begins with `from`, the nearest above it first."""
    target = _from(lanes, index)
    taken = lanes.labelled.get(str(target)) if target is not None else None
    if target is None or taken is None:
        return
    end, goal = lanes.nodes[index], lanes.nodes[other]
    nodes = [node for node in lanes.own(index, other) if node.index > taken.index]
    for label, node in sorted(lanes.labelled.items(), key=lambda item: -item[1].index):
        if node is taken or node is goal or not node.shape or node.index < 0:
            continue
        shape = outcome(end, nodes, {}, {taken.index: node.shape})
        if shape and lanes.fit(goal.shape, shape):
            yield Option(f"`from {label}` has {show_shape(node.shape)}", index, shape, (Edit(target.span, label),))


def _from(lanes: Lanes, index: int) -> ast.Label | None:
    """What a lane is from, if its first step says so."""
    lane = lanes.written(index)
    body = lane.body.statements if lane is not None else []
    first = body[0] if body else None
    step = first.steps[0] if isinstance(first, ast.Chain) else None
    return step.target if isinstance(step, ast.From) and len(step.target.parts) == 1 else None

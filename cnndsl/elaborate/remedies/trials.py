"""What one argument of one step would have to be for another shape to come out: found by trying.

Nothing is guessed: a change counts where the shapes behind it, inferred anew, end in one that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from cnndsl.diagnostics.model import Edit
from cnndsl.elaborate.remedies.changes import Change, Wanted, changes
from cnndsl.elaborate.remedies.rewriting import call_of, given, rewritten, with_arguments
from cnndsl.ir.dims import Shape
from cnndsl.ir.dims import show as show_shape
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer, Merge, Mismatch, Op, Violation
from cnndsl.source import Source, Span
from cnndsl.syntax import ast

NEAR = 200
"""How many nodes back a cause is looked for."""
TRIED = 16
"""How many steps are tried."""

Fits = Callable[[Shape], bool]
Only = Callable[[Node, Collection[str]], bool]
"""Whether these arguments of a node are to be tried."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A step with another argument, and what then comes out behind it all."""

    line: int
    text: str
    shape: Shape
    edits: tuple[Edit, ...]
    stated: bool
    """Whether the text states one of the arguments: then the change contradicts what is written."""
    rare: bool

    def __str__(self) -> str:
        return f"`{self.text}` in line {self.line} gives {show_shape(self.shape)}"


def cone(end: Node, known: Collection[int] = (), most: int = NEAR) -> list[Node]:
    """The nodes that lead to one, in the order of execution, but for those that are ``known`` and what is behind
    them; the nearest where there are many."""
    found: dict[int, Node] = {}
    nodes, waiting = {end.index: end}, [-end.index]
    while waiting and len(found) < most:
        node = nodes[-heappop(waiting)]
        if node.index < 0 or node.index in known:
            continue
        found[node.index] = node
        for each in node.inputs:
            if each.index not in nodes:
                nodes[each.index] = each
                heappush(waiting, -each.index)
    return [found[index] for index in sorted(found)]


def outcome(end: Node, nodes: Sequence[Node], ops: Mapping[int, Op], start: Mapping[int, Shape] | None = None) -> Shape:
    """The shape of a node where others have other ops, or start with other shapes; empty where one of them does
    not take its input. ``nodes`` are those between, in their order."""
    shapes = dict(start or {})
    for node in nodes:
        if node.index in shapes or not (node.index in ops or any(each.index in shapes for each in node.inputs)):
            continue
        op = ops.get(node.index, node.op)
        assert isinstance(op, Layer | Merge)
        inputs = tuple(shapes.get(each.index, each.shape) for each in node.inputs)
        try:
            shapes[node.index] = op.join(inputs) if isinstance(op, Merge) else op.infer(inputs[0])
        except (Violation, Mismatch):
            return ()
    return shapes.get(end.index, end.shape)


def trials(end: Node, nodes: Sequence[Node], fits: Fits, wanted: Wanted, only: Only) -> list[Trial]:
    """The changes of a step's arguments that make the result fit, the nearest to the end first. A step that made
    several nodes is changed in all of them."""
    found: list[Trial] = []
    tried: set[Span] = set()
    for node in reversed(nodes):
        if node.span in tried or not isinstance(node.op, Layer):
            continue
        tried.add(node.span)
        call = call_of(node)
        if call is None:
            continue
        same = [n for n in nodes if n.span == node.span]
        mended: set[str] = set()
        for change in changes(node, call, wanted):
            name = min(change.arguments)
            if name in mended or "size" in mended or not only(node, change.arguments.keys()):
                continue
            trial = _trial(end, nodes, call, same, change)
            if trial is not None and fits(trial.shape):
                mended.add(name)
                found.append(trial)
        if len(tried) == TRIED:
            break
    return found


def used_elsewhere(nodes: Sequence[Node], made: Sequence[Node]) -> set[tuple[Source, int]]:
    """The steps that made other nodes than these: what is right there stays."""
    inside = {node.index for node in nodes}
    return {(node.span.source, node.span.start) for node in made if node.index not in inside}


def likely(found: list[Trial]) -> list[Trial]:
    """Those that are not rare, if there are such, changes of unstated arguments first."""
    usual = [trial for trial in found if not trial.rare]
    return sorted(usual or found, key=lambda trial: (trial.stated, len(trial.edits)))


def _trial(end: Node, nodes: Sequence[Node], call: ast.Apply, same: list[Node], change: Change) -> Trial | None:
    assert same[0].op is not None
    arguments = same[0].op.args
    edits = with_arguments(call, arguments, {name: text for name, (_, text) in change.arguments.items()})
    ops = changed_ops({node.index: node for node in same}, {name: v for name, (v, _) in change.arguments.items()})
    shape = outcome(end, nodes, ops) if edits and ops else ()
    stated = any(given(call, arguments, name) is not None for name in change.arguments)
    return Trial(call.span.line, rewritten(call.span, edits), shape, edits, stated, change.rare) if shape else None


def changed_ops(nodes: Mapping[int, Node], values: Mapping[str, object]) -> dict[int, Op]:
    """The ops of nodes with other arguments; none where they contradict their others."""
    try:
        return {i: type(node.op)(**{**node.op.values(), **values}) for i, node in nodes.items() if node.op is not None}
    except Violation:
        return {}

"""The lanes of a merge that disagree, and which of them is told of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cnndsl.diagnostics.model import Edit
from cnndsl.elaborate.remedies.trials import cone, used_elsewhere
from cnndsl.ir.dims import Shape
from cnndsl.ir.expansion import Scope, Step
from cnndsl.ir.graph import Node
from cnndsl.ops import Merge, Mismatch
from cnndsl.source import Source, Span
from cnndsl.syntax import ast


@dataclass(frozen=True, slots=True)
class Option:
    """Something that would mend it: in words, what a lane's shape then is (empty: not known), and as edits where
    these are all of it."""

    text: str
    lane: int
    shape: Shape
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Lanes:
    """The results of a merge's lanes."""

    step: Step
    op: Merge
    nodes: Sequence[Node]
    places: Sequence[Span]
    labelled: Mapping[str, Node]
    """The results that `from` can name there."""
    made: Sequence[Node] = ()
    """All nodes of the network so far; empty where there is no time to try changes."""

    def fit(self, one: Shape, other: Shape) -> bool:
        try:
            self.op.join((one, other))
        except Mismatch:
            return False
        return True

    @cached_property
    def _blamed(self) -> Mismatch:
        try:
            self.op.join(tuple(node.shape for node in self.nodes))
        except Mismatch as mismatch:
            return mismatch
        raise AssertionError("the lanes agree")

    @cached_property
    def reference(self) -> int:
        """The lane that the others are held against: the first of those that most agree with; where none of several
        agree, one that keeps the size; otherwise the first that the op does not blame."""
        shapes = [node.shape for node in self.nodes]
        texts = {place.start: shape for place, shape in reversed(list(zip(self.places, shapes, strict=True)))}
        agreeing = [sum(self.fit(each, other) for other in texts.values()) for each in shapes]
        if max(agreeing) > 1:
            return agreeing.index(max(agreeing))
        keeps = [index for index, shape in enumerate(shapes) if shape[1:] == self.step.input.shape[1:]]
        if len(shapes) > 2 and keeps:
            return keeps[0]
        return 0 if self._blamed.lane else 1

    @cached_property
    def _elsewhere(self) -> set[tuple[Source, int]]:
        pairs = [(index, self.reference) for index in self.wrong] + [(self.reference, index) for index in self.wrong]
        return used_elsewhere([node for pair in pairs for node in self.own(*pair)], self.made)

    @property
    def rule(self) -> str:
        """What the lanes must have in common."""
        rule = str(self._blamed)
        return rule if self.reference == 0 else rule.replace("the first", "the others")

    @cached_property
    def wrong(self) -> list[int]:
        """The lanes that do not fit the reference; of those that a loop made of one text the first."""
        shape = self.nodes[self.reference].shape
        found = [i for i, node in enumerate(self.nodes) if not self.fit(shape, node.shape)]
        return list({self.places[i].start: i for i in reversed(found)}.values())[::-1]

    def joined(self, changed: Mapping[int, Shape]) -> Shape:
        """What comes out where lanes, and all that a loop made with them, have other shapes; empty if it is nothing."""
        shapes = [node.shape for node in self.nodes]
        for lane, shape in changed.items():
            for i, place in enumerate(self.places):
                if place == self.places[lane]:
                    kept = (shapes[i][0], *shape[1:])
                    shapes[i] = kept if self.fit(shape, kept) else shape
        try:
            return self.op.join(tuple(shapes)) if all(shapes) else ()
        except Mismatch:
            return ()

    def wanted(self, index: int, other: int) -> Shape:
        """What the shape of a lane would be if it fitted another, and differed from what it is in nothing else."""
        found, target = self.nodes[index].shape, self.nodes[other].shape
        kept = [(target[0], *found[1:]), (found[0], *target[1:])]
        return next((shape for shape in kept if self.fit(target, shape)), target)

    def own(self, index: int, other: int) -> list[Node]:
        """The nodes that lead to one lane's result and not to the other's."""
        return cone(self.nodes[index], [node.index for node in cone(self.nodes[other])])

    def written(self, index: int) -> ast.Lane | None:
        """The text of a lane, unless a loop made several of it."""
        syntax = self.step.syntax
        lanes = syntax.lanes if isinstance(syntax, ast.Merge) else []
        return next((lane for lane in lanes if isinstance(lane, ast.Lane) and lane.span == self.places[index]), None)

    def inside(self, node: Node, index: int) -> bool:
        """Whether a node is written in the text of a lane."""
        place = self.places[index]
        return node.span.source is place.source and place.start <= node.span.start < place.end

    def changes_lane(self, option: Option) -> bool:
        """Whether an option changes the text of its lane alone."""
        place = self.places[option.lane]
        return all(place.start <= edit.span.start <= place.end for edit in option.edits)

    def tried(self, index: int, node: Node, arguments: Collection[str]) -> bool:
        """Whether these arguments may be meant otherwise: all in the lane, before the merge those that undo what was
        reduced there."""
        if next(node.scope.calls).definition is not next(self.step.scope.calls).definition:
            return self._within(node, index) and (node.span.source, node.span.start) not in self._elsewhere
        return self.inside(node, index) or enlarges(node) or set(arguments) == {"round"}

    def _within(self, node: Node, index: int) -> bool:
        """Whether a node is of a block, in the same text, that a lane calls."""
        place, scopes = self.places[index], list(node.scope.calls)
        return node.span.source is place.source and any(
            place.start <= scope.span.start < place.end for scope in scopes if scope.span.source is place.source
        )

    def called(self, index: int, caller: Scope, call: ast.Apply) -> bool:
        """Whether a block's call stands in a lane."""
        place = self.places[index]
        return caller is next(self.step.scope.calls) and place.start <= call.span.start < place.end


def enlarges(node: Node) -> bool:
    """Whether a node makes its map larger."""
    return (
        len(node.shape) == 3
        and bool(node.inputs)
        and len(node.input_shape) == 3
        and node.shape[1] > node.input_shape[1]
    )

"""Receptive fields: how large a part of the input one position of a result can depend on.

The field is the smallest rectangle of the input that holds every pixel which can change the result at one position,
in whatever channel; of all positions, the largest one counts. Padding counts as if the input went on there, so that a
field can be larger than the input, as in Araujo, Norris, Sim: Computing receptive fields of convolutional neural
networks, Distill 2019. Theirs are the rules for windows; for all ops, the rows that are read say it (`Layer.reach`).
What reads the whole of a map, such as a global pool or group normalisation, sees what lies inside the input, and no
more. Flat features are one position. Batch normalisation reads its image alone, as in evaluation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import gcd, lcm

from cnndsl.ir.graph import Graph, Node
from cnndsl.ops import Layer
from cnndsl.ops.base import Op
from cnndsl.ops.merge import Concat
from cnndsl.ops.reach import Reach

Span = tuple[int, int]
"""The first and last row of the input."""
POSITIONS = 4096
"""The most positions of an axis that are looked at one by one."""
WORK = 500_000
"""The most spans that are looked at in a network."""


class Unknown(Exception):
    """A field can't be said: it would take too long, or channels differ in theirs and only some are taken."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The rows, or columns, of the input that each position of a map sees.

    Position i + ``len(spans)`` sees what i does, ``step`` rows further on. With a ``step`` of None the spans are all
    there are. None in place of a span: such a position sees nothing.
    """

    spans: tuple[Span | None, ...]
    step: int | None
    whole: bool = False
    """Whether something read the whole of a map, so that the input's border counts."""

    def at(self, position: int) -> Span | None:
        turn, index = divmod(position, len(self.spans))
        if self.step is None:
            return None if turn else self.spans[index]
        span = self.spans[index]
        return span and (span[0] + turn * self.step, span[1] + turn * self.step)

    def hull(self, positions: range) -> Span | None:
        """What all of these see together. Behind the first and before the last few, none sees further."""
        few = len(self.spans)
        if self.step is None:
            positions = positions[max(0, -(positions.start // positions.step)) :]
            positions = positions[: max(0, -((positions.start - few) // positions.step))]
        ends = positions if len(positions) <= 2 * few else (*positions[:few], *positions[-few:])
        return together(self.at(each) for each in ends)


@dataclass(frozen=True, slots=True)
class Field:
    axes: tuple[Axis, Axis]
    mixed: bool = False
    """Whether channels can differ in what they see."""


PIXEL = Axis(((0, 0),), 1)


class Fields:
    """The fields of a network's nodes, by their index; None where one can't be said."""

    def __init__(self, graph: Graph) -> None:
        self.input = graph.input.shape[1:] or (1, 1)
        self.work = 0
        self.of: dict[int, Field | None] = {}
        for node in graph.nodes:
            lanes = [self.of[each.index] for each in node.inputs]
            try:
                self.of[node.index] = self._field(node, [each for each in lanes if each is not None], None in lanes)
            except Unknown:
                self.of[node.index] = None

    def _field(self, node: Node, lanes: list[Field], unknown: bool) -> Field:
        op = node.op
        if op is None:
            return Field((PIXEL, PIXEL))
        if unknown:
            raise Unknown
        if not isinstance(op, Layer):
            return self._joined(node, lanes)
        [field], x = lanes, node.input_shape
        if op.name == "slice" and field.mixed:
            raise Unknown
        mixed = not op.mixes() and (field.mixed or _parts(op, x))
        if op.sees_all(x) or (op.mixes() and len(x) == 1):
            height, width = (self._whole(axis, n, i) for i, (axis, n) in enumerate(self._sized(field, node.inputs[0])))
            return Field((height, width), mixed)
        reach = op.reach(x)
        if reach is None:
            return field if mixed == field.mixed else Field(field.axes, mixed)
        height, width = (
            self._through(axis, step, size) for axis, step, size in zip(field.axes, reach, node.shape[1:], strict=True)
        )
        return Field((height, width), mixed)

    def _sized(self, field: Field, node: Node) -> list[tuple[Axis, int]]:
        sizes = node.shape[1:] if len(node.shape) == 3 else (1, 1)
        return list(zip(field.axes, sizes, strict=True))

    def _whole(self, axis: Axis, size: int, index: int) -> Axis:
        self._spend(2 * len(axis.spans))
        return Axis((clipped(axis.hull(range(size)), self.input[index]),), 0, whole=True)

    def _through(self, axis: Axis, reach: Reach, size: int) -> Axis:
        """What the positions of an op's result see, who read those of its input."""
        if axis.step is None:
            count, step = size, None
        else:
            turns = len(axis.spans) // gcd(len(axis.spans), reach.step)
            count, step = turns * reach.period, turns * reach.step // len(axis.spans) * axis.step
        self._spend(count * min(len(reach.rows(0)) + 1, 2 * len(axis.spans)))
        return simple(tuple(axis.hull(reach.rows(o)) for o in range(count)), step, axis.whole)

    def _joined(self, node: Node, lanes: list[Field]) -> Field:
        differ = any(lane.axes != lanes[0].axes for lane in lanes)
        mixed = any(lane.mixed for lane in lanes) or (isinstance(node.op, Concat) and differ)
        axes = []
        for index in (0, 1):
            found: list[Axis] = []
            for lane, source in zip(lanes, node.inputs, strict=True):
                axis, size = self._sized(lane, source)[index]
                # A factor a channel is read by all positions.
                same = len(node.shape) == 1 or size == node.shape[1 + index]
                found.append(axis if same else Axis((axis.at(0),), 0, axis.whole))
            size = node.shape[1 + index] if len(node.shape) == 3 else 1
            axes.append(self._together(found, size, index))
        return Field((axes[0], axes[1]), mixed)

    def _together(self, lanes: list[Axis], size: int, index: int) -> Axis:
        first = lanes[0]
        if all(lane == first for lane in lanes):
            return first
        count, step = size, None
        if all(lane.step is not None for lane in lanes):
            period = lcm(*(len(lane.spans) for lane in lanes))
            steps = {(lane.step or 0) * (period // len(lane.spans)) for lane in lanes}
            if len(steps) == 1:
                count, step = period, steps.pop()
        self._spend(count * len(lanes))
        spans = [together(lane.at(o) for lane in lanes) for o in range(count)]
        whole = any(lane.whole for lane in lanes)
        if whole:
            spans = [clipped(span, self.input[index]) for span in spans]
        return simple(tuple(spans), step, whole)

    def _spend(self, work: int) -> None:
        self.work += work
        if work > POSITIONS * 16 or self.work > WORK:
            raise Unknown


def _parts(op: Op, x: tuple[int, ...]) -> bool:
    """Whether an op makes channels, or features, that see different things of what one position sees."""
    return op.name in ("pad_channels", "spp") or (op.name == "flatten" and x[1:] not in ((), (1, 1)))


def simple(spans: tuple[Span | None, ...], step: int | None, whole: bool) -> Axis:
    """An axis, in as few spans as it takes where all see the same."""
    if not step and len(set(spans)) == 1:
        return Axis(spans[:1], 0, whole)
    return Axis(spans, step, whole)


def together(spans: Iterable[Span | None]) -> Span | None:
    some = [span for span in spans if span is not None]
    return (min(low for low, _ in some), max(high for _, high in some)) if some else None


def clipped(span: Span | None, size: int) -> Span | None:
    if span is None or span[1] < 0 or span[0] >= size:
        return None
    return max(span[0], 0), min(span[1], size - 1)


@lru_cache(maxsize=1)
def fields(graph: Graph) -> Fields:
    return Fields(graph)


def receptive_field(graph: Graph, node: Node) -> tuple[int, int] | None:
    """Height and width of what a node's result sees, in pixels of the input; None where that can't be said."""
    field = fields(graph).of[node.index]
    if field is None:
        return None
    height, width = (
        max((span[1] - span[0] + 1 for span in axis.spans[:size] if span is not None), default=0)
        for axis, size in zip(field.axes, node.shape[1:] if len(node.shape) == 3 else (1, 1), strict=True)
    )
    return (height, width) if height and width else (0, 0)

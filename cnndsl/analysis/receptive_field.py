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
        if field.mixed and node.shape[0] < x[0] and not op.mixes():
            raise Unknown  # which of the channels are left, and what they see
        mixed = not op.mixes() and (field.mixed or op.parts(x))
        if op.sees_all(x) or (op.mixes() and len(x) == 1):
            height, width = (Axis((self._inside(node.inputs[0], index),), 0, whole=True) for index in (0, 1))
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

    def _inside(self, last: Node, index: int) -> Span | None:
        """What all positions of a map see together, of what is inside the input and the maps before it."""
        found: Span | None = None
        wanted = {last.index: (last, (0, _side(last, index) - 1))}
        while wanted:
            node, (low, high) = wanted.pop(max(wanted))
            self._spend(len(wanted) + 1)
            field = self.of[node.index]
            axis = field.axes[index] if field else None
            if node.op is None or (axis and axis.whole and axis.step == 0):
                span = (low, high) if node.op is None or axis is None else axis.at(0)
                found = together((found, span))
                continue
            reach = node.op.reach(node.input_shape) if isinstance(node.op, Layer) else None
            for each in node.inputs:
                side = _side(each, index)
                read: Span | None = (min(low, side - 1), min(high, side - 1))
                if reach is not None:
                    self._spend(2 * min(high - low + 1, POSITIONS))
                    read = _read(reach[index], range(low, high + 1), side)
                if read is not None:
                    before = wanted.get(each.index, (each, read))[1]
                    wanted[each.index] = each, (min(read[0], before[0]), max(read[1], before[1]))
        return found

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
            if any(axis.whole for axis in found):
                bounds = [self._inside(source, index) for source in node.inputs]
            else:
                bounds = []
            axes.append(self._together(found, size, bounds))
        return Field((axes[0], axes[1]), mixed)

    def _together(self, lanes: list[Axis], size: int, bounds: list[Span | None]) -> Axis:
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
        spans: list[Span | None] = []
        for o in range(count):
            seen = [lane.at(o) for lane in lanes]
            inner = [clipped(span, *bound) if bound else None for span, bound in zip(seen, bounds, strict=False)]
            spans.append(together(inner if bounds else seen))
        return simple(tuple(spans), step, bool(bounds))

    def _spend(self, work: int) -> None:
        self.work += work
        if work > POSITIONS * 16 or self.work > WORK:
            raise Unknown


def simple(spans: tuple[Span | None, ...], step: int | None, whole: bool) -> Axis:
    """An axis, in as few spans as it takes where all see the same."""
    if not step and len(set(spans)) == 1:
        return Axis(spans[:1], 0, whole)
    return Axis(spans, step, whole)


def together(spans: Iterable[Span | None]) -> Span | None:
    some = [span for span in spans if span is not None]
    return (min(low for low, _ in some), max(high for _, high in some)) if some else None


def clipped(span: Span | None, first: int, last: int) -> Span | None:
    if span is None or span[1] < first or span[0] > last:
        return None
    return max(span[0], first), min(span[1], last)


def _side(node: Node, index: int) -> int:
    return node.shape[1 + index] if len(node.shape) == 3 else 1


def _read(reach: Reach, positions: range, side: int) -> Span | None:
    """The first and last of ``side`` rows that these positions read."""
    few = positions if len(positions) <= POSITIONS else (*positions[: POSITIONS // 2], *positions[-POSITIONS // 2 :])
    inner = [row for o in few if (row := reach.rows(o))]
    return together(clipped((_from(row, 0), _upto(row, side - 1)), 0, side - 1) for row in inner)


def _from(rows: range, low: int) -> int:
    """The first of the rows from ``low`` on."""
    return rows.start if rows.start >= low else rows.start + -(-(low - rows.start) // rows.step) * rows.step


def _upto(rows: range, high: int) -> int:
    return rows[-1] if rows[-1] <= high else rows[-1] - -(-(rows[-1] - high) // rows.step) * rows.step


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

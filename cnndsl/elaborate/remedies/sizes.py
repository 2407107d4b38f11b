"""Lanes that differ in size: a step behind one of them, or another input of the network."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.diagnostics.model import Edit
from cnndsl.elaborate.remedies.changes import size_text
from cnndsl.elaborate.remedies.lanes import Lanes, Option
from cnndsl.elaborate.remedies.rewriting import spell
from cnndsl.elaborate.remedies.trials import cone, outcome
from cnndsl.ir.dims import Shape
from cnndsl.ir.dims import show as show_shape
from cnndsl.ir.graph import Node
from cnndsl.source import Span
from cnndsl.syntax import ast

DEEP = 400
"""How many nodes back the network's input is looked for."""


def added_behind(lanes: Lanes, pairs: list[tuple[int, int]]) -> list[Option]:
    """Steps behind the smaller lane that bring it to the size of the other, and behind one of the two for its
    channels, where these must be equal."""
    index, other = min(pairs, key=lambda pair: lanes.nodes[pair[0]].shape[1:])
    small, large = lanes.nodes[index].shape, lanes.nodes[other].shape
    step = _enlarging(lanes, small, large)
    if step is None:
        return []
    shape: Shape = (small[0], *large[1:])
    if lanes.fit(large, shape):
        return [behind(lanes, index, step, shape)]
    found = []
    if (out := spell(large[0], lanes.step.scope)) is not None:
        found.append(behind(lanes, index, f"{step} -> conv({out}, 1x1)", large))
    if len(pairs) == 2 and (out := spell(small[0], lanes.step.scope)) is not None:
        conv = f"conv({out}, 1x1)"
        text = f"{_behind(step, small)}, and {_behind(conv, large)}, give {show_shape(shape)}"
        found.append(Option(text, index, (), _added(lanes, index, step) + _added(lanes, other, conv)))
    return found


def _enlarging(lanes: Lanes, small: Shape, large: Shape) -> str | None:
    (height, width), (high, wide) = small[1:], large[1:]
    if high < height or wide < width or (height, width) == (high, wide) or not height or not width:
        return None
    if high % height == 0 and wide % width == 0:
        return f"upsample({size_text((high // height, wide // width))})"
    one_size = isinstance(next(lanes.step.scope.calls).definition, ast.Network)
    if one_size and high - height <= 1 and wide - width <= 1:
        return f"zero_pad(0, after={size_text((high - height, wide - width))})"
    return None


def behind(lanes: Lanes, index: int, steps: str, shape: Shape) -> Option:
    """Steps at the end of a lane, which give a shape."""
    text = f"{_behind(steps, lanes.nodes[index].shape)} gives {show_shape(shape)}"
    return Option(text, index, shape, _added(lanes, index, steps))


def _behind(steps: str, shape: Shape) -> str:
    return f"`{steps}` at the end of the lane of {show_shape(shape)}"


def _added(lanes: Lanes, index: int, steps: str) -> tuple[Edit, ...]:
    place = lanes.places[index]
    if not place.text.startswith("|"):
        return ()
    empty = place.text.strip() == "|"
    return (Edit(Span(place.source, place.end, place.end), f" {steps}" if empty else f" -> {steps}"),)


def other_inputs(lanes: Lanes, pair: tuple[int, int]) -> list[Option]:
    """Inputs near the network's own, a smaller and a larger one, from which no size on the way is rounded so that the
    lanes differ."""
    ends = [lanes.nodes[index] for index in pair]
    nodes = sorted({node.index: node for end in ends for node in cone(end, most=DEEP)}.values(), key=lambda n: n.index)
    if not nodes or nodes[0].index != 0 or len(nodes[0].shape) != 3:
        return []
    given = nodes[0].shape
    steps = _reduction(nodes, 1), _reduction(nodes, 2)
    fitting: list[Shape] = []
    for shape in _near(given, steps):
        found = [outcome(end, nodes, {}, {0: shape}) for end in ends]
        if all(found) and lanes.fit(*found):
            fitting.append(shape)
    if not fitting:
        return []
    return [Option(f"an input of {' or of '.join(map(show_shape, fitting))} fits", pair[0], ())]


def _reduction(nodes: list[Node], axis: int) -> int:
    """By how much the smallest of the maps is reduced in all."""
    by: dict[int, float] = {nodes[0].index: 1}
    for node in nodes[1:]:
        before = next((each for each in node.inputs if each.index in by), None)
        if before is None or len(before.shape) != 3 or len(node.shape) != 3:
            continue
        size, found = before.shape[axis], node.shape[axis]
        by[node.index] = (
            by[before.index] * round(size / found) if found < size else by[before.index] / round(found / size)
        )
    return round(max(by.values()))


def _near(given: Shape, steps: tuple[int, int]) -> Iterator[Shape]:
    """The next smaller and the next larger size that the steps divide."""
    below = tuple(n // step * step for n, step in zip(given[1:], steps, strict=True))
    above = tuple(-(-n // step) * step for n, step in zip(given[1:], steps, strict=True))
    yield from ((given[0], *sides) for sides in dict.fromkeys((below, above)) if min(sides) > 0)

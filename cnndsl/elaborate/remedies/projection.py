"""The projection of a lane to the others' shape, in the terms in which the other lane is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cnndsl.diagnostics.model import Edit
from cnndsl.elaborate.remedies.lanes import Lanes, Option
from cnndsl.elaborate.tree import bodies
from cnndsl.ir.dims import show as show_shape
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer
from cnndsl.source import Span
from cnndsl.syntax import ast


def projected(lanes: Lanes, index: int, other: int) -> Option | None:
    """A convolution of 1 x 1 for the lane of ``index``, where that brings it to the shape of the ``other``."""
    target, source = lanes.nodes[other], lanes.nodes[index]
    if not lanes.op.alike or any(lanes.inside(node, index) for node in _weighted(lanes, index, other)):
        return None
    if not target.shape[1] or source.shape[1] < target.shape[1] or source.shape[1] % target.shape[1]:
        return None
    strides = [source.shape[axis] / target.shape[axis] for axis in (1, 2)]
    if strides[0] != strides[1] or not strides[0].is_integer():
        return None
    stride = int(strides[0])
    out, by = terms(lanes, other, target.shape[0], stride)
    if stride == 1 and source is not lanes.step.input:
        by = "1"
    more = f", stride={by}" if by != "1" else ""
    conv = f"conv({out}, 1x1{more})"
    help = f"project the lane of {show_shape(source.shape)}: `{conv}`"
    place = lanes.places[index]
    if source is not lanes.step.input or place.text.strip() != "|":
        return Option(help, index, target.shape)
    literal = out.isdigit() and by.isdigit()
    same = f"in.channels != {out}" + (f" or {by} != 1" if by != "1" and not by.isdigit() else "")
    lane = conv if literal else f"if {same} {{ {conv} }}"
    if not literal:
        help = f"project the lane of {show_shape(source.shape)} where its shape changes: `{lane}`"
    end = place.start + 1
    return Option(help, index, target.shape, (Edit(Span(place.source, end, end), f" {lane}"),))


def _weighted(lanes: Lanes, index: int, other: int) -> list[Node]:
    return [node for node in lanes.own(index, other) if isinstance(node.op, Layer) and node.op.weighted]


def terms(lanes: Lanes, index: int, channels: int, stride: int) -> tuple[str, str]:
    """Channels and stride as the lane that has them states them, by a number where it does not."""
    out, by = str(channels), str(stride)
    lane = lanes.written(index)
    if lane is None:
        return out, by
    convs = [each for each in _applied(lane.body) if each.name.name == "conv" and each.arguments]
    if not convs:
        return out, by
    known = next(lanes.step.scope.calls).values
    first = convs[-1].arguments[0] if convs[-1].arguments else None
    if first is not None and first.name is None:
        out = _simple(first.value.span.text, channels, known)
    given = [a.value for each in convs for a in each.arguments or [] if a.name and a.name.name == "stride"]
    if len(given) == 1:
        by = _simple(given[0].span.text, stride, known)
    return out, by


def _simple(text: str, value: int, known: Mapping[str, object]) -> str:
    """A name, number or plain arithmetic that may have this value; anything else is told as the value."""
    stated = int(text) if text.isdigit() else known.get(text)
    plain = re.fullmatch(r"[\w. *+]{1,30}", text) and (type(stated) is not int or stated == value)
    return text if plain else str(value)


def _applied(body: ast.Body) -> Iterator[ast.Apply]:
    """The ops and calls of a body, and of those in it, in their order."""
    for statement in body.statements:
        for each in statement.steps if isinstance(statement, ast.Chain) else ():
            if isinstance(each, ast.Apply):
                yield each
            else:
                for inner in bodies(each):
                    yield from _applied(inner)

"""Lanes that disagree: which rounding or window made the difference, and how the lanes are brought together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnndsl.diagnostics.model import Edit, Label, SpecError
from cnndsl.elaborate.values import fail
from cnndsl.ir.dims import Shape
from cnndsl.ir.dims import show as show_shape
from cnndsl.ir.graph import Node, Step
from cnndsl.ops import Layer, Mismatch, Op
from cnndsl.ops.checks import SIDES, formula
from cnndsl.source import Span
from cnndsl.syntax import ast

FAR = 400
"""How many steps back a cause is looked for."""

Repair = tuple[str | None, tuple[Edit, ...]]


def disagreement(
    step: Step, op: Op, mismatch: Mismatch, lanes: Sequence[Node], places: Sequence[Span]
) -> tuple[Shape, SpecError]:
    """E0402, at the lane that disagrees with the first, and the shape that the lanes have where its help is
    followed; the empty shape without help, or where they still differ in channels."""
    index = mismatch.lane
    first, other = lanes[0], lanes[index]
    alone = _alone(first, other), _alone(other, first)
    notes = [note for nodes in alone for note in _sizes(nodes)]
    joined: Shape = ()
    help, fix = _padded(first.shape, other.shape, *alone)
    if help is not None:
        larger = max(first.shape, other.shape, key=lambda shape: shape[1:])
        stacked = (sum(lane.shape[0] for lane in lanes), *larger[1:])
        joined = stacked if op.name == "concat" else larger if first.shape[0] == other.shape[0] else ()
        joined = joined if larger[1:] == step.input.shape[1:] else ()  # else the other lane may be wrong
    elif op.name != "concat":
        smaller = 0 if lanes[0] is step.input and other is not step.input else index
        help, fix = _projected(step, op, smaller, lanes, places)
        strided = first.shape[1:] != other.shape[1:]  # else the lane's channels may be wrong
        joined = lanes[0 if smaller else 1].shape if help is not None and strided else ()
    if help is None:
        help = _apart(op, first.shape, other.shape)
    identity = " (the input itself)" if other is step.input else ""
    head = step.syntax.name.span if isinstance(step.syntax, ast.Merge) else step.syntax.span
    if not notes:
        notes = _counts(op, first.shape, other.shape)
    labels = Label(places[0], show_shape(first.shape)), Label(head, mismatch.rule)
    error = fail("E0402", f"the lanes of `{op.name}` have different shapes", places[index],
                 text=show_shape(other.shape) + identity, labels=labels, notes=tuple(notes[:3]),
                 help=help, fix=fix)  # fmt: skip
    return joined, error


def _apart(op: Op, first: Shape, other: Shape) -> str | None:
    """Help for lanes whose sizes no one step brings together."""
    if len(first) != len(other):
        return (
            "`adaptive_avgpool(1)` and `conv(…, 1x1)` in place of `global_avgpool` and `linear` keep a map"
            if op.name == "mul"
            else None
        )
    if len(first) != 3 or first[1:] == other[1:]:
        return None
    small, large = sorted((first, other), key=lambda shape: shape[1] * shape[2])
    ratios = {large[axis] / small[axis] for axis in (1, 2)}
    ratio = ratios.pop()
    if not ratios and ratio.is_integer():
        return f"`upsample({ratio:g})` enlarges the lane of {show_shape(small)}; stride {ratio:g} reduces the other"
    return "where one lane was reduced and enlarged again, the input's size must be divisible by all strides on the way"


def _counts(op: Op, first: Shape, other: Shape) -> list[str]:
    """What is unequal, where it is not everything."""
    if len(first) != 3 or len(other) != 3:
        return []
    names = ("channels", *SIDES)
    unequal = [i for i in range(3) if first[i] != other[i] and not (i == 0 and op.name == "concat")]
    return [f"{names[i]}: {first[i]} and {other[i]}" for i in unequal] if len(unequal) < 3 else []


def _back(node: Node) -> Iterator[Node]:
    """A node and those before it, along the first input of each."""
    for _ in range(FAR):
        yield node
        if not node.inputs:
            return
        node = node.inputs[0]


def _alone(node: Node, other: Node) -> list[Node]:
    """The nodes that lead to one lane's result and not to the other's, last first."""
    shared = {id(each) for each in _back(other)}
    found = []
    for each in _back(node):
        if id(each) in shared:
            break
        found.append(each)
    return found


@dataclass(slots=True)
class _Window:
    extent: tuple[int, int]
    stride: tuple[int, int]
    pad: tuple[int, int]
    size: Shape


def _window(node: Node) -> _Window | None:
    """The window that slides over a node's input, where its padding is a number."""
    op = node.op
    if not isinstance(op, Layer) or not {"size", "stride"} <= op.args.keys():
        return None
    if len(node.shape) != 3 or len(node.input_shape) != 3:
        return None
    window, pad = op.window(node.input_shape), getattr(op, "pad", (0, 0))
    return None if window is None or not isinstance(pad, tuple) else _Window(*window, pad, node.input_shape)


def _sizes(nodes: list[Node]) -> Iterator[str]:
    """The arithmetic of each step that changed the height, or the width alone."""
    for node in nodes:
        if node.op is None or not node.inputs or len(node.shape) != 3 or len(node.inputs[0].shape) != 3:
            continue
        axis = next((i for i in (0, 1) if node.inputs[0].shape[i + 1] != node.shape[i + 1]), None)
        if axis is None:
            continue
        n, found, window = node.inputs[0].shape[axis + 1], node.shape[axis + 1], _window(node)
        at = f"{SIDES[axis]}: `{node.op.name}` at {node.span} gives "
        if window is not None:
            k, s, p = window.extent[axis], window.stride[axis], window.pad[axis]
            whole = (n + 2 * p - k) % s == 0
            yield at + formula(n, k, s, p) + ("" if whole else f", rounded to {found}")
        elif found % n == 0 and found > n:
            yield f"{at}{n} · {found // n} = {found}"


def _padded(first: Shape, other: Shape, *alone: list[Node]) -> Repair:
    """The padding that keeps the size, where its lack is the whole difference."""
    if len(first) != 3 or len(other) != 3:
        return None, ()
    small, nodes = (first, alone[0]) if first[1] < other[1] or first[2] < other[2] else (other, alone[1])
    large = other if small is first else first
    missing = [large[axis] - small[axis] for axis in (1, 2)]
    edits: list[Edit] = []
    words: list[str] = []
    for node in nodes:
        window = _window(node)
        if window is None or node.op is None or not hasattr(node.op, "pad"):
            continue
        text, (height, width) = node.span.text, window.extent
        if window.stride != (1, 1):
            stepped = [n + 2 * p - k + 1 for n, p, k in zip(window.size[1:], window.pad, window.extent, strict=True)]
            if not words and "stride" not in text and hasattr(node.op, "round") and tuple(stepped) == large[1:]:
                steps = "x".join(map(str, window.stride))
                edit = _before_parenthesis(node.span, node.op.name, ", stride=1")
                help = f"`{text}` steps by its size, {steps}, where no stride is given: `stride=1` keeps the map's"
                return help, (edit,) if edit else ()
            continue
        lost = [k - 1 - 2 * p for k, p in zip(window.extent, window.pad, strict=True)]
        if lost == [0, 0] or height % 2 == 0 or width % 2 == 0:
            continue
        pad = f"{height // 2}" if height == width else f"{height // 2}x{width // 2}"
        missing = [m - each for m, each in zip(missing, lost, strict=True)]
        words.append(f"`pad={pad}` for `{text}`")
        written = re.search(r"\bpad=[0-9]+", text)
        if written:
            start = node.span.start + written.start()
            edits.append(Edit(Span(node.span.source, start, start + len(written[0])), f"pad={pad}"))
        elif "pad" not in text and (edit := _before_parenthesis(node.span, node.op.name, f", pad={pad}")):
            edits.append(edit)
    if missing != [0, 0] or not words:
        return None, ()
    shown = " and ".join(dict.fromkeys(words))
    unique = tuple({edit.span.start: edit for edit in edits}.values())
    return f"keep the size: {shown}", unique if len(edits) == len(words) else ()


def _before_parenthesis(span: Span, name: str, text: str) -> Edit | None:
    """An argument more for a call that is written with the op's name, on one line."""
    if not re.fullmatch(rf"{name}\([^#\n]*[^,\s(]\s*\)", span.text):
        return None
    return Edit(Span(span.source, span.end - 1, span.end - 1), text)


def _projected(step: Step, op: Op, index: int, lanes: Sequence[Node], places: Sequence[Span]) -> Repair:
    """The projection of a lane to the others' shape, in the terms in which the other lane is written."""
    target, source = lanes[0 if index else 1], lanes[index]
    if len(target.shape) != 3 or len(source.shape) != 3 or op.name == "mul":
        return None, ()
    if not target.shape[1] or source.shape[1] < target.shape[1] or source.shape[1] % target.shape[1]:
        return None, ()
    strides = [source.shape[axis] / target.shape[axis] for axis in (1, 2)]
    if strides[0] != strides[1] or not strides[0].is_integer():
        return None, ()
    stride = int(strides[0])
    out, by = _terms(step, 0 if index else 1, target.shape[0], stride)
    more = f", stride={by}" if by != "1" else ""
    conv = f"conv({out}, 1x1{more})"
    help = f"project the lane of {show_shape(source.shape)}: `{conv}`"
    place = places[index]
    if source is not step.input or place.text.strip() != "|":
        return help, ()
    literal = out.isdigit() and by.isdigit()
    same = f"in.channels != {out}" + (f" or {by} != 1" if by != "1" and not by.isdigit() else "")
    lane = conv if literal else f"if {same} {{ {conv} }}"
    if not literal:
        help = f"project the lane of {show_shape(source.shape)} where its shape changes: `{lane}`"
    end = place.start + 1
    return help, (Edit(Span(place.source, end, end), f" {lane}"),)


def _terms(step: Step, index: int, channels: int, stride: int) -> tuple[str, str]:
    """Channels and stride as the lane that has them states them, by a number where it does not."""
    out, by = str(channels), str(stride)
    syntax = step.syntax
    lanes = syntax.lanes if isinstance(syntax, ast.Merge) else []
    if len(lanes) != len(step.bodies) or index >= len(lanes) or not isinstance(lanes[index], ast.Lane):
        return out, by
    lane = lanes[index]
    assert isinstance(lane, ast.Lane)
    convs = [each for each in _applied(lane.body) if each.name.name == "conv" and each.arguments]
    if not convs:
        return out, by
    first = convs[-1].arguments[0] if convs[-1].arguments else None
    if first is not None and first.name is None:
        out = _simple(first.value.span.text, out)
    given = [a.value for each in convs for a in each.arguments or [] if a.name and a.name.name == "stride"]
    if len(given) == 1:
        by = _simple(given[0].span.text, by)
    return out, by


def _simple(text: str, otherwise: str) -> str:
    """A name, number or plain arithmetic; anything longer is told as its value."""
    return text if re.fullmatch(r"[\w. *+]{1,30}", text) else otherwise


def _applied(body: ast.Body) -> Iterator[ast.Apply]:
    """The ops and calls of a body, in groups too, in their order."""
    for statement in body.statements:
        for each in statement.steps if isinstance(statement, ast.Chain) else ():
            if isinstance(each, ast.Apply):
                yield each
            elif isinstance(each, ast.Group):
                yield from _applied(each.body)

"""The arguments that may be meant otherwise in a call, by what its op has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cnndsl.elaborate.remedies.rewriting import given, spell
from cnndsl.ir.dims import Shape
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer
from cnndsl.syntax import ast

Pair = tuple[int, int]
LARGEST_PAD = 8
"""The padding up to which one is looked for that no rule gives."""


@dataclass(frozen=True, slots=True)
class Change:
    """Arguments with what they would be, the value and the text for it. A ``rare`` one counts where no other does."""

    arguments: Mapping[str, tuple[object, str]]
    rare: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """The shape that is wanted behind a step, and the one that is found. ``terms`` are arguments that have a value
    elsewhere, where the same is wanted, with the text there."""

    shape: Shape
    found: Shape
    terms: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def spelled(self, name: str, value: int, node: Node) -> str | None:
        if name in self.terms and self.terms[name][0] == value:
            return self.terms[name][1]
        return spell(value, node.scope, name)

    def ratio(self, by: Pair, enlarges: bool) -> Pair | None:
        """By how much a step has to scale for the shape that is wanted, if by whole numbers."""
        if len(self.found) != 3 or len(self.shape) != 3 or 0 in self.shape:
            return None
        sides = [
            (s * w, f) if enlarges else (s * f, w) for f, w, s in zip(self.found[1:], self.shape[1:], by, strict=True)
        ]
        if any(f < 1 or s < f or s % f for s, f in sides):
            return None
        return sides[0][0] // sides[0][1], sides[1][0] // sides[1][1]


def changes(node: Node, call: ast.Apply, wanted: Wanted) -> Iterator[Change]:
    op = node.op
    assert isinstance(op, Layer)
    values = op.values()
    if "round" in values:
        other = "floor" if values["round"] == "ceil" else "ceil"
        yield Change({"round": (other, other)})
    if "out" in values and wanted.shape and 0 < wanted.shape[0] != values["out"]:
        text = wanted.spelled("out", wanted.shape[0], node)
        if text is not None:
            yield Change({"out": (wanted.shape[0], text)})
    if len(node.shape) != 3 or len(node.input_shape) != 3:
        return
    for name, find in SIZES.items():
        if isinstance(values.get(name), tuple):
            yield from (Change({name: (v, t)}, rare) for v, t, rare in find(node, call, wanted) if v != values[name])
    if {"pad", "stride"} <= values.keys() and isinstance(values["pad"], tuple):
        half = _half(op, node)
        if half not in ((0, 0), values["pad"]):
            for stride, text, _ in _strides(node, call, wanted):
                if stride != values["stride"]:
                    yield Change({"stride": (stride, text), "pad": (half, size_text(half))})


Values = Iterator[tuple[Pair, str, bool]]


def _output_pads(node: Node, call: ast.Apply, wanted: Wanted) -> Values:
    if len(wanted.shape) == len(wanted.found) == 3:
        assert node.op is not None
        now = node.op.values()["output_pad"]
        more = [p + w - f for p, w, f in zip(now, wanted.shape[1:], wanted.found[1:], strict=True)]
        if min(more) >= 0:
            yield (more[0], more[1]), size_text((more[0], more[1])), False


def _pads(node: Node, call: ast.Apply, wanted: Wanted) -> Values:
    assert isinstance(node.op, Layer)
    half = _half(node.op, node)
    yield half, size_text(half), False
    whole = node.op.values().get("size") == node.input_shape[1:]  # such a window is not padded
    for pad in range(min(LARGEST_PAD, max(half)) + 1):
        yield (pad, pad), f"{pad}", pad > 0 or not whole


def _half(op: Layer, node: Node) -> Pair:
    """The padding that keeps the size at a step of one, or one less."""
    window = op.window(node.input_shape)
    height, width = window[0] if window is not None else op.values()["size"]
    return (height - 1) // 2, (width - 1) // 2


def _strides(node: Node, call: ast.Apply, wanted: Wanted) -> Values:
    assert isinstance(node.op, Layer)
    size, stride = node.op.values().get("size", (1, 1)), node.op.values()["stride"]
    even = given(call, node.op.args, "stride") is None and size[0] % 2 == 0  # such a window steps by its size
    ratio = wanted.ratio(stride, node.op.window(node.input_shape) is None)
    parameters = next(node.scope.calls).values
    for value in dict.fromkeys([(1, 1), (2, 2), *([ratio] if ratio else [])]):
        if even and value < size:
            continue
        text: str | None = size_text(value)
        if "stride" in parameters or "stride" in wanted.terms:
            text = wanted.spelled("stride", value[0], node) if value[0] == value[1] else None
        if text is not None:
            yield value, text, False


def _scales(node: Node, call: ast.Apply, wanted: Wanted) -> Values:
    assert node.op is not None
    ratio = wanted.ratio(node.op.values()["scale"], True)
    if ratio is not None:
        yield ratio, size_text(ratio), False


def _windows(node: Node, call: ast.Apply, wanted: Wanted) -> Values:
    """`3*3` for `3x3`, and the size that an op gives which has no window that slides."""
    assert isinstance(node.op, Layer)
    if (sides := multiplied(call, node.op)) is not None:
        yield sides, f"{sides[0]}x{sides[1]}", False
    if "stride" not in node.op.args and len(wanted.shape) == 3:
        for value in ((1, 1), (wanted.shape[1], wanted.shape[2])):
            yield value, size_text(value), value != (1, 1)


def multiplied(call: ast.Apply, op: Layer) -> Pair | None:
    """The sides of a size that is written as a product, `3*3`."""
    written = given(call, op.args, "size")
    if not isinstance(written, ast.Operation) or [sign for sign, _ in written.rest] != ["*"]:
        return None
    match written.first, written.rest[0][1]:
        case ast.Literal(value=int(one)), ast.Literal(value=int(two)) if type(one) is type(two) is int:
            return one, two
    return None


SIZES = {"size": _windows, "output_pad": _output_pads, "pad": _pads, "stride": _strides, "scale": _scales}
"""The values that are tried for the arguments that are sizes, each with its text, and whether it is rare."""


def size_text(value: Pair) -> str:
    height, width = value
    return f"{height}" if height == width else f"{height}x{width}"

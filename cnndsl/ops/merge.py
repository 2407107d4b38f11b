"""Ops that join lanes."""

from __future__ import annotations

from cnndsl.ir.dims import Shape
from cnndsl.ops.base import EITHER, Merge, Mismatch, arg
from cnndsl.ops.kinds import Number


class Concat(Merge):
    """Puts the channels of all lanes, or their features, one after another, in the order of the lanes.

    Height and width must agree; the channels add up. Reference: ``torch.cat(dim=1)``.
    """

    name = "concat"
    family = "merge"
    ranks = EITHER
    example = "concat { | conv(8, 1x1) | maxpool(3x3, stride=1, pad=1) }"

    def join(self, lanes: tuple[Shape, ...]) -> Shape:
        first = lanes[0]
        for index, lane in enumerate(lanes):
            if len(lane) != len(first):
                kind = "a map" if len(first) == 3 else "flat features"
                raise Mismatch(index, f"every lane must be {kind}, as the first is")
            if lane[1:] != first[1:]:
                raise Mismatch(index, "every lane must have the height and width of the first")
        return (sum(lane[0] for lane in lanes), *first[1:])


class Elementwise(Merge):
    """Joins lanes of equal shapes value by value."""

    family = "merge"
    ranks = EITHER
    alike = True

    def join(self, lanes: tuple[Shape, ...]) -> Shape:
        for index, lane in enumerate(lanes):
            if lane != lanes[0]:
                raise Mismatch(index, "every lane must have the shape of the first")
        return lanes[0]


class Add(Elementwise):
    """The sum of the lanes: residual connections.

    y = Σ lanes, of equal shapes: nothing is broadcast. Source: He, Zhang, Ren, Sun 2015.
    """

    name = "add"
    symbol = "+"
    example = "add { | conv(16, 3x3, pad=1) | }"


class Mul(Merge):
    """The product of the lanes: gates.

    y = Π lanes, of equal shapes; beside maps of C x H x W a lane may be C x 1 x 1, a factor a channel, as in
    squeeze-and-excitation. Nothing else is broadcast. Source: Hu, Shen, Sun 2018.
    """

    name = "mul"
    family = "merge"
    ranks = EITHER
    gates = True
    symbol = "×"
    example = "mul { | | adaptive_avgpool(1) -> conv(4, 1x1) -> relu -> conv(16, 1x1) -> sigmoid }"

    def join(self, lanes: tuple[Shape, ...]) -> Shape:
        whole = next((lane for lane in lanes if lane[1:] != (1, 1)), lanes[0])
        factors = (whole, (whole[0], 1, 1)) if len(whole) == 3 else (whole,)
        for index, lane in enumerate(lanes):
            if lane not in factors:
                raise Mismatch(index or lanes.index(whole), "all lanes have one shape, or channels x 1 x 1 of it")
        return whole


class Mean(Elementwise):
    """The mean of the lanes, of those that are kept where paths are dropped.

    y = Σ lanes / number of lanes. With `drop_path` each lane is dropped with that probability in training,
    for each sample on its own; if none is left, one of them, drawn uniformly, is kept, and the mean is over
    the lanes kept. Evaluation takes all. This is FractalNet's join with local drop-path; the authors' code
    draws once a mini-batch. Source: Larsson, Maire, Shakhnarovich 2017.
    """

    name = "mean"
    example = "mean(drop_path=0.15) { | conv(16, 3x3, pad=1) | }"

    drop_path: float = arg("probability of dropping a lane in training", Number(0, 1), 0.0)


class Max(Elementwise):
    """The largest value of the lanes at each place.

    y = max(lanes), of equal shapes. Reference: ``torch.maximum``.
    """

    name = "max"
    example = "max { | conv(16, 3x3, pad=1) | conv(16, 1x1) }"

"""Pooling to an output of a given size: one value, a grid, or a pyramid of grids."""

from __future__ import annotations

from cnndsl.ir.dims import Shape
from cnndsl.ops.base import FLATTENS, MAPS, Layer, arg, need_map
from cnndsl.ops.kinds import Integer, Many, Size
from cnndsl.ops.reach import Reach, cells, pair


class GlobalPool(Layer):
    """One value a channel, as flat features."""

    family = "pooling"
    ranks = FLATTENS

    def infer(self, x: Shape) -> Shape:
        channels, _, _ = need_map(self, x)
        return (channels,)

    def sees_all(self, x: Shape) -> bool:
        return True


class GlobalAvgPool(GlobalPool):
    """The mean of each channel: C x H x W becomes C flat features.

    No `flatten` is needed before `linear`; `adaptive_avgpool(1)` gives C x 1 x 1. Source: Lin, Chen, Yan
    2014 (Network in Network). Reference: ``torch.nn.AdaptiveAvgPool2d(1)``, then ``Flatten``.
    """

    name = "global_avgpool"
    as_map = "adaptive_avgpool(1)"
    example = "global_avgpool"


class GlobalMaxPool(GlobalPool):
    """The largest value of each channel: C x H x W becomes C flat features.

    Reference: ``torch.nn.AdaptiveMaxPool2d(1)``, then ``Flatten``.
    """

    name = "global_maxpool"
    as_map = "adaptive_maxpool(1)"
    example = "global_maxpool"


class AdaptivePool(Layer):
    """A grid of a given size."""

    family = "pooling"
    ranks = MAPS

    size: tuple[int, int] = arg("height x width of the output", Size())

    def infer(self, x: Shape) -> Shape:
        channels, _, _ = need_map(self, x)
        return (channels, *self.size)

    def reach(self, x: Shape) -> tuple[Reach, Reach]:
        return pair(cells, (x[1], x[2]), self.size)

    def sees_all(self, x: Shape) -> bool:
        return self.size == (1, 1)


class AdaptiveAvgPool(AdaptivePool):
    """The mean of each cell of a grid that covers the input.

    Row i of S covers the input rows ⌊iN / S⌋ to ⌈(i + 1)N / S⌉ - 1, so that cells may overlap, and repeat
    values where the output is larger than the input. Reference: ``torch.nn.AdaptiveAvgPool2d``.
    """

    name = "adaptive_avgpool"
    example = "adaptive_avgpool(2x2)"


class AdaptiveMaxPool(AdaptivePool):
    """The largest value of each cell of a grid that covers the input.

    The cells are those of `adaptive_avgpool`. Reference: ``torch.nn.AdaptiveMaxPool2d``.
    """

    name = "adaptive_maxpool"
    example = "adaptive_maxpool(2x2)"


class SpatialPyramidPool(Layer):
    """Spatial pyramid pooling: max pooling to several grids, as flat features.

    A level l gives the C x l x l values of `adaptive_maxpool(l)`, flattened; the levels follow one another in
    the order given: C Σ l² features, whatever the input's size. Source: He, Zhang, Ren, Sun 2014; 2015 use
    [7, 3, 2, 1].
    """

    name = "spp"
    family = "pooling"
    ranks = FLATTENS
    example = "spp([4, 2, 1])"

    levels: tuple[int, ...] = arg("side of each level's grid", Many(Integer()))

    def infer(self, x: Shape) -> Shape:
        channels, _, _ = need_map(self, x)
        return (channels * sum(level * level for level in self.levels),)

    def parts(self, x: Shape) -> bool:
        return True

    def sees_all(self, x: Shape) -> bool:
        return True

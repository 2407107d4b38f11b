"""Ops on the channels of a map, or on features: add zeros, take some, reorder, scale."""

from __future__ import annotations

from cnndsl.ir.dims import Shape
from cnndsl.ops.base import EITHER, MAPS, Layer, Violation, arg, need_map
from cnndsl.ops.checks import check_divides, unit
from cnndsl.ops.kinds import Boolean, Integer, Number, Word


class PadChannels(Layer):
    """Adds channels of zeros until there are `out`.

    The zeros follow the input's channels, precede them, or are split: half before, half after, the odd one
    after. ResNet's parameter-free shortcut is `subsample(2) -> pad_channels(out)`. Source: He, Zhang, Ren,
    Sun 2015 (option A), who do not say where the zeros go; implementations differ.
    """

    name = "pad_channels"
    family = "channels"
    ranks = EITHER
    example = "pad_channels(32)"

    out: int = arg("number of channels in all", Integer())
    side: str = arg("where the zeros go", Word(("after", "before", "both")), "after")

    def infer(self, x: Shape) -> Shape:
        if self.out < x[0]:
            raise Violation(
                "E0408",
                f"`{self.name}` can't reduce {x[0]} {unit(x)} to {self.out}",
                argument="out",
                notes=(f"{self.out} - {x[0]} = {self.out - x[0]} {unit(x)} would be added",),
                help=f"`slice(0, {self.out})` takes the first {self.out}",
            )
        return (self.out, *x[1:])

    def parts(self, x: Shape) -> bool:
        return True

    def padding(self, x: Shape) -> tuple[int, int]:
        """How many channels of zeros come before and after the input's."""
        added = self.out - x[0]
        before = {"after": 0, "before": added, "both": added // 2}[self.side]
        return before, added - before


class Slice(Layer):
    """Takes the channels, or features, from start up to and without stop.

    y = x[start:stop]. It splits a map into parts for lanes, as the two towers of AlexNet.
    """

    name = "slice"
    family = "channels"
    ranks = EITHER
    example = "slice(0, in.channels // 2)"

    start: int = arg("first channel taken, counted from 0", Integer(0))
    stop: int = arg("first channel no longer taken", Integer())

    def validate(self) -> None:
        if self.start >= self.stop:
            raise Violation(
                "E0408",
                f"no channels lie between {self.start} and {self.stop}",
                argument="stop",
                notes=(f"{self.stop} - {self.start} = {self.stop - self.start} channels",),
            )

    def infer(self, x: Shape) -> Shape:
        if self.stop > x[0]:
            raise Violation(
                "E0408",
                f"`{self.name}` takes {unit(x)} up to {self.stop}, and its input has {x[0]}",
                argument="stop",
                notes=(f"{unit(x)} are counted from 0: the last is {x[0] - 1}",),
                help=f"`slice({self.start}, {x[0]})` takes all that follow" if self.start < x[0] else None,
            )
        return (self.stop - self.start, *x[1:])


class ChannelShuffle(Layer):
    """Deals the channels of each group out over all groups.

    Channel g · n + i becomes channel i · groups + g, with n = channels / groups. Between grouped
    convolutions it lets groups exchange maps. Source: Zhang, Zhou, Lin, Sun 2018 (ShuffleNet).
    Reference: ``torch.nn.ChannelShuffle``.
    """

    name = "channel_shuffle"
    family = "channels"
    ranks = MAPS
    example = "channel_shuffle(4)"

    groups: int = arg("number of groups that the channels come in", Integer())

    def infer(self, x: Shape) -> Shape:
        shape = need_map(self, x)
        check_divides(self, "groups", self.groups, {"channels": x[0]})
        return shape


class Scale(Layer):
    """Multiplies each channel, or feature, by a trainable factor.

    y = weight · x + bias, where there is a bias; it starts at 0. Reference: Caffe's ``Scale`` layer; the
    LayerScale of Touvron et al. 2021.
    """

    name = "scale"
    family = "channels"
    ranks = EITHER
    example = "scale(init=1e-6)"

    init: float = arg("factor at the start of training", Number(), 1.0)
    bias: bool = arg("whether each channel has a bias too", Boolean(), False)

    def tensors(self, x: Shape) -> dict[str, Shape]:
        return {"weight": (x[0],), "bias": (x[0],)} if self.bias else {"weight": (x[0],)}

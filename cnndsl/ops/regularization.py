"""Regularisation that drops values, blocks or whole paths in training and nothing in evaluation."""

from __future__ import annotations

from cnndsl.ir.dims import Shape
from cnndsl.ops.base import EITHER, MAPS, Layer, Violation, arg, need_map
from cnndsl.ops.checks import SIDES
from cnndsl.ops.kinds import Number, Size, Word


class Dropout(Layer):
    """Sets each value to 0 with probability p in training.

    What stays is divided by 1 - p in training, so that evaluation is the identity. The original networks
    multiplied by 1 - p in evaluation instead, which is the same in expectation. Source: Srivastava, Hinton,
    Krizhevsky, Sutskever, Salakhutdinov 2014. Reference: ``torch.nn.Dropout``.
    """

    name = "dropout"
    family = "regularization"
    ranks = EITHER
    example = "dropout(0.5)"

    p: float = arg("probability of dropping a value", Number(0, 1), 0.5)

    @property
    def idle(self) -> bool:
        return True


class DropBlock(Layer):
    """Sets blocks of neighbouring positions to 0 in training, each channel on its own.

    A block begins with probability γ = (1 - keep) / (b_h b_w) · H W / ((H - b_h + 1)(W - b_w + 1)) at each
    position where it fits as a whole; what stays is scaled by all values over those that stay. Evaluation is
    the identity. Where training schedules it, as the paper does linearly from 1, `keep` is the last value.
    Source: Ghiasi, Lin, Le 2018.
    """

    name = "dropblock"
    family = "regularization"
    ranks = MAPS
    example = "dropblock(3, keep=0.9)"

    size: tuple[int, int] = arg("block, height x width", Size())
    keep: float = arg("probability of keeping a value", Number(0, 1), 0.9)

    @property
    def idle(self) -> bool:
        return True

    def infer(self, x: Shape) -> Shape:
        shape = need_map(self, x)
        for axis, side in enumerate(SIDES):
            if self.size[axis] > x[axis + 1]:
                raise Violation(
                    "E0401",
                    f"the block of `{self.name}`, {self.size[axis]} in {side}, does not fit into an input of "
                    f"{side} {x[axis + 1]}",
                    argument="size",
                    notes=(f"{side}: {x[axis + 1]} - {self.size[axis]} + 1 positions for a block",),
                    help=f"a block of at most {min(x[1:])} fits",
                )
        return shape


class DropPath(Layer):
    """Sets a whole sample's path to 0 with probability p in training: stochastic depth.

    It stands at the end of a lane of `add`. `scale` says where the survival probability 1 - p is made up for:
    `training` divides the survivors by it and evaluation is the identity, as torchvision and timm do;
    `evaluation` leaves the survivors and multiplies by it in evaluation, as the paper does. Each sample is
    drawn on its own; the paper drew once a mini-batch. Source: Huang, Sun, Liu, Sedra, Weinberger 2016.
    Reference: ``torchvision.ops.StochasticDepth(mode="row")``.
    """

    name = "droppath"
    family = "regularization"
    ranks = EITHER
    example = "droppath(0.2, scale=evaluation)"

    p: float = arg("probability of dropping a sample's path", Number(0, 1))
    scale: str = arg("which of the modes scales by 1 - p", Word(("training", "evaluation")), "training")

    @property
    def idle(self) -> bool:
        return self.scale == "training" or not self.p

"""Normalisation: over the batch, over neighbouring channels, over groups of channels, over all channels."""

from __future__ import annotations

from cnndsl.ir.dims import Shape
from cnndsl.ops.base import EITHER, MAPS, Layer, Violation, arg, need_map
from cnndsl.ops.checks import check_divides, unit
from cnndsl.ops.kinds import Boolean, Integer, Number


def scale_and_shift(affine: bool, channels: int) -> dict[str, Shape]:
    """The trainable tensors of a normalisation."""
    return {"weight": (channels,), "bias": (channels,)} if affine else {}


class BatchNorm(Layer):
    """Batch normalisation of each channel of a map, or of each feature.

    y = weight (x - mean) / √(var + eps) + bias. In training mean and variance are the mini-batch's, over its
    images and positions; in evaluation they are running averages, which training updates by
    running ← (1 - momentum) running + momentum batch. Caffe's and Keras's momentum is 1 minus this one.
    Source: Ioffe, Szegedy 2015. Reference: ``torch.nn.BatchNorm2d``, ``BatchNorm1d``.
    """

    name = "bn"
    family = "normalization"
    ranks = EITHER
    example = "bn"
    centres = True

    eps: float = arg("added to the variance", Number(0, 1), 1e-5)
    momentum: float = arg("weight of the newest mini-batch in the running averages", Number(0, 1), 0.1)
    affine: bool = arg("whether each channel has a trainable scale and shift", Boolean(), True)

    def validate(self) -> None:
        if not self.eps:
            message = "`eps` of `bn` must be above 0: a channel without variance would be divided by 0"
            raise Violation("E0303", message, argument="eps", help="`eps=1e-5` is the usual one")

    def tensors(self, x: Shape) -> dict[str, Shape]:
        return scale_and_shift(self.affine, x[0])

    def buffers(self, x: Shape) -> dict[str, Shape]:
        return {"running_mean": (x[0],), "running_var": (x[0],), "num_batches_tracked": ()}


class LocalResponseNorm(Layer):
    """Local response normalisation: each value is divided by the energy of neighbouring channels.

    y = x / (k + a Σ x²)^beta over `size` channels around its own, at the same position. Frameworks mean two
    things by alpha. Here a = alpha, as the AlexNet paper writes it: that network is
    `lrn(5, alpha=1e-4, beta=0.75, k=2)`. Caffe and PyTorch divide, a = alpha / size, which is
    `average=true`: CaffeNet and GoogLeNet are `lrn(5, alpha=1e-4, beta=0.75, k=1, average=true)`.
    With an even size the window reaches one channel further down than up, as in PyTorch; Caffe has none.
    Source: Krizhevsky, Sutskever, Hinton 2012. Reference: ``torch.nn.LocalResponseNorm``.
    """

    name = "lrn"
    family = "normalization"
    ranks = MAPS
    example = "lrn(5, alpha=1e-4, beta=0.75, k=2)"

    size: int = arg("number of neighbouring channels, the value's own included", Integer(), 5)
    alpha: float = arg("factor of the sum of squares, or of their average", Number(), 1e-4)
    beta: float = arg("exponent", Number(), 0.75)
    k: float = arg("added to the energy", Number(), 1.0)
    average: bool = arg("whether alpha is divided by the size: false in the paper, true in Caffe and PyTorch",
                        Boolean(), False)  # fmt: skip

    def infer(self, x: Shape) -> Shape:
        return need_map(self, x)


class GroupNorm(Layer):
    """Group normalisation: each image's groups of consecutive channels, over all their positions.

    y = weight (x - mean) / √(var + eps) + bias, with a weight and bias a channel; the same in training and
    evaluation. `groups=1` normalises an image as a whole, `groups=in.channels` is instance normalisation.
    Source: Wu, He 2018. Reference: ``torch.nn.GroupNorm``.
    """

    name = "groupnorm"
    family = "normalization"
    ranks = EITHER
    example = "groupnorm(4)"

    groups: int = arg("number of groups that channels are split into", Integer())
    eps: float = arg("added to the variance", Number(0, 1), 1e-5)
    affine: bool = arg("whether each channel has a trainable scale and shift", Boolean(), True)

    def infer(self, x: Shape) -> Shape:
        check_divides(self, "groups", self.groups, {unit(x): x[0]})
        return x

    def sees_all(self, x: Shape) -> bool:
        return True

    def tensors(self, x: Shape) -> dict[str, Shape]:
        return scale_and_shift(self.affine, x[0])


class LayerNorm(Layer):
    """Layer normalisation over the channels at each position of a map, or over all features.

    y = weight (x - mean) / √(var + eps) + bias, with a weight and bias a channel. On a map this is the
    ``LayerNorm2d`` of ConvNeXt (whose eps is 1e-6): positions do not mix, unlike in `groupnorm(1)`. On
    features it is ``torch.nn.LayerNorm``. Source: Ba, Kiros, Hinton 2016.
    """

    name = "layernorm"
    family = "normalization"
    ranks = EITHER
    example = "layernorm(eps=1e-6)"

    eps: float = arg("added to the variance", Number(0, 1), 1e-5)
    affine: bool = arg("whether each channel has a trainable scale and shift", Boolean(), True)

    def tensors(self, x: Shape) -> dict[str, Shape]:
        return scale_and_shift(self.affine, x[0])

"""The fully connected layer."""

from __future__ import annotations

from cnndsl.ir.dims import Shape
from cnndsl.ops.base import FEATURES, Layer, arg, need_features
from cnndsl.ops.kinds import Boolean, Integer


class Linear(Layer):
    """Fully connected layer, biased unless told otherwise.

    y = W x + b. Weights are out x in. It takes flat features: a map passes `flatten` or a global pool
    first, so that nothing is flattened unseen. Reference: ``torch.nn.Linear``.
    """

    name = "linear"
    family = "linear"
    ranks = FEATURES
    example = "linear(10)"
    example_input = (64,)
    weighted = True

    out: int = arg("number of output features", Integer())
    bias: bool = arg("whether each output feature has a bias", Boolean(), True)

    @property
    def output_axis(self) -> int:
        return 0

    def infer(self, x: Shape) -> Shape:
        need_features(self, x)
        return (self.out,)

    def tensors(self, x: Shape) -> dict[str, Shape]:
        weight = (self.out, x[0])
        return {"weight": weight, "bias": (self.out,)} if self.bias else {"weight": weight}

    def macs(self, x: Shape, y: Shape) -> int:
        return x[0] * y[0]

    def mixes(self) -> bool:
        return True

"""Activations that learn their form, or take the largest of several channels."""

from __future__ import annotations

from cnndsl.ir.dims import Shape
from cnndsl.ops.activation import Activation
from cnndsl.ops.base import arg
from cnndsl.ops.checks import check_divides, unit
from cnndsl.ops.kinds import Boolean, Integer, Number


class PReLU(Activation):
    """Rectifier with a trainable slope for negative values.

    y = x for x ≥ 0, weight · x otherwise, with a weight a channel (or feature), or one for all.
    Source: He, Zhang, Ren, Sun 2015. Reference: ``torch.nn.PReLU``, which shares one weight by default.
    """

    name = "prelu"
    example = "prelu"

    shared: bool = arg("whether all channels share one slope", Boolean(), False)
    init: float = arg("slope at the start of training", Number(), 0.25)

    def tensors(self, x: Shape) -> dict[str, Shape]:
        return {"weight": (1,) if self.shared else (x[0],)}


class APL(Activation):
    """Adaptive piecewise linear unit: a rectifier and trainable hinges.

    y = max(0, x) + Σ_s a_s max(0, -x + b_s), s = 1 … pieces. The tensors a and b are pieces x channels (or
    features): the positions of a map share their channel's, where the paper learns a pair a position as well.
    At the start a is uniform in ±0.2 and b normal with deviation 0.5, as in the authors' code.
    Source: Agostinelli, Hoffman, Sadowski, Baldi 2015.
    """

    name = "apl"
    example = "apl(2)"

    pieces: int = arg("number of hinges", Integer(), 5)

    def tensors(self, x: Shape) -> dict[str, Shape]:
        return {"a": (self.pieces, x[0]), "b": (self.pieces, x[0])}


class Maxout(Activation):
    """The largest of each group of consecutive channels, or features.

    y_c = max(x_i), i = c · pieces … c · pieces + pieces - 1: in / pieces channels come out. The layer
    before it has `pieces` times as many as wanted. Source: Goodfellow, Warde-Farley, Mirza, Courville,
    Bengio 2013.
    """

    name = "maxout"
    example = "maxout(2)"

    pieces: int = arg("number of channels that compete for one", Integer())

    def infer(self, x: Shape) -> Shape:
        check_divides(self, "pieces", self.pieces, {unit(x): x[0]})
        return (x[0] // self.pieces, *x[1:])

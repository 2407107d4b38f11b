"""Activations without trainable parameters: each value by itself, except for softmax."""

from __future__ import annotations

from cnndsl.ops.base import EITHER, Layer, Violation, arg
from cnndsl.ops.kinds import Number


class Activation(Layer):
    """A function of each value of a map or of features."""

    family = "activation"
    ranks = EITHER


class ReLU(Activation):
    """Rectified linear unit.

    y = max(0, x). Source: Nair, Hinton 2010. Reference: ``torch.nn.ReLU``.
    """

    name = "relu"
    example = "relu"


class LeakyReLU(Activation):
    """Rectifier with a small fixed slope for negative values.

    y = x for x ≥ 0, slope · x otherwise. Source: Maas, Hannun, Ng 2013. Reference: ``torch.nn.LeakyReLU``.
    """

    name = "leaky_relu"
    example = "leaky_relu(0.1)"

    slope: float = arg("slope for negative values", Number(), 0.01)


class RReLU(Activation):
    """Rectifier with a random slope for negative values.

    y = x for x ≥ 0, a · x otherwise. In training a is drawn anew for each value, uniformly from lower to
    upper; in evaluation it is their mean (lower + upper) / 2, as in PyTorch. The paper draws the divisor 1/a
    from 3 to 8 and evaluates with its mean, 1/5.5. Source: Xu, Wang, Chen, Li 2015.
    Reference: ``torch.nn.RReLU``.
    """

    name = "rrelu"
    example = "rrelu(1/8, 1/3)"

    lower: float = arg("smallest slope", Number(), 1 / 8)
    upper: float = arg("largest slope", Number(), 1 / 3)

    def validate(self) -> None:
        if self.lower > self.upper:
            raise Violation(
                "E0407",
                f"`lower` {self.lower:g} is more than `upper` {self.upper:g}",
                argument="lower",
                help=f"`rrelu({self.upper:g}, {self.lower:g})`",
            )


class ELU(Activation):
    """Exponential linear unit.

    y = x for x ≥ 0, alpha (e^x - 1) otherwise. Source: Clevert, Unterthiner, Hochreiter 2016.
    Reference: ``torch.nn.ELU``.
    """

    name = "elu"
    example = "elu"

    alpha: float = arg("the value that large negative inputs approach, negated", Number(), 1.0)


class SELU(Activation):
    """Scaled exponential linear unit, which drives activations to mean 0 and variance 1.

    y = 1.0507 · x for x ≥ 0, 1.0507 · 1.67326 (e^x - 1) otherwise. Source: Klambauer, Unterthiner, Mayr,
    Hochreiter 2017. Reference: ``torch.nn.SELU``.
    """

    name = "selu"
    example = "selu"


class GELU(Activation):
    """Gaussian error linear unit, exact.

    y = x Φ(x), with Φ the normal distribution function. Source: Hendrycks, Gimpel 2016.
    Reference: ``torch.nn.GELU``.
    """

    name = "gelu"
    example = "gelu"


class SiLU(Activation):
    """Sigmoid linear unit, also called swish.

    y = x / (1 + e^-x). Source: Elfwing, Uchibe, Doya 2017; Ramachandran, Zoph, Le 2017.
    Reference: ``torch.nn.SiLU``.
    """

    name = "silu"
    example = "silu"


class Mish(Activation):
    """Mish: a smooth function of the shape of SiLU.

    y = x tanh(ln(1 + e^x)). Source: Misra 2019. Reference: ``torch.nn.Mish``.
    """

    name = "mish"
    example = "mish"


class HardSwish(Activation):
    """SiLU from straight pieces.

    y = x · min(max(x + 3, 0), 6) / 6. Source: Howard et al. 2019 (MobileNetV3).
    Reference: ``torch.nn.Hardswish``.
    """

    name = "hard_swish"
    example = "hard_swish"


class Tanh(Activation):
    """Hyperbolic tangent.

    y = (e^x - e^-x) / (e^x + e^-x). Reference: ``torch.nn.Tanh``.
    """

    name = "tanh"
    example = "tanh"


class ScaledTanh(Activation):
    """LeCun's hyperbolic tangent, scaled so that ±1 stay ±1.

    y = 1.7159 tanh(2x / 3). Source: LeCun, Bottou, Bengio, Haffner 1998, appendix A.
    """

    name = "scaled_tanh"
    example = "scaled_tanh"


class Sigmoid(Activation):
    """Logistic function.

    y = 1 / (1 + e^-x). Reference: ``torch.nn.Sigmoid``.
    """

    name = "sigmoid"
    example = "sigmoid"


class Softmax(Activation):
    """Softmax over the channels at each position of a map, or over all features.

    y_c = e^x_c / Σ e^x. Losses that take logits contain it: a network that ends in it is for evaluation.
    Reference: ``torch.nn.Softmax(dim=1)``.
    """

    name = "softmax"
    example = "softmax"

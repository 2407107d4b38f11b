"""Normalisation."""

from __future__ import annotations

from ast import literal_eval
from decimal import Decimal

from cnndsl.ops.normalization import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm
from cnndsl_torch.lowering import Lowered, OpCall, equal, lowers
from cnndsl_torch.text import fold


@lowers(BatchNorm, overwritable=True)
def batch_norm(op: OpCall) -> Lowered:
    target = "nn.BatchNorm2d" if op.rank() == 3 else "nn.BatchNorm1d"
    return Lowered(
        op.call(
            target, op.channels,
            eps=("eps", "1e-05"), momentum=("momentum", "0.1"), affine=("affine", "True"),
        ),
        light=True,
    )  # fmt: skip


@lowers(LocalResponseNorm, overwritable=True)
def local_response_norm(op: OpCall) -> Lowered:
    """PyTorch divides alpha by the size."""
    alpha = op["alpha"] if op.value("average") else _product(op["alpha"], op["size"])
    options = [("alpha", alpha, "0.0001"), ("beta", op["beta"], "0.75"), ("k", op["k"], "1.0")]
    given = "".join(f", {name}={text}" for name, text, default in options if not equal(text, default))
    return Lowered(
        f"nn.LocalResponseNorm({op['size']}{given})",
        f"F.local_response_norm({{x}}, {op['size']}{given})",
        light=True,
    )


def _product(alpha: str, size: str) -> str:
    """``alpha * size``; of two literals the decimal number that a person would write."""
    try:
        numbers = [Decimal(repr(literal_eval(text))) for text in (alpha, size)]
    except (ValueError, ArithmeticError):
        return fold(f"({alpha}) * ({size})")
    return repr(float(numbers[0] * numbers[1]))


@lowers(GroupNorm, overwritable=True)
def group_norm(op: OpCall) -> Lowered:
    options = {"eps": ("eps", "1e-05"), "affine": ("affine", "True")}
    return Lowered(op.call("nn.GroupNorm", op["groups"], op.channels, **options), light=True)


@lowers(LayerNorm, overwritable=True)
def layer_norm(op: OpCall) -> Lowered:
    target = "LayerNorm2d" if op.rank() == 3 else "nn.LayerNorm"
    module = op.call(target, op.channels, eps=("eps", "1e-05"), elementwise_affine=("affine", "True"))
    return Lowered(module, light=True, helpers=("LayerNorm2d",) if op.rank() == 3 else ())

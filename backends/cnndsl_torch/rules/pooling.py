"""Pooling: windows that slide, and outputs of a given size."""

from __future__ import annotations

import re

from cnndsl.ops import pooling as ops
from cnndsl.ops import pooling_adaptive as adaptive
from cnndsl_torch.lowering import Lowered, OpCall, Rule, equal, lowers


def window(op: OpCall, **options: tuple[str, str]) -> str:
    """The arguments of a pool: its window, and what differs from PyTorch's defaults."""
    given = [op["size"]]
    if op["stride"] != "None" and not equal(op["stride"], op["size"]):
        given.append(f"stride={op['stride']}")
    for keyword, (name, default) in options.items():
        if not equal(op[name], default):
            given.append(f"{keyword}={op[name]}")
    if "round" in op.cls.args and op.value("round") == "ceil":
        given.append("ceil_mode=True")
    return ", ".join(given)


def whole(op: OpCall, given: str) -> bool:
    """Whether the window is the whole map, whatever its size: a window's size can't be exported as one that varies."""
    return given == op["size"] and re.fullmatch(r"\((\w+)\.shape\[2\], \1\.shape\[3\]\)", given) is not None


@lowers(ops.MaxPool)
def max_pool(op: OpCall) -> Lowered:
    given = window(op, padding=("pad", "0"), dilation=("dilation", "1"))
    running = "F.adaptive_max_pool2d({x}, 1)" if whole(op, given) else None
    return Lowered(f"nn.MaxPool2d({given})", f"F.max_pool2d({{x}}, {given})", running=running)


@lowers(ops.AvgPool)
def avg_pool(op: OpCall) -> Lowered:
    given = window(op, padding=("pad", "0"), count_include_pad=("count_pad", "True"))
    running = "F.adaptive_avg_pool2d({x}, 1)" if whole(op, given) else None
    return Lowered(f"nn.AvgPool2d({given})", f"F.avg_pool2d({{x}}, {given})", running=running)


@lowers(ops.StochasticPool)
def stochastic_pool(op: OpCall) -> Lowered:
    return Lowered(f"StochasticPool2d({window(op)})", helpers=("StochasticPool2d",))


@lowers(ops.Subsampling)
def subsampling(op: OpCall) -> Lowered:
    return Lowered(f"Subsampling({op.channels}, {window(op)})", helpers=("Subsampling",))


@lowers(adaptive.GlobalAvgPool)
def global_avg_pool(op: OpCall) -> Lowered:
    return Lowered("nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())", "{x}.mean((2, 3))")


@lowers(adaptive.GlobalMaxPool)
def global_max_pool(op: OpCall) -> Lowered:
    return Lowered(
        "nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten())",
        "torch.flatten(F.adaptive_max_pool2d({x}, 1), 1)",
    )


def grid(module: str, call: str) -> Rule:
    return lambda op: Lowered(f"{module}({op['size']})", f"{call}({{x}}, {op['size']})")


lowers(adaptive.AdaptiveAvgPool)(grid("nn.AdaptiveAvgPool2d", "F.adaptive_avg_pool2d"))
lowers(adaptive.AdaptiveMaxPool)(grid("nn.AdaptiveMaxPool2d", "F.adaptive_max_pool2d"))


@lowers(adaptive.SpatialPyramidPool)
def spatial_pyramid_pool(op: OpCall) -> Lowered:
    return Lowered(f"SpatialPyramidPool({op['levels']})", helpers=("SpatialPyramidPool",))

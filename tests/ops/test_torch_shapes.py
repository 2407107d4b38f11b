"""Output shapes and tensors are PyTorch's, and an op refuses what PyTorch refuses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from cnndsl.ir.dims import Shape, effective_kernel
from cnndsl.ops import Layer, Violation, registry

settings.register_profile("shapes", max_examples=150, deadline=None)
settings.load_profile("shapes")

Pair = tuple[int, int]


def pairs(low: int, high: int) -> st.SearchStrategy[Pair]:
    return st.tuples(st.integers(low, high), st.integers(low, high))


SIZES = pairs(1, 12)
KERNELS = pairs(1, 5)
STRIDES = pairs(1, 4)
PADS = pairs(0, 3)
DILATIONS = pairs(1, 3)


def torch_shape(make: type[nn.Module], x: Shape, *args: Any, **kwargs: Any) -> Shape | None:
    """What PyTorch gives for one image, or None where it raises or gives nothing."""
    try:
        with torch.device("meta"):
            result: torch.Tensor = make(*args, **kwargs)(torch.empty(1, *x))
    except (RuntimeError, ValueError):
        return None
    return tuple(result.shape[1:]) if result.numel() else None


def our_shape(name: str, x: Shape, **values: Any) -> Shape | None:
    """What the op gives, or None where a rule is broken."""
    op = registry[name]
    assert issubclass(op, Layer)
    try:
        return op(**values).infer(x)
    except Violation as raised:
        violation = raised
    assert violation.code.startswith("E04")
    assert violation.argument in op.args
    assert violation.notes
    return None


@given(SIZES, KERNELS, STRIDES, PADS, DILATIONS, st.integers(1, 6), st.integers(1, 6), st.integers(1, 3))
def test_conv(size: Pair, kernel: Pair, stride: Pair, pad: Pair, dilation: Pair,
              channels: int, out: int, groups: int) -> None:  # fmt: skip
    x = (channels, *size)
    theirs = torch_shape(nn.Conv2d, x, channels, out, kernel, stride, pad, dilation, groups)
    assert theirs == our_shape(
        "conv", x, out=out, size=kernel, stride=stride, pad=pad, dilation=dilation, groups=groups
    )


@given(SIZES, KERNELS, DILATIONS)
def test_conv_same_without_stride(size: Pair, kernel: Pair, dilation: Pair) -> None:
    ours = our_shape("conv", (1, *size), out=1, size=kernel, pad="same", dilation=dilation)
    even = any(effective_kernel(k, d) % 2 == 0 for k, d in zip(kernel, dilation, strict=True))
    assert ours == (None if even else torch_shape(nn.Conv2d, (1, *size), 1, 1, kernel, 1, "same", dilation))


@given(
    SIZES,
    KERNELS,
    STRIDES,
    PADS,
    pairs(0, 2),
    DILATIONS,
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(1, 2),
)
def test_conv_transpose(size: Pair, kernel: Pair, stride: Pair, pad: Pair, output_pad: Pair, dilation: Pair,
                        channels: int, out: int, groups: int) -> None:  # fmt: skip
    assume(all(o < max(s, d) for o, s, d in zip(output_pad, stride, dilation, strict=True)))
    x = (channels, *size)
    theirs = torch_shape(nn.ConvTranspose2d, x, channels, out, kernel, stride, pad, output_pad, groups, True, dilation)
    assert theirs == our_shape(
        "conv_transpose", x, out=out, size=kernel, stride=stride, pad=pad, output_pad=output_pad,
        dilation=dilation, groups=groups,
    )  # fmt: skip


@pytest.mark.parametrize(("stride", "output_pad", "dilation"), [(1, 1, 1), (2, 2, 1), (2, 1, 1), (1, 2, 3), (2, 3, 3)])
def test_output_pad(stride: int, output_pad: int, dilation: int) -> None:
    """Only a real device checks it; the meta device lets it pass."""
    values = [(n, n) for n in (stride, output_pad, dilation)]
    ours = our_shape("conv_transpose", (1, 4, 4), out=1, size=(3, 3), stride=values[0], output_pad=values[1],
                     dilation=values[2])  # fmt: skip
    module = nn.ConvTranspose2d(1, 1, 3, stride, output_padding=output_pad, dilation=dilation)
    try:
        theirs = tuple(module(torch.zeros(1, 1, 4, 4)).shape[1:])
    except RuntimeError:
        theirs = None
    assert ours == theirs


@given(SIZES, KERNELS, STRIDES, PADS, DILATIONS, st.booleans())
def test_no_window_of_maxpool_sees_padding_alone(
    size: Pair, kernel: Pair, stride: Pair, pad: Pair, dilation: Pair, ceil: bool
) -> None:
    pad = min(pad[0], kernel[0] // 2), min(pad[1], kernel[1] // 2)
    rounding = "ceil" if ceil else "floor"
    ours = our_shape("maxpool", (1, *size), size=kernel, stride=stride, pad=pad, dilation=dilation, round=rounding)
    module = nn.MaxPool2d(kernel, stride, pad, dilation, ceil_mode=ceil)
    try:
        sound = bool(module(torch.zeros(1, 1, *size)).isfinite().all())
    except RuntimeError:
        sound = False
    assert sound is (ours is not None)


@given(SIZES, KERNELS, st.none() | STRIDES, PADS, DILATIONS, st.booleans())
def test_maxpool(size: Pair, kernel: Pair, stride: Pair | None, pad: Pair, dilation: Pair, ceil: bool) -> None:
    # A window that sees padding alone gives -inf in PyTorch. The language refuses it.
    assume(all(-p % d < n for p, d, n in zip(pad, dilation, size, strict=True)))
    theirs = torch_shape(nn.MaxPool2d, (3, *size), kernel, stride, pad, dilation, False, ceil)
    assert theirs == our_shape(
        "maxpool", (3, *size), size=kernel, stride=stride, pad=pad, dilation=dilation,
        round="ceil" if ceil else "floor",
    )  # fmt: skip


@given(SIZES, KERNELS, st.none() | STRIDES, PADS, st.booleans())
def test_avgpool(size: Pair, kernel: Pair, stride: Pair | None, pad: Pair, ceil: bool) -> None:
    theirs = torch_shape(nn.AvgPool2d, (3, *size), kernel, stride, pad, ceil)
    ours = our_shape("avgpool", (3, *size), size=kernel, stride=stride, pad=pad, round="ceil" if ceil else "floor")
    assert theirs == ours


@given(SIZES, KERNELS, st.none() | STRIDES, st.booleans())
def test_pools_without_padding(size: Pair, kernel: Pair, stride: Pair | None, ceil: bool) -> None:
    theirs = torch_shape(nn.AvgPool2d, (3, *size), kernel, stride, 0, ceil)
    rounding = "ceil" if ceil else "floor"
    assert theirs == our_shape("stochastic_pool", (3, *size), size=kernel, stride=stride, round=rounding)
    if not ceil:
        assert theirs == our_shape("subsampling", (3, *size), size=kernel, stride=stride)


@given(SIZES, pairs(1, 9))
def test_adaptive_pools(size: Pair, cells: Pair) -> None:
    assert our_shape("adaptive_avgpool", (3, *size), size=cells) == torch_shape(nn.AdaptiveAvgPool2d, (3, *size), cells)
    assert our_shape("adaptive_maxpool", (3, *size), size=cells) == torch_shape(nn.AdaptiveMaxPool2d, (3, *size), cells)


@given(SIZES, pairs(1, 3), pairs(0, 3), pairs(0, 3))
def test_reshapes(size: Pair, scale: Pair, before: Pair, after: Pair) -> None:
    x = (3, *size)
    for mode in ("nearest", "bilinear"):
        theirs = torch_shape(nn.Upsample, x, None, scale, mode)
        assert theirs == our_shape("upsample", x, scale=scale, mode=mode)
    padding = (before[1], after[1], before[0], after[0])
    assert torch_shape(nn.ZeroPad2d, x, padding) == our_shape("zero_pad", x, before=before, after=after)
    taken = tuple(torch.empty(*x, device="meta")[:, :: scale[0], :: scale[1]].shape)
    assert taken == our_shape("subsample", x, stride=scale)
    assert torch_shape(nn.Flatten, x) == our_shape("flatten", x)


TENSORS: list[tuple[str, dict[str, Any], Shape, nn.Module]] = []


def like(module: nn.Module, name: str, x: Shape, **values: Any) -> None:
    TENSORS.append((name, values, x, module))


with torch.device("meta"):
    like(nn.Conv2d(6, 8, (3, 5)), "conv", (6, 9, 9), out=8, size=(3, 5))
    like(nn.Conv2d(6, 8, 3, groups=2, bias=False), "conv", (6, 9, 9), out=8, size=(3, 3), groups=2, bias=False)
    like(nn.ConvTranspose2d(6, 8, (3, 5)), "conv_transpose", (6, 9, 9), out=8, size=(3, 5))
    like(nn.ConvTranspose2d(6, 8, 3, groups=2, bias=False), "conv_transpose", (6, 9, 9),
         out=8, size=(3, 3), groups=2, bias=False)  # fmt: skip
    like(nn.Linear(6, 8), "linear", (6,), out=8)
    like(nn.Linear(6, 8, bias=False), "linear", (6,), out=8, bias=False)
    like(nn.BatchNorm2d(6), "bn", (6, 9, 9))
    like(nn.BatchNorm1d(6, affine=False), "bn", (6,), affine=False)
    like(nn.GroupNorm(3, 6), "groupnorm", (6, 9, 9), groups=3)
    like(nn.GroupNorm(3, 6, affine=False), "groupnorm", (6,), groups=3, affine=False)
    like(nn.LayerNorm(6), "layernorm", (6,))
    like(nn.LayerNorm(6, elementwise_affine=False), "layernorm", (6,), affine=False)
    like(nn.PReLU(6), "prelu", (6, 9, 9))
    like(nn.PReLU(), "prelu", (6,), shared=True)


@pytest.mark.parametrize(("name", "values", "x", "module"), TENSORS)
def test_tensors(name: str, values: dict[str, Any], x: Shape, module: nn.Module) -> None:
    op = registry[name](**values)
    assert isinstance(op, Layer)
    parameters = {k: tuple(v.shape) for k, v in module.named_parameters()}
    buffers = {k: tuple(v.shape) for k, v in module.named_buffers()}
    assert list(op.tensors(x).items()) == list(parameters.items())
    assert list(op.buffers(x).items()) == list(buffers.items())
    assert op.infer(x) == tuple(module(torch.empty(2, *x, device="meta")).shape[1:])

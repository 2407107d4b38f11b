"""Ops on channels, and the convolution with a table, from their formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

Build = Callable[..., nn.Module]

LENET: tuple[tuple[int, ...], ...] = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5),
)  # fmt: skip
"""Table I of LeCun et al. 1998: the maps of S2 that each map of C3 reads."""


def test_lenet_c3(build: Build) -> None:
    """60 of 96 pairs, 1,516 parameters; each output is the sum of its own kernels' answers."""
    shape = (6, 14, 14)
    module = build("conv_table", shape, out=16, size=(5, 5), connections=LENET).double()
    parameters = {k: v.detach().numpy() for k, v in module.named_parameters()}
    assert sum(v.size for v in parameters.values()) == 1516
    x = torch.randn(2, *shape, dtype=torch.float64)
    y = np.zeros((2, 16, 10, 10))
    pair = 0
    for out, inputs in enumerate(LENET):
        y[:, out] = parameters["bias"][out]
        for channel in inputs:
            kernel = parameters["weight"][pair]
            for i in range(10):
                for j in range(10):
                    patch = x[:, channel, i : i + 5, j : j + 5].numpy()
                    y[:, out, i, j] += (patch * kernel).sum((1, 2))
            pair += 1
    np.testing.assert_allclose(module(x).detach().numpy(), y, rtol=1e-9, atol=1e-12)


def test_full_table_is_a_convolution(build: Build) -> None:
    values: dict[str, Any] = {"out": 4, "size": (3, 2), "stride": (2, 1), "pad": (1, 0)}
    table = build("conv_table", (3, 8, 9), connections=((0, 1, 2),) * 4, **values)
    conv = build("conv", (3, 8, 9), **values)
    weight, bias = (dict(table.named_parameters())[n].detach() for n in ("weight", "bias"))
    conv.load_state_dict({"weight": weight.view(4, 3, 3, 2), "bias": bias})
    x = torch.randn(2, 3, 8, 9)
    torch.testing.assert_close(table(x), conv(x))


def test_table_starts_as_in_the_paper(build: Build) -> None:
    """Uniform in ±2.4 / fan-in, an output's fan-in being its own."""
    connections = (tuple(range(100)), (0, 1))
    module = build("conv_table", (100, 8, 8), out=2, size=(5, 5), connections=connections)
    weight = dict(module.named_parameters())["weight"].detach()
    for part, inputs in ((weight[:100], 100), (weight[100:], 2)):
        bound = 2.4 / (25 * inputs)
        assert 0.9 * bound < float(part.abs().max()) <= bound
        assert float(part.std()) == pytest.approx(bound / 3**0.5, rel=0.2)


def test_order_of_the_table(build: Build) -> None:
    """Kernels follow the table, not the input's order."""
    one = build("conv_table", (3, 4, 4), out=1, size=(1, 1), connections=((2, 0),), bias=False)
    one.load_state_dict({"weight": torch.tensor([[[10.0]], [[1.0]]])})
    x = torch.randn(1, 3, 4, 4)
    torch.testing.assert_close(one(x)[:, 0], 10 * x[:, 2] + x[:, 0])


@pytest.mark.parametrize(("side", "before"), [("after", 0), ("before", 5), ("both", 2)])
@pytest.mark.parametrize("shape", [(4, 3, 2), (4,)])
def test_pad_channels(side: str, before: int, shape: tuple[int, ...], build: Build) -> None:
    x = torch.randn(2, *shape)
    y = build("pad_channels", shape, out=9, side=side)(x)
    expected = torch.zeros(2, 9, *shape[1:])
    expected[:, before : before + 4] = x
    assert torch.equal(y, expected)


def test_option_a_shortcut(build: Build) -> None:
    """ResNet's shortcut without parameters: every second row and column, then zeros."""
    x = torch.randn(2, 4, 7, 8)
    y = build("pad_channels", (4, 4, 4), out=8)(build("subsample", (4, 7, 8), stride=(2, 2))(x))
    assert torch.equal(y[:, :4], x[:, :, ::2, ::2])
    assert not y[:, 4:].any()


def test_slice_and_shuffle(build: Build) -> None:
    x = torch.randn(2, 12, 3, 2)
    assert torch.equal(build("slice", (12, 3, 2), start=3, stop=7)(x), x[:, [3, 4, 5, 6]])
    y = build("channel_shuffle", (12, 3, 2), groups=3)(x)
    for group in range(3):
        for i in range(4):
            assert torch.equal(y[:, i * 3 + group], x[:, group * 4 + i])


@pytest.mark.parametrize("shape", [(4, 3, 2), (4,)])
def test_scale(shape: tuple[int, ...], build: Build) -> None:
    module = build("scale", shape, init=0.5, bias=True)
    x = torch.randn(2, *shape)
    torch.testing.assert_close(module(x), 0.5 * x)
    parameters = dict(module.named_parameters())
    for parameter in parameters.values():
        nn.init.normal_(parameter)
    y = module(x)
    for c in range(4):
        expected = parameters["weight"][c] * x[:, c] + parameters["bias"][c]
        torch.testing.assert_close(y[:, c], expected)


def test_upsample_and_pad(build: Build) -> None:
    x = torch.randn(2, 3, 4, 5)
    repeated = x.repeat_interleave(2, 2).repeat_interleave(3, 3)
    assert torch.equal(build("upsample", (3, 4, 5), scale=(2, 3))(x), repeated)
    y = build("zero_pad", (3, 4, 5), before=(1, 2), after=(3, 0))(x)
    expected = torch.zeros(2, 3, 8, 7)
    expected[:, :, 1:5, 2:7] = x
    assert torch.equal(y, expected)

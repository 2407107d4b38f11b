"""Activations, from their formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

Build = Callable[..., nn.Module]

FORMULAS: list[tuple[str, dict[str, float], Callable[[float], float]]] = [
    ("relu", {}, lambda x: max(0, x)),
    ("leaky_relu", {"slope": 0.3}, lambda x: x if x >= 0 else 0.3 * x),
    ("elu", {"alpha": 0.7}, lambda x: x if x >= 0 else 0.7 * math.expm1(x)),
    ("selu", {}, lambda x: 1.0507009873554805 * (x if x >= 0 else 1.6732632423543772 * math.expm1(x))),
    ("gelu", {}, lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2),
    ("silu", {}, lambda x: x / (1 + math.exp(-x))),
    ("mish", {}, lambda x: x * math.tanh(math.log1p(math.exp(x)))),
    ("hard_swish", {}, lambda x: x * min(max(x + 3, 0), 6) / 6),
    ("tanh", {}, math.tanh),
    ("scaled_tanh", {}, lambda x: 1.7159 * math.tanh(2 * x / 3)),
    ("sigmoid", {}, lambda x: 1 / (1 + math.exp(-x))),
]


@pytest.mark.parametrize(("name", "values", "formula"), FORMULAS, ids=[f[0] for f in FORMULAS])
def test_formula(name: str, values: dict[str, Any], formula: Callable[[float], float], build: Build) -> None:
    numbers = [-6.0, -3.0, -1.5, -0.1, 0.0, 0.2, 1.0, 2.5, 4.0, 7.0]
    y = build(name, (10,), **values)(torch.tensor([numbers], dtype=torch.float64))
    expected = torch.tensor([[formula(x) for x in numbers]], dtype=torch.float64)
    torch.testing.assert_close(y, expected)


def test_scaled_tanh_keeps_one(build: Build) -> None:
    assert float(build("scaled_tanh", (1,))(torch.ones(1, 1))) == pytest.approx(1, abs=1e-4)


def test_softmax(build: Build) -> None:
    x = torch.randn(2, 5, 3, 4)
    torch.testing.assert_close(build("softmax", (5, 3, 4))(x), x.exp() / x.exp().sum(1, keepdim=True))


@pytest.mark.parametrize("shape", [(4, 3, 2), (4,)])
def test_prelu(shape: tuple[int, ...], build: Build) -> None:
    module = build("prelu", shape, init=0.5)
    x = torch.randn(5, *shape)
    torch.testing.assert_close(module(x), torch.where(x >= 0, x, 0.5 * x))
    slopes = torch.tensor([0.1, 0.2, 0.3, 0.4])
    module.load_state_dict({"weight": slopes})
    by_channel = slopes.view(-1, *[1] * (len(shape) - 1))
    torch.testing.assert_close(module(x), torch.where(x >= 0, x, by_channel * x))


@pytest.mark.parametrize("shape", [(12, 3, 2), (12,)])
def test_maxout(shape: tuple[int, ...], build: Build) -> None:
    x = torch.randn(5, *shape)
    y = build("maxout", shape, pieces=3)(x)
    assert y.shape[1] == 4
    for c in range(4):
        expected = torch.maximum(torch.maximum(x[:, 3 * c], x[:, 3 * c + 1]), x[:, 3 * c + 2])
        assert torch.equal(y[:, c], expected)


@pytest.mark.parametrize("shape", [(6, 3, 2), (6,)])
def test_adaptive_piecewise_linear(shape: tuple[int, ...], build: Build) -> None:
    """y = max(0, x) + Σ_s a_s max(0, -x + b_s), a pair for each channel."""
    module = build("apl", shape, pieces=3).double()
    a, b = (dict(module.named_parameters())[n].tolist() for n in "ab")
    x = torch.randn(2, *shape, dtype=torch.float64)
    y = module(x).detach()
    for place in torch.cartesian_prod(*[torch.arange(n) for n in x.shape]).tolist():
        value, c = float(x[tuple(place)]), place[1]
        hinges = sum(a[s][c] * max(0, -value + b[s][c]) for s in range(3))
        assert float(y[tuple(place)]) == pytest.approx(max(0, value) + hinges)


def test_adaptive_piecewise_linear_at_the_start(build: Build) -> None:
    parameters = dict(build("apl", (4000,), pieces=5).named_parameters())
    a, b = parameters["a"].detach(), parameters["b"].detach()
    assert a.abs().max() <= 0.2
    assert float(a.std()) == pytest.approx(0.4 / math.sqrt(12), rel=0.03)
    assert float(b.std()) == pytest.approx(0.5, rel=0.03)
    assert float(b.mean()) == pytest.approx(0, abs=0.02)


def test_rrelu(build: Build) -> None:
    """In training a slope a value, uniform from lower to upper; in evaluation their mean."""
    module = build("rrelu", (8,), lower=0.1, upper=0.5)
    x = -torch.rand(5000, 8) - 0.5
    slopes = module.train()(x) / x
    assert slopes.min() >= 0.1 - 1e-6
    assert slopes.max() <= 0.5 + 1e-6
    counts = torch.histc(slopes, 8, 0.1, 0.5)
    assert (counts - 5000).abs().max() < 4 * math.sqrt(5000), "uniform"
    assert torch.equal(module(-x), -x)
    torch.testing.assert_close(module.eval()(x), 0.3 * x)


def test_rrelu_defaults(build: Build) -> None:
    x = -torch.ones(1, 4)
    torch.testing.assert_close(build("rrelu", (4,)).eval()(x), x * (1 / 8 + 1 / 3) / 2)

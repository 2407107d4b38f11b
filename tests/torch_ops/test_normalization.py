"""Local response normalisation in both conventions, and layer normalisation of maps, from their formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

Build = Callable[..., nn.Module]
SHAPE = (9, 2, 3)


def response(x: Any, size: int, alpha: float, beta: float, k: float, average: bool) -> Any:
    """y = x / (k + a Σ x²)^beta over `size` channels; an even window reaches one further down than up."""
    y = np.empty_like(x)
    channels = x.shape[1]
    a = alpha / size if average else alpha
    for c in range(channels):
        energy = np.zeros_like(x[:, 0])
        for other in range(c - size // 2, c + (size - 1) // 2 + 1):
            if 0 <= other < channels:
                energy += x[:, other] ** 2
        y[:, c] = x[:, c] / (k + a * energy) ** beta
    return y


@pytest.mark.parametrize("average", [False, True], ids=["paper", "caffe"])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 12])
def test_local_response_norm(size: int, average: bool, build: Build) -> None:
    values: dict[str, Any] = {"size": size, "alpha": 0.7, "beta": 0.6, "k": 2.0, "average": average}
    x = 3 * torch.randn(2, *SHAPE, dtype=torch.float64)
    y = build("lrn", SHAPE, **values)(x)
    np.testing.assert_allclose(y.numpy(), response(x.numpy(), **values), rtol=1e-12)


def test_alexnet_and_caffe_differ_by_the_size(build: Build) -> None:
    x = 100 * torch.randn(2, *SHAPE, dtype=torch.float64)
    paper = build("lrn", SHAPE, size=5, alpha=1e-4, k=2.0)(x)
    divided = build("lrn", SHAPE, size=5, alpha=5e-4, k=2.0, average=True)(x)
    caffe = build("lrn", SHAPE, size=5, alpha=1e-4, k=2.0, average=True)(x)
    torch.testing.assert_close(paper, divided, rtol=1e-14, atol=0)
    assert ((paper - caffe).abs() > 1e-3 * caffe.abs()).any()


def test_layer_norm_of_maps(build: Build) -> None:
    module = build("layernorm", SHAPE, eps=1e-3).double()
    parameters = dict(module.named_parameters())
    for parameter in parameters.values():
        nn.init.normal_(parameter)
    x = torch.randn(2, *SHAPE, dtype=torch.float64)
    y = np.empty((2, *SHAPE))
    weight, bias = (parameters[n].detach().numpy() for n in ("weight", "bias"))
    for n in range(2):
        for i in range(SHAPE[1]):
            for j in range(SHAPE[2]):
                v = x[n, :, i, j].numpy()
                y[n, :, i, j] = weight * (v - v.mean()) / np.sqrt(v.var() + 1e-3) + bias
    np.testing.assert_allclose(module(x).detach().numpy(), y, rtol=1e-10)

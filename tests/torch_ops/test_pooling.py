"""Pools, from their formulas: rounding up with the clip, stochastic pooling, subsampling, pyramids."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import ceil, floor
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

Build = Callable[..., nn.Module]


def windows(n: int, k: int, s: int, p: int, up: bool) -> list[tuple[int, int]]:
    """Caffe's windows on one axis, from - to: a last one that would start in the padding is dropped."""
    count = (ceil if up else floor)((n + 2 * p - k) / s) + 1
    if up and (count - 1) * s >= n + p:
        count -= 1
    return [(i * s - p, min(i * s - p + k, n + p)) for i in range(count)]


def pooled(x: Any, k: int, s: int, p: int, up: bool, reduce: Callable[[Any, int], float]) -> Any:
    """``reduce`` is given the values inside the input and the number of places, padding included."""
    rows, columns = (windows(n, k, s, p, up) for n in x.shape[2:])
    y = np.empty((*x.shape[:2], len(rows), len(columns)))
    for i, (top, bottom) in enumerate(rows):
        for j, (left, right) in enumerate(columns):
            part = x[:, :, max(top, 0) : bottom, max(left, 0) : right]
            places = (bottom - top) * (right - left)
            for n, c in product(range(x.shape[0]), range(x.shape[1])):
                y[n, c, i, j] = reduce(part[n, c], places)
    return y


GEOMETRIES = [(3, 2, 0), (3, 2, 1), (2, 2, 0), (2, 3, 1), (3, 1, 1), (2, 5, 0), (3, 3, 1), (1, 2, 0)]


@pytest.mark.parametrize("up", [False, True], ids=["floor", "ceil"])
@pytest.mark.parametrize(("k", "s", "p"), GEOMETRIES)
def test_pools(k: int, s: int, p: int, up: bool, build: Build) -> None:
    values: dict[str, Any] = {
        "size": (k, k),
        "stride": (s, s),
        "pad": (p, p),
        "round": "ceil" if up else "floor",
    }
    for size in ((7, 6), (8, 9)):
        x = torch.randn(2, 3, *size, dtype=torch.float64) - 2
        shape = (3, *size)
        largest = pooled(x.numpy(), k, s, p, up, lambda v, _: float(v.max()))
        np.testing.assert_array_equal(build("maxpool", shape, **values)(x).numpy(), largest)
        mean = pooled(x.numpy(), k, s, p, up, lambda v, places: float(v.sum()) / places)
        np.testing.assert_allclose(build("avgpool", shape, **values)(x).numpy(), mean)
        inside = pooled(x.numpy(), k, s, p, up, lambda v, _: float(v.mean()))
        np.testing.assert_allclose(build("avgpool", shape, **values, count_pad=False)(x).numpy(), inside)


@pytest.mark.parametrize("up", [False, True], ids=["floor", "ceil"])
@pytest.mark.parametrize(("k", "s"), [(k, s) for k, s, p in GEOMETRIES if p == 0])
def test_stochastic_pool_in_evaluation(k: int, s: int, up: bool, build: Build) -> None:
    """The mean, weighted by the probabilities; 0 for a window of zeros."""

    def weighted(v: Any, _: int) -> float:
        return float((v * v).sum() / v.sum()) if v.sum() else 0.0

    rounded = "ceil" if up else "floor"
    module = build("stochastic_pool", (3, 8, 9), size=(k, k), stride=(s, s), round=rounded)
    x = torch.randn(2, 3, 8, 9, dtype=torch.float64).relu()
    x[:, :, :3, :3] = 0
    y = module.eval()(x)
    np.testing.assert_allclose(y.numpy(), pooled(x.numpy(), k, s, 0, up, weighted))
    assert (y[:, :, 0, 0] == 0).all()


def test_stochastic_pool_in_training(build: Build) -> None:
    """Each value of a window is drawn as often as its share says, and gets the gradient."""
    module = build("stochastic_pool", (1, 3, 3), size=(2, 2), stride=(2, 2), round="ceil").train()
    image = torch.tensor([[1.0, 2.0, 5.0], [0.0, 7.0, 0.0], [0.0, 0.0, 9.0]])
    samples = 20_000
    x = image.expand(samples, 1, 3, 3).clone().requires_grad_()
    y = module(x)
    assert y.shape == (samples, 1, 2, 2)
    drawn = y[:, 0, 0, 0]
    for value in (1.0, 2.0, 7.0):
        share = value / 10
        frequency = float((drawn == value).float().mean())
        assert abs(frequency - share) < 4 * (share * (1 - share) / samples) ** 0.5, value
    assert set(drawn.tolist()) == {1.0, 2.0, 7.0}, "0 is never drawn"
    assert (y[:, 0, 0, 1] == 5).all()
    assert (y[:, 0, 1, 0] == 0).all(), "a window of zeros"
    assert (y[:, 0, 1, 1] == 9).all()
    y.sum().backward()
    assert x.grad is not None
    part = (slice(None), 0, slice(0, 2), slice(0, 2))
    assert torch.equal(x.grad[part].sum((1, 2)), torch.ones(samples))
    assert torch.equal((x.grad * x)[part].sum((1, 2)), drawn)


def test_stochastic_pool_draws_windows_independently(build: Build) -> None:
    module = build("stochastic_pool", (2, 2, 4), size=(2, 2)).train()
    y = module(torch.tensor([1.0, 2.0, 1.0, 2.0]).expand(4000, 2, 2, 4)) > 1.5
    correlation = torch.corrcoef(y.flatten(1).double().T) - torch.eye(4)
    assert correlation.abs().max() < 0.07


def test_subsampling(build: Build) -> None:
    """LeNet-5: y = weight · Σ x + bias; 2 parameters a map, average pooling at the start."""
    module = build("subsampling", (3, 6, 8), size=(2, 2)).double()
    x = torch.randn(2, 3, 6, 8, dtype=torch.float64)
    torch.testing.assert_close(module(x), nn.AvgPool2d(2)(x))
    parameters = dict(module.named_parameters())
    assert sum(p.numel() for p in parameters.values()) == 6
    for parameter in parameters.values():
        nn.init.normal_(parameter)
    y = pooled(x.numpy(), 2, 2, 0, False, lambda v, _: float(v.sum()))
    weight, bias = (parameters[n].detach().numpy()[:, None, None] for n in ("weight", "bias"))
    np.testing.assert_allclose(module(x).detach().numpy(), weight * y + bias)


@pytest.mark.parametrize("size", [(14, 14), (13, 17), (7, 7), (3, 5), (40, 9)])
def test_spatial_pyramid_pool(size: tuple[int, int], build: Build) -> None:
    """The same features for any size: cell i of l covers ⌊iN / l⌋ … ⌈(i + 1)N / l⌉ - 1."""
    levels = (7, 3, 2, 1)
    x = torch.randn(2, 4, *size)
    y = build("spp", (4, *size), levels=levels)(x)
    assert y.shape == (2, 4 * 63)
    parts = []
    for level in levels:
        for c, i, j in product(range(4), range(level), range(level)):
            (top, bottom), (left, right) = (
                (cell * n // level, -(-(cell + 1) * n // level)) for cell, n in zip((i, j), size, strict=True)
            )
            parts.append(x[:, c, top:bottom, left:right].amax((1, 2)))
    assert torch.equal(y, torch.stack(parts, 1))


def test_global_pools(build: Build) -> None:
    x = torch.randn(2, 4, 5, 3)
    torch.testing.assert_close(build("global_avgpool", (4, 5, 3))(x), x.sum((2, 3)) / 15)
    assert torch.equal(build("global_maxpool", (4, 5, 3))(x), x.flatten(2).max(2)[0])

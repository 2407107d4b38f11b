"""DropBlock, stochastic depth and FractalNet's joins: shares, shapes, scales and schedules."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnndsl_torch.modules.drop_block import DropBlock2d
from cnndsl_torch.modules.drop_path import DropPath
from cnndsl_torch.modules.fractal_join import FractalJoin

Build = Callable[..., nn.Module]


def dropped_share(size: tuple[int, int], block: tuple[int, int], keep: float) -> float:
    """The expected share of dropped values: a position stays if none of the blocks that reach it begins."""
    (h, w), (bh, bw) = size, block
    gamma = (1 - keep) / (bh * bw) * (h * w) / ((h - bh + 1) * (w - bw + 1))
    stay = 0.0
    for i, j in product(range(h), range(w)):
        rows = min(i, h - bh) - max(0, i - bh + 1) + 1
        columns = min(j, w - bw) - max(0, j - bw + 1) + 1
        stay += (1 - gamma) ** (rows * columns)
    return 1 - stay / (h * w)


@pytest.mark.parametrize("block", [(1, 1), (3, 3), (5, 2)])
@pytest.mark.parametrize("keep", [0.95, 0.7])
def test_dropblock_share(block: tuple[int, int], keep: float) -> None:
    y = DropBlock2d(block, keep).train()(torch.ones(200, 20, 12, 10))
    share = float((y == 0).float().mean())
    assert share == pytest.approx(dropped_share((12, 10), block, keep), rel=0.03)
    assert share <= (1 - keep) * 1.02, "overlaps make it less"


def test_dropblock_drops_whole_blocks() -> None:
    x = torch.ones(50, 8, 9, 11)
    dropped = (DropBlock2d((3, 4), 0.8).train()(x) == 0).float()
    assert 0 < dropped.mean() < 1
    seeds = (F.avg_pool2d(dropped, (3, 4), 1) > 0.999).float()
    union = F.max_pool2d(F.pad(seeds, (3, 3, 2, 2)), (3, 4), 1)
    assert torch.equal(union, dropped), "what is dropped is a union of blocks inside the map"
    assert not torch.equal(dropped[:, 0], dropped[:, 1]), "each channel on its own"


def test_dropblock_normalises() -> None:
    """What stays is scaled by all values over those that stay."""
    x = torch.randn(10, 4, 8, 8).abs() + 1
    y = DropBlock2d(3, 0.7).train()(x)
    kept = y != 0
    factor = kept.numel() / kept.sum()
    torch.testing.assert_close(y[kept], x[kept] * factor)
    assert float(DropBlock2d(3, 0.7).train()(torch.ones(10, 4, 8, 8)).mean()) == pytest.approx(1, abs=1e-5)


def test_dropblock_in_evaluation() -> None:
    x = torch.randn(2, 3, 8, 8)
    assert torch.equal(DropBlock2d(7, 0.5).eval()(x), x)


def test_dropblock_drops_all() -> None:
    y = DropBlock2d(1, 0.0).train()(torch.ones(2, 3, 4, 4))
    assert torch.equal(y, torch.zeros_like(y))


def test_dropblock_schedule() -> None:
    """`keep` falls linearly from 1 to its value as the training proceeds."""
    model = nn.Sequential(nn.Identity(), nn.Sequential(DropBlock2d(3, 0.8)))
    x = torch.ones(200, 20, 10, 10)
    for progress in (0.0, 0.5, 1.0):
        DropBlock2d.schedule(model, progress)
        share = float((model(x) == 0).float().mean())
        assert share == pytest.approx(dropped_share((10, 10), (3, 3), 1 - 0.2 * progress), rel=0.03)
    assert not model.state_dict(), "the progress is the trainer's"


@pytest.mark.parametrize("scale", ["training", "evaluation"])
def test_drop_path(scale: str, build: Build) -> None:
    p, samples = 0.3, 20_000
    module = build("droppath", (2, 2, 3), p=p, scale=scale)
    x = torch.rand(samples, 2, 2, 3) + 0.5
    y = module.train()(x)
    dropped = (y == 0).flatten(1)
    assert torch.equal(dropped.all(1), dropped.any(1)), "a sample is dropped as a whole"
    survives = ~dropped.any(1)
    assert float(survives.float().mean()) == pytest.approx(1 - p, abs=4 * (p * (1 - p) / samples) ** 0.5)
    factors = (1 / (1 - p), 1.0) if scale == "training" else (1.0, 1 - p)
    torch.testing.assert_close(y[survives], x[survives] * factors[0])
    evaluated = module.eval()(x)
    torch.testing.assert_close(evaluated, x * factors[1])
    assert float(y.mean()) == pytest.approx(float(evaluated.mean()), rel=0.03), "the same in expectation"


@pytest.mark.parametrize("scale", ["training", "evaluation"])
def test_drop_path_at_its_ends(scale: str) -> None:
    x = torch.randn(8, 3)
    assert torch.equal(DropPath(0.0, scale).train()(x), x)
    assert torch.equal(DropPath(0.0, scale).eval()(x), x)
    assert torch.equal(DropPath(1.0, scale).train()(x), torch.zeros(8, 3))


def test_stochastic_depth_110() -> None:
    """54 blocks, survival from 1 down to 0.5 linearly: 40.25 are active on average."""
    blocks, samples = 54, 4000
    paths = [DropPath(0.5 * (i + 1) / blocks, scale="evaluation").train() for i in range(blocks)]
    active = torch.stack([path(torch.ones(samples, 1)) for path in paths]).sum(0)
    survival = [1 - path.p for path in paths]
    assert sum(survival) == pytest.approx(40.25)
    variance = sum(s * (1 - s) for s in survival)
    assert float(active.mean()) == pytest.approx(40.25, abs=4 * (variance / samples) ** 0.5)
    assert float(active.var()) == pytest.approx(variance, rel=0.1)
    evaluated = sum(float(path.eval()(torch.ones(1, 1))) for path in paths)
    assert evaluated == pytest.approx(40.25)


def lane_weights(p: float, lanes: int, samples: int) -> Tensor:
    """The weights of the lanes, read from lanes that are one-hot: samples x lanes."""
    basis = torch.eye(lanes).unsqueeze(1).expand(lanes, samples, lanes)
    result: Tensor = FractalJoin(p).train()(list(basis))
    return result


@pytest.mark.parametrize("p", [0.15, 0.6])
@pytest.mark.parametrize("lanes", [2, 3])
def test_fractal_join(p: float, lanes: int) -> None:
    """Each set of lanes is kept as often as independent drops say; none never: then one is drawn."""
    samples = 20_000
    weights = lane_weights(p, lanes, samples)
    torch.testing.assert_close(weights.sum(1), torch.ones(samples))
    kept = weights > 0
    assert kept.any(1).all(), "at least one lane is left"
    torch.testing.assert_close(weights, kept / kept.sum(1, keepdim=True))
    for pattern in product([False, True], repeat=lanes):
        chosen = sum(pattern)
        share = (1 - p) ** chosen * p ** (lanes - chosen) if chosen else 0.0
        share += p**lanes / lanes if chosen == 1 else 0.0
        frequency = float((kept == torch.tensor(pattern)).all(1).float().mean())
        assert frequency == pytest.approx(share, abs=4 * (share * (1 - share) / samples) ** 0.5 + 1e-9)


@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_fractal_join_never_drops_all(lanes: int) -> None:
    weights = lane_weights(1.0, lanes, 4000)
    assert torch.equal(weights.sum(1), torch.ones(4000))
    assert torch.equal(weights.max(1)[0], torch.ones(4000)), "one lane alone"
    assert float((weights.mean(0) - 1 / lanes).abs().max()) < 0.04, "drawn uniformly"


def test_fractal_join_in_evaluation() -> None:
    lanes = [torch.randn(3, 4, 2, 2) for _ in range(3)]
    mean = (lanes[0] + lanes[1] + lanes[2]) / 3
    torch.testing.assert_close(FractalJoin(0.5).eval()(lanes), mean)
    torch.testing.assert_close(FractalJoin(0.0).train()(lanes), mean)


class Fractal(nn.Module):
    """f(c) joins all columns that end together. Each unit adds 8^(its column), counted from the deepest."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns = columns
        self.join = FractalJoin(0.15)
        self.halves = nn.ModuleList(Fractal(columns - k) for k in range(1, columns))

    def forward(self, x: Tensor) -> Tensor:
        lanes = [x + 8.0 ** (self.columns - 1)]
        for k, half in enumerate(self.halves, 1):
            x = half(x)
            lanes.append(x + 8.0 ** (self.columns - 1 - k))
        result: Tensor = self.join(lanes)
        return result


def test_global_drop_path_leaves_one_column() -> None:
    columns = 3
    model = Fractal(columns).train()
    x = torch.zeros(16, 1)
    seen = set()
    for _ in range(40):
        column = FractalJoin.draw_column(model, columns, share=0.7)
        seen.add(column)
        if column is not None:
            units = 2 ** (columns - 1 - column)
            assert torch.equal(model(x), torch.full_like(x, units * 8**column))
    assert seen == {None, 0, 1, 2}
    assert FractalJoin.draw_column(model, columns, share=0.0) is None
    assert len(set(model(torch.zeros(400, 1)).flatten().tolist())) > 5, "local again, a draw a sample"
    assert not model.state_dict(), "the column is the trainer's"


def test_share_of_global_drop_path() -> None:
    model = Fractal(2)
    drawn = [FractalJoin.draw_column(model, 2) for _ in range(400)]
    assert abs(drawn.count(None) - 200) < 40
    assert abs(drawn.count(0) - 100) < 36
    model.eval()
    x = torch.zeros(4, 1)
    FractalJoin.draw_column(model, 2, share=1.0)
    assert torch.equal(model(x), torch.full_like(x, 5.0)), "evaluation takes all: the mean of 8 and 2"

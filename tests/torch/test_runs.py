"""Every network of the zoo trains a step: forward and backward, in single precision and under autocast."""

from __future__ import annotations

import pytest
import torch

from cnndsl.analysis.metrics import macs, params
from cnndsl.diagnostics.model import SpecError
from cnndsl.ir.graph import Graph
from cnndsl.pipeline import locate
from cnndsl_torch import backend
from tests.reference import zoo_graph, zoo_names

MACS = 3e8
"""What a network may cost at its smallest input to be run each time; the others are marked slow."""


def small_input(name: str) -> Graph:
    """The graph for the smallest input of a few that the network takes."""
    stated = zoo_graph(name)
    if len(stated.input.shape) == 3:
        for size in (32, 64, 96):
            if size < stated.input.shape[1]:
                try:
                    return locate(name).graph(input=(stated.input.shape[0], size, size))
                except SpecError:
                    continue
    return stated


def is_large(name: str) -> bool:
    graph = small_input(name)
    cost = macs(graph.nodes) * 4 + params(graph.nodes) * 30 + len(graph.nodes) * 1e6
    return cost > MACS * 4


def train_a_step(name: str, device: str = "cpu") -> None:
    """Forward and backward in single precision, then forward under autocast, in both modes."""
    graph = small_input(name)
    model = backend.load(graph).train().to(device)
    image = torch.randn(2, *graph.input.shape, device=device)
    outputs = model(image)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    torch.autograd.backward([o.square().mean() for o in outputs])
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.isfinite().all(), key
    for training in (True, False):
        with torch.autocast(device, dtype=torch.bfloat16), torch.no_grad():
            outputs = model.train(training)(image)
        for output in outputs if isinstance(outputs, tuple) else (outputs,):
            assert output.isfinite().all()


@pytest.mark.parametrize("name", [name for name in zoo_names() if not is_large(name)])
def test_trains_a_step(name: str) -> None:
    train_a_step(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in zoo_names() if is_large(name)])
def test_large_ones_train_a_step(name: str) -> None:
    train_a_step(name)


@pytest.mark.parametrize("name", zoo_names() if torch.cuda.is_available() else [])
def test_on_cuda(name: str) -> None:
    train_a_step(name, "cuda")


@pytest.mark.parametrize("name", zoo_names() if torch.cuda.is_available() else [])
def test_cuda_computes_what_the_cpu_does(name: str) -> None:
    graph = small_input(name)
    model = backend.load(graph).eval()
    image = torch.randn(2, *graph.input.shape)
    with torch.no_grad(), torch.backends.cudnn.flags(allow_tf32=False):
        expected = model(image)
        torch.testing.assert_close(model.to("cuda")(image.to("cuda")).cpu(), expected, rtol=1e-3, atol=1e-4)

"""Facts about the networks that lectures and papers state, each found by the compiler."""

from __future__ import annotations

import pytest

from cnndsl.analysis.metrics import METRICS, macs, params
from cnndsl.elaborate import elaborate
from cnndsl.ir.dims import product
from cnndsl.ir.graph import Graph
from cnndsl.pipeline import from_text, locate
from tests.reference import zoo_graph, zoo_names


def figures(name: str) -> tuple[int, int]:
    graph = zoo_graph(name)
    return params(graph.nodes), macs(graph.nodes)


@pytest.mark.parametrize("name", zoo_names())
def test_every_network_states_its_exact_figures(name: str) -> None:
    """In its own text, or in that of the family's network or member which it comes from."""
    result = elaborate(locate(name).definition())
    exact = {e.metric.name for e, _ in result.expectations if e.comparison == "==" and e.target is None}
    assert {"params", "macs"} <= exact <= {*METRICS, "shape", "receptive_field"}
    assert result.graph is not None
    assert result.graph.doc


def conv1(side: int, more: str) -> Graph:
    return from_text(f"network n : 3 x {side} x {side} -> _ x _ x _ {{ conv(96, 11x11, stride=4{more}) }}").graph()


def test_alexnets_first_convolution() -> None:
    assert conv1(227, "").output.shape == (96, 55, 55)
    assert conv1(224, ", pad=2").output.shape == (96, 55, 55)
    assert conv1(224, "").output.shape == (96, 54, 54)
    assert (224 - 11) % 4 != 0, "the printed 224 without padding does not divide"
    assert params(conv1(227, "").nodes) - 96 == 34_848


def test_alexnets_sizes() -> None:
    sides = [n.shape[1] for n in zoo_graph("alexnet_paper").nodes if len(n.shape) == 3]
    assert sorted(set(sides), reverse=True) == [227, 55, 27, 13, 6]


def test_vgg16_has_its_memory_early_and_its_parameters_late() -> None:
    graph = zoo_graph("vgg16")
    kept = [n for n in graph.nodes if n.op is None or n.op.name in ("conv", "maxpool", "linear")]
    values = [product(n.shape) for n in kept]
    assert sum(values) == 15_237_608
    assert round(4 * sum(values) / 1e6, 2) == 60.95
    assert sum(values[:6]) > sum(values) / 2
    first = next(n for n in graph.nodes if n.op is not None and n.op.name == "linear")
    assert first.params == 102_764_544 > params(graph.nodes) * 0.7


def test_how_networks_compare() -> None:
    alexnet = figures("alexnet_paper")[0]
    assert 8 < alexnet / figures("googlenet_paper")[0] < 13
    assert 48 < alexnet / figures("squeezenet1_0")[0] < 52
    assert round(100 * figures("resnet34_a")[1] / figures("vgg19")[1], 1) == 18.6


def test_bottleneck_keeps_its_shape() -> None:
    text = "use std.Bottleneck\nnetwork n : 256 x 28 x 28 -> 256 x 28 x 28 { unit: Bottleneck(64) }"
    graph = from_text(text).graph()
    shapes = [n.shape for n in graph.nodes if n.op is not None and n.op.name == "conv"]
    assert shapes == [(64, 28, 28), (64, 28, 28), (256, 28, 28)]


def test_stochastic_depth_keeps_40_of_54_blocks() -> None:
    drops = [n.op.values()["p"] for n in zoo_graph("resnet110_stochastic").nodes if n.op and n.op.name == "droppath"]
    assert len(drops) == 54
    assert sum(1 - p for p in drops) == pytest.approx(40.25)

"""Every pass, over the zoo and random networks with random weights in float64: the outputs stay as they were."""

from __future__ import annotations

import numpy
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from torch import Tensor

from cnndsl.ir.edit import clone
from cnndsl.ir.graph import Graph
from cnndsl.ir.tensors import Old, evaluate
from cnndsl.ir.verify import verify
from cnndsl.ops import Layer
from cnndsl.pipeline import from_text
from cnndsl.transform import PASSES, Transformed, transform
from tests.interpreter import interpret
from tests.reference import zoo_graph, zoo_names
from tests.torch.test_random_programs import EXAMPLES, programs


def small(graph: Graph) -> bool:
    return sum(node.macs for node in graph.nodes) < 5e9


QUICK = ("googlenet", "squeezenet1_1", "lenet5", "resnet20_cifar")
NAMES = [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in zoo_names() if small(zoo_graph(n))]


def random_state(graph: Graph) -> dict[str, Tensor]:
    """Tensors for a graph: small random weights, and variances that are positive."""
    state = {}
    for node in graph.nodes:
        if isinstance(node.op, Layer):
            shapes = {**node.op.tensors(node.input_shape), **node.op.buffers(node.input_shape)}
            for name, shape in shapes.items():
                values = torch.randn(shape, dtype=torch.float64) * 0.1
                state[f"{node.path}.{name}"] = values.abs() + 0.5 if name.endswith("var") else values
    return state


def carried(result: Transformed, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of the changed graph, from those of the one before."""
    return {name: evaluate(result.tensors.get(name, Old(name)), state, torch) for name in random_state(result.graph)}


def compare(graph: Graph, result: Transformed) -> None:
    verify(graph)
    verify(result.graph)
    state = random_state(graph)
    new = carried(result, state)
    for node in result.graph.nodes:
        for name, shape in node.tensors().items():
            assert tuple(new[name].shape) == shape
    image = torch.randn(2, *graph.input.shape, dtype=torch.float64)
    before, after = (interpret(g, s, image, False) for g, s in ((graph, state), (result.graph, new)))
    assert len(before) == len(after)
    for one, two in zip(before, after, strict=True):
        torch.testing.assert_close(two, one, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("each", PASSES, ids=lambda each: each.name)
@pytest.mark.parametrize("name", NAMES)
def test_the_zoo_stays_the_same_function(each: object, name: str) -> None:
    graph = zoo_graph(name)
    assert callable(each)
    compare(graph, each(graph))


@pytest.mark.parametrize("name", NAMES)
def test_all_passes_together(name: str) -> None:
    graph = zoo_graph(name)
    result = transform(graph)
    compare(graph, result)
    again = transform(result.graph)
    assert [str(n.op) for n in again.graph.nodes] == [str(n.op) for n in result.graph.nodes], "nothing is left to do"


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_random_networks(text: str) -> None:
    graph = from_text(text).graph()
    for each in PASSES:
        compare(graph, each(graph))
    compare(graph, transform(graph))


@pytest.mark.parametrize("bias", ["true", "false"])
def test_norms_behind_norms_are_folded_one_after_the_other(bias: str) -> None:
    graph = from_text(f"network n : 3 x 8 x 8 -> _ x _ x _ {{ conv(4, 1x1, bias={bias}) -> bn -> bn }}").graph()
    result = transform(graph)
    compare(graph, result)
    assert len(result.graph.nodes) == 2


def test_what_goes_and_what_stays() -> None:
    graph = zoo_graph("resnet50")
    result = transform(graph)
    ops = [node.op.name for node in result.graph.nodes if node.op is not None]
    assert "bn" not in ops
    assert len(ops) == len(graph.nodes) - 1 - 53
    assert str(result.tensors["conv1.bias"]) == (
        "(((bn1.running_mean * (bn1.weight / sqrt((bn1.running_var + 1e-05)))) * -1) + bn1.bias)"
    )
    assert {path for path in result.tensors if path.startswith("layer1.0.downsample")} == {
        "layer1.0.downsample.0.weight", "layer1.0.downsample.0.bias",
    }  # fmt: skip


def test_what_reads_a_convolution_too_keeps_its_norm() -> None:
    text = "network n : 3 x 8 x 8 -> _ x _ x _ { a: conv(4, 1x1) -> b: bn -> concat { | | from a } }"
    ops = [str(node.op) for node in transform(from_text(text).graph()).graph.nodes[1:]]
    assert ops == ["conv(out=4, size=(1, 1))", "bn()", "concat()"]


def test_an_output_that_is_the_convolution_keeps_its_norm() -> None:
    text = "network n : 3 x 8 x 8 -> _ x _ x _ { a: conv(4, 1x1)\n output raw: from a -> identity\n bn }"
    result = transform(from_text(text).graph())
    assert [output.node.path for output in result.graph.outputs] == ["2", "a"]


def test_training_heads_go() -> None:
    text = """network n : 3 x 8 x 8 -> 4 {
        s: conv(4, 1x1) -> relu
        output aux when training: conv(2, 1x1) -> bn
        from s -> global_avgpool
    }"""
    result = transform(from_text(text).graph()).graph
    assert [output.name for output in result.outputs] == ["output"]
    assert [str(node.op) for node in result.nodes[1:]] == ["conv(out=4, size=(1, 1))", "global_avgpool()"]


def test_expressions_are_evaluated_by_numpy_too() -> None:
    graph = from_text("network n : 3 x 8 x 8 -> _ { conv(4, 3x3) -> bn -> global_avgpool }").graph()
    result = transform(graph)
    state = random_state(graph)
    arrays = {name: value.numpy() for name, value in state.items()}
    for name, value in carried(result, state).items():
        found = evaluate(result.tensors.get(name, Old(name)), arrays, numpy)
        numpy.testing.assert_allclose(found, value.numpy())


def test_a_clone_is_apart() -> None:
    graph = zoo_graph("resnet18")
    copy = clone(graph)
    verify(copy)
    assert not {id(n) for n in graph.nodes} & {id(n) for n in copy.nodes}
    assert [n.path for n in copy.nodes] == [n.path for n in graph.nodes]

"""The writer that is to take the emitter's place (decision 0018): the same programs, the same comparisons."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from cnndsl.ir.graph import Graph
from cnndsl.pipeline import from_path, from_text
from cnndsl_torch.live import execute
from cnndsl_torch.write.program import Program
from tests.reference import stated_tensors, zoo_graph
from tests.torch.test_constructs import PROGRAMS
from tests.torch.test_numbers import compare
from tests.torch.test_random_programs import EXAMPLES, programs


def check(graph: Graph) -> None:
    source = Program(graph).text()
    compare(graph, source)
    module = execute(source, Program(graph).entry)
    assert [(key, tuple(value.shape)) for key, value in module.state_dict().items()] == list(stated_tensors(graph))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_construct(path: Path) -> None:
    check(from_path(path, "n").graph())


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_random_programs(text: str) -> None:
    check(from_text(text).graph())


@pytest.mark.parametrize("name", ["lenet5", "squeezenet1_1", "resnet20_cifar", "fractalnet20", "plain20_cifar"])
def test_zoo(name: str) -> None:
    check(zoo_graph(name))


def test_parameters_are_kept_where_loops_are_written_out() -> None:
    text = """network n(classes = 10) : 3 x 32 x 32 -> classes {
        { conv(8, 3x3) -> relu } * 2
        a: conv(8, 1x1) -> add { | from a | }
        global_avgpool
        fc: linear(classes)
    }"""
    assert "def __init__(self, classes: int = 10) -> None:" in Program(from_text(text).graph()).text()


def test_a_default_follows_what_is_given() -> None:
    text = "network n(g = 4, h = g) : 3 x 8 x 8 -> _ x _ x _ { conv(g, 1x1) -> conv(h, 1x1) }"
    model = execute(Program(from_text(text).graph()).text(), "N")
    assert type(model)(g=6).state_dict()["1.weight"].shape == (6, 6, 1, 1)


def test_a_parameter_that_changes_a_flat_size_is_a_constant() -> None:
    text = "network n(s = 2, c = 4) : 3 x 8 x 8 -> 10 { conv(c, 2x2, stride=s) -> flatten -> linear(10) }"
    source = Program(from_text(text).graph()).text()
    assert "def __init__(self, c: int = 4) -> None:" in source
    assert "nn.Linear(c * 16, 10)" in source

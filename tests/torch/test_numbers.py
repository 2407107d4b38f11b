"""The emitted module against an interpreter of the graph: the data flow, node by node, with the same weights."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, given, settings

from cnndsl.ir.graph import Graph
from cnndsl.pipeline import from_text
from cnndsl_torch import backend
from cnndsl_torch.live import execute
from tests.interpreter import interpret, is_random
from tests.reference import zoo_graph, zoo_names
from tests.torch.test_random_programs import EXAMPLES, programs


def compare(graph: Graph, source: str | None = None, dtype: torch.dtype = torch.float32) -> None:
    """The module of a graph's source, or of another source for it, gives what the interpreter gives."""
    torch.manual_seed(1)
    module = execute(source or backend.source(graph), backend.entry(graph)).to(dtype)
    image = torch.randn(3, *graph.input.shape, dtype=dtype)
    for training in (False, True):
        if training and any(is_random(node) for node in graph.nodes):
            continue
        state = {key: value.clone() for key, value in module.state_dict().items()}
        with torch.no_grad():
            found = module.train(training)(image.clone())
        found = [f for f in found if f is not None] if isinstance(found, tuple) else [found]
        for ours, expected in zip(found, interpret(graph, state, image, training), strict=True):
            scale = expected.abs().max().clamp_min(1e-6)
            assert float((ours - expected).abs().max() / scale) < 1e-4


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_random_programs(text: str) -> None:
    compare(from_text(text).graph())


SMALL = [n for n in zoo_names() if sum(m.params for m in zoo_graph(n).nodes) < 3e7 and len(zoo_graph(n).nodes) < 400]


@pytest.mark.parametrize("name", SMALL)
def test_zoo(name: str) -> None:
    compare(zoo_graph(name))

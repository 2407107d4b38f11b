"""Every construct where it is hard to write: each program's module is compared with its graph, node by node."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from cnndsl.pipeline import from_path
from cnndsl_torch import backend
from tests.fuzz.agreement import values
from tests.reference import stated_tensors
from tests.torch.test_numbers import compare

PROGRAMS = sorted(Path(__file__).with_name("constructs").glob("*.cnn"))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_construct(path: Path) -> None:
    spec = from_path(path, "n")
    assert spec.check() == []
    graph = spec.graph()
    compare(graph)
    module = backend.load(graph)
    assert [(key, tuple(value.shape)) for key, value in module.state_dict().items()] == list(stated_tensors(graph))
    outputs = module(torch.randn(2, *graph.input.shape))
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    assert [tuple(o.shape) for o in outputs] == [(2, *o.node.shape) for o in graph.outputs]
    values(spec, graph)

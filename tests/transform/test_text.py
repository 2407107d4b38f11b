"""A transformed network is a spec like any other, and its Python comes out of the same emitter."""

from __future__ import annotations

import pytest
import torch

from cnndsl.ir.tensors import Old, evaluate
from cnndsl.pipeline import from_text
from cnndsl.recover.spec import recover
from cnndsl.transform import transform
from cnndsl_torch import backend
from tests.reference import zoo_graph
from tests.transform.test_passes import random_state


@pytest.mark.parametrize("name", ["resnet20_cifar", "squeezenet1_1", "googlenet"])
def test_the_emitted_module_computes_the_same(name: str) -> None:
    graph = zoo_graph(name)
    result = transform(graph)
    text = recover([result.graph])
    assert from_text(text).check() == []
    state = random_state(graph)
    before, after = (backend.load(g).double().eval() for g in (graph, from_text(text).graph()))
    before.load_state_dict(state, strict=True)
    new = {key: evaluate(result.tensors.get(key, Old(key)), state, torch) for key in after.state_dict()}
    after.load_state_dict(new, strict=True)
    image = torch.randn(2, *graph.input.shape, dtype=torch.float64)
    with torch.no_grad():
        torch.testing.assert_close(after(image), before(image), rtol=1e-9, atol=1e-9)


def test_resnet50_is_some_thirty_lines_with_one_class_a_block() -> None:
    text = recover([transform(zoo_graph("resnet50")).graph])
    assert len(text.splitlines()) < 35
    assert "bn" not in text.replace("bn1", "")
    source = backend.source(from_text(text).graph())
    assert source.count("\nclass ") == 3
    assert "BatchNorm" not in source

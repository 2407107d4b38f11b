"""Every network of the zoo, as PyTorch: the same tensors by name, order and shape, the same output sizes."""

from __future__ import annotations

import pytest
import torch

from cnndsl_torch import backend
from cnndsl_torch.live import execute
from tests.reference import stated_tensors, zoo_graph, zoo_names


@pytest.mark.parametrize("name", zoo_names())
def test_module_is_the_graph(name: str) -> None:
    graph = zoo_graph(name)
    source = backend.source(graph)
    assert "cnndsl" not in source.split('"""', 2)[2], "the file must not depend on cnndsl"
    with torch.device("meta"):
        module = execute(source, backend.entry(graph))
        image = torch.empty(2, *graph.input.shape)
        found = [(key, tuple(value.shape)) for key, value in module.state_dict().items()]
        assert found == list(stated_tensors(graph))
        assert tuple(module.eval()(image).shape) == (2, *graph.output.shape)
        trained = module.train()(image)
    outputs = trained if isinstance(trained, tuple) else (trained,)
    assert [tuple(o.shape) for o in outputs] == [(2, *o.node.shape) for o in graph.outputs]

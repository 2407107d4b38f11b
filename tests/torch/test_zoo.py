"""Every network of the zoo, as PyTorch: the same tensors by name, order and shape, the same output sizes."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import Tensor, nn

from cnndsl.analysis.metrics import macs, params
from cnndsl_torch import backend
from cnndsl_torch.live import execute
from tests.reference import stated_tensors, zoo_graph, zoo_names


def multiply_adds(found: list[int], module: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
    """A forward hook that counts, from the tensors alone, what one image costs."""
    match type(module).__name__, module:
        case "TableConv2d", _:
            found.append(module.get_parameter("weight").numel() * output[0, 0].numel())
        case _, nn.Conv2d() | nn.Linear():
            found.append(module.weight[0].numel() * output[0].numel())


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
        found_macs: list[int] = []
        for part in module.modules():
            part.register_forward_hook(partial(multiply_adds, found_macs))
        trained = module.train()(image)
    assert sum(p.numel() for p in module.parameters()) == params(graph.nodes)
    assert sum(found_macs) == macs(graph.nodes)
    outputs = trained if isinstance(trained, tuple) else (trained,)
    assert [tuple(o.shape) for o in outputs] == [(2, *o.node.shape) for o in graph.outputs]

"""The emitted module against an interpreter of the graph: the data flow, node by node, with the same weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, given, settings
from torch import Tensor, nn

from cnndsl.ir.graph import Graph, Node
from cnndsl.pipeline import from_text
from cnndsl_torch import backend
from cnndsl_torch.live import execute
from cnndsl_torch.lowering import RULES, Joined, Lowered, OpCall
from cnndsl_torch.modules import source_of, with_dependencies
from cnndsl_torch.text import argument_text
from tests.reference import zoo_graph, zoo_names
from tests.torch.test_random_programs import EXAMPLES, programs


def interpret(graph: Graph, state: dict[str, Tensor], image: Tensor) -> Tensor:
    """Run the graph in evaluation mode, each node by the module of its own rule."""
    values: dict[int, Tensor] = {0: image}
    with torch.no_grad():
        for node in graph.nodes[1:]:
            if not node.training_only:
                values[node.index] = apply(node, state, [values[i.index] for i in node.inputs])
    return values[graph.output.index]


def apply(node: Node, state: dict[str, Tensor], inputs: list[Tensor]) -> Tensor:
    op = node.op
    assert op is not None
    texts = {k: argument_text(v, op.args[k].kind) for k, v in op.values().items() if v != op.args[k].default}
    shapes = tuple(i.shape for i in node.inputs)
    lowered = RULES[type(op)](OpCall((op,), type(op), (shapes,), str(shapes[0][0]), texts, False))
    names: dict[str, Any] = {"nn": nn, "F": F, "torch": torch, "Tensor": Tensor}
    for helper in with_dependencies(lowered.helpers):
        exec(source_of(helper), names)
    if isinstance(lowered, Joined):
        call = lowered.call.replace("{lanes}", "*lanes")
        if lowered.module is not None:
            names["module"] = eval(lowered.module, names).eval()
            call = call.replace("{module}", "module")
        result: Tensor = eval(call, {**names, "lanes": inputs})
        return result
    assert isinstance(lowered, Lowered)
    module = eval(lowered.module, names).eval()
    own = {k.removeprefix(f"{node.path}."): v for k, v in state.items() if k.startswith(f"{node.path}.")}
    module.load_state_dict({k: own[k] for k in module.state_dict()}, strict=True)
    output: Tensor = module(inputs[0])
    return output


def compare(graph: Graph) -> None:
    torch.manual_seed(1)
    module = execute(backend.source(graph), backend.entry(graph)).eval()
    image = torch.randn(2, *graph.input.shape)
    with torch.no_grad():
        found = module(image.clone())
    expected = interpret(graph, module.state_dict(), image)
    scale = expected.abs().max().clamp_min(1e-6)
    assert float((found - expected).abs().max() / scale) < 1e-4


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_random_programs(text: str) -> None:
    compare(from_text(text).graph())


SMALL = [n for n in zoo_names() if sum(m.params for m in zoo_graph(n).nodes) < 3e7 and len(zoo_graph(n).nodes) < 400]


@pytest.mark.parametrize("name", SMALL)
def test_zoo(name: str) -> None:
    compare(zoo_graph(name))

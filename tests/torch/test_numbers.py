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

RANDOM = {"dropout", "dropblock", "droppath", "rrelu", "stochastic_pool"}


def is_random(node: Node) -> bool:
    return node.op is not None and (node.op.name in RANDOM or node.op.values().get("drop_path", 0) > 0)


def interpret(graph: Graph, state: dict[str, Tensor], image: Tensor, training: bool) -> list[Tensor]:
    """Run the graph, each node by the module of its own rule; gives all outputs of the mode."""
    values: dict[int, Tensor] = {0: image}
    with torch.no_grad():
        for node in graph.nodes[1:]:
            if training or not node.training_only:
                values[node.index] = apply(node, state, [values[i.index] for i in node.inputs], training)
    return [values[o.node.index] for o in graph.outputs if training or not o.training_only]


def apply(node: Node, state: dict[str, Tensor], inputs: list[Tensor], training: bool) -> Tensor:
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
            names["module"] = eval(lowered.module, names).train(training)
            call = call.replace("{module}", "module")
        result: Tensor = eval(call, {**names, "lanes": inputs})
        return result
    assert isinstance(lowered, Lowered)
    module = eval(lowered.module, names).train(training)
    own = {k.removeprefix(f"{node.path}."): v for k, v in state.items() if k.startswith(f"{node.path}.")}
    module.load_state_dict({k: own[k] for k in module.state_dict()}, strict=True)
    output: Tensor = module(inputs[0])
    return output


def compare(graph: Graph) -> None:
    torch.manual_seed(1)
    module = execute(backend.source(graph), backend.entry(graph))
    image = torch.randn(3, *graph.input.shape)
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

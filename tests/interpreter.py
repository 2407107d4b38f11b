"""A graph run node by node, each by the module of its own rule: what every other way to run it is compared with."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnndsl.ir.graph import Graph, Node
from cnndsl_torch import rules
from cnndsl_torch.lowering import RULES, Joined, Lowered, OpCall
from cnndsl_torch.modules import source_of, with_dependencies
from cnndsl_torch.text import argument_text

assert rules

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
            names["module"] = eval(lowered.module, names).train(training).to(inputs[0].dtype)
            call = call.replace("{module}", "module")
        result: Tensor = eval(call, {**names, "lanes": inputs})
        return result
    assert isinstance(lowered, Lowered)
    module = eval(lowered.module, names).train(training).to(inputs[0].dtype)
    own = {k.removeprefix(f"{node.path}."): v for k, v in state.items() if k.startswith(f"{node.path}.")}
    module.load_state_dict({k: own[k] for k in module.state_dict()}, strict=True)
    output: Tensor = module(inputs[0])
    return output

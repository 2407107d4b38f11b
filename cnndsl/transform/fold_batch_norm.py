"""Batch norm becomes part of the convolution or linear layer before it."""

from __future__ import annotations

from collections.abc import Mapping

from cnndsl.ir.edit import Editor
from cnndsl.ir.graph import Graph, Node
from cnndsl.ir.tensors import Along, Constant, Expression, Old, Root
from cnndsl.ops.base import Layer
from cnndsl.ops.normalization import BatchNorm
from cnndsl.transform.model import Transformed


class FoldBatchNorm:
    """Scales and shifts the outputs of a convolution or linear layer as the batch norm behind it would, by its
    weight and bias, where nothing else reads them.

    With s = weight / √(running_var + eps) of the norm, W' = s W by output channels and
    b' = s (b - running_mean) + bias. Exact in evaluation, whose mean and variance are constants.
    Source: Jacob et al. 2018, section 3.2.
    """

    name = "fold-batch-norm"

    def __call__(self, graph: Graph) -> Transformed:
        editor = Editor(graph)
        tensors: dict[str, Expression] = {}
        for norm in editor.graph.nodes[1:]:
            if not isinstance(norm.op, BatchNorm) or norm.training_only:
                continue
            layer = norm.inputs[0]
            if len(layer.users) == 1 and not editor.outputs_of(layer) and isinstance(layer.op, Layer):
                op, axis = layer.op, layer.op.output_axis
                if axis is not None:
                    tensors |= folded(layer, norm, axis, tensors)
                    editor.change(layer, type(op)(**{**op.values(), "bias": True}))
                    editor.replace(norm, layer)
                    editor.remove(norm)
        return Transformed(editor.done(), tensors)


def folded(layer: Node, norm: Node, axis: int, known: Mapping[str, Expression]) -> dict[str, Expression]:
    """Weight and bias of the layer that is both. ``axis`` is that of the weight's output channels.

    ``known`` holds what earlier norms behind the same layer made of them.
    """
    op = norm.op
    assert isinstance(op, BatchNorm)
    old = layer.tensors()
    weight, bias = f"{layer.path}.weight", f"{layer.path}.bias"
    scale = Constant(1.0) / Root(Old(f"{norm.path}.running_var") + op.eps)
    if op.affine:
        scale = Old(f"{norm.path}.weight") / Root(Old(f"{norm.path}.running_var") + op.eps)
    mean = Old(f"{norm.path}.running_mean")
    shift = (known.get(bias, Old(bias)) - mean) * scale if bias in old else mean * scale * -1.0
    return {
        weight: known.get(weight, Old(weight)) * Along(scale, axis, len(old[weight])),
        bias: shift + Old(f"{norm.path}.bias") if op.affine else shift,
    }

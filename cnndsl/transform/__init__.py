"""Graph → graph that computes the same, with what its tensors are computed from. One pass a file."""

from __future__ import annotations

from collections.abc import Sequence

from cnndsl.ir.graph import Graph
from cnndsl.ir.tensors import TensorMap, composed
from cnndsl.transform.drop_idle import DropIdle
from cnndsl.transform.drop_training import DropTraining
from cnndsl.transform.fold_batch_norm import FoldBatchNorm
from cnndsl.transform.model import Pass, Transformed

PASSES: tuple[Pass, ...] = (DropTraining(), DropIdle(), FoldBatchNorm())
"""Every pass, in the order in which they are run: a pass may rely on those before it."""

LEVELS: dict[str, tuple[Pass, ...]] = {"none": (), "inference": PASSES}
"""What ``--optimize`` takes."""


def transform(graph: Graph, passes: Sequence[Pass] = PASSES) -> Transformed:
    """Run passes one after the other. The graph given stays as it is."""
    tensors: TensorMap = {}
    for each in passes:
        result = each(graph)
        graph, tensors = result.graph, composed(tensors, result.tensors)
    return Transformed(graph, tensors)


__all__ = ["LEVELS", "PASSES", "Pass", "Transformed", "transform"]

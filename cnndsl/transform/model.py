"""What a pass is, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from cnndsl.ir.graph import Graph
from cnndsl.ir.tensors import TensorMap


@dataclass(frozen=True, slots=True)
class Transformed:
    """A changed graph, and what those of its tensors are that are not the old ones of the same name."""

    graph: Graph
    tensors: TensorMap = field(default_factory=dict)


class Pass(Protocol):
    """A change of graphs. Its docstring is its contract: what it changes, for which mode, and why that is exact.

    Called with a graph, it gives another and leaves the first as it is. Run twice, it changes nothing more.
    """

    name: str

    def __call__(self, graph: Graph) -> Transformed: ...

"""A network as data flow: its nodes in order of execution, complete and checked.

How it came from a text, where it did, is apart from it: `cnndsl.ir.expansion`. Whatever changes a graph goes through
`cnndsl.ir.edit`, and what holds of every graph is said by `cnndsl.ir.verify`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cnndsl.ir.dims import Shape, product
from cnndsl.ir.initial import Initialiser
from cnndsl.ops.base import Layer, Op
from cnndsl.source import Span

if TYPE_CHECKING:
    from cnndsl.ir.expansion import Expansion, Scope


@dataclass(slots=True, eq=False, repr=False)  # a repr would show the whole graph, and many times
class Node:
    """One op in place. ``inputs`` are the nodes that feed it, none for the network's input itself."""

    index: int
    """Its position in `Graph.nodes`."""
    op: Op | None
    """None for the network's input."""
    inputs: tuple[Node, ...]
    shape: Shape
    path: str
    """Dotted, unique: the ``state_dict`` prefix of the op's tensors (``layer1.0.conv1``)."""
    scope: Scope
    span: Span
    training_only: bool = False
    """Whether it is reached only in training (an ``output … when training``)."""
    users: list[Node] = field(default_factory=list)
    """The nodes that read its result, one entry for each of their inputs that it is."""

    @property
    def input_shape(self) -> Shape:
        return self.inputs[0].shape

    def tensors(self) -> dict[str, Shape]:
        """The node's trainable tensors by full name."""
        if not isinstance(self.op, Layer):
            return {}
        return {f"{self.path}.{k}": v for k, v in self.op.tensors(self.input_shape).items()}

    @property
    def params(self) -> int:
        if not isinstance(self.op, Layer):
            return 0
        return sum(map(product, self.op.tensors(self.input_shape).values()))

    @property
    def macs(self) -> int:
        return self.op.macs(self.input_shape, self.shape) if isinstance(self.op, Layer) else 0


@dataclass(slots=True, eq=False)
class Output:
    """A result of the network. The main one is named ``output``."""

    name: str
    node: Node
    training_only: bool


@dataclass(frozen=True, slots=True)
class Initialisation:
    """``init weight(conv2, conv4) = normal(0.01)``: a tensor of some nodes, and how it starts.

    ``targets`` are labels or names of ops as written; empty for all convolutions and linear layers.
    """

    tensor: str
    targets: tuple[str, ...]
    nodes: tuple[Node, ...]
    initialiser: Initialiser


@dataclass(slots=True, eq=False)
class Graph:
    """A network for one input size."""

    name: str
    nodes: list[Node]
    """In an order of execution; the first is the input."""
    outputs: list[Output]
    """The main one first."""
    doc: str | None = None
    initial: tuple[Initialisation, ...] = ()
    """How tensors start; a later one replaces an earlier one. Others start as the backend has them."""
    dimensions: tuple[str | None, ...] = ()
    """The names of the input's dimensions that may vary, None for those that are fixed."""
    origin: Expansion | None = None
    """How it came from its text; None where it came from elsewhere, as by a transform."""
    _by_path: list[tuple[str, int]] = field(default_factory=list)

    def inside(self, path: str) -> list[Node]:
        """The nodes of a named step: that of the path itself, and those of the paths that it begins."""
        if not self._by_path:
            self._by_path = sorted((node.path, node.index) for node in self.nodes)
        # A name's characters come behind `.` and `/` in the order.
        low, high = (bisect_left(self._by_path, (end, -1)) for end in (path, path + "/"))
        return [self.nodes[index] for index in sorted(index for _, index in self._by_path[low:high])]

    @property
    def input(self) -> Node:
        return self.nodes[0]

    @property
    def output(self) -> Node:
        return self.outputs[0].node

    @property
    def expansion(self) -> Expansion:
        """How it came from its text. Raises LookupError where it has none."""
        if self.origin is None:
            raise LookupError(f"the graph of {self.name} came from no text")
        return self.origin


def behind(nodes: Iterable[Node]) -> set[int]:
    """The indices of these nodes and of all that they are computed from."""
    found: set[int] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node.index not in found:
            found.add(node.index)
            waiting.extend(node.inputs)
    return found

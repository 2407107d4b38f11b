"""The elaborated network: its nodes in order of execution, and how they came from the text.

Two views of one thing. `Graph.nodes` is the data flow, flat and in topological order. `Graph.root` is the
same nodes as the spec nests them: scopes (which name things), and the steps inside them with every lane,
branch and iteration in its place. The drawing and the source emission follow the second view.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cnndsl.ir.dims import Shape
from cnndsl.ir.initial import Initialiser
from cnndsl.ops.base import Layer, Op
from cnndsl.source import Span
from cnndsl.syntax import ast


@dataclass(slots=True, eq=False, repr=False)  # a repr would show the whole graph, and many times
class Node:
    """One op in place. ``inputs`` are the nodes that feed it, none for the network's input itself."""

    index: int
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
        from cnndsl.ir.dims import product

        if not isinstance(self.op, Layer):
            return 0
        return sum(map(product, self.op.tensors(self.input_shape).values()))

    @property
    def macs(self) -> int:
        return self.op.macs(self.input_shape, self.shape) if isinstance(self.op, Layer) else 0


@dataclass(slots=True, eq=False, repr=False)  # a repr would show the whole graph, and many times
class Scope:
    """What a label or a call opens: the network, a block call, or a labelled step.

    ``definition`` is set where it is a block's or network's expansion; ``values`` then are its parameters'
    values and ``lets`` the values of its ``let`` statements.
    """

    path: str
    parent: Scope | None
    span: Span
    """The call, or the label."""
    definition: ast.Block | ast.Network | None = None
    label: str | None = None
    """The name as written or expanded; None where it is named by its position."""
    values: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, Any] = field(default_factory=dict)
    """The blocks and networks that the definition's text can name."""
    body: Body | None = None
    children: int = 0
    """How many steps have been named: the position of the next."""

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    @property
    def calls(self) -> Iterator[Scope]:
        """This scope and those around it that are expansions of a block, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            if scope.definition is not None:
                yield scope
            scope = scope.parent


@dataclass(slots=True, eq=False)
class Body:
    """The expansion of a sequence of statements: where the flow enters, its steps, where it leaves."""

    input: Node
    steps: list[Step] = field(default_factory=list)
    output: Node | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    """Loop variables of this iteration and values of ``let`` statements."""
    lane: ast.Lane | None = None
    """The lane of which this is the expansion."""


@dataclass(slots=True, eq=False)
class Step:
    """The expansion of one syntactic step.

    | syntax | bodies | node | scope |
    | --- | --- | --- | --- |
    | op call | none | the op | where it is |
    | block call | the block's body | None | the scope it opened |
    | group | its body | None | the one it opened if labelled |
    | merge | a body a lane | the join | likewise |
    | ``* n``, ``for``, ``dense`` | a body an iteration | None (``dense``: the last join) | likewise |
    | ``if`` | the body of the branch taken, or none | None | likewise |
    | ``from`` | none | None; output is the node named | where it is |
    | ``output`` | its body | None; output is the flow, unchanged | likewise |
    """

    syntax: ast.Step
    input: Node
    output: Node
    scope: Scope
    bodies: list[Body] = field(default_factory=list)
    node: Node | None = None
    opened: Scope | None = None
    """The scope that the step's label or call opened."""
    joins: list[Node] = field(default_factory=list)
    """The join of each iteration of ``dense``."""
    branch: int = 0
    """Which branch of ``if`` was taken: 0, 1, or -1 where none was."""


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
    """A network for one input size, complete and checked."""

    name: str
    network: ast.Network
    root: Scope
    nodes: list[Node]
    outputs: list[Output]
    results: Mapping[str, Node]
    """The result of each named step by its path."""
    doc: str | None = None
    initial: tuple[Initialisation, ...] = ()
    """How tensors start; a later one replaces an earlier one. Others start as the backend has them."""
    dimensions: tuple[str | None, ...] = ()
    """The names of the input's dimensions that may vary, None for those that are fixed."""
    bound: frozenset[str] = frozenset()
    """For a member: the family's parameters that it gives."""
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

"""What a figure shows, before anything is said of how it looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from cnndsl.ir.dims import Shape
from cnndsl.ir.graph import Graph, Node

POINTWISE = frozenset({"normalization", "activation", "regularization"})
"""The families that share a box with the op before or behind them."""

SEPARATOR = " · "
"""Between a scope's name and its block's in a title."""


@dataclass(slots=True, eq=False)
class Box:
    """Ops that follow each other, one row each: a convolution with its normalisation and activation."""

    rows: list[Node]
    title: str = ""
    """The scope that holds these rows alone."""


@dataclass(slots=True, eq=False)
class Join:
    """A merge."""

    node: Node


@dataclass(slots=True, eq=False)
class Folded:
    """A scope, or a stretch of steps, drawn as one box with its totals."""

    title: str
    nodes: list[Node]
    contents: str
    input: Shape
    output: Shape


@dataclass(slots=True, eq=False)
class Cluster:
    """A scope around its parts. ``times`` is how many twins in a row it stands for."""

    title: str
    parts: list[Part] = field(default_factory=list)
    times: int = 1
    training_only: bool = False


Leaf: TypeAlias = Box | Join | Folded
Part: TypeAlias = "Leaf | Cluster"


@dataclass(frozen=True, slots=True)
class Edge:
    """Data that flows from one box to another; None is the network's input."""

    tail: Leaf | None
    head: Leaf
    skips: bool
    """It passes other lanes by: the identity lane of a merge."""
    training_only: bool


@dataclass(slots=True, eq=False)
class Figure:
    graph: Graph
    parts: list[Part]
    edges: list[Edge]
    places: dict[Node, Leaf]
    """Where each op is to be seen."""
    note: str = ""
    """What the figure does not show, where it could not show what was asked for."""

    def leaves(self) -> Iterator[Leaf]:
        """The boxes, in order of execution."""
        stack = [*reversed(self.parts)]
        while stack:
            part = stack.pop()
            if isinstance(part, Cluster):
                stack.extend(reversed(part.parts))
            else:
                yield part

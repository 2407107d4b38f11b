"""How a graph came from its text: its nodes as the spec nests them.

A `Scope` for each label and block call names things; inside it are the `Step`s with every lane, branch taken and
iteration in its place. Drawing, lint and the emission of source follow it; a transform knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cnndsl.ir.graph import Node
from cnndsl.source import Span
from cnndsl.syntax import ast


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
    lanes: list[tuple[ast.Lane, tuple[int, ...], Mapping[str, Any]]] = field(default_factory=list)
    """Of each body of a merge the lane that it came from, which turns of the loops around that it is of, and those
    loops' variables."""
    branch: int = 0
    """Which branch of ``if`` was taken: 0, 1, or -1 where none was."""


@dataclass(slots=True, eq=False)
class Expansion:
    """One network, expanded."""

    network: ast.Network
    root: Scope
    results: Mapping[str, Node]
    """The result of each named step by its path."""
    bound: frozenset[str] = frozenset()
    """For a member: the family's parameters that it gives."""
    given: frozenset[str] = frozenset()
    """The network's parameters that whoever asked for the graph gave."""

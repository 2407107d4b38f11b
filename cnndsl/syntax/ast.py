"""The tree of a spec. Every node has its span; nothing is evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from cnndsl.source import Source, Span

# --- expressions -------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Literal:
    value: int | float | bool | str
    span: Span


@dataclass(slots=True, eq=False)
class Name:
    """A parameter, ``let``, loop variable, block, op or bare word. ``_`` is the wildcard of shapes."""

    name: str
    span: Span


@dataclass(slots=True, eq=False)
class InputDim:
    """``in.channels``, ``in.height``, ``in.width`` or ``in.features`` of the flowing value."""

    dim: str
    span: Span


@dataclass(slots=True, eq=False)
class Unary:
    operator: str
    operand: Expr
    span: Span


@dataclass(slots=True, eq=False)
class Operation:
    """``a + b - c``, ``a and b``, ``a < b``: operands joined left to right by operators of one precedence.

    It is flat, so that a long sum is not a deep tree.
    """

    first: Expr
    rest: list[tuple[str, Expr]]
    span: Span


@dataclass(slots=True, eq=False)
class Product:
    """``a x b x c``: a size or a shape."""

    dims: list[Expr]
    span: Span


@dataclass(slots=True, eq=False)
class List:
    items: list[Expr]
    span: Span


@dataclass(slots=True, eq=False)
class Index:
    base: Expr
    index: Expr
    span: Span


@dataclass(slots=True, eq=False)
class Conditional:
    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span


@dataclass(slots=True, eq=False)
class Call:
    """``name(arguments)`` as a value: a function, or an op or block with some arguments already given."""

    name: Name
    arguments: list[Argument]
    span: Span


@dataclass(slots=True, eq=False)
class Argument:
    """A positional argument, or one by keyword."""

    name: Name | None
    value: Expr
    span: Span


Expr: TypeAlias = Literal | Name | InputDim | Unary | Operation | Product | List | Index | Conditional | Call

# --- steps -------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Label:
    """``denselayer{i + 1}``: literal text and expressions in turn, text first and last."""

    parts: list[str | Expr]
    span: Span

    def __str__(self) -> str:
        return "".join(p if isinstance(p, str) else "{" + p.span.text + "}" for p in self.parts)


@dataclass(slots=True, eq=False)
class Step:
    """What all steps share. ``label`` names the step; ``ascription`` states its output shape."""

    span: Span
    label: Label | None = field(default=None, kw_only=True)
    ascription: Expr | None = field(default=None, kw_only=True)


@dataclass(slots=True, eq=False)
class Apply(Step):
    """An op, a block, or a parameter that holds one. ``arguments`` is None where no ``()`` is written."""

    name: Name
    arguments: list[Argument] | None


@dataclass(slots=True, eq=False)
class Group(Step):
    body: Body


@dataclass(slots=True, eq=False)
class Merge(Step):
    """``concat { | … | … }``: every lane gets the input; the op of this name joins them."""

    name: Name
    arguments: list[Argument] | None
    lanes: list[Lane | LaneLoop]


@dataclass(slots=True, eq=False)
class Lane:
    """``body.statements`` is empty for the identity. ``span`` begins at the bar."""

    body: Body
    span: Span


@dataclass(slots=True, eq=False)
class LaneLoop:
    """``for i in range(32) { | … }`` among lanes: its lanes once an item."""

    variable: Name
    index: Name | None
    items: Expr
    lanes: list[Lane | LaneLoop]
    span: Span


@dataclass(slots=True, eq=False)
class Repeat(Step):
    """``step * count``."""

    step: Step
    count: Expr


@dataclass(slots=True, eq=False)
class For(Step):
    variable: Name
    index: Name | None
    items: Expr
    body: Body


@dataclass(slots=True, eq=False)
class Dense(Step):
    """``dense n as i { … }``: x becomes concat(x, body(x)), n times."""

    count: Expr
    index: Name | None
    body: Body


@dataclass(slots=True, eq=False)
class If(Step):
    """``else if`` is an ``otherwise`` whose only statement is an `If`."""

    condition: Expr
    then: Body
    otherwise: Body | None


@dataclass(slots=True, eq=False)
class From(Step):
    """The result of a labelled step in place of the flowing value. The label may be dotted and indexed."""

    target: Label


# --- statements --------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Chain:
    """``a -> b -> c``."""

    steps: list[Step]
    span: Span


@dataclass(slots=True, eq=False)
class Let:
    name: Name
    value: Expr
    span: Span


@dataclass(slots=True, eq=False)
class Output(Step):
    """``output aux1 when training: from inception4a -> AuxHead(classes)``. The flow goes on unchanged."""

    name: Name
    training_only: bool
    body: Body
    opens: bool
    """Whether its name is that of a scope around its steps; otherwise it is the only one's label, or none's."""


@dataclass(slots=True, eq=False)
class Expect:
    """``expect metric(target) when training == value "note"``. ``tolerance`` is in per cent, for ``within``."""

    metric: Name
    target: Label | None
    training: bool
    comparison: str
    value: Expr
    tolerance: float | None
    note: str | None
    span: Span


@dataclass(slots=True, eq=False)
class Init:
    """``init weight(conv2, linear) = normal(0.01)``: how tensors start. No targets: convolutions and linear layers."""

    tensor: Name
    targets: list[Label]
    value: Expr
    span: Span


Statement: TypeAlias = Chain | Let | Output | Expect | Init


@dataclass(slots=True, eq=False)
class Body:
    """Statements between braces. ``span`` includes the braces."""

    statements: list[Statement]
    span: Span


# --- definitions -------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Parameter:
    name: Name
    default: Expr | None
    span: Span


@dataclass(slots=True, eq=False)
class Dim:
    """One dimension of a signature: an expression, or a name with a default size (``H=224``)."""

    name: Name | None
    value: Expr | None
    span: Span


@dataclass(slots=True, eq=False)
class Signature:
    input: list[Dim]
    output: list[Dim]
    span: Span


@dataclass(slots=True, eq=False)
class Block:
    name: Name
    parameters: list[Parameter]
    signature: Signature | None
    body: Body
    doc: str | None
    span: Span


@dataclass(slots=True, eq=False)
class Network:
    """A network, or a member of a family: ``network resnet50 = ResNet(Bottleneck, [3, 4, 6, 3])``."""

    name: Name
    parameters: list[Parameter]
    signature: Signature | None
    base: Call | None
    body: Body
    doc: str | None
    span: Span


@dataclass(slots=True, eq=False)
class Import:
    """``import "resnet.cnn"``: all definitions of a file, by a relative path."""

    path: str
    span: Span


@dataclass(slots=True, eq=False)
class Use:
    """``use std.Inception``."""

    name: Name
    span: Span


@dataclass(slots=True, eq=False)
class File:
    source: Source
    doc: str | None
    imports: list[Import]
    uses: list[Use]
    blocks: list[Block]
    networks: list[Network]
    comments: list[Any] = field(default_factory=list)
    broken: list[Span] = field(default_factory=list)
    """Text that the tree lacks, since it could not be read."""

    @property
    def definitions(self) -> list[Block | Network]:
        """Blocks and networks in the order of the text."""
        return sorted([*self.blocks, *self.networks], key=lambda d: d.span.start)

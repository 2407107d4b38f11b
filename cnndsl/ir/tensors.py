"""What the tensors of a changed graph are computed from, so that trained weights carry over.

An expression is data. It is printed as arithmetic, and evaluated by whatever library has the tensors: numpy and
PyTorch both understand what it does with them.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Number: TypeAlias = float


class Expression:
    """A tensor in terms of those of the graph before."""

    def __add__(self, other: Expression | Number) -> Expression:
        return Operation("+", self, _lift(other))

    def __sub__(self, other: Expression | Number) -> Expression:
        return Operation("-", self, _lift(other))

    def __mul__(self, other: Expression | Number) -> Expression:
        return Operation("*", self, _lift(other))

    def __truediv__(self, other: Expression | Number) -> Expression:
        return Operation("/", self, _lift(other))


@dataclass(frozen=True, slots=True)
class Old(Expression):
    """A tensor of the graph before, by its name in the ``state_dict``."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    """A number, the same for every element."""

    value: Number

    def __str__(self) -> str:
        return f"{self.value:g}"


@dataclass(frozen=True, slots=True)
class Operation(Expression):
    """Element by element: ``+``, ``-``, ``*`` or ``/``."""

    sign: str
    left: Expression
    right: Expression

    def __str__(self) -> str:
        return f"({self.left} {self.sign} {self.right})"


@dataclass(frozen=True, slots=True)
class Root(Expression):
    """The square root of each element."""

    value: Expression

    def __str__(self) -> str:
        return f"sqrt({self.value})"


@dataclass(frozen=True, slots=True)
class Along(Expression):
    """A vector laid along an axis of a tensor of ``rank`` dimensions, and the same along the others."""

    value: Expression
    axis: int
    rank: int

    def __str__(self) -> str:
        return f"along({self.value}, {self.axis})"


@dataclass(frozen=True, slots=True)
class Part(Expression):
    """The items from ``start`` to before ``stop`` of an axis."""

    value: Expression
    axis: int
    start: int
    stop: int

    def __str__(self) -> str:
        return f"{self.value}[{':, ' * self.axis}{self.start}:{self.stop}]"


@dataclass(frozen=True, slots=True)
class Joined(Expression):
    """Tensors one behind the other along an axis."""

    values: tuple[Expression, ...]
    axis: int

    def __str__(self) -> str:
        return f"concat([{', '.join(map(str, self.values))}], {self.axis})"


TensorMap: TypeAlias = Mapping[str, Expression]
"""Tensors of the new graph by name; one that is not named is the old one of the same name."""


def _lift(value: Expression | Number) -> Expression:
    return value if isinstance(value, Expression) else Constant(value)


ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


def evaluate(expression: Expression, tensors: Mapping[str, Any], library: Any) -> Any:
    """The tensor, from those of the graph before. ``library`` is ``torch`` or ``numpy``, whose tensors they are."""

    def value(each: Expression) -> Any:
        return evaluate(each, tensors, library)

    match expression:
        case Old(name):
            return tensors[name]
        case Constant(number):
            return number
        case Operation(sign, left, right):
            return ARITHMETIC[sign](value(left), value(right))
        case Root(of):
            return library.sqrt(value(of))
        case Along(of, axis, rank):
            return value(of).reshape([-1 if each == axis else 1 for each in range(rank)])
        case Part(of, axis, start, stop):
            return value(of)[(slice(None),) * axis + (slice(start, stop),)]
        case Joined(of, axis):
            return library.concat([value(each) for each in of], axis)
    raise TypeError(f"{expression!r} is no expression of tensors")


def substituted(expression: Expression, tensors: TensorMap) -> Expression:
    """The expression in terms of the graph before that one, whose tensors ``tensors`` says."""

    def inner(each: Expression) -> Expression:
        return substituted(each, tensors)

    match expression:
        case Old(name):
            return tensors.get(name, expression)
        case Operation(sign, left, right):
            return Operation(sign, inner(left), inner(right))
        case Root(of):
            return Root(inner(of))
        case Along(of, axis, rank):
            return Along(inner(of), axis, rank)
        case Part(of, axis, start, stop):
            return Part(inner(of), axis, start, stop)
        case Joined(of, axis):
            return Joined(tuple(map(inner, of)), axis)
    return expression


def composed(first: TensorMap, second: TensorMap) -> TensorMap:
    """The map of two changes, one after the other."""
    return {**first, **{name: substituted(each, first) for name, each in second.items()}}

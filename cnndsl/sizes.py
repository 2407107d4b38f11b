"""Sizes that know how they came about: an integer together with its formula over symbols.

A `Size` is an ``int``, so that the shape rules of ops, which are plain arithmetic, take it unchanged and give one
back. The symbols are whatever the caller follows: named dimensions, parameters, the sizes of an input.
Needs nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from math import gcd
from operator import add, floordiv, mod, mul
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
Monomial: TypeAlias = tuple[tuple[Any, int], ...]
"""Atoms with their powers, sorted: symbols, and operations that are neither sum nor product."""
Polynomial: TypeAlias = tuple[tuple[Monomial, int], ...]
"""The canonical form: monomials with their coefficients, sorted, none of them 0."""

EVALUATED: dict[str, Callable[[Any, Any], Any]] = {"+": add, "*": mul, "//": floordiv, "%": mod, "min": min, "max": max}


@dataclass(frozen=True)
class Formula:
    """An expression of integers, kept as it was written. Two are equal where their canonical forms are.

    ``operator`` is ``constant`` or ``symbol``, whose ``value`` it is, or one of `EVALUATED` over two ``operands``.
    """

    operator: str
    value: Any = None
    operands: tuple[Formula, ...] = ()

    @cached_property
    def canonical(self) -> Polynomial:
        """Sums of products with integer coefficients; equal formulas have equal ones."""
        match self.operator:
            case "constant":
                return (((), int(self.value)),) if self.value else ()
            case "symbol":
                return ((((self.value, 1),), 1),)
            case "+":
                return _sorted(_added(*(each.canonical for each in self.operands)))
            case "*":
                return _multiplied(*(each.canonical for each in self.operands))
        return self._operation(*(each.canonical for each in self.operands))

    def _operation(self, left: Polynomial, right: Polynomial) -> Polynomial:
        """Where it can't be worked out, the operation is an atom of its own."""
        if not any(monomial for monomial, _ in (*left, *right)):
            value = int(EVALUATED[self.operator](_number(left), _number(right)))
            return (((), value),) if value else ()
        divisor = _number(right) if not any(monomial for monomial, _ in right) else 0
        if self.operator == "%" and divisor and all(coefficient % divisor == 0 for _, coefficient in left):
            return ()
        if self.operator == "//" and divisor > 0:
            return _divided(left, divisor)
        if self.operator in ("min", "max"):
            if left == right:
                return left
            left, right = sorted((left, right), key=repr)
        elif self.operator == "//":
            common = gcd(*(coefficient for _, coefficient in (*left, *right)))
            left, right = (tuple((m, c // common) for m, c in each) for each in (left, right))
        return (((((self.operator, left, right), 1),), 1),)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Formula) and self.canonical == other.canonical

    def __hash__(self) -> int:
        return hash(self.canonical)

    @property
    def symbols(self) -> frozenset[Any]:
        """The symbols that its value depends on, as far as can be seen: ``n - n`` depends on none."""
        return frozenset(_symbols(self.canonical))

    def evaluate(self, values: Mapping[Any, int]) -> int:
        """Its value where the symbols have these.

        Raises:
            KeyError: a symbol has none.
            ZeroDivisionError: it has no value there.
        """
        value: int = self.fold(int, values.__getitem__, EVALUATED)
        return value

    def fold(self, constant: Callable[[int], T], symbol: Callable[[Any], T],
             operations: Mapping[str, Callable[[T, T], T]]) -> T:  # fmt: skip
        """What it is in other terms: a number, a text, a tree."""
        results: list[T] = []
        pending = [(self, False)]
        while pending:  # deeper than Python recurses, where many steps follow one another
            each, folded = pending.pop()
            if each.operator in ("constant", "symbol"):
                results.append(constant(each.value) if each.operator == "constant" else symbol(each.value))
            elif folded:
                parts = results[-len(each.operands) :]
                results[-len(each.operands) :] = [reduce(operations[each.operator], parts)]
            else:
                pending += [(each, True), *((part, False) for part in reversed(each.operands))]
        return results.pop()

    def __str__(self) -> str:
        signs = {sign: f"({{}} {sign} {{}})".format for sign in ("+", "*", "//", "%")}
        named = {name: f"{name}({{}}, {{}})".format for name in ("min", "max")}
        return self.fold(str, str, {**signs, **named})


def constant(value: int) -> Formula:
    return Formula("constant", int(value))


def symbol(name: Any) -> Formula:
    return Formula("symbol", name)


def _number(polynomial: Polynomial) -> int:
    return polynomial[0][1] if polynomial else 0


def _sorted(terms: Mapping[Monomial, int]) -> Polynomial:
    return tuple(sorted(((m, c) for m, c in terms.items() if c), key=repr))


def _added(*parts: Polynomial) -> dict[Monomial, int]:
    terms: dict[Monomial, int] = {}
    for part in parts:
        for monomial, coefficient in part:
            terms[monomial] = terms.get(monomial, 0) + coefficient
    return terms


def _multiplied(left: Polynomial, right: Polynomial) -> Polynomial:
    terms: dict[Monomial, int] = {}
    for one, a in left:
        for two, b in right:
            powers = dict(one)
            for atom, power in two:
                powers[atom] = powers.get(atom, 0) + power
            monomial = tuple(sorted(powers.items(), key=repr))
            terms[monomial] = terms.get(monomial, 0) + a * b
    return _sorted(terms)


def _divided(terms: Polynomial, divisor: int) -> Polynomial:
    """The floor of a quotient: whole multiples stand outside, what is rounded begins with a positive coefficient, and
    its constant is below the divisor. ⌈n / 2⌉ is ⌊(n + 1) / 2⌋, however it was written."""
    whole = {m: int(c / divisor) if m else c // divisor for m, c in terms}
    rest = _sorted({m: c - whole[m] * divisor for m, c in terms})
    sign = 1
    if next((c for m, c in rest if m), 1) < 0:
        rest = _sorted(_added(tuple((m, -c) for m, c in rest), (((), divisor - 1),)))
        sign = -1
        inner = _number(tuple(each for each in rest if not each[0])) // divisor
        rest = _sorted(_added(rest, (((), -inner * divisor),)))
        whole[()] = whole.get((), 0) - inner
    if not any(m for m, _ in rest):
        return _sorted(whole)
    common = gcd(divisor, *(c for _, c in rest))
    rest, bottom = tuple((m, c // common) for m, c in rest), divisor // common
    atom = ("//", rest, (((), bottom),))
    return _sorted(_added(tuple(whole.items()), ((((atom, 1),), sign),)))


def _symbols(polynomial: Polynomial) -> set[Any]:
    found: set[Any] = set()
    for monomial, _ in polynomial:
        for atom, _ in monomial:
            if isinstance(atom, tuple) and len(atom) == 3 and atom[0] in EVALUATED:
                found |= _symbols(atom[1]) | _symbols(atom[2])
            else:
                found.add(atom)
    return found


class Size(int):
    """An integer with its formula. Arithmetic with it gives a `Size`; so do `smallest` and `largest`.

    Division with ``/`` gives a plain ``float``, and what only compares sizes plain booleans.
    """

    formula: Formula

    def __new__(cls, value: int, formula: Formula) -> Size:
        size = super().__new__(cls, value)
        size.formula = formula
        return size

    def __reduce__(self) -> tuple[Any, ...]:
        return Size, (int(self), self.formula)

    def __add__(self, other: int) -> int:
        return _size("+", self, other)

    def __radd__(self, other: int) -> int:
        return _size("+", other, self)

    def __sub__(self, other: int) -> int:
        return self + -other

    def __rsub__(self, other: int) -> int:
        return other + -self

    def __neg__(self) -> int:
        return _size("*", -1, self)

    def __mul__(self, other: int) -> int:
        return _size("*", self, other)

    def __rmul__(self, other: int) -> int:
        return _size("*", other, self)

    def __floordiv__(self, other: int) -> int:
        return _size("//", self, other)

    def __rfloordiv__(self, other: int) -> int:
        return _size("//", other, self)

    def __mod__(self, other: int) -> int:
        return _size("%", self, other)

    def __rmod__(self, other: int) -> int:
        return _size("%", other, self)

    def __pow__(self, exponent: Any, modulo: Any = None) -> Any:
        """A product: of the exponents that shape rules have, 2 and 3."""
        return reduce(mul, [self] * exponent) if exponent in (1, 2, 3) else int(self) ** exponent


def formula_of(value: int) -> Formula:
    """The formula of an integer; a plain one is a constant."""
    return value.formula if isinstance(value, Size) else constant(value)


def smallest(one: int, two: int) -> int:
    """The smaller of two, and that it is that: Python's ``min`` would forget the other."""
    if not (isinstance(one, Size) or isinstance(two, Size)):
        return min(one, two)
    return _size("min", one, two)


def largest(one: int, two: int) -> int:
    """The larger of two, and that it is that."""
    return _size("max", one, two)


NEUTRAL = {"+": 0, "*": 1, "//": 1}
"""What changes nothing on the right of an operation."""


def _size(operator: str, left: Any, right: Any) -> int:
    if not (isinstance(left, int) and isinstance(right, int)):
        return NotImplemented  # type: ignore[no-any-return]  # as `int` itself does: a float, a tensor
    value = int(EVALUATED[operator](int(left), int(right)))
    one, two = formula_of(left), formula_of(right)
    if one.operator == two.operator == "constant":
        return value
    if two.operator == "constant" and NEUTRAL.get(operator) == two.value:
        return Size(left, one)
    if one.operator == "constant" and operator in "+*" and NEUTRAL[operator] == one.value:
        return Size(right, two)
    return Size(value, Formula(operator, None, (one, two)))

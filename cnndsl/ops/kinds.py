"""The kinds of values that arguments take: each checks a compile-time value and gives its canonical form.

A kind's ``parse`` returns the canonical value or raises ``ValueError`` with what was expected, in words.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Protocol


class Symbol(str):
    """A bare word given as a value, such as ``same`` in ``pad=same``."""

    __slots__ = ()


class Kind(Protocol):
    def parse(self, value: Any) -> Any: ...

    def describe(self) -> str:
        """The kind in words, for messages and the reference: "an integer of at least 1"."""
        ...


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _bounds(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if low is not None:
        return f" of at least {low:g}"
    return "" if high is None else f" of at most {high:g}"


@dataclass(frozen=True)
class Integer:
    low: int | None = 1
    high: int | None = None

    def parse(self, value: Any) -> int:
        outside = not _is_int(value) or (self.low is not None and value < self.low)
        if outside or (self.high is not None and value > self.high):
            raise ValueError(self.describe())
        return int(value)

    def describe(self) -> str:
        return "an integer" + _bounds(self.low, self.high)


@dataclass(frozen=True)
class Number:
    low: float | None = None
    high: float | None = None

    def parse(self, value: Any) -> float:
        outside = not ((_is_int(value) or isinstance(value, float)) and abs(value) <= sys.float_info.max)
        outside = outside or (self.low is not None and value < self.low)
        if outside or (self.high is not None and value > self.high):
            raise ValueError(self.describe())
        return float(value)

    def describe(self) -> str:
        return "a number" + _bounds(self.low, self.high)


@dataclass(frozen=True)
class Boolean:
    def parse(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError(self.describe())
        return value

    def describe(self) -> str:
        return "true or false"


@dataclass(frozen=True)
class Size:
    """Height x width. A single integer k stands for k x k. ``words`` are accepted in its place."""

    low: int = 1
    words: tuple[str, ...] = ()

    def parse(self, value: Any) -> tuple[int, int] | str:
        if isinstance(value, Symbol) and value in self.words:
            return str(value)
        pair = (value, value) if _is_int(value) else value
        if not (isinstance(pair, tuple) and len(pair) == 2 and all(_is_int(v) and v >= self.low for v in pair)):
            raise ValueError(self.describe())
        return pair[0], pair[1]

    def describe(self) -> str:
        words = "".join(f", or `{word}`" for word in self.words)
        return f"a size such as `3` or `3x5`, each side at least {self.low}{words}"


@dataclass(frozen=True)
class Word:
    """One of a few bare words."""

    words: tuple[str, ...]

    def parse(self, value: Any) -> str:
        if not (isinstance(value, Symbol) and value in self.words):
            raise ValueError(self.describe())
        return str(value)

    def describe(self) -> str:
        return " or ".join(f"`{word}`" for word in self.words)


@dataclass(frozen=True)
class Many:
    """A list whose items are of one kind; it is not empty."""

    item: Kind

    def parse(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or not value:
            raise ValueError(self.describe())
        try:
            return tuple(self.item.parse(each) for each in value)
        except ValueError:
            raise ValueError(self.describe()) from None

    def describe(self) -> str:
        return f"a list, not empty, each item {self.item.describe()}"


@dataclass(frozen=True)
class Optional:
    """The kind, or the word ``none``, which gives Python's None."""

    kind: Kind

    def parse(self, value: Any) -> Any:
        return None if value is None or value == Symbol("none") else self.kind.parse(value)

    def describe(self) -> str:
        return f"{self.kind.describe()}, or `none`"

"""Which rows, or columns, of its input an output row reads."""

from __future__ import annotations

from collections.abc import Callable
from math import gcd
from typing import NamedTuple


class Reach(NamedTuple):
    """Along one axis. Padding counts as if the input went on there: positions may lie outside of it."""

    period: int
    """Output row o + ``period`` reads what o reads, ``step`` input rows further on."""
    step: int
    rows: Callable[[int], range]
    """The input rows that an output row reads."""


def pair(make: Callable[..., Reach], *arguments: tuple[int, int]) -> tuple[Reach, Reach]:
    """The reach in height and width, from arguments for both."""
    height, width = (make(*each) for each in zip(*arguments, strict=True))
    return height, width


def window(size: int, stride: int, pad: int, dilation: int = 1) -> Reach:
    """Row o reads oS - P, and from there each d-th, `size` in all."""
    return Reach(1, stride, lambda o: range(o * stride - pad, o * stride - pad + dilation * size, dilation))


def transposed(size: int, stride: int, pad: int, dilation: int) -> Reach:
    """Row o reads the rows i that o = iS - P + dt holds for, with a tap t from 0 to `size` - 1."""

    def rows(o: int) -> range:
        every = dilation // gcd(stride, dilation)
        last = (o + pad) // stride
        first = -((dilation * (size - 1) - o - pad) // stride)
        while last >= first and (o + pad - last * stride) % dilation:
            last -= 1
        return range(last - (last - first) // every * every, last + 1, every) if last >= first else range(0)

    return Reach(stride, 1, rows)


def nearest(scale: int) -> Reach:
    return Reach(scale, 1, lambda o: range(o // scale, o // scale + 1))


def linear(scale: int) -> Reach:
    """Row o lies at (o + 1/2) / s - 1/2, between the two rows that it reads, or on one (``align_corners=False``)."""

    def rows(o: int) -> range:
        whole, rest = divmod(2 * o + 1 - scale, 2 * scale)
        return range(whole, whole + (2 if rest else 1))

    return Reach(scale, 1, rows)


def cells(size: int, count: int) -> Reach:
    """Row o of `count` reads the rows ⌊oN / S⌋ to ⌈(o + 1)N / S⌉ - 1 of `size`."""
    shared = gcd(size, count)
    return Reach(count // shared, size // shared, lambda o: range(o * size // count, -(-(o + 1) * size // count)))

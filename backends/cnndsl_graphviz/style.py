"""How figures look. Okabe and Ito's hues, which colour-blind readers can tell apart, as light tints."""

from __future__ import annotations

from typing import NamedTuple

FONT = "Arial"
"""What Graphviz lays text out for; Liberation Sans, which comes with this package, has the same widths."""

INK = "#1f2328"
FAINT = "#6a737d"
LINE = "#57606a"
CLUSTERS = ("#f6f8fa", "#eceff3", "#e2e7ed")
"""Fills of nested scopes, by level; the last is that of all below."""


class Tint(NamedTuple):
    fill: str
    line: str


FAMILIES = {
    "convolution": Tint("#cfe3f3", "#0072b2"),
    "linear": Tint("#cdbfe6", "#5b3a9e"),
    "pooling": Tint("#f9d9c4", "#d55e00"),
    "normalization": Tint("#e3f1fb", "#56b4e9"),
    "activation": Tint("#fdf0cf", "#e69f00"),
    "regularization": Tint("#f5e3ee", "#cc79a7"),
    "channels": Tint("#d3ede4", "#009e73"),
    "reshape": Tint("#e7f4ef", "#009e73"),
}
OTHER = Tint("#eaecef", "#57606a")
"""Ops of families that this package has not heard of."""

FOLDED = Tint("#ffffff", "#57606a")


def tint(family: str) -> Tint:
    return FAMILIES.get(family, OTHER)

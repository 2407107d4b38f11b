"""How tensors start: the initialisers of the language."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

from cnndsl.ir.dims import Shape, product
from cnndsl.ops.base import REQUIRED, Arg
from cnndsl.ops.kinds import Number, Word

SHAPES = Word(("normal", "uniform"))
INITIALISERS: dict[str, dict[str, Arg]] = {
    "constant": {"value": Arg("every value", Number())},
    "normal": {"std": Arg("standard deviation", Number(0)), "mean": Arg("mean", Number(), 0.0)},
    "uniform": {"low": Arg("smallest value", Number()), "high": Arg("largest value", Number())},
    "xavier": {
        "distribution": Arg("shape of the distribution", SHAPES, "uniform"),
        "gain": Arg("factor of the standard deviation", Number(0), 1.0),
    },
    "he": {
        "fan": Arg("the connections whose number keeps the variance: of the forward pass, or of the backward one",
                   Word(("incoming", "outgoing")), "incoming"),
        "distribution": Arg("shape of the distribution", SHAPES, "normal"),
        "slope": Arg("of the rectifier for negative values", Number(), 0.0),
    },
    "orthogonal": {"gain": Arg("factor", Number(0), 1.0)},
}  # fmt: skip
"""Glorot & Bengio 2010 (xavier), He et al. 2015 (he), Saxe et al. 2014 (orthogonal); arguments in order."""


@dataclass(frozen=True, slots=True)
class Initialiser:
    """One initialiser with its arguments. ``he(outgoing)`` is ``Initialiser("he", {"fan": "outgoing", …})``."""

    name: str
    values: dict[str, Any]

    def std(self, shape: Shape) -> float:
        """The standard deviation of the values that it draws for a weight of this shape."""
        fan_in, fan_out = fans(shape)
        match self.name:
            case "constant":
                return 0.0
            case "normal":
                return float(self.values["std"])
            case "uniform":
                return float(self.values["high"] - self.values["low"]) / sqrt(12)
            case "xavier":
                return float(self.values["gain"] * sqrt(2 / (fan_in + fan_out)))
            case "he":
                fan = fan_in if self.values["fan"] == "incoming" else fan_out
                return sqrt(2 / (1 + self.values["slope"] ** 2) / fan)
        return float(self.values["gain"] / sqrt(max(shape[0], product(shape[1:]))))


def fans(shape: Shape) -> tuple[int, int]:
    """Incoming and outgoing connections of a weight: out x in x height x width, or out x in."""
    field = product(shape[2:])
    return (shape[1] * field, shape[0] * field) if len(shape) > 1 else (shape[0], shape[0])


def initialiser(name: str, positional: list[Any], keywords: dict[str, Any]) -> Initialiser:
    """The initialiser of a call. Raises ValueError with what is wrong, in words."""
    args = INITIALISERS[name]
    if len(positional) > len(args):
        raise ValueError(f"`{name}` takes {len(args)} arguments, and {len(positional)} are given")
    given = dict(zip(args, positional, strict=False))
    for key, value in keywords.items():
        if key not in args or key in given:
            raise ValueError(f"`{name}` has no argument `{key}`" if key not in args else f"`{key}` is given twice")
        given[key] = value
    values = {}
    for key, arg in args.items():
        if key not in given and arg.default is REQUIRED:
            raise ValueError(f"`{name}` needs `{key}`")
        try:
            values[key] = arg.kind.parse(given[key]) if key in given else arg.default
        except ValueError as error:
            raise ValueError(f"`{key}` of `{name}` must be {error}") from None
    return Initialiser(name, values)

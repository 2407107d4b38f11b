"""What a figure says about ops, shapes and numbers. Everything here is text; markup is elsewhere."""

from __future__ import annotations

from typing import Any

from cnndsl.analysis.written import value_text
from cnndsl.ir.dims import Shape
from cnndsl.ops import Op
from cnndsl.ops.base import REQUIRED
from cnndsl.ops.kinds import Kind, Many

MINOR = frozenset({"bias", "pad", "eps", "momentum", "affine", "init", "count_pad", "round", "connections"})
"""Arguments that a figure leaves to the tooltip: the shapes and parameter counts show what they do."""

ALWAYS = frozenset({"p", "size", "keep"})
"""Arguments that say what an op is, at their default too."""

UNITS = {3: "k", 6: "M", 9: "G"}

LONGEST = 24
"""Characters of an argument's value."""


def op_text(op: Op) -> str:
    """An op with its key arguments: ``conv 7×7, 64, /2``."""
    sizes, others = [], []
    for name, value in op.values().items():
        default = op.args[name].default
        if name in MINOR or (name not in ALWAYS and default is not REQUIRED and value == default):
            continue
        text = _value(value, op.args[name].kind, square=name != "size")
        if name == "size" and isinstance(value, tuple):
            sizes.append(text)
        elif name == "stride":
            others.append("/" + text)
        elif default is REQUIRED or name in ALWAYS:
            others.append(text)
        else:
            others.append(f"{name}={text}")
    arguments = ", ".join([*sizes, *others])
    return f"{op.name} {arguments}" if arguments else op.name


def _value(value: Any, kind: Kind, square: bool) -> str:
    pair = isinstance(value, tuple) and not isinstance(kind, Many)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as specs have it: k=2
    text = value_text(value, kind, short=square)
    if pair:
        text = text.replace("x", "×")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def shape_text(shape: Shape) -> str:
    """``64 × 56 × 56``."""
    return " × ".join(f"{size}" for size in shape)


def count_text(count: int) -> str:
    """A number to three digits: ``25.6M``; exact below ten thousand."""
    if count < 10_000:
        return f"{count:,}"
    power = next((p for p in (9, 6) if count >= 0.9995 * 10**p), 3)
    scaled = count / 10**power
    digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
    return f"{scaled:.{digits}f}{UNITS[power]}"


def totals_text(params: int, macs: int) -> str:
    """``1.22M parameters, 667M MACs``, without what is zero."""
    parts = [f"{count_text(params)} parameters"] if params else []
    return ", ".join([*parts, f"{count_text(macs)} MACs"] if macs else parts)


def path_in(path: str, scope: str) -> str:
    """A node's path as seen from a scope."""
    return path.removeprefix(scope + ".") if scope else path

"""The values of arguments as terms, and as text."""

from __future__ import annotations

import re
from typing import Any

from cnndsl.ops import Op
from cnndsl.ops.base import REQUIRED
from cnndsl.ops.kinds import Kind, Many
from cnndsl.recover.terms import Code, Items, Range, Value

LONG = 10
"""Characters of a number that is tried as a fraction."""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def arguments(op: Op) -> tuple[Value, ...]:
    """The values of an op's arguments, in declared order."""
    return tuple(normal(getattr(op, key), argument.kind) for key, argument in op.args.items())


def normal(value: Any, kind: Kind) -> Value:
    """A canonical value as a term: a square size is an integer, and a list is told from a size."""
    if not isinstance(value, tuple):
        return value
    if isinstance(kind, Many):
        return Items(normal(each, kind.item) for each in value)
    return value[0] if value[0] == value[1] else value


def defaults(op: type[Op]) -> tuple[Value, ...]:
    """The defaults of an op's arguments; REQUIRED where there is none."""
    return tuple(REQUIRED if a.default is REQUIRED else normal(a.default, a.kind) for a in op.args.values())


def text(value: Value, size: bool = False) -> str:
    """A value as the language writes it; ``size`` writes an integer as a square: ``3x3``."""
    if isinstance(value, Code):
        return str(value)
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Items):
        return f"[{', '.join(map(text, value))}]"
    if isinstance(value, Range):
        return f"range({', '.join(map(text, value[1:] if value[0] == 0 else value))})"
    if isinstance(value, tuple):
        plain = all(isinstance(side, int) for side in value)
        return ("x" if plain else " x ").join(map(text, value))
    if isinstance(value, int) and size:
        return f"{value}x{value}"
    if isinstance(value, float):
        return number(value)
    return str(value)


def number(value: float) -> str:
    """A number: whole, as a fraction where it has many digits and is one, or in its shortest form."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = re.sub("e-0", "e-", repr(value))
    if len(text) > LONG:
        for below in range(2, 1000):
            if (above := round(value * below)) and above / below == value:
                return f"{above} / {below}"
    return text

"""An op's arguments as the language writes them."""

from __future__ import annotations

from typing import Any

from cnndsl.elaborate.values import show
from cnndsl.ops import Op
from cnndsl.ops.base import REQUIRED
from cnndsl.ops.kinds import Kind, Many, Optional


def written(op: Op) -> str:
    """``64, 7x7, stride=2, pad=3``: required arguments by position, others by name where they differ."""
    given = []
    for name, value in op.values().items():
        default = op.args[name].default
        if default is REQUIRED:
            given.append(value_text(value, op.args[name].kind, short=False))
        elif value != default:
            given.append(f"{name}={value_text(value, op.args[name].kind, short=True)}")
    return ", ".join(given)


def value_text(value: Any, kind: Kind, short: bool) -> str:
    """A canonical value of a kind. With ``short``, a square size is one number: ``stride=2``."""
    if value is None:
        return "none"
    kind = kind.kind if isinstance(kind, Optional) else kind
    if isinstance(kind, Many):
        return f"[{', '.join(value_text(each, kind.item, short) for each in value)}]"
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(v, int) for v in value):
        return str(value[0]) if short and value[0] == value[1] else f"{value[0]}x{value[1]}"
    return value if isinstance(value, str) else show(value)

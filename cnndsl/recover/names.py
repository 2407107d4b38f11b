"""What recovered blocks are called: after the label that their calls have, or after what they hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from cnndsl import std
from cnndsl.ops import registry
from cnndsl.recover.terms import Body, Call, Merge, Op, steps_of

FEW = 3
RESERVED = frozenset(registry) | {"in", "if", "not", "and", "or", "true", "false", "input"}
"""What a parameter or a variable can't be called, or would hide."""


def block_name(labels: Iterable[str | None], body: Body, taken: set[str]) -> str:
    """A name in CamelCase that is not taken."""
    stems = Counter(re.split(r"\d", label)[0].strip("_-. ") for label in labels if label)
    stem = stems.most_common(1)[0][0] if stems else ""
    words = re.findall(r"[A-Za-z]+", stem)
    name = "".join(word[:1].upper() + word[1:] for word in words) or _content(body)
    if name in std.index():
        name = f"{name}Block"
    number, found = 2, name
    while found in taken or found in registry:
        found, number = f"{name}{number}", number + 1
    taken.add(found)
    return found


def _content(body: Body) -> str:
    steps = list(steps_of(body))
    ops = [step for step in steps if isinstance(step, Op)]
    merges = {step.name for step in steps if isinstance(step, Merge)}
    if "add" in merges:
        return "Residual"
    if any(isinstance(step, Call) for step in steps) and not ops:
        return "Stage" if len(steps) > 1 else "Unit"
    if merges:
        return "Module"
    if len(ops) <= FEW:
        return "".join(op.name.title().replace("_", "") for op in ops) or "Unit"
    return "Unit"

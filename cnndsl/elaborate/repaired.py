"""What flows on behind a mistake, where it is certain: as if the mistake were repaired as its help says.

So a second mistake behind the first is found in the same run. Where the repair could be another, and what comes
out with it, nothing is assumed, and what follows stays silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.elaborate import habits
from cnndsl.elaborate.spelling import guess
from cnndsl.elaborate.values import Partial, Value
from cnndsl.ir.dims import Shape
from cnndsl.ops import Layer, Symbol, Violation


def output(op: Layer, violation: Violation, x: Shape) -> Shape:
    """What an op gives in spite of its mistake: with groups that don't divide what it gives with any that do, with
    an uneven `same` as many outputs as that promises. Otherwise the empty shape."""
    values = op.values()
    if violation.code == "E0406" and violation.argument == "groups":
        values["groups"] = 1
    elif violation.code == "E0405" and violation.sets is not None:
        argument, text = violation.sets
        values[argument] = op.args[argument].kind.parse(int(text))
    else:
        return ()
    try:
        return type(op)(**values).infer(x)
    except Violation:
        return ()


def name(written: str, known: Iterable[str]) -> str | None:
    """The op or block that is certainly meant by a misspelled name. Behind another library's, the arguments are
    that one's, too."""
    found = guess(written, known)
    return found.names[0] if found.certain and not (habits.called(written, known) or habits.absent(written)) else None


def arguments(partial: Partial, found: Iterable[Diagnostic]) -> Partial | None:
    """A call with its unknown keywords replaced, with their values where these are others' words, or left out, as each
    of these mistakes proposes; None where one proposes nothing, or is of another kind."""
    keywords = dict(partial.keywords)
    for each in found:
        written = each.span.text
        if not each.safe or len(each.fix) != 1 or written not in keywords:
            return None
        value = keywords.pop(written)
        for meant in filter(None, each.fix[0].replacement.split(", ")):
            key, sign, text = meant.partition("=")
            keywords[key] = (literal(text), value[1]) if sign else value
    return Partial(partial.target, partial.positional, keywords)


def literal(text: str) -> Value:
    """A number, boolean or word as an argument's value."""
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"\d*\.\d+", text):
        return float(text)
    sides = [int(side) for side in text.split("x") if side.isdigit()]
    return Symbol(text) if not sides else sides[0] if len(sides) == 1 else tuple(sides)

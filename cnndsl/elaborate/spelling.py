"""Names that are like a misspelled one, and whether one of them is certainly meant.

The distance is that of Damerau and Levenshtein ("A technique for computer detection and correction of spelling
errors", Communications of the ACM 7, 1964), in its form of optimal string alignment: letters that are missing, one too
many, wrong, or swapped with their neighbour. Case and `_` don't count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from cnndsl.diagnostics.model import Edit
from cnndsl.source import Span

LONGEST = 80
"""Letters of a name: a longer one is not compared."""
MOST = 500
"""Names that one is compared with."""
SHOWN = 8
"""Names that are listed."""
LONG = 10
"""Letters of a name in which two mistakes leave no doubt."""

FOREIGN = {
    "adaptiveminpool", "attention", "avg", "bicubic", "blur", "cbam", "celu", "chunk", "clamp", "clip",
    "convolve", "crelu", "crop", "depthwise", "div", "dot", "downsample", "downsampling", "dwconv", "eca",
    "elish", "embed", "embedding", "exp", "frelu", "globalminpool", "glu", "gru", "hardmish", "hardshrink",
    "hardsigmoid", "hardtanh", "instancenorm", "interpolate", "log", "logsigmoid", "logsoftmax", "loss", "lstm",
    "matmul", "maxunpool", "meanpool", "min", "minpool", "mix", "norm", "permute", "pointwise", "pool", "pooling",
    "prod", "pwconv", "reduce", "repeat", "resize", "rmsnorm", "rnn", "se", "sepconv", "shake", "share",
    "shuffle", "shufflechannel", "softmin", "softplus", "softshrink", "softsign", "split", "squareplus", "srelu",
    "stack", "sub", "subpixel", "sum", "sumpool", "swap", "swiglu", "transpose", "unpool", "upsampling",
}  # fmt: skip
"""Words that others have for something else: no misspellings, however near an op's name is."""


class Guess(NamedTuple):
    """The nearest names, all at one distance; ``certain`` where it can only be one, and a slip made the difference."""

    names: tuple[str, ...] = ()
    certain: bool = False


def guess(name: str, known: Iterable[str]) -> Guess:
    """The known names that may have been meant. Far-fetched ones are left out."""
    return _guess(name, tuple(islice(dict.fromkeys(known), MOST + 1)))


@lru_cache(256)
def _guess(name: str, names: tuple[str, ...]) -> Guess:
    written = plain(name)
    if len(written) > LONGEST or re.sub(r"[123]d$", "", written) in FOREIGN:
        return Guess()
    most, own = reach(written), figures(name)
    alike = [each for each in names[:MOST] if figures(each) == own]
    far = {each: distance(written, plain(each), most) for each in alike}
    least = min(far.values(), default=most + 1)
    if least > most:
        return Guess()
    found = tuple(each for each in far if far[each] == least)
    return Guess(found, len(found) == 1 and len(names) <= MOST and slip(name, found[0], least))


def suggestion(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, where there is one such."""
    found = guess(name, known).names
    return found[0] if len(found) == 1 else None


def respelling(name: str, span: Span, known: Iterable[str], otherwise: str | None = None) -> dict[str, Any]:
    """The help, fix and safety of a diagnostic of an unknown name."""
    found = guess(name, known)
    if not found.names:
        return {"help": otherwise}
    if len(found.names) > 1:
        return {"help": f"did you mean {listed(found.names, 'or')}?"}
    return {"help": f"did you mean `{found.names[0]}`?", "fix": (Edit(span, found.names[0]),), "safe": found.certain}


def respelled_label(name: str, span: Span, labels: Iterable[str]) -> dict[str, Any]:
    """The same for a label; where none is near, those that there are."""
    known = sorted(labels)
    return respelling(name, span, known, f"labels here: {listed(known)}" if known else "nothing is labelled here")


def listed(names: Iterable[str], word: str = "and") -> str:
    """Names in a sentence, the first ones of many."""
    shown = [f"`{name}`" for name in names]
    if len(shown) > SHOWN:
        shown = [*shown[:SHOWN], f"{len(shown) - SHOWN} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {word} {shown[-1]}"


def reach(written: str) -> int:
    """The distance up to which a name is worth a word."""
    return 0 if len(written) < 3 else 1 if len(written) < 6 else 2 if len(written) < 9 else 3


def slip(name: str, meant: str, far: int) -> bool:
    """Whether the difference of two names is a slip of the pen, and not what tells one thing from another."""
    written, right = plain(name), plain(meant)
    if far == 0:
        return True
    if written[0] != right[0] or marks(name) != marks(meant):
        return False
    if far == 1:
        return min(len(written), len(right)) > 3 or sorted(written) == sorted(right)
    return far == 2 and min(len(written), len(right)) >= LONG


@lru_cache(4 * MOST)
def figures(name: str) -> list[str]:
    """The numbers in a name: another number is another thing."""
    return re.findall(r"\d+", name)


def marks(name: str) -> list[str]:
    """The letters that stand alone in a name, as in ``branch_b`` and ``BlockA``."""
    return [each.lower() for each in re.findall(r"(?<=_)[A-Za-z](?=_|\d|$)|[A-Z](?=[A-Z_\d]|$)", name)]


@lru_cache(4 * MOST)
def plain(name: str) -> str:
    return name.replace("_", "").lower()


def distance(a: str, b: str, most: int) -> int:
    """How many mistakes lead from one word to another; more than ``most``, where it is more."""
    if abs(len(a) - len(b)) > most or len(set(a) ^ set(b)) > 2 * most:
        return most + 1
    before, row = list[int](), list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            far = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and other == a[i - 2]:
                far = min(far, last[j - 2] + 1)
            row.append(far)
        if min(row) > most:
            return most + 1
    return row[-1]

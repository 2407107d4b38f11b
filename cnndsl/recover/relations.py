"""What a column of figures is: another figure times a number, the channels that come in, a line over a loop's turns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnndsl.recover.generalise import ABSENT, MARK, Role
from cnndsl.recover.terms import Body, Code, Hole, Range, Value, rewrite

CHANNELS = frozenset(["out", "groups", "planes", "growth", "maps", "hidden", "width"])
SIZES = frozenset(["size", "pad", "dilation", "output_pad", "large"])


@dataclass(frozen=True, slots=True)
class Known:
    """An expression whose values are known."""

    text: str
    column: tuple[Value, ...]
    kind: str


def kind_of(role: Role) -> str:
    """Figures are compared with those of their kind alone: that 64 channels are 32 times a stride says nothing."""
    if role.kind in ("count", "label", "presence", "position", "list"):
        return "count" if role.kind == "label" else role.kind
    if role.name == "n":
        return "count"
    if role.name in CHANNELS or re.fullmatch(r"c\d*|[a-z]\d", role.name):
        return "channels"
    return "size" if role.name in SIZES else role.name


def atomic(text: str) -> str:
    return text if re.fullmatch(r"[\w.]+|\w+\[\w+\]", text) else f"({text})"


def related(column: Sequence[Value], known: Known) -> Known | None:
    """The column as an expression of something known, with its values in all instances, or None."""
    pairs = [(a, b) for a, b in zip(column, known.column, strict=True) if a is not ABSENT]
    if any(b is ABSENT for _, b in pairs):
        return None
    if all(type(a) is type(b) and a == b for a, b in pairs):
        return known
    if not all(type(a) is int and type(b) is int for a, b in pairs):
        return None
    (first, other), *_ = pairs
    if other and first % other == 0 and first > other:
        factor = first // other
        return _checked(column, known, f"{factor} * {atomic(known.text)}", lambda value: value * factor)
    if known.kind == "size" and all(a == b // 2 for a, b in pairs) and any(b > 1 for _, b in pairs):
        return _checked(column, known, f"{atomic(known.text)} // 2", lambda value: value // 2)
    if first and other % first == 0 and other > first and all(b == a * (other // first) for a, b in pairs):
        divisor = other // first
        return _checked(column, known, f"{atomic(known.text)} // {divisor}", lambda value: value // divisor)
    offset = first - other
    if known.kind == "count" and 0 < abs(offset) <= 2:
        text = f"{known.text} {'+' if offset > 0 else '-'} {abs(offset)}"
        return _checked(column, known, text, lambda value: value + offset)
    return None


def _checked(column: Sequence[Value], known: Known, text: str, make: Callable[[int], int]) -> Known | None:
    if any(value is not ABSENT and type(value) is not int for value in known.column):
        return None  # the expression would have no value in some instance
    found = tuple(ABSENT if value is ABSENT else make(value) for value in known.column)
    same = all(wanted is ABSENT or wanted == value for wanted, value in zip(column, found, strict=True))
    return Known(text, found, known.kind) if same else None


def line(column: Sequence[Value], variable: str, first: int = 0) -> str | None:
    """Whole numbers that grow by the same amount a turn, as an expression of the turn."""
    if not all(type(value) is int for value in column) or len(column) < 2:
        return None
    slope = column[1] - column[0]
    start = column[0] - slope * first
    if slope == 0 or any(value != column[0] + slope * turn for turn, value in enumerate(column)):
        return None
    if slope < 0:
        return f"{start} - {variable}" if slope == -1 else f"{start} - {-slope} * {variable}"
    text = variable if slope == 1 else f"{slope} * {variable}"
    return text if start == 0 else f"{text} {'+' if start > 0 else '-'} {abs(start)}"


def fraction(column: Sequence[Value], variable: str) -> str | None:
    """Numbers that are (turn + b) / d, to the last bit, as an expression."""
    if not all(type(value) is float for value in column) or len(column) < 3 or column[1] == column[0]:
        return None
    divisor = round(1 / (column[1] - column[0]))
    start = round(column[0] * divisor) if divisor else 0
    if divisor < 2 or any(value != (turn + start) / divisor for turn, value in enumerate(column)):
        return None
    return f"{variable} / {divisor}" if start == 0 else f"({variable} + {start}) / {divisor}"


def combined(column: Sequence[Value], known: Sequence[Known], kind: str) -> Known | None:
    """A column as the first expression of something known of its kind."""
    plain = [each for each in known if re.fullmatch(r"\w+", each.text)]
    for each in (*plain, *(each for each in known if each not in plain)):
        if each.kind == kind and (found := related(column, each)) is not None:
            return found
    return None


def filled(body: Body, found: Sequence[Value]) -> Body:
    """A form with its holes filled. Labels hold the marks of theirs in braces."""

    def value(each: Value) -> Value:
        if isinstance(each, Hole):
            return found[each.column]
        if isinstance(each, Range):
            return Range(map(value, each))
        if isinstance(each, Code) and MARK.search(each):
            return type(each)(MARK.sub(lambda match: atomic(str(found[int(match[1])])), each))
        return each

    def text(each: str) -> str:
        return MARK.sub(lambda match: "{" + str(found[int(match[1])]) + "}", each)

    return tuple(rewrite(step, value, text) for step in body)

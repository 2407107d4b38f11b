"""Long lines broken at their outermost brackets, as formatters do."""

from __future__ import annotations

import re

WIDTH = 100


def wrapped(lines: list[str]) -> list[str]:
    """The lines with long ones broken; docstrings stay as they are."""
    result, inside = [], False
    for line in lines:
        quotes = line.count('"""')
        result.extend([line] if inside or quotes else _wrap(line))
        inside ^= quotes == 1
    return result


def _wrap(line: str) -> list[str]:
    if len(line) <= WIDTH or line.lstrip().startswith("#"):
        return [line]
    bracket = _outermost(line)
    if bracket is None:
        return [line]
    start, end = bracket
    indent = " " * (len(line) - len(line.lstrip()))
    inner = _split(line[start + 1 : end])
    joined = f"{indent}    {', '.join(inner)}"
    if len(joined) < WIDTH and line.lstrip().startswith(("def ", "return ")):
        body = [joined]
    else:
        last = "," if _takes_comma(line, start, inner) else ""
        items = [f"{item}," for item in inner[:-1]] + [f"{inner[-1]}{last}"]
        body = [part for item in items for part in _wrap(f"{indent}    {item}")]
    return [line[: start + 1], *body, f"{indent}{line[end:]}"]


def _takes_comma(line: str, start: int, inner: list[str]) -> bool:
    """Whether a comma behind the last part changes nothing: it makes a tuple of one part in brackets that group."""
    if any(" for " in part for part in inner):
        return False
    return len(inner) > 1 or (line[start] == "(") is _follows_value(line, start)


def _follows_value(line: str, start: int) -> bool:
    """Whether a bracket calls or subscripts what stands before it."""
    return bool(re.match(r"[\w)\]\"']", line[start - 1 : start]))


def _pairs(text: str) -> list[tuple[int, int, int]]:
    """(depth, start, end) of the brackets outside strings."""
    stack: list[int] = []
    found = []
    for match in STRINGS_AND_SIGNS.finditer(text):
        sign = match[0]
        if sign in "([{":
            stack.append(match.start())
        elif sign in ")]}" and stack:
            start = stack.pop()
            found.append((len(stack), start, match.start()))
    return found


def _outermost(line: str) -> tuple[int, int] | None:
    """The longest bracket pair of the outermost level that holds something."""
    outer = [
        (end - start, start, end)
        for depth, start, end in _pairs(line)
        if depth == 0 and end > start + 1 and not (line[start] == "[" and _follows_value(line, start))
    ]
    if not outer:
        return None
    _, start, end = max(outer)
    return start, end


STRINGS_AND_SIGNS = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[(\[{)\]},]""")


def _split(text: str) -> list[str]:
    """The parts between commas of the outermost level."""
    parts, last, depth = [], 0, 0
    for match in STRINGS_AND_SIGNS.finditer(text):
        sign = match[0]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append(text[last : match.start()].strip())
            last = match.end()
    parts.append(text[last:].strip())
    return [part for part in parts if part]

"""Text cut at its brackets and commas."""

from __future__ import annotations

import re

BRACKET = re.compile(r'"[^"\n]*"|#[^\n]*|[(\[{)\]}]')
FAR = 4000
"""How far a bracket's end is looked for."""


def closing(text: str, start: int) -> int | None:
    """Behind the bracket that closes the one at ``start``, if it is near."""
    depth = 0
    for match in BRACKET.finditer(text, start, start + FAR):
        depth += (match[0] in "([{") - (match[0] in ")]}")
        if depth == 0:
            return match.end()
    return None


def parts(text: str) -> list[str]:
    """What stands between the commas of a list or of arguments."""
    found, depth, start = [], 0, 0
    for match in re.finditer(r'"[^"]*"|[(\[{)\]},]', text):
        depth += (match[0] in "([{") - (match[0] in ")]}")
        if match[0] == "," and depth == 0:
            found.append(text[start : match.start()].strip())
            start = match.end()
    return [*found, *([last] if (last := text[start:].strip()) else [])]

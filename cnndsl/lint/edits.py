"""Edits that repair, and texts with edits made."""

from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax import ast


def apply(text: str, found: Iterable[Diagnostic]) -> tuple[str, int]:
    """The text with the fixes of these findings, and how many edits were made.

    A finding's edits are made all or none; one that touches what another has changed waits for the next round.
    """
    taken: dict[tuple[int, int], str] = {}
    ends: list[tuple[int, int]] = []
    for each in found:
        edits = {(e.span.start, e.span.end): e.replacement for e in each.fix}
        new = [place for place in edits if taken.get(place) != edits[place]]
        if any(start < b and a < end or (start, end) == (a, b) for start, end in new for a, b in ends):
            continue
        for place in new:
            taken[place] = edits[place]
            ends.append(place)
    parts, at = [], 0
    for (start, end), replacement in sorted(taken.items()):
        parts += [text[at:start], replacement]
        at = end
    return "".join([*parts, text[at:]]), len(taken)


def without_line(span: Span) -> tuple[Edit, ...]:
    """Takes out a statement that has its lines for itself; nothing where it has not."""
    text = span.source.text
    start = text.rfind("\n", 0, span.start) + 1
    stop = text.find("\n", span.end)
    end = len(text) if stop < 0 else stop + 1
    if text[start : span.start].strip() or text[span.end : end].strip():
        return ()
    return (Edit(Span(span.source, start, end), ""),)


def without_argument(arguments: list[ast.Argument], index: int) -> tuple[Edit, ...]:
    """Takes an argument and its comma out of a call."""
    span = arguments[index].span
    if index:
        span = Span(span.source, arguments[index - 1].span.end, span.end)
    elif len(arguments) > 1:
        span = Span(span.source, span.start, arguments[1].span.start)
    return () if "#" in span.text else (Edit(span, ""),)

"""Edits that repair, and texts with edits made."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax import ast


def apply(text: str, found: Iterable[Diagnostic]) -> tuple[str, int]:
    """The text with the fixes of these findings, and how many edits were made.

    A finding's edits are made all or none; one that touches what another changed waits for the next round.
    """
    taken: list[tuple[int, int, str]] = []
    for each in found:
        new = {(edit.span.start, edit.span.end, edit.replacement) for edit in each.fix}
        if not any(_touches(taken, edit) for edit in new):
            for edit in new:
                insort(taken, edit)
    parts, at = [], 0
    for start, end, replacement in taken:
        parts += [text[at:start], replacement]
        at = end
    return "".join([*parts, text[at:]]), len(taken)


def _touches(taken: list[tuple[int, int, str]], edit: tuple[int, int, str]) -> bool:
    """Whether an edit overlaps one of those taken, which do not overlap, or is at the same place."""
    start, end, _ = edit
    at = bisect_left(taken, edit)
    around = taken[max(0, at - 1) : at + 1]
    return any((start < e and s < end) or (start, end) == (s, e) for s, e, _ in around)


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

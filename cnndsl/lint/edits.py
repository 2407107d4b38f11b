"""Edits that repair."""

from __future__ import annotations

from cnndsl.diagnostics.model import Edit
from cnndsl.source import Span
from cnndsl.syntax import ast


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

"""Underlines and texts below one line of source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cnndsl.diagnostics.drawing.cells import visible, width, wrap
from cnndsl.diagnostics.drawing.look import Look, Style
from cnndsl.source import Span

NARROW = 24
"""A text with fewer cells than this to the right of its mark goes below the mark, and begins further left."""


@dataclass(slots=True, eq=False)
class Mark:
    """A span as 1-based lines and 0-based columns, with its text and style."""

    first: int
    start: int
    last: int
    end: int
    text: str
    style: Style
    primary: bool

    @classmethod
    def of(cls, span: Span, text: str, style: Style, primary: bool) -> Mark:
        source = span.source
        stop = span.start + len(source.text[span.start : span.end].rstrip())
        first, start = source.position(min(span.start, len(source.text)))
        last, end = source.position(max(stop, span.start))
        if last == first:
            end = max(end, start + 1)
        return cls(first, start - 1, last, end - 1, text, style, primary)


@dataclass(slots=True)
class Placed:
    """A mark with the cells that it takes on the screen."""

    start: int
    end: int
    mark: Mark


Cells = list[tuple[str, Style]]


def rows(placed: list[Placed], room: int, look: Look) -> Iterator[str]:
    """The rows below a line: underlines, the rightmost one's text beside it, the other texts below."""
    placed.sort(key=lambda p: (p.start, p.end, p.mark.primary))
    glyphs = look.glyphs
    cells: Cells = [(" ", "plain")] * max(p.end for p in placed)
    # The wider ones first and the primary one last: what is drawn later lies on top.
    for each in sorted(placed, key=lambda p: (p.mark.primary, p.start - p.end)):
        sign = glyphs.primary if each.mark.primary else glyphs.secondary
        cells[each.start : each.end] = [(sign, each.mark.style)] * (each.end - each.start)
    hanging = [p for p in placed if p.mark.text]
    underline, last = painted(cells, look), placed[-1]
    text, free = visible(last.mark.text, look.unicode), room - last.end - 1
    if text and last.end == len(cells) and free >= min(width(text), NARROW):
        hanging.pop()
        first, *more = wrap(text, free)
        yield f"{underline} {look.paint(first, last.mark.style)}"
        for line in more:
            yield painted(_bars(hanging, look), look, last.end + 1) + look.paint(line, last.mark.style)
    else:
        yield underline
    yield from _hang(hanging, room, look)


def _hang(hanging: list[Placed], room: int, look: Look) -> Iterator[str]:
    """Texts below their underlines, from right to left, each at the end of a line that leads to it."""
    if hanging:
        yield painted(_bars(hanging, look), look)
    while hanging:
        last = hanging.pop()
        text = visible(last.mark.text, look.unicode)
        at = last.start
        if room - at < min(width(text), NARROW):
            at = max(0, room - width(text))
        bars = _bars([p for p in hanging if p.start < at], look)
        for line in wrap(text, room - at):
            yield painted(bars, look, at) + look.paint(line, last.mark.style)


def _bars(hanging: list[Placed], look: Look) -> Cells:
    cells: Cells = [(" ", "plain")] * (max((p.start for p in hanging), default=-1) + 1)
    for each in hanging:
        cells[each.start] = (look.glyphs.hanging, each.mark.style)
    return cells


def painted(cells: Cells, look: Look, size: int = 0) -> str:
    """The cells as text, neighbours of one style as one painted run, filled up to ``size`` cells."""
    out: list[str] = []
    run, style = "", "plain"
    for sign, its in cells:
        if its != style:
            out.append(look.paint(run, style))  # type: ignore[arg-type]
            run, style = "", its
        run += sign
    out.append(look.paint(run, style))  # type: ignore[arg-type]
    return "".join(out) + " " * (size - len(cells))

"""A numbered excerpt of one source, with marks under and around its text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from cnndsl.diagnostics.drawing.cells import Line, visible
from cnndsl.diagnostics.drawing.look import Look
from cnndsl.diagnostics.drawing.marks import Mark, Placed, rows
from cnndsl.source import Source

BESIDE = 16
"""Cells that are kept free for a text beside a mark at the end of a long line."""
SHOWN_WHOLE = 6
"""A mark over more lines than this is shown by its first two and its last."""


class Excerpt:
    """Draws one source's lines for some marks. ``gutter`` is the width of the line numbers."""

    def __init__(self, source: Source, marks: list[Mark], look: Look, gutter: int) -> None:
        self.source, self.look, self.gutter = source, look, gutter
        self.single = [m for m in marks if m.first == m.last]
        self.around = sorted((m for m in marks if m.first != m.last), key=lambda m: (m.first, -m.last))
        self.room = max(20, look.width - gutter - 3 - 2 * len(self.around))
        self.open: list[Mark] = []
        """The marks over several lines that have begun and not ended."""

    def rows(self) -> Iterator[str]:
        before = 0
        for number in self._numbers():
            if before and number == before + 2:
                yield from self._line(before + 1)
            elif before and number > before + 1:
                yield (self.look.paint("...", "frame") + f"{' ' * self.gutter}{''.join(self._margin())}".rstrip())
            yield from self._line(number)
            before = number

    def _numbers(self) -> list[int]:
        numbers: set[int] = {m.first for m in self.single}
        for mark in self.around:
            few = mark.last - mark.first < SHOWN_WHOLE
            numbers.update(range(mark.first, mark.last + 1) if few else (mark.first, mark.first + 1, mark.last))
        return sorted(numbers)

    def _row(self, content: str, margin: list[str], number: str = "") -> str:
        paint, beside = self.look.paint, "".join(margin) + content
        head = f"{paint(number.rjust(self.gutter), 'frame')} {paint(self.look.glyphs.bar, 'frame')}"
        return f"{head} {beside}".rstrip()

    def _margin(self, starting: Mark | None = None) -> list[str]:
        """For each mark over several lines, its line at the left of a row."""
        glyphs, cells = self.look.glyphs, []
        for mark in self.around:
            sign = glyphs.top if mark is starting else glyphs.side if mark in self.open else ""
            cells.append(self.look.paint(sign, mark.style) + (" " if sign else "  "))
        return cells

    def _line(self, number: int) -> Iterator[str]:
        text = self.source.line(number)
        line = _shown(self.source, number, self.look.unicode)
        marks = [m for m in self.single if m.first == number]
        begins = [m for m in self.around if m.first == number]
        ends = [m for m in self.around if m.last == number]
        start = self._window(line, marks, begins, ends)
        # A mark that begins its line starts in the margin; another needs a row that leads to its place.
        leading = next((m for m in begins if not text[: m.start].strip()), None)
        yield self._row(self._cut(line, start), self._margin(leading), str(number))
        if leading:
            self.open.append(leading)
        if marks:
            placed = [self._place(line, mark, start) for mark in marks]
            margin = self._margin()
            yield from (self._row(row, margin) for row in rows(placed, self.room, self.look))
        for mark in begins:
            if mark is not leading:
                yield self._arm(mark, line.cell(mark.start) - start, True)
                self.open.append(mark)
        for mark in ends:
            yield self._arm(mark, line.cell(mark.end - 1) - start, False)
            self.open.remove(mark)

    def _place(self, line: Line, mark: Mark, window: int) -> Placed:
        start = min(max(line.cell(mark.start) - window, 0), self.room - 1)
        end = min(max(line.cell(mark.end) - window, start + 1), self.room)
        return Placed(start, end, mark)

    def _arm(self, mark: Mark, cell: int, start: bool) -> str:
        """The row that leads from the margin to where a mark over several lines begins or ends."""
        glyphs, at = self.look.glyphs, self.around.index(mark)
        corner = glyphs.below if start else glyphs.bottom
        across = glyphs.across * (1 + 2 * (len(self.around) - at - 1) + min(max(cell, 0), self.room))
        arm = corner + across + (glyphs.up if start else glyphs.corner)
        text = "" if start else visible(mark.text, self.look.unicode)
        return self._row(self.look.paint(f"{arm} {text}".rstrip(), mark.style), self._margin()[:at])

    def _window(self, line: Line, marks: list[Mark], begins: list[Mark], ends: list[Mark]) -> int:
        """The first cell of a line that is shown: 0, or one that brings a long line's marks into sight."""
        total = line.width
        if total <= self.room:
            return 0
        starts = [line.cell(m.start) for m in (*marks, *begins)] + [line.cell(m.end - 1) for m in ends]
        stops = [line.cell(m.end) for m in (*marks, *ends)]
        low, high = min(starts, default=0), max(stops, default=0)
        main = next((m for m in marks if m.primary), None)
        if main and high - low > self.room - 8:
            low, high = line.cell(main.start), line.cell(main.end)
        if high <= self.room - 8:
            return 0
        context = max(8, (self.room - (high - low)) // 3)
        return max(0, min(low - context, total + BESIDE - self.room))

    def _cut(self, line: Line, start: int) -> str:
        end, cut = start + self.room, self.look.glyphs.cut
        left, right = cut if start else "", cut if line.width > end else ""
        return left + line.clip(start + len(left), end - len(right)) + right if left or right else line.text


@lru_cache(4)
def _shown(source: Source, number: int, unicode: bool) -> Line:
    """A line, which may be long and have many mistakes."""
    return Line(source.line(number), unicode)

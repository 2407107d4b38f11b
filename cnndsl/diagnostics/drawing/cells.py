"""Characters and the terminal cells they take. Nothing from a spec reaches the terminal but through here.

A spec, a file's name or a label may hold escape sequences, bidirectional overrides or wide characters:
controls are made visible, and every position is counted in cells.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

TAB = 4
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters, marks and signs that show nothing, beside those that are called format characters."""
MARKS = 8
"""Combining characters that are shown over one another in an excerpt."""


def visible(text: str, unicode: bool = True) -> str:
    """The text on one line, with everything that could steer a terminal written out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_show(character, unicode) for character in text)


def inert(line: str) -> str:
    """A visible text that begins a line, as one that no CI service obeys: GitHub's takes ``::`` there for a command."""
    return line.replace("::", "\\u{3a}:", 1) if line.lstrip().startswith("::") else line


def width(text: str) -> int:
    """The number of cells that a visible text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


class Line:
    """A line of source as it is shown: its characters, and the cell at which each of them starts."""

    def __init__(self, source: str, unicode: bool = True) -> None:
        self._shown: Sequence[str] = source
        self._starts: Sequence[int] = range(len(source) + 1)
        if source.isascii() and source.isprintable():
            return
        shown: list[str] = []
        starts, marks = [0], 0
        for character in source:
            piece = " " * (TAB - starts[-1] % TAB) if character == "\t" else _show(character, unicode)
            cells = width(piece)
            marks = 0 if cells else marks + 1
            shown.append(piece if marks <= MARKS else "")
            starts.append(starts[-1] + cells)
        self._shown, self._starts = shown, starts

    @property
    def text(self) -> str:
        return "".join(self._shown)

    @property
    def width(self) -> int:
        """The number of cells that it takes."""
        return self._starts[-1]

    def cell(self, column: int) -> int:
        """The cell at which a 0-based column starts; beyond the end, one cell a column."""
        last = len(self._starts) - 1
        return self._starts[column] if column <= last else self.width + column - last

    def clip(self, start: int, end: int) -> str:
        """The part between two cells; of a long line nothing else is looked at."""
        first = max(0, bisect_right(self._starts, start) - 1)
        at = self._starts[first]
        text = "".join(self._shown[first : bisect_right(self._starts, end)])
        return clip(text, start - at, end - at)


def clip(text: str, start: int, end: int) -> str:
    """The part of a visible text between two cells. Half a wide character becomes a space."""
    if text.isascii():
        return text[start:end]
    shown, at = [], 0
    for character in text:
        size = _cells(character)
        if at >= start and at + size <= end and not (size == 0 and at == start):
            shown.append(character)
        elif at < end and at + size > start and size:
            shown.append(" " * (min(at + size, end) - max(at, start)))
        at += size
    return "".join(shown)


def wrap(text: str, room: int) -> list[str]:
    """A visible text in lines of at most ``room`` cells, broken between words where it can be."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined) <= room:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        lines[-1:] = _broken(word, room) if room > 0 else [word]
    return [lines[0], *map(inert, lines[1:])]


def _broken(word: str, room: int) -> list[str]:
    """A word in pieces that fit, each with one character at least."""
    pieces, used, begun = [], 0, 0
    for index, character in enumerate(word):
        cells = _cells(character)
        if used + cells > room and index > begun:
            pieces.append(word[begun:index])
            used, begun = 0, index
        used += cells
    return [*pieces, word[begun:]]


def _show(character: str, unicode: bool) -> str:
    """A character as it may be shown: itself, a picture of a control, or its number."""
    code = ord(character)
    if 0x20 <= code < 0x7F:
        return character
    if unicode and code < 0x20:
        return chr(0x2400 + code)
    if unicode and code > 0x9F:
        import unicodedata

        # Format characters (bidirectional overrides, zero-width joiners), surrogates, private use,
        # unassigned ones and line separators are written as their numbers.
        hidden = ("Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        if unicodedata.category(character) not in hidden and character not in BLANK:
            return character
    return f"\\u{{{code:x}}}"


def _cells(character: str) -> int:
    if character.isascii():
        return 1
    import unicodedata

    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1

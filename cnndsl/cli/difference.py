"""What would change in a file, as a unified diff."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator

from cnndsl.cli.output import STDOUT, write
from cnndsl.cli.terminal import look
from cnndsl.diagnostics.drawing.cells import visible
from cnndsl.diagnostics.drawing.look import Style
from cnndsl.source import Source

MARKS: dict[str, Style] = {"+": "help", "-": "error", "@": "label"}


def show_difference(source: Source, result: str) -> None:
    """Write the diff from a source to the text that it is to have, in colour where standard output shows it.

    On a terminal nothing of the text steers it. Elsewhere a diff is to be applied: it is exact, in UTF-8.
    """
    screen, terminal = look(sys.stdout), sys.stdout.isatty()
    lines = ((visible(line, screen.unicode) if terminal else line, line[0]) for line in _lines(source, result))
    text = "".join(screen.paint(line, MARKS.get(mark, "plain")) + "\n" for line, mark in lines)
    if terminal:
        sys.stdout.write(text)
    else:
        write(STDOUT, text.encode())


def _lines(source: Source, result: str) -> Iterator[str]:
    # Not `splitlines`, which knows line breaks that are none in a spec.
    old, new = (text.removesuffix("\n").split("\n") if text else [] for text in (source.text, result))
    name = visible(source.name)
    yield from difflib.unified_diff(old, new, name, name, lineterm="")

"""What would change in a file, as a unified diff."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator

from cnndsl.cli.terminal import look
from cnndsl.diagnostics.drawing.look import Style
from cnndsl.source import Source

MARKS: dict[str, Style] = {"+": "help", "-": "error", "@": "label"}


def difference(source: Source, result: str) -> str:
    """The diff from a source to the text that it is to have, in colour where standard output shows it."""
    screen = look(sys.stdout)
    return "".join(screen.paint(line, MARKS.get(line[0], "plain")) + "\n" for line in _lines(source, result))


def _lines(source: Source, result: str) -> Iterator[str]:
    # Not `splitlines`, which knows line breaks that are none in a spec.
    old, new = (text.removesuffix("\n").split("\n") if text else [] for text in (source.text, result))
    yield from difflib.unified_diff(old, new, source.name, source.name, lineterm="")

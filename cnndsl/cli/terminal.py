"""Where output goes and what the reader's screen can show."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TYPE_CHECKING, TextIO, TypeVar

from cnndsl.diagnostics.drawing.look import Look

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")
PATIENCE = 0.5
"""Seconds before progress is shown."""
PIPED_WIDTH = 100

_color = "auto"


def set_color(value: str) -> str:
    """Remember what --color says."""
    global _color
    _color = value
    return value


def colour(stream: TextIO) -> bool:
    """Whether to write colour: as --color says, else on a terminal that has it and whose user wants it."""
    if _color != "auto":
        return _color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def look(stream: TextIO) -> Look:
    """The screen behind a stream."""
    try:
        "╭│━…▸".encode(stream.encoding or "ascii")
        unicode = True
    except (UnicodeEncodeError, LookupError):
        unicode = False
    return Look(colour(stream), unicode, columns(stream))


def columns(stream: TextIO) -> int:
    """The width of a stream's screen, or a width that reads well in a file."""
    if os.environ.get("COLUMNS", "").isdigit() and int(os.environ["COLUMNS"]) > 0:
        return max(40, int(os.environ["COLUMNS"]))
    try:
        return max(40, os.get_terminal_size(stream.fileno()).columns or PIPED_WIDTH)
    except (OSError, ValueError):
        return PIPED_WIDTH


def say(text: str) -> None:
    """A line for the person at the terminal: to standard error, which no pipe reads."""
    print(text, file=sys.stderr)


def console() -> Console:
    """Standard output for tables. Not wrapped to 80 columns where it is no terminal."""
    from rich.console import Console

    wide = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160
    styled = colour(sys.stdout)
    return Console(no_color=not styled, force_terminal=styled or None, width=wide, highlight=False, soft_wrap=False)


def progress(items: Iterable[T], doing: str, total: int | None = None) -> Iterator[T]:
    """The items, with a line on the terminal that counts them when it takes long."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield from items
        return
    if total is None and isinstance(items, Sized):
        total = len(items)
    of = "" if total is None else f" of {total:,}"
    next_time, shown = time.monotonic() + PATIENCE, False
    try:
        for number, item in enumerate(items, 1):
            if time.monotonic() > next_time:
                sys.stderr.write(f"\r\x1b[K{doing} {number:,}{of}")
                sys.stderr.flush()
                next_time, shown = time.monotonic() + 0.1, True
            yield item
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

"""Standard streams as a process may get them: closed, full, or of an encoding that lacks a character."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import suppress


class Unheard(io.TextIOWrapper):
    """Standard error that may be full: then nobody can be told, and the exit code has to say it."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()


def ready() -> None:
    """Make the standard streams of this process ones that can be written to, or say plainly that they can't."""
    if hasattr(signal, "SIGPIPE"):
        # `| head` ends a command, as it does any other. Python's BrokenPipeError would be a failure.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for name in ("COLUMNS", "LINES"):
        given = os.environ.get(name, "")
        if given and not (given.isascii() and given.isdigit() and len(given) < 5):
            del os.environ[name]  # rich would take it for a number
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _fill()
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if isinstance(sys.stderr, io.TextIOWrapper):
        encoding = sys.stderr.encoding
        sys.stderr = Unheard(sys.stderr.detach(), encoding, "backslashreplace", line_buffering=True)


def _fill() -> None:
    """Put something in the places of closed streams: a file opened next would take them, and get the output."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Read only: what is written to a closed output fails, as it does for other programs.
            os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)

"""What `check` and `lint` have found, as they show it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import MappingProxyType

from cnndsl.cli.failure import Refusal
from cnndsl.cli.terminal import look, say
from cnndsl.cli.words import count
from cnndsl.diagnostics.model import Diagnostic
from cnndsl.diagnostics.renderers import HUMAN, SHOWN, Pages, formats, render


def allow(format: str) -> None:
    """Raises Refusal where there is no such format."""
    if format not in formats():
        raise Refusal(f"there is no format `{format}`; there are {', '.join(formats())}")


def show(found: Sequence[Diagnostic], format: str, files: Sequence[str], pages: Pages = MappingProxyType({})) -> None:
    """For people to standard error, for programs to standard output; ``files`` are all that were looked at."""
    if format not in SHOWN:
        from cnndsl.cli.output import STDOUT, write

        write(STDOUT, render(found, format, checked=files, pages=pages).encode())
    elif format != HUMAN:
        sys.stdout.write(render(found, format, look(sys.stdout), files))
    elif found:
        say(render(found, HUMAN, look(sys.stderr)))


def counted(found: Sequence[Diagnostic]) -> str:
    """``1 error and 2 warnings``, in their colour."""
    errors = sum(each.severity == "error" for each in found)
    counts = [(errors, "error"), (len(found) - errors, "warning")]
    said = " and ".join(count(number, word) for number, word in counts if number)
    return look(sys.stderr).paint(said, "error" if errors else "warning")

"""Files that commands write: whole or not at all, and never through a link."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cnndsl.cli.failure import Refusal
from cnndsl.cli.links import device, writable
from cnndsl.cli.terminal import look, say
from cnndsl.diagnostics.drawing.cells import visible

STDOUT = "-"


def target(given: str | None, default: str) -> str:
    """Where to write: as given, in a folder given, or under the default name here.

    Raises:
        Refusal: a link is there, or no such folder.
    """
    path = default if given is None else given
    if path != STDOUT and os.path.isdir(path):
        path = str(Path(path) / default)
    if path.endswith("/"):
        raise Refusal(f"there is no folder `{path}`")
    if path != STDOUT:
        writable(path)
    return path


def write(path: str, data: bytes) -> None:
    """Write a file by way of a neighbour, so that nobody ever sees half of it; ``-`` is standard output.

    Raises:
        Refusal: it can't be written.
    """
    if path == STDOUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    writable(path)
    try:
        if device(path) or (os.path.exists(path) and not os.path.isfile(path)):  # nothing to replace
            Path(path).write_bytes(data)
        else:
            _replace(Path(path), data)
    except OSError as error:
        raise Refusal(f"can't write `{path}`: {error.strerror}") from None


def wrote(path: str, what: str) -> None:
    """Say so, for the person at the terminal."""
    say(visible(f"wrote {path}: {what}", look(sys.stderr).unicode))


def _replace(final: Path, data: bytes) -> None:
    from tempfile import mkstemp

    handle, name = mkstemp(dir=final.parent, prefix=f".{final.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, _mode(final))
        os.replace(name, final)  # a link that was put there meanwhile is replaced, not followed
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """The mode of the file that is replaced, or that of a new file."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

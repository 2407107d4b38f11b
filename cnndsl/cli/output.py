"""Files that commands write: whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from cnndsl.cli.failure import Refusal

STDOUT = "-"


def target(given: str | None, default: str) -> str:
    """Where to write: as given, in a folder given, or under the default name here."""
    if given is None:
        return default
    return str(Path(given) / default) if given != STDOUT and Path(given).is_dir() else given


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
    final = Path(path)
    if final.exists() and not final.is_file():  # a device or pipe: nothing to replace
        final.write_bytes(data)
        return
    final = final.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=final.parent, prefix=f".{final.name[:80]}.")
    except OSError as error:
        raise Refusal(f"can't write `{path}`: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, _mode(final))
        os.replace(name, final)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise Refusal(f"can't write `{path}`: {error.strerror}") from None
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

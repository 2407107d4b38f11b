"""The files that the paths on a command line stand for."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cnndsl import files
from cnndsl.cli.failure import Refusal
from cnndsl.cli.links import readable, writable
from cnndsl.cli.terminal import look, say
from cnndsl.diagnostics.drawing.cells import visible

STDIN = "-"
NAMED = 5
"""Links that are named where they are skipped."""


def targets_of(paths: Sequence[str], written: bool = False) -> list[str]:
    """Each file once, as it was first called; a folder stands for the specs below it.

    With ``written`` they are files to be changed, and links are not among them.

    Raises:
        Refusal: a folder holds no spec, or a link stands where there may be none.
    """
    targets: dict[str, str] = {}
    for path in paths:
        if os.path.isdir(path):
            inside = _inside(path, written)
        else:
            inside = [path]
            if path != STDIN:
                (writable if written else readable)(path)
        for each in inside:
            targets.setdefault(_place(each), each)
    return list(targets.values())


def _inside(folder: str, written: bool) -> list[str]:
    specs, outside = files.find(Path(folder))
    _skipped(f"that lead out of `{folder}`", outside)
    if written:
        links = {path: None for path in specs if path.is_symlink() and path.exists()}
        _skipped("through which nothing is written", list(links))
        specs = [path for path in specs if path not in links]
    if not specs:
        raise Refusal(f"the folder `{folder}` holds no `.cnn` file")
    return [path.as_posix() for path in specs]


def _skipped(what: str, links: Sequence[Path]) -> None:
    if links:
        screen = look(sys.stderr)
        names = ", ".join(f"`{path.as_posix()}`" for path in links[:NAMED])
        more = f" and {len(links) - NAMED:,} more" if len(links) > NAMED else ""
        say(f"{screen.paint('warning:', 'warning')} {visible(f'skipped links {what}: {names}{more}', screen.unicode)}")


def _place(path: str) -> str:
    """What two spellings of one file have in common. A link is a file of its own: it imports from where it lies."""
    if path == STDIN or not os.path.lexists(path):  # no file, or a network of one
        return path
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)

"""What the user sees when a command fails, and the exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path

from cnndsl.cli.terminal import look, say
from cnndsl.diagnostics.drawing.cells import visible
from cnndsl.diagnostics.model import SpecError

FINDINGS, WRONG_USE, BUG = 1, 2, 70
OURS = {"cnndsl", "cnndsl_torch", "cnndsl_graphviz"}


class Refusal(Exception):
    """Wrong use of a command. The message says what to do instead."""


def unknown(what: str, name: str, known: Iterable[str], command: str) -> Refusal:
    """That there is no such thing, with what was probably meant, or the command that lists what there is."""
    from cnndsl.elaborate.spelling import suggestion

    near = suggestion(name, known)
    return Refusal(f"{what} `{name}`; " + (f"did you mean `{near}`?" if near else f"`cnndsl {command}` lists them"))


def report(error: Exception, arguments: list[str]) -> int:
    """Tell of an error, and give the exit code."""
    screen = look(sys.stderr)
    if isinstance(error, SpecError):
        from cnndsl.diagnostics.renderers import render

        say(render(error.diagnostics, look=screen).rstrip("\n"))
        return FINDINGS
    head = screen.paint("error", "error") + screen.paint(":", "strong")
    debug = "--debug" in arguments or bool(os.environ.get("CNNDSL_DEBUG"))
    refused = _refused(error)
    if refused is not None:
        say(f"{head} {visible(refused, screen.unicode)}")
    else:
        what = visible(f"{type(error).__name__}: {error}", screen.unicode)
        say(f"{head} this is a bug in cnndsl, whatever is in the spec: {what}{_place(error)}")
        say(f"  Please report it, with the spec and this command line, at {_tracker()}.")
        if not debug:
            say("  `cnndsl --debug …` shows the traceback.")
    if debug:
        for line in "".join(traceback.format_exception(error)).splitlines():
            say(visible(line, screen.unicode))
    return BUG if refused is None else WRONG_USE


def _refused(error: Exception) -> str | None:
    """What to say of an error that is no bug of ours."""
    if isinstance(error, ModuleNotFoundError) and (missing := (error.name or "").partition(".")[0]) not in OURS:
        return f"cnndsl needs `{missing}`, which is not installed: `pip install cnndsl` brings what is missing"
    if isinstance(error, OSError) and error.strerror:
        where = error.filename
        if where is None:
            where = "the current folder" if _adrift() else "can't write the output"
        return f"{where}: {error.strerror}"
    from cnndsl.arguments import UnknownParameter
    from cnndsl.backends import BackendError
    from cnndsl.pipeline import UnknownSpec

    return str(error) if isinstance(error, Refusal | UnknownSpec | UnknownParameter | BackendError) else None


def _adrift() -> bool:
    """Whether the current folder was deleted."""
    try:
        os.getcwd()
    except OSError:
        return True
    return False


def _place(error: Exception) -> str:
    """Where in cnndsl it happened, without the paths of this machine."""
    own = Path(__file__).parents[1]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(own):
            return f" ({path.relative_to(own.parent).as_posix()}:{frame.lineno})"
    return ""


def _tracker() -> str:
    """The issue tracker that the package names."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("cnndsl").get_all("Project-URL") or []
    except PackageNotFoundError:
        urls = []
    found = [str(url).partition(", ")[2] for url in urls if str(url).startswith("Issues, ")]
    return found[0] if found else "the project's issue tracker"

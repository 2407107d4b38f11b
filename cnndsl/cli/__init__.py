"""The command line: a thin shell over the pipeline. One file of `cnndsl.cli.commands` a command."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from cnndsl.cli.streams import ready

CLOSED_PIPE = 141
"""As of a process that SIGPIPE ends: `head` has read enough, and nothing is to be said."""


def main() -> NoReturn:
    """The ``cnndsl`` program."""
    # A spec makes far more objects than garbage: looking for it as often as Python does takes a tenth of a check.
    gc.set_threshold(200_000)
    ready()
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # where there is no SIGPIPE
        code = CLOSED_PIPE
    except OSError as error:  # the disk is full, which may have been told of
        from cnndsl.cli.failure import WRONG_USE, report

        code = code if code == WRONG_USE else report(error, sys.argv[1:])
    # Without taking the interpreter apart, piece by piece, for a process that ends anyway: 25 ms.
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Run a command line and give its exit code: 0, 1 for findings, 2 for wrong use, 70 for a bug of ours."""
    try:
        before, behind = _parted(arguments[1:])
        paths = [each for each in before if each != "--no-cache"]
        if arguments[:1] == ["check"] and not any(path.startswith("-") for path in paths) and (paths or behind):
            # The commonest calls have no options with values to parse: they need not wait for typer.
            from cnndsl.cli.checking import check

            return check([*paths, *behind], cache=len(paths) == len(before))
        from cnndsl.cli.app import app

        app(arguments, prog_name="cnndsl")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return CLOSED_PIPE
    except Exception as error:
        from cnndsl.cli.failure import report

        return report(error, arguments)
    return 0


def _parted(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What stands before ``--``, and what stands behind it: paths, however they begin."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]

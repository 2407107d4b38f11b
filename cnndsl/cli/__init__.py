"""The command line: a thin shell over the pipeline. One file of `cnndsl.cli.commands` a command."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

CLOSED_PIPE = 141
"""As of a process that SIGPIPE ends: `head` has read enough, and nothing is to be said."""


def main() -> NoReturn:
    """The ``cnndsl`` program."""
    # A spec makes far more objects than garbage: looking for it as often as Python does takes a tenth of a check.
    gc.set_threshold(200_000)
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = CLOSED_PIPE
    except OSError as error:  # the disk is full
        from cnndsl.cli.failure import report

        code = report(error, sys.argv[1:])
    # Without taking the interpreter apart, piece by piece, for a process that ends anyway: 25 ms.
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Run a command line and give its exit code: 0, 1 for findings, 2 for wrong use, 70 for a bug of ours."""
    try:
        paths = [a for a in arguments[1:] if a != "--no-cache"]
        if arguments[:1] == ["check"] and paths and not any(path.startswith("-") for path in paths):
            # The commonest calls have no options with values to parse: they need not wait for typer.
            from cnndsl.cli.checking import check

            return check(paths, cache=len(paths) == len(arguments) - 1)
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

"""``cnndsl fmt``."""

from __future__ import annotations

from typing import Annotated

import typer

from cnndsl.cli.options import Color

PANEL = "Specs"
NEEDS = True


def run(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH…", help="Files, folders, or `-`.", show_default=False),
    ],
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; list what would change, and exit with 1 if any would."),
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
    color: Color = "auto",
) -> None:
    """Put specs into the one style. Comments stay, and the network stays the same.

    A file that can't be read as a spec is reported and left as it is; then the exit code is 1.

    - `cnndsl fmt mine.cnn`
    - `cnndsl fmt specs/ --check`
    - `cnndsl fmt - < mine.cnn`
    """  # fmt: skip
    from cnndsl.cli.formatting import format_all

    raise typer.Exit(format_all(paths, check, diff))

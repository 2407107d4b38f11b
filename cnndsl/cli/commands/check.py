"""``cnndsl check``."""

from __future__ import annotations

from typing import Annotated

import typer

from cnndsl.cli.checking import check
from cnndsl.cli.options import Color, LimitOption
from cnndsl.cli.specs import limits
from cnndsl.diagnostics.renderers import HUMAN, formats

PANEL = "Specs"
NEEDS = True


def run(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH…", help="Files, folders, `file.cnn:network`, zoo names, or `-`.", show_default=False
        ),
    ],
    format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(formats()),
            help="`text` goes to standard error, others to standard output.",
        ),
    ] = HUMAN,
    limit: LimitOption = None,
    color: Color = "auto",
) -> None:
    """Check specs: names, arguments, shapes, and every `expect`.

    Exits with 0 where all is well, 1 with findings, 2 for wrong use.

    - `cnndsl check mine.cnn`
    - `cnndsl check specs/ --format github`
    - `cnndsl check - < mine.cnn`
    """  # fmt: skip
    raise typer.Exit(check(paths, format, limits(limit)))

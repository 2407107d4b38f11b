"""``cnndsl check``."""

from __future__ import annotations

from typing import Annotated

import typer

from cnndsl.cli.checking import Fixing, check
from cnndsl.cli.options import UNSAFE, Color, FormatOption, LimitOption
from cnndsl.diagnostics.renderers import HUMAN

PANEL = "Specs"
NEEDS = True


def run(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH…", help="Files, folders, `file.cnn:network`, zoo names, or `-`.", show_default=False
        ),
    ],
    format: FormatOption = HUMAN,
    fix: Annotated[bool, typer.Option("--fix", help="Make the repairs that are safe, then check again.")] = False,
    unsafe: Annotated[bool, typer.Option("--unsafe-fixes", help=UNSAFE)] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what `--fix` would change.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Check files again that did not change.")] = False,
    limit: LimitOption = None,
    color: Color = "auto",
) -> None:
    """Check specs: names, arguments, shapes, and every `expect`.

    Exits with 0 where all is well, 1 with findings, 2 for wrong use. `--diff` exits with 1 where something is wrong,
    whether it can be repaired or not.

    - `cnndsl check mine.cnn`
    - `cnndsl check mine.cnn --fix`
    - `cnndsl check mine.cnn --diff --unsafe-fixes`
    - `cnndsl check specs/ --format github`
    - `cnndsl check - < mine.cnn`
    """  # fmt: skip
    bounds = None
    if limit:
        from cnndsl.cli.specs import limits

        bounds = limits(limit)
    raise typer.Exit(check(paths, format, bounds, not no_cache, Fixing(fix, diff, unsafe)))

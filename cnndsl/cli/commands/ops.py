"""``cnndsl ops``."""

from __future__ import annotations

from typing import Annotated

import typer

from cnndsl.cli.failure import unknown
from cnndsl.cli.options import Color

PANEL = "Reference"
NEEDS = False


def run(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="An op, for all about it.", show_default=False)
    ] = None,
    color: Color = "auto",
) -> None:
    """List the ops and standard blocks of the language, or tell all about one.

    - `cnndsl ops`
    - `cnndsl ops conv`
    """
    from cnndsl import std
    from cnndsl.cli import op_tables
    from cnndsl.ops import registry

    if name is None:
        op_tables.show_all()
    elif name in registry:
        op_tables.show_op(registry[name])
    elif name in std.index():
        op_tables.show_block(name)
    else:
        raise unknown("there is no op or standard block", name, [*registry, *std.index()], "ops")

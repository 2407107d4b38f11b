"""The options that several commands have."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from cnndsl.cli.terminal import set_color
from cnndsl.diagnostics.renderers import formats

SpecArgument = Annotated[
    str,
    typer.Argument(
        metavar="SPEC",
        show_default=False,
        help="A file, `file.cnn:network`, a name from `cnndsl zoo`, or `-`.",
    ),
]
InputOption = Annotated[
    str | None,
    typer.Option("--input", metavar="SHAPE", show_default=False, help="Another input size, as `3x320x320`."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", show_default=False,
                 help="A parameter of the network, as `classes=10`. Repeatable."),
]  # fmt: skip
FormatOption = Annotated[
    str,
    typer.Option("--format", metavar="|".join(formats()),
                 help="`text` goes to standard error, others to standard output."),
]  # fmt: skip
LimitOption = Annotated[
    list[str] | None,
    typer.Option("--limit", metavar="NAME=N", show_default=False,
                 help="Raise a limit on what a spec may become, as `nodes=1_000_000`."),
]  # fmt: skip
UNSAFE = "Make or count those repairs too that may change what the network is or states."


def output_option(help: str) -> Any:
    """``-o FILE``."""
    return typer.Option("-o", "--output", metavar="FILE", show_default=False, help=help)


Color = Annotated[
    Literal["auto", "always", "never"],
    typer.Option("--color", callback=set_color, is_eager=True,
                 help="When to use colour. `auto`: on a terminal, unless NO_COLOR is set."),
]  # fmt: skip

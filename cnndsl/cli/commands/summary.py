"""``cnndsl summary``."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

from cnndsl.cli.options import Color, InputOption, SetOption, SpecArgument
from cnndsl.cli.specs import graph

PANEL = "Specs"
NEEDS = True


def run(
    spec: SpecArgument,
    input: InputOption = None,
    set: SetOption = None,
    depth: Annotated[
        int | None,
        typer.Option("--depth", min=1, help="Fold everything below this depth into one row.", show_default=False),
    ] = None,
    format: Annotated[Literal["table", "json", "markdown"], typer.Option("--format", help="What to print.")] = "table",
    color: Color = "auto",
) -> None:
    """Show a network layer by layer: shapes, parameters, multiply-adds.

    - `cnndsl summary resnet50 --depth 1`
    - `cnndsl summary mine.cnn:small --input 3x320x320 --set classes=10`
    - `cnndsl summary resnet50 --format json | jq .params`
    """
    from cnndsl.analysis.report import summarize

    report = summarize(graph(spec, input, set), depth)
    if format == "json":
        from cnndsl.diagnostics.services import to_json

        sys.stdout.write(to_json(report.model_dump()))
        return
    from cnndsl.cli import tables

    if format == "markdown":
        sys.stdout.write(tables.summary_markdown(report))
    else:
        tables.print_summary(report)

"""``cnndsl zoo``."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

from cnndsl.cli.failure import Refusal, unknown
from cnndsl.cli.options import Color
from cnndsl.cli.terminal import progress, say
from cnndsl.cli.words import count
from cnndsl.diagnostics.services import to_json

PANEL = "Reference"
NEEDS = False


def run(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORD…]",
            help="Only networks whose name or description has these words; `show NAME` tells all of one.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[Literal["table", "json", "markdown"], typer.Option("--format", help="What to print.")] = "table",
    color: Color = "auto",
) -> None:
    """List the networks that come with cnndsl, each one a SPEC.

    - `cnndsl zoo`
    - `cnndsl zoo residual cifar`
    - `cnndsl zoo show resnet50`
    """  # fmt: skip
    from cnndsl.cli import zoo

    if words and words[0] == "show":
        _show(words[1:])
        return
    chosen = zoo.matching(words or [])
    if not chosen:
        raise Refusal(f"no network of the zoo has {' and '.join(f'`{word}`' for word in words or [])}")
    items = list(chosen.items())
    entries = [zoo.entry(name, family) for name, family in progress(items, "counting network")]
    if format == "json":
        sys.stdout.write(to_json([each.as_json() for each in entries]))
        return
    from cnndsl.cli import zoo_tables

    if format == "markdown":
        sys.stdout.write(zoo_tables.markdown(entries))
    else:
        zoo_tables.show(entries)
        hint = "`cnndsl zoo show NAME` tells all of one, `cnndsl summary NAME` its layers"
        say(f"{count(len(entries), 'network')}; {hint}")


def _show(names: list[str]) -> None:
    from cnndsl.cli import zoo, zoo_tables

    if len(names) != 1:
        raise Refusal("say which network: `cnndsl zoo show resnet50`")
    found = zoo.specs()
    if names[0] not in found:
        raise unknown("the zoo has no network", names[0], found, "zoo")
    zoo_tables.show_one(zoo.entry(names[0], found[names[0]]), found[names[0]].networks[names[0]])

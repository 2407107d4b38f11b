"""``cnndsl lint``."""

from __future__ import annotations

from typing import Annotated

import typer

from cnndsl.cli.failure import Refusal
from cnndsl.cli.options import UNSAFE, Color, FormatOption
from cnndsl.diagnostics.renderers import HUMAN

PANEL = "Specs"
NEEDS = True


def run(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH…", help="Files, folders, zoo names, or `-`.", show_default=False),
    ],
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select",
            metavar="RULE,…",
            show_default=False,
            help="Only these rules: names, codes, beginnings of codes, or `ALL`.",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="RULE,…", show_default=False, help="Not these rules."),
    ] = None,
    format: FormatOption = HUMAN,
    fix: Annotated[bool, typer.Option("--fix", help="Make the repairs that are safe.")] = False,
    unsafe: Annotated[bool, typer.Option("--unsafe-fixes", help=UNSAFE)] = False,
    color: Color = "auto",
) -> None:
    """Find what is right in a spec and could be better.

    `cnndsl rule` lists what is looked for. A project chooses in its `pyproject.toml`, with `select`, `ignore`
    and `shared` in the table `[tool.cnndsl.lint]`; a line does with `# lint: ignore[rule-name]`, or the code.

    Exits with 0 where nothing is found, 1 with findings, 2 for wrong use.

    - `cnndsl lint specs/`
    - `cnndsl lint mine.cnn --ignore lost-border --fix`
    - `cnndsl lint specs/ --select ALL --format github`
    """  # fmt: skip
    from cnndsl.cli import linting

    selected = _names("--select", select) if select is not None else None
    wish = linting.Wish(selected, _names("--ignore", ignore or []), format, fix, unsafe)
    raise typer.Exit(linting.run(paths, wish))


def _names(option: str, given: list[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for each in given for name in each.split(",") if name.strip())
    if given and not names:
        raise Refusal(f"`{option}` names no rule; `cnndsl rule` lists them")
    return names

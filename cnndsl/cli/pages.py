"""Explanations of diagnostics on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.markdown import Markdown
from rich.padding import Padding
from rich.text import Text

from cnndsl.cli.tables import Columns, text
from cnndsl.cli.terminal import console

if TYPE_CHECKING:
    from cnndsl.diagnostics.codes import Code


def show_codes(codes: Mapping[str, Code]) -> None:
    made = Columns(("code", "title"), folds=("title",))
    for name, code in sorted(codes.items()):
        made.row(text(name, "bold"), text(code.title))
    console().print(made)


def show_code(name: str, code: Code) -> None:
    out = console()
    out.print(text(f"{name}: {code.title}", "bold"))
    out.print(Padding(Markdown(code.explanation), (1, 0, 0, 0)))
    for title, example, style in (("wrong", code.wrong, "red"), ("right", code.right, "green")):
        if example:
            out.print(Text(f"\n{title}", style=f"bold {style}"))
            out.print(Padding(text_block(example), (0, 0, 0, 4)))


def text_block(example: str) -> Text:
    return Text("\n").join(text(line) for line in example.strip("\n").split("\n"))

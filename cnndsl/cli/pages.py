"""Explanations of diagnostics on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.markdown import Markdown
from rich.padding import Padding

from cnndsl.cli.tables import Columns, text
from cnndsl.cli.terminal import console, say

if TYPE_CHECKING:
    from rich.console import Console

    from cnndsl.diagnostics.codes import Code


def show_codes(codes: Mapping[str, Code]) -> None:
    made = Columns(("code", "title"), folds=("title",))
    for name, code in sorted(codes.items()):
        made.row(text(name, "bold"), text(code.title))
    console().print("", made, "", sep="\n")
    say("`cnndsl explain CODE` explains one; `cnndsl rule` lists what `cnndsl lint` finds")


def show_code(name: str, code: Code) -> None:
    out = console()
    out.print(text(f"{name}: {code.title}", "bold"))
    out.print(Padding(Markdown(code.explanation), (1, 0, 0, 0)))
    show_example(out, "wrong", code.wrong, "red")
    show_example(out, "right", code.right, "green")


def show_example(out: Console, title: str, example: str, style: str) -> None:
    """A program, each line on one: what is broken by the screen's width can't be copied."""
    if example:
        out.print("", text(title, f"bold {style}"), sep="\n")
        for line in example.strip("\n").split("\n"):
            out.print(text(f"    {line}"), soft_wrap=True)

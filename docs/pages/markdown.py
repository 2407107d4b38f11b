"""Pieces of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnndsl.diagnostics.drawing.cells import visible


def page(title: str, made_from: str, *parts: str) -> str:
    """A page whose first line tells editors where its text is from."""
    head = f"<!-- Made by `make docs` from {made_from}: edit that, not this page. -->"
    return "\n\n".join([head, f"# {title}", *(part.strip("\n") for part in parts if part.strip())]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], right: Sequence[str] = ()) -> str:
    """A table. Cells are Markdown already; see `cell`."""
    lines = ["| " + " | ".join(heads) + " |"]
    lines.append("| " + " | ".join("---:" if head in right else "---" for head in heads) + " |")
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines)


def cell(text: str) -> str:
    """Text, with Markdown in it or not, as a cell of a table: on one line, without a column's end."""
    return visible(" ".join(text.split())).replace("|", "\\|").replace("<", "&lt;")


def code(text: str) -> str:
    """Code on a line."""
    return f"`{text}`" if text else ""


def fence(language: str, text: str) -> str:
    ticks = "```" if "```" not in text else "````"
    return f"{ticks}{language}\n{text.strip(chr(10))}\n{ticks}"


def anchor(heading: str) -> str:
    """The link to a heading of one word."""
    return f"[`{heading}`](#{heading.lower()})"

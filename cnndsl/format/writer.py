"""The lines of the result while they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnndsl.format import align
from cnndsl.format.trivia import Comment


@dataclass(slots=True)
class Table:
    """The arguments of the call with which a line begins: perhaps a row of a table."""

    name: str
    start: int
    """The column behind the opening bracket."""
    cells: list[str]
    places: list[int]
    """Where the source has them, counted from the bracket; empty if not all on one line."""
    padded: bool
    """Whether the source has more space than needed before one of them."""


@dataclass(slots=True)
class Line:
    indent: int
    text: str = ""
    shape: Sequence[str] | None = None
    """The dimensions of an ascription that ends the line."""
    comment: str | None = None
    own: bool = False
    """Whether the line is a comment."""
    blank: bool = False
    """Whether a blank line comes before it."""
    table: Table | None = None


class Writer:
    def __init__(self) -> None:
        self.lines = [Line(0)]

    @property
    def line(self) -> Line:
        return self.lines[-1]

    @property
    def column(self) -> int:
        line = self.line
        width = len(line.text) or line.indent
        return width + len("  :: ") + len(" x ".join(line.shape)) if line.shape else width

    @property
    def empty(self) -> bool:
        """Whether the line holds nothing yet."""
        return not self.line.text

    def fresh(self, indent: int) -> Line:
        """Begin a line, unless the last one is still empty."""
        if self.empty:
            self.line.indent = indent
        else:
            self.lines.append(Line(indent))
        return self.line

    def write(self, text: str) -> None:
        if self.line.comment is not None or self.line.own:
            self.fresh(self.line.indent)
        line = self.line
        if line.shape:
            line.text += " :: " + " x ".join(line.shape)
            line.shape = None
        if not line.text:
            text = text.lstrip(" ")
            if not text:
                return
            line.text = " " * line.indent
        line.text += text

    def ascribe(self, shape: Sequence[str]) -> None:
        self.line.shape = shape

    def comments(self, comments: Sequence[Comment], indent: int) -> None:
        """Write comments: behind what stands on the line, or on lines of their own."""
        for comment in comments:
            line = self.line
            if comment.own or self.empty or line.comment is not None or line.own:
                line = self.fresh(indent)
                line.text, line.own = " " * indent + comment.text, True
                line.blank = line.blank or comment.blank
            else:
                line.text = line.text.rstrip(" ")
                line.comment = comment.text

    def text(self) -> str:
        lines = [line for line in self.lines if line.text]
        align.align(lines)
        out = []
        for number, line in enumerate(lines):
            if line.blank and number:
                out.append("")
            out.append(line.text)
        return "".join(f"{line}\n" for line in out)

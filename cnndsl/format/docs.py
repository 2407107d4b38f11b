"""Pieces of text that know how they look on one line, and how on several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cnndsl.format.trivia import Comment
from cnndsl.format.writer import Writer

WIDTH = 120
INDENT = 4


class Doc:
    flat: str | None = None
    """The text on one line, if it can be there: it has no comment or kept line break, and is not too long."""
    head: int = 0
    """The width of what must stand before the first line break."""

    def put(self, out: Writer, indent: int, rest: int = 0) -> None:
        """Write it. ``rest`` is the width of what must follow on the same line."""
        if self.flat is not None and out.column + len(self.flat) + rest <= WIDTH:
            out.write(self.flat)
        else:
            self.spread(out, indent, rest)

    def spread(self, out: Writer, indent: int, rest: int) -> None:
        """Write it on several lines, if it can be."""
        out.write(self.flat or "")

    def settle(self, flat: str | None, head: int) -> None:
        self.flat = flat if flat is None or len(flat) <= WIDTH else None
        self.head = len(self.flat) if self.flat is not None else head


class Text(Doc):
    def __init__(self, text: str) -> None:
        self.flat = text
        self.head = len(text)


class Join(Doc):
    """One piece after the other."""

    def __init__(self, parts: Sequence[Doc]) -> None:
        self.parts = parts
        self.flat, self.head = None, 0
        texts = []
        for part in parts:
            if part.flat is None or self.head > WIDTH:
                self.head += part.head
                return
            texts.append(part.flat)
            self.head += len(part.flat)
        self.settle("".join(texts), self.head)

    def spread(self, out: Writer, indent: int, rest: int) -> None:
        following = [rest]
        for part in reversed(self.parts[1:]):
            if isinstance(part, Opener):
                following.append(len("{"))
            else:
                following.append(part.head if part.flat is None else len(part.flat) + following[-1])
        inner = 0
        for part, width in zip(self.parts, reversed(following), strict=True):
            inner = INDENT if inner or isinstance(part, Hard) else 0
            part.put(out, indent + inner, width)


class Opener(Doc):
    """What is opened before anything on its line is."""


class Hard(Doc):
    """Comments inside an expression: the line ends behind them."""

    def __init__(self, comments: Sequence[Comment]) -> None:
        self.comments = comments

    def spread(self, out: Writer, indent: int, rest: int) -> None:
        out.comments(self.comments, indent)
        out.fresh(indent)


@dataclass(slots=True)
class Item:
    doc: Doc
    comments: list[Comment] = field(default_factory=list)
    """Those behind it, before the next item."""
    newline: bool = False
    """Whether the source has a line break behind it."""
    place: int = 0
    """Where it begins in the source, counted from the bracket."""
    length: int = 0
    """How long it is there."""


class Bracket(Doc):
    """A list in brackets: on one line, or filling lines of its own.

    The source's rows are kept where a comma stands behind the last item, or a comment among them.
    """

    def __init__(
        self, signs: Sequence[str], items: list[Item], comments: list[Comment], newline: bool, comma: bool
    ) -> None:
        self.signs, self.items, self.comments = signs, items, comments
        commented = bool(comments) or any(item.comments for item in items)
        self.rows = commented or (comma and (newline or any(item.newline for item in items)))
        self.comma = comma and self.rows
        inside = Join([Text(", ") if i % 2 else items[i // 2].doc for i in range(max(0, 2 * len(items) - 1))])
        flat = None if self.rows or inside.flat is None else f"{signs[0]}{inside.flat}{signs[1]}"
        self.settle(flat, 1)

    def spread(self, out: Writer, indent: int, rest: int) -> None:
        inner = indent + INDENT
        out.write(self.signs[0])
        out.comments(self.comments, inner)
        out.fresh(inner)
        self.fill(out, inner, self.items, True)
        out.fresh(indent)
        out.write(self.signs[1])

    def fill(self, out: Writer, inner: int, items: list[Item], new: bool) -> None:
        """Write items, as many on a line as have room; ``new`` begins with a new line."""
        for number, item in enumerate(items):
            comma = "," if self.comma or number + 1 < len(items) else ""
            flat = item.doc.flat
            if new or flat is None or out.column + 1 + len(flat) + len(comma) > WIDTH:
                out.fresh(inner)
            else:
                out.write(" ")
            item.doc.put(out, inner, len(comma))
            out.write(comma)
            out.comments(item.comments, inner)
            new = bool(item.comments) or (self.rows and item.newline)


def joined(*parts: Doc | str) -> Join:
    return Join([Text(part) if isinstance(part, str) else part for part in parts])

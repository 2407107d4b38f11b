"""Pieces of text with a layout of their own: chains, bodies, lanes and branches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnndsl.format.docs import INDENT, WIDTH, Bracket, Doc, Join, Opener, joined
from cnndsl.format.trivia import Comment, Trivia
from cnndsl.format.writer import Table, Writer

HANG = 2


class Call(Join):
    """An op or block with arguments."""

    def __init__(self, name: str, arguments: Bracket) -> None:
        super().__init__([joined(name), arguments])
        self.name, self.arguments = name, arguments


@dataclass(slots=True)
class Link:
    """A step of a chain, with what is before its `->`."""

    step: Doc
    label: Doc | None = None
    shape: Doc | None = None
    dims: Sequence[str] | None = None
    before: Trivia | None = None

    @property
    def doc(self) -> Doc:
        return self.step if self.label is None else Join([self.label, self.step])

    @property
    def tail(self) -> int:
        """The width of the ascription."""
        return 0 if self.shape is None else len("  :: ") + len(self.shape.flat or "")


class Chain(Doc):
    """`a -> b -> c`. The line breaks of the source before an arrow are kept."""

    def __init__(self, links: list[Link]) -> None:
        self.links = links
        parts: list[Doc | str] = []
        broken = False
        for number, link in enumerate(links):
            if number:
                broken = broken or (link.before is not None and link.before.newline)
                parts.append(" -> ")
            parts.append(link.doc)
            if link.shape is not None:
                parts += [" :: ", link.shape]
        whole = joined(*parts)
        self.settle(None if broken else whole.flat, whole.head)

    def put(self, out: Writer, indent: int, rest: int = 0) -> None:
        self.spread(out, indent, rest, indent + HANG)

    def spread(self, out: Writer, indent: int, rest: int, hang: int = 0) -> None:
        for number, link in enumerate(self.links):
            doc = link.doc
            after = link.tail + (rest if number + 1 == len(self.links) else 0)
            if number:
                width = link.doc.head if doc.flat is None else len(doc.flat) + after
                if link.before is not None and link.before.newline:
                    out.comments(link.before.comments, hang)
                    out.fresh(hang)
                    indent = hang
                elif out.column + len(" -> ") + width > WIDTH:
                    out.fresh(hang)
                    indent = hang
                out.write(" -> ")
            start, line = out.column, out.line
            doc.put(out, indent, after)
            if number == 0 and line is out.line:
                line.table = self._table(link, start)
            if link.dims is not None:
                out.ascribe(link.dims)
            elif link.shape is not None:
                out.write(" :: ")
                link.shape.put(out, indent)

    def _table(self, link: Link, start: int) -> Table | None:
        step = link.step
        if not isinstance(step, Call):
            return None
        items = step.arguments.items
        places = [item.place for item in items]
        cells = [item.doc.flat or "" for item in items]
        if any(item.newline for item in items):
            places = []
        label = len(link.label.flat or "") if link.label else 0
        padded = any(
            later - earlier - 2 > item.length for item, earlier, later in zip(items, places, places[1:], strict=False)
        )
        return Table(step.name, start + label + len(step.name) + 1, cells, places, padded)


@dataclass(slots=True)
class Entry:
    """A statement or lane, or a comment among them."""

    what: Doc | Comment
    blank: bool = False
    """Whether the source has a blank line before it."""


class Block(Opener):
    """Statements or lanes in braces. Kept open where the source has a line break inside."""

    def __init__(self, opening: Trivia, entries: list[Entry], opened: bool) -> None:
        self.opening, self.entries = opening, entries
        docs = [entry.what for entry in entries if isinstance(entry.what, Doc)]
        texts = [doc.flat for doc in docs if doc.flat is not None]
        single = len(docs) < 2 or all(isinstance(doc, Lane) for doc in docs)
        plain = single and not opening.comments and len(texts) == len(entries)
        flat = f"{{ {' '.join(texts)} }}" if texts else "{}"
        # What is empty has nothing to keep open.
        self.settle(flat if plain and not (opened and texts) else None, 1)

    def spread(self, out: Writer, indent: int, rest: int) -> None:
        out.write("{")
        out.comments([c for c in self.opening.comments if not c.own], indent + INDENT)
        own = [Entry(c, c.blank) for c in self.opening.comments if c.own]
        write(out, [*own, *self.entries], indent + INDENT)
        out.fresh(indent)
        out.write("}")


def write(out: Writer, entries: list[Entry], indent: int) -> None:
    """Write entries, each on lines of its own."""
    top = True
    for entry in entries:
        if isinstance(entry.what, Comment):
            comment = Comment(entry.what.text, entry.what.own, entry.what.blank and not top)
            out.comments([comment], indent)
        else:
            out.fresh(indent).blank = entry.blank and not top
            entry.what.put(out, indent)
        top = False


class Lane(Doc):
    """`| a -> b`, perhaps with more statements below."""

    def __init__(self, comments: list[Comment], entries: list[Entry]) -> None:
        self.comments, self.entries = comments, entries
        first = entries[0].what if len(entries) == 1 else None
        if comments or len(entries) > 1:
            self.settle(None, 1)
        elif isinstance(first, Doc):
            self.settle(None if first.flat is None else f"| {first.flat}", 2 + first.head)
        else:
            self.settle("|", 1)

    def spread(self, out: Writer, indent: int, rest: int) -> None:
        inner = indent + HANG
        out.write("|")
        out.comments(self.comments, inner)
        if not self.entries:
            return
        first = self.entries[0].what
        if self.comments:
            out.fresh(inner)
        else:
            out.write(" ")
        if isinstance(first, Chain):
            # The arrows of a lane are in line with its first step.
            first.spread(out, inner, rest, inner)
        elif isinstance(first, Doc):
            first.put(out, inner, rest)
        for entry in self.entries[1:]:
            if isinstance(entry.what, Comment):
                out.comments([entry.what], inner)
            else:
                out.fresh(inner).blank = entry.blank
                entry.what.put(out, inner)

    def put(self, out: Writer, indent: int, rest: int = 0) -> None:
        self.spread(out, indent, rest)


@dataclass(slots=True)
class Branch:
    head: Doc
    body: Block
    otherwise: Trivia | None = None
    """What is before the `else` behind it."""


class If(Doc):
    """`if a { … } else { … }`: an `else` stands behind the brace of a body of several lines."""

    def __init__(self, branches: list[Branch]) -> None:
        self.branches = branches
        parts: list[Doc | str] = []
        for branch in branches:
            parts += [branch.head, branch.body, " else "]
        whole = joined(*parts[:-1])
        broken = any(branch.otherwise and branch.otherwise.newline for branch in branches)
        self.settle(None if broken else whole.flat, whole.head)

    def spread(self, out: Writer, indent: int, rest: int) -> None:
        for number, branch in enumerate(self.branches):
            last = number + 1 == len(self.branches)
            branch.head.put(out, indent, len("{"))
            line = out.line
            branch.body.put(out, indent, rest if last else 0)
            if last:
                return
            if branch.otherwise and branch.otherwise.comments:
                out.comments(branch.otherwise.comments, indent)
                out.fresh(indent)
            elif line is out.line:
                out.fresh(indent)
            out.write(" else ")


class Output(Doc):
    """`output aux1 when training: chain`."""

    def __init__(self, head: str, chain: Chain) -> None:
        self.text, self.chain = head, chain
        whole = joined(head, chain)
        self.settle(whole.flat, whole.head)

    def put(self, out: Writer, indent: int, rest: int = 0) -> None:
        out.write(self.text)
        self.chain.put(out, indent, rest)

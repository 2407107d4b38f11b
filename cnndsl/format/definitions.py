"""Parse tree → pieces of text, definitions and the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from lark import Token, Tree

from cnndsl.format.docs import INDENT, WIDTH, Bracket, Doc, Item, Join, Text
from cnndsl.format.expressions import bracket, expression, sign, spaced
from cnndsl.format.layout import Block
from cnndsl.format.steps import body
from cnndsl.format.trivia import Comment, Trivia, split
from cnndsl.format.writer import Line, Writer

LONE = ("import_", "use")
APART = ("tall", "file")
"""What has a blank line before and behind it: definitions of several lines, and a docstring of the file."""


class Member(Doc):
    """`network a(n) = Base(n) { … }`. A line break behind `=` is kept."""

    def __init__(self, head: Doc, equals: Trivia, base: Doc, block: Block | None) -> None:
        self.parts, self.equals, self.base, self.block = head, equals, base, block

    def spread(self, out: Writer, indent: int, rest: int) -> None:
        self.parts.put(out, indent, len(" ="))
        out.write(" =")
        out.comments(self.equals.comments, INDENT)
        tail = len(" {") if self.block else 0
        inner = INDENT if self.equals.newline or self._breaks(out.column + 1 + tail) else 0
        if inner:
            out.fresh(inner)
        out.write(" ")
        self.base.put(out, inner, tail)
        if self.block:
            out.write(" ")
            self.block.put(out, indent)

    def _breaks(self, width: int) -> bool:
        """Whether the base needs a line of its own, and has room there."""
        if self.base.flat is None or self.block is not None:
            return False
        return width + len(self.base.flat) > WIDTH >= INDENT + len(self.base.flat)


@dataclass(slots=True)
class Row:
    """Something at the top of a file."""

    kind: str
    """comment, doc (a definition's), file (a docstring of its own), import_, use, or definition."""
    what: Doc | Comment
    blank: bool


class File(Doc):
    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    def spread(self, out: Writer, indent: int, rest: int) -> None:
        group: Line | None = None  # the first line of the comments and docstring of what follows
        documented = False
        last = ""
        for row in self.rows:
            # The docstring of a file's first definition may stand apart from it, like one of the file.
            blank = row.blank and not (documented and last)
            if isinstance(row.what, Comment):
                own = row.what.own or out.empty
                out.comments([Comment(row.what.text, own, blank)], 0)
                if own and (group is None or out.line.blank):
                    group = out.line
                continue
            line = out.fresh(0)
            line.blank = blank
            if group is None or line.blank:
                group = line
            row.what.put(out, 0)
            if row.kind == "doc":
                documented = True
                continue
            kind = row.kind
            if kind == "definition" and (documented or out.line is not line):
                kind = "tall"
            apart = kind in APART or last in APART or (kind in LONE) != (last in LONE)
            group.blank = group.blank or apart
            last, group, documented = kind, None, False


def file(tree: Tree[Any]) -> File:
    rows: list[Row] = []
    blank = False
    for child in tree.children:
        if isinstance(child, Token) and child.type == "_NL":
            before = split(child)[0]
            rows += [Row("comment", comment, comment.blank) for comment in before.comments]
            blank = before.blank
            continue
        if isinstance(child, Token):
            rows.append(Row("file", Text(child.replace("\r\n", "\n")), blank))
        elif child.data in LONE:
            rows.append(Row(child.data, _lone(child), blank))
        else:
            doc = next((row for row in reversed(rows) if row.kind != "comment"), None)
            if doc is not None and doc.kind == "file":
                doc.kind = "doc"
            rows.append(Row("definition", _definition(child), blank))
        blank = False
    return File(rows)


def _lone(node: Tree[Any]) -> Doc:
    if node.data == "import_":
        return Text(f"import {node.children[1]}")
    names = [child for child in node.children[1:] if isinstance(child, Tree)]
    items = [Item(Text("".join(map(str, name.children)))) for name in names]
    commas = [child for child in node.children[1:] if isinstance(child, Token)]
    for item, comma in zip(items, commas, strict=False):
        before, _, after = split(comma)
        item.comments = (before + after).comments
        item.newline = (before + after).newline
    return Names(items)


class Names(Bracket):
    """`use std.A, std.B`: names without brackets, with hanging lines."""

    def __init__(self, items: list[Item]) -> None:
        super().__init__(["use ", ""], items, [], False, False)

    def spread(self, out: Writer, indent: int, rest: int) -> None:
        first, *others = self.items
        out.write(f"use {first.doc.flat}" + ("," if others else ""))
        out.comments(first.comments, indent + INDENT)
        self.fill(out, indent + INDENT, others, bool(first.comments))


def _definition(node: Tree[Any]) -> Doc:
    children = node.children
    parts: list[Doc] = [Text(f"{children[0]} {children[1]}")]
    equals = Trivia()
    base: Doc | None = None
    block: Block | None = None
    for child in children[2:]:
        if isinstance(child, Token):
            equals = split(child)[2]
        elif child.data == "parameters":
            made = bracket(child.children)
            if made.items or made.comments:
                parts.append(made)
        elif child.data == "signature":
            parts += _signature(child.children)
        elif child.data == "member_base":
            base = Join([expression_or_arguments(part) for part in child.children])
        else:
            block = body(child)
    if base is not None:
        return Member(Join(parts), equals, base, block)
    return Join([*parts, Text(" "), block or Text("{}")])


def expression_or_arguments(node: Tree[Any] | Token) -> Doc:
    return Text(str(node)) if isinstance(node, Token) else bracket(node.children)


def _signature(children: list[Any]) -> list[Doc]:
    _, before, arrow, after = children
    return [Text(" : "), _dims(before), *spaced(arrow), _dims(after)]


def _dims(node: Tree[Any]) -> Doc:
    parts: list[Doc] = []
    for child in node.children:
        if isinstance(child, Token):
            parts.append(Text(" x "))
        elif child.data == "named_dim":
            name, equals, value = cast(list[Any], child.children)
            parts += [Text(str(name)), *sign(equals), expression(value)]
        else:
            parts.append(expression(child.children[0]))
    return Join(parts)

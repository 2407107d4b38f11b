"""Parse tree → pieces of text, expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from lark import Token, Tree

from cnndsl.format.docs import Bracket, Doc, Hard, Item, Join, Text, joined
from cnndsl.format.trivia import Comment, split

Node: TypeAlias = Tree[Any] | Token
INTEGER = re.compile(r"[0-9][0-9_]*")
PLAIN = ("path", "index", "input_dim", "parenthesised", "number", "string", "true", "false", "name")
SIGNS = {"(": "()", "[": "[]", "{": "{}"}


def expression(node: Node) -> Doc:
    """The text of an expression, or of a part of one that has no layout of its own."""
    if isinstance(node, Token):
        return Join(list(sign(node)))
    children: list[Any] = node.children
    match node.data:
        case "product":
            return Join(list(_product(children, len(children) == 3)))
        case "sum" | "term" | "comparison_expr" | "conjunction" | "disjunction":
            return Join([part for child in children for part in _operand(child)])
        case "unary":
            operator = list(sign(_token(children[0])))
            space = [Text(" ")] if children[0] == "not" else []
            return Join([*operator, *space, expression(children[1])])
        case "list_":
            return bracket(children)
        case "call":
            return joined(str(children[0]), arguments(children[1]))
        case "conditional":
            return Join(list(_conditional(children)))
    assert node.data in PLAIN, node.data
    return Join([expression(child) for child in children])


def shape(node: Node) -> Doc:
    """A shape: always with spaces around its `x`."""
    if isinstance(node, Tree) and node.data == "product":
        return Join(list(_product(node.children, False)))
    return expression(node)


def sign(token: Token) -> Iterator[Doc]:
    """A token with the comments that it has swallowed."""
    if token.type in ("LABEL_MIDDLE", "INDEX_CLOSE"):
        token = token.update(value=token.lstrip(" \t"))
    before, text, after = split(token)
    if before.comments:
        yield Hard(before.comments)
    yield Text(text)
    if after.comments:
        yield Hard(after.comments)


def spaced(token: Token) -> Iterator[Doc]:
    """An operator with a space on each side."""
    before, text, after = split(token)
    yield Hard(before.comments) if before.comments else Text(" ")
    yield Text(text)
    yield Hard(after.comments) if after.comments else Text(" ")


def arguments(node: Node) -> Bracket:
    assert isinstance(node, Tree)
    return bracket(node.children)


def bracket(children: list[Any]) -> Bracket:
    """A bracketed list of arguments, parameters or expressions, from its tokens and trees."""
    opening, closing = _token(children[0]), _token(children[-1])
    _, signs, inside = split(opening)
    items: list[Item] = []
    comma = False
    for child in children[1:]:
        if isinstance(child, Token):
            before, _, after = split(child)
            both = before + after
            comma = child.type == "COMMA" or (comma and bool(items))
            if items:
                items[-1].comments += both.comments
                items[-1].newline = items[-1].newline or both.newline
        else:
            comma = False
            start, end = _ends(child)
            items.append(Item(_item(child), place=start - (opening.start_pos or 0), length=end - start))
    comments: list[Comment] = inside.comments if items else inside.comments + split(closing)[0].comments
    return Bracket(SIGNS[signs], items, comments, inside.newline, comma)


def _ends(node: Node) -> tuple[int, int]:
    """Where the text of a tree begins and ends."""
    first = last = node
    while isinstance(first, Tree):
        first = first.children[0]
    while isinstance(last, Tree):
        last = last.children[-1]
    return first.start_pos or 0, last.end_pos or 0


def _item(node: Tree[Any]) -> Doc:
    if node.data not in ("argument", "parameter"):
        return expression(node)
    if len(node.children) == 1:
        return expression(node.children[0])
    children: list[Any] = node.children
    name, equals, value = children
    around = spaced(equals) if node.data == "parameter" else sign(equals)
    return Join([Text(str(name)), *around, expression(value)])


def _token(node: Node) -> Token:
    assert isinstance(node, Token)
    return node


def _product(children: list[Any], size: bool) -> Iterator[Doc]:
    """`3x3` for a size of two integers, else `3 x 4 x 5`."""
    dims = [expression(child) for child in children[::2]]
    tight = size and all(INTEGER.fullmatch(dim.flat or "") for dim in dims)
    for number, dim in enumerate(dims):
        if number:
            yield Text("x" if tight else " x ")
        yield dim


def _operand(child: Node) -> Iterator[Doc]:
    if isinstance(child, Token):
        yield from spaced(child)
    else:
        yield expression(child)


def _conditional(children: list[Any]) -> Iterator[Doc]:
    for child in children:
        if not isinstance(child, Token):
            if child.data == "conditional" and children[-1] is child:  # `else if`
                yield Text(" ")
            yield expression(child)
        elif child.type == "IF":
            yield Text("if ")
        elif child.type == "ELSE":
            before, _, _ = split(child)
            yield Hard(before.comments) if before.comments else Text(" ")
            yield Text("else")
        else:
            yield from spaced(child) if child.type == "LBRACE" else _closing(child)


def _closing(token: Token) -> Iterator[Doc]:
    before, _, _ = split(token)
    yield Hard(before.comments) if before.comments else Text(" ")
    yield Text("}")

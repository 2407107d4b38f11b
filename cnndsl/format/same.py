"""Whether two texts are the same spec, but for their spacing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from lark import Token, Tree

from cnndsl.diagnostics.model import SpecError
from cnndsl.format import trivia
from cnndsl.source import Source, Span
from cnndsl.syntax.parser import grammar, parse


def difference(tree: Tree[Any], before: Any, after: Source) -> str:
    """What two texts differ in, or nothing. The first is given as its parse tree and its syntax tree."""
    try:
        parsed = parse(after)
    except SpecError:
        return "syntax"
    if not equal(before, parsed):
        return "meaning"
    return "" if comments(tree) == comments(grammar().parse(after.text)) else "comments"


def equal(one: Any, other: Any) -> bool:
    """Whether two syntax trees are equal, wherever their parts stand."""
    pairs = [(one, other)]
    while pairs:
        a, b = pairs.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, Span | Source):
            continue
        if isinstance(a, list | tuple):
            if len(a) != len(b):
                return False
            pairs += zip(a, b, strict=True)
        elif is_dataclass(a):
            pairs += [(getattr(a, field.name), getattr(b, field.name)) for field in fields(a)]
        elif a != b:
            return False
    return True


def comments(tree: Tree[Any]) -> list[str]:
    """All comments, in order."""
    return [comment.text for token in tokens(tree) for comment in trivia.comments(token)]


def tokens(tree: Tree[Any]) -> Iterator[Token]:
    stack: list[Tree[Any] | Token] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Token):
            yield node
        else:
            stack += reversed(node.children)

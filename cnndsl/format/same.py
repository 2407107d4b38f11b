"""Whether two texts are the same spec, but for their spacing."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from cnndsl.diagnostics.model import SpecError
from cnndsl.source import Source, Span
from cnndsl.syntax import ast
from cnndsl.syntax.parser import parse
from cnndsl.syntax.quoted import COMMENT, QUOTED

TEXTS = re.compile(rf"{QUOTED}|({COMMENT})")
"""What a comment can't begin in, and comments."""


def difference(before: ast.File, after: Source) -> str:
    """What a text differs in from one that is parsed already, or nothing."""
    try:
        parsed = parse(after)
    except SpecError:
        return "syntax"
    if not equal(before, parsed):
        return "meaning"
    return "" if comments(before.source.text) == comments(after.text) else "comments"


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
            pairs += [(getattr(a, name), getattr(b, name)) for name in names(a.__class__)]
        elif a != b:
            return False
    return True


@cache
def names(node: type) -> tuple[str, ...]:
    """The fields of a kind of node."""
    return tuple(field.name for field in fields(node))


def comments(text: str) -> list[str]:
    """All comments, in order."""
    return [match[1].rstrip(" \t\r") for match in TEXTS.finditer(text) if match[1]]

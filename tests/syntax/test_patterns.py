"""Regular expressions that Python 3.11.2, Debian 12's, gets right, and that no text makes slow."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnndsl.format.same import comments
from cnndsl.lint.comments import ignores
from cnndsl.source import Source
from cnndsl.syntax.parser import parse_tolerant

ROOT = Path(__file__).parents[2]
FILES = [path for folder in ("cnndsl", "backends", "docs") for path in (ROOT / folder).rglob("*.py")]
IN_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
BROKEN = re.compile(r"[*+?}]" + r"[+]|\([?]>")
"""Possessive quantifiers and atomic groups, which match nothing there once they are nested."""
SIZE = 250_000
HEAD = "network n : 3 x 8 x 8 -> 10 {\n"
HARD = {
    "docstring without end": '"""' + 'a" ' * (SIZE // 3),
    "quotes": '"' * (SIZE - SIZE % 6 + 5),
    "fours of quotes": '"""" ' * (SIZE // 5),
    "escaped quotes without end": HEAD + 'expect params == 3 "' + '\\"' * (SIZE // 2),
    "backslashes": '"' + "\\" * SIZE,
    "strings without end": '"a\n' * (SIZE // 3),
    "comments": HEAD + " #\n" * (SIZE // 3),
    "comments before what can't be": HEAD + "conv(3" + " #\n" * (SIZE // 3) + "$",
    "line breaks": HEAD + "conv(3" + "\n" * SIZE + "$",
    "blanks": HEAD + "conv(3" + " " * SIZE + "$",
    "one name": HEAD + "a" * SIZE,
    "an open label": HEAD + "a{" * (SIZE // 2),
}


def texts(tree: ast.AST) -> Iterator[str]:
    """All strings of a module, what f-strings leave open left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))


def broken(text: str) -> bool:
    """Whether a text has one. Prose has backticks, and a sign alone is no pattern."""
    if "``" in text or "`++" in text or text == "++":
        return False
    return BROKEN.search(IN_CLASS.sub("_", text)) is not None


def test_the_search_finds_some() -> None:
    star, possessive = '(?:[^"]|x)*', "+"
    assert not any(map(broken, (star, r"[\w. *+]{1,30}", r"\++")))
    assert all(map(broken, ("(?" + ">a)", *(p + possessive for p in (star, "a?", "[ab]{2}", "[*+]+")))))


def test_no_possessive_quantifiers_or_atomic_groups() -> None:
    found = [path for path in FILES for text in texts(ast.parse(path.read_text("utf-8"))) if broken(text)]
    grammars = [path for path in ROOT.glob("cnndsl/**/*.lark") if broken(path.read_text("utf-8"))]
    assert [*found, *grammars] == []


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_none_is_slow(text: str) -> None:
    """It takes a second where the way back costs no more than the way there, and minutes elsewhere."""
    source = Source("hard.cnn", text + "\n# lint: ignore\n")
    start = time.process_time()
    parse_tolerant(source)
    ignores(source)
    comments(source.text)
    assert time.process_time() - start < 10

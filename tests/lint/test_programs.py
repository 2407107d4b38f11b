"""Every rule with programs that give it, marked with the code at the place (``«W0201»``), and others that do not.

A file a rule; ``=== why`` begins a program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cnndsl import lint
from cnndsl.pipeline import from_text

FILES = sorted((Path(__file__).parent / "programs").glob("*.txt"))
MARK = re.compile(r"«(W\d{4})»")


def programs(path: Path) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^=== ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        why, _, text = part.partition("\n")
        yield why, text


def cases() -> list[Any]:
    return [pytest.param(path.stem, text, id=f"{path.stem}: {why}") for path in FILES for why, text in programs(path)]


def selection(name: str) -> list[lint.Rule]:
    """The rules of every spec, and this one."""
    return [rule for rule in lint.rules() if rule.default or rule.name == name]


@pytest.mark.parametrize(("name", "marked"), cases())
def test_program(name: str, marked: str) -> None:
    marks, shift = [], 0
    for match in MARK.finditer(marked):
        marks.append((match[1], match.start() - shift))
        shift += len(match[0])
    found = lint.lint(from_text(MARK.sub("", marked)), selection(name))
    assert [(d.code, d.span.start) for d in found] == marks, [*map(str, found)]


def test_every_rule_has_programs_that_give_it_and_programs_that_do_not() -> None:
    for rule in lint.rules():
        path = Path(__file__).parent / "programs" / f"{rule.name}.txt"
        given = [rule.code in MARK.findall(text) for _, text in programs(path)]
        assert any(given), rule.name
        assert not all(given), rule.name
    assert {path.stem for path in FILES} == {rule.name for rule in lint.rules()}


def test_the_names_that_w0107_says_are_free() -> None:
    text = (
        "network small : 3 x 8 x 8 -> 10 {\n"
        "    conv1: conv(4, 3x3) -> relu -> conv(4, 1x1) -> relu -> conv(4, 1x1) -> relu\n"
        "    global_avgpool -> fc: linear(10)\n}\n"
    )
    found = lint.lint(from_text(text), selection("positional-name"))
    assert [d.help for d in found] == ["name it, as in `conv2: conv`", "name it, as in `conv3: conv`"]

"""Every code has a page: its wrong program gives it at the place stated, its right program is right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cnndsl
from cnndsl.diagnostics.codes import CODES, FAMILIES
from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.pipeline import from_path
from cnndsl.syntax.errors import MAX_BYTES


def findings(program: str, folder: Path) -> list[Diagnostic]:
    path = folder / "example.cnn"
    path.write_text(program, "utf-8")
    try:
        return from_path(path, name="example.cnn").check()
    except SpecError as error:
        return list(error.diagnostics)


@pytest.mark.parametrize("code", CODES)
def test_the_wrong_example_gives_exactly_its_code(code: str, tmp_path: Path) -> None:
    page = CODES[code]
    program = page.wrong + "#" * MAX_BYTES if code == "E0602" else page.wrong
    found = findings(program, tmp_path)
    assert [(d.code, d.span.line, d.span.column) for d in found] == [(code, *page.place)], [*map(str, found)]


@pytest.mark.parametrize("code", CODES)
def test_the_right_example_is_right(code: str, tmp_path: Path) -> None:
    assert [str(d) for d in findings(CODES[code].right, tmp_path)] == []


def test_the_catalogue_has_the_codes_that_are_used() -> None:
    package = Path(cnndsl.__file__).parent
    texts = (path.read_text("utf-8") for path in package.rglob("*.py"))
    used = {code for text in texts for code in re.findall(r'"(E\d{4})"', text)}
    assert used == set(CODES)


def test_every_family_is_named() -> None:
    assert {code[:3] for code in CODES} == set(FAMILIES)

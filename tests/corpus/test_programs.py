"""Wrong programs, as people write them. Each file holds a program, marked with the codes at their places
(``«E0301»``), and behind ``=== found`` what is said of it.

``CNNDSL_UPDATE=1 pytest tests/corpus`` writes the second part anew; the codes and places stay asserted.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.diagnostics.renderers import Look, render
from cnndsl.pipeline import from_text

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.txt"))
MARK = re.compile(r"«(E\d{4})»")
HEAD = "=== found\n"


def unmarked(text: str) -> tuple[str, list[tuple[str, int]]]:
    """The program without its marks, and the marks' codes and offsets."""
    marks, shift = [], 0
    for match in MARK.finditer(text):
        marks.append((match[1], match.start() - shift))
        shift += len(match[0])
    return MARK.sub("", text), marks


def repaired(program: str, found: list[Diagnostic]) -> str:
    edits: list[Edit] = sorted((e for d in found for e in d.fix), key=lambda e: -e.span.start)
    for edit in edits:
        program = program[: edit.span.start] + edit.replacement + program[edit.span.end :]
    return program


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_program(path: Path) -> None:
    marked, _, golden = path.read_text("utf-8").partition(HEAD)
    program, marks = unmarked(marked)
    found = from_text(program, f"{path.stem}.cnn", path.parent).check()
    assert [(d.code, d.span.start) for d in found] == marks, [*map(str, found)]
    rendered = "\n".join(line.rstrip() for line in render(found, look=Look(unicode=True)).splitlines()) + "\n"
    if os.environ.get("CNNDSL_UPDATE"):
        path.write_text(f"{marked}{HEAD}{rendered}", "utf-8")
    else:
        assert rendered == golden


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_repair_leaves_fewer_mistakes(path: Path) -> None:
    """Every repair that is offered as safe to apply makes the program better."""
    program, _ = unmarked(path.read_text("utf-8").partition(HEAD)[0])
    found = from_text(program, "a.cnn", path.parent).check()
    for each in found:
        if each.fix:
            after = from_text(repaired(program, [each]), "a.cnn", path.parent).check()
            same = [d for d in after if (d.code, d.span.start) == (each.code, each.span.start)]
            assert not same or same[0].message != each.message, str(each)


def test_there_are_enough() -> None:
    assert len(PROGRAMS) >= 150

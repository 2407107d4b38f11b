"""Wrong programs, as people write them. Each file holds a program, marked with the codes at their places
(``«E0301»``), and behind ``=== found`` what is said of it.

``CNNDSL_UPDATE=1 pytest tests/corpus`` writes the second part anew; the codes and places stay asserted.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

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


def test_there_are_enough() -> None:
    assert len(PROGRAMS) >= 250

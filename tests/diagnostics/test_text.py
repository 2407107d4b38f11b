"""The renderer for people, on diagnostics made for it: what excerpts look like, whatever the language says.

``CNNDSL_UPDATE=1`` writes the golden files anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cnndsl.diagnostics.drawing.cells import visible, width, wrap
from cnndsl.diagnostics.renderers import render
from tests.diagnostics.golden import Case, escape

GOLDEN = sorted((Path(__file__).parent / "text").glob("*.golden"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_rendering_is_as_committed(path: Path) -> None:
    case = Case.read(path)
    rendered = escape(render([case.diagnostic()], look=case.look))
    if os.environ.get("CNNDSL_UPDATE"):
        case.write(path, rendered)
    assert rendered == Case.read(path).rendered


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_no_line_is_wider_than_the_screen(path: Path) -> None:
    case = Case.read(path)
    rendered = render([case.diagnostic()], look=type(case.look)(False, case.look.unicode, case.look.width))
    assert [line for line in rendered.split("\n") if width(line) > case.look.width] == []


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_no_control_character_is_written(path: Path) -> None:
    case = Case.read(path)
    rendered = render([case.diagnostic()], look=type(case.look)(False, case.look.unicode, case.look.width))
    assert all(line.isprintable() for line in rendered.split("\n"))
    assert case.look.unicode or rendered.isascii()


def test_several_are_apart_by_an_empty_line() -> None:
    case = Case.read(next(path for path in GOLDEN if path.stem == "tabs"))
    one = render([case.diagnostic()])
    assert render([case.diagnostic()] * 2) == f"{one}\n{one}"
    assert render([]) == ""


def test_words_longer_than_the_room_are_broken() -> None:
    assert wrap("abcdef gh", 4) == ["abcd", "ef", "gh"]
    assert wrap("卷积神经", 4) == ["卷积", "神经"]
    assert wrap("", 4) == [""]


@pytest.mark.parametrize(
    ("text", "shown"), [("a\x00b", "a␀b"), ("\x7f", "\\u{7f}"), ("\u2066", "\\u{2066}"), ("é", "é")]
)
def test_controls_are_shown(text: str, shown: str) -> None:
    assert visible(text) == shown

"""Nothing takes more than linear time in the text, whatever its shape."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from cnndsl.diagnostics.drawing.look import Look
from cnndsl.diagnostics.renderers import render
from cnndsl.format import format_source
from cnndsl.pipeline import from_text
from cnndsl.source import Source
from cnndsl_torch import backend
from tests.fuzz.shapes import RIGHT, WRONG
from tests.growth import assert_linear

SMALL, TIMES = 30, 5
DECLINED = {"lane loops"}
"""What the emission of PyTorch source does not know how to write."""
COMPILED = {
    name: shape for name, shape in RIGHT.items() if re.search("network A[ (]", shape(1)) and name not in DECLINED
}


def checked(text: str) -> None:
    render(from_text(text, "a.cnn").check(), look=Look(colour=True, unicode=True))


def emitted(text: str) -> None:
    spec = from_text(text, "a.cnn")
    spec.network = "A"
    backend.source(spec.graph())


def formatted(text: str) -> None:
    format_source(Source("a.cnn", text))


def growing(shape: Callable[[int], str], work: Callable[[str], None], small: int = SMALL) -> None:
    def job(size: int) -> Callable[[], object]:
        text = shape(size)
        return lambda: work(text)

    assert_linear(job, small, TIMES)


@pytest.mark.parametrize("name", WRONG)
def test_check_of_what_is_wrong(name: str) -> None:
    assert from_text(WRONG[name](20), "a.cnn").check()
    growing(WRONG[name], checked, SMALL // 4 if "unknown" in name else SMALL)  # what is near a name takes long to find


@pytest.mark.parametrize("name", sorted(RIGHT.keys() - COMPILED.keys()))
def test_check_of_what_is_right(name: str) -> None:
    assert not from_text(RIGHT[name](8), "a.cnn").check()
    growing(RIGHT[name], checked)


@pytest.mark.parametrize("name", RIGHT)
def test_format(name: str) -> None:
    growing(RIGHT[name], formatted)


@pytest.mark.parametrize("name", COMPILED)
def test_compile(name: str) -> None:
    growing(COMPILED[name], emitted)

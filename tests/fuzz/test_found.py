"""What fuzzing has found, made short."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cnndsl.pipeline import from_text
from cnndsl_torch import backend
from tests.fuzz.stages import STAGES
from tests.growth import assert_linear

HEAD = "network A : 3 x 8 x 8 -> 3 x 8 x 8 {\n"
FOUND: dict[str, tuple[str, str]] = {
    "the budget ends in an init, and another follows": (
        "check",
        HEAD + "conv(3, 1x1) * 1000\ninit weight(" + ", ".join(["conv"] * 60) + ") = he\ninit bias = 0\n}\n",
    ),
    "a concat of more lanes than Python reads terms": (
        "source",
        "block B(c) { concat {\n" + "| conv(c, 1x1)\n" * 1500 + "} }\n" + HEAD + "B(3) -> conv(3, 1x1)\n}\n",
    ),
    "a concat of many lanes, as wide as a parameter": (
        "source",
        "network A(c = 3) : 3 x 8 x 8 -> _ x 8 x 8 {\n" + "concat {\n" + "| conv(c, 1x1)\n" * 1500 + "}\n}\n",
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str) -> None:
    stage, text = FOUND[name]
    STAGES[stage](text)


def test_an_add_of_more_lanes_than_python_reads_terms() -> None:
    text = HEAD + "add {\n" + "| conv(3, 1x1)\n" * 5000 + "}\n}\n"
    compile(backend.source(from_text(text).graph()), "emitted.py", "exec")


def test_time_to_write_source_is_linear() -> None:
    def job(count: int) -> Callable[[], object]:
        graph = from_text(HEAD + "conv(3, 1x1) -> relu\n" * count + "}\n").graph()
        return lambda: backend.source(graph)

    assert_linear(job, 150, 10)

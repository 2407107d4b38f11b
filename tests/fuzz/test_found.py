"""What fuzzing has found, made short."""

from __future__ import annotations

import pytest

from tests.fuzz.stages import STAGES

HEAD = "network A : 3 x 8 x 8 -> 3 x 8 x 8 {\n"
FOUND: dict[str, tuple[str, str]] = {
    "the budget ends in an init, and another follows": (
        "check",
        HEAD + "conv(3, 1x1) * 1000\ninit weight(" + ", ".join(["conv"] * 60) + ") = he\ninit bias = 0\n}\n",
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str) -> None:
    stage, text = FOUND[name]
    STAGES[stage](text)

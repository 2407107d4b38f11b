"""Wrong and large specs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cnndsl import lint
from cnndsl.pipeline import from_text, unique
from tests.growth import assert_linear

CORPUS = sorted((Path(__file__).parents[1] / "corpus" / "programs").glob("*.txt"))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_wrong_spec_gives_what_check_finds(path: Path) -> None:
    text = re.sub("«E[0-9]{4}»", "", path.read_text("utf-8").partition("=== found\n")[0])
    expected = from_text(text, "a.cnn", path.parent).check()
    assert expected
    found = lint.lint(from_text(text, "a.cnn", path.parent))
    assert [*map(str, found)] == [*map(str, unique(expected))]


NETWORK = "network n : 3 x 8 x 8 -> 3 {{\n{}\n    global_avgpool -> linear(3)\n}}\n"
LARGE: dict[str, Callable[[int], str]] = {
    "lines": lambda n: NETWORK.format("\n".join(f"    a{i}: conv({i % 7 + 1}, 1x1) -> relu" for i in range(n))),
    "equal lines": lambda n: NETWORK.format("\n".join(["    conv(3, 1x1) -> relu"] * n)),
    "lets": lambda n: NETWORK.format("\n".join(f"    let a{i} = {i}" for i in range(n))),
    "blocks": lambda n: "".join(f"block B{i} {{ B{i + 1} }}\n" for i in range(n)) + f"block B{n} {{ relu }}\n"
    + NETWORK.format(""),
    "lanes": lambda n: NETWORK.format("    add {\n" + "    | identity\n" * n + "    }"),
    "ignores": lambda n: NETWORK.format("    relu  # lint: ignore\n" * n),
    "turns": lambda n: NETWORK.format(f"    {{ conv(3, 1x1) -> relu -> relu }} * {4 * n}"),
}  # fmt: skip


@pytest.mark.parametrize("kind", LARGE)
def test_linear_time(kind: str) -> None:
    def job(size: int) -> Callable[[], object]:
        spec = from_text(LARGE[kind](size))
        return lambda: lint.lint(spec, lint.rules())

    assert_linear(job, 300, 10)

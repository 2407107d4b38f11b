"""Behind a mistake whose repair is certain, the flow goes on as if it were repaired."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from cnndsl import files
from cnndsl.pipeline import from_text

TEN = """\
network ten(classes = 10) : 3 x 32 x 32 -> classes {
    conv(16, 3x3, padding=1) -> bn -> relu
    cnov(32, 3x3, pad=1) -> bn -> relu
    conv(48, 3x3, pad=1, groups=5) -> relu
    add {
        | conv(64, 3x3, stride=2, pad=1) -> bn -> relu -> conv(64, 3x3, pad=1) -> bn
        |
    }
    concat {
        | conv(16, 1x1)
        | conv(16, 3x3)
    }
    conv(64, 3x3, stride=2, pad=same)
    maxpol(2x2)
    conv(7, 1x1, group=2)
    linear(100) -> dropout(0.5)
    linear(clases)
}
"""


def codes(text: str) -> list[str]:
    return [f"{d.code}@{d.span.line}" for d in from_text(text).check()]


def test_ten_mistakes_in_one_flow() -> None:
    assert codes(TEN) == [
        "E0301@2", "E0201@3", "E0406@4", "E0402@7", "E0402@11", "E0405@13", "E0201@14", "E0301@15", "E0406@15",
        "E0404@16", "E0201@17",
    ]  # fmt: skip


def body(text: str) -> str:
    return f"network n : 3 x 16 x 16 -> 3 {{\n{text}\n    global_avgpool -> linear(3)\n}}\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("    conf", ["E0201@2"]),  # not a convolution, it seems
        ("    conf(8)", ["E0201@2"]),
        ("    Conv2d(3, 8, 3)\n    conv(8, 1x1, groups=3)", ["E0201@2"]),  # PyTorch's order of arguments
        ("    conv(8, 99x99)\n    conv(8, 1x1, groups=3)", ["E0401@2"]),  # who knows what was meant
        ("    linear(8)\n    relu", ["E0404@2"]),  # a convolution may have been meant
        ("    conv(9, 1x1, groups=2)\n    conv(8, 1x1, groups=2)", ["E0406@2", "E0406@3"]),
        ("    Conv(8, 1x1)\n    conv(8, 1x1, groups=3)", ["E0201@2"]),
        ("    conv(8, 1x1, in_channels=5)\n    conv(9, 1x1, groups=3)", ["E0301@2"]),
        ("    add {\n    | conv(8, 1x1)\n    |\n    }\n    conv(9, 1x1, groups=5)", ["E0402@4"]),  # or 3 for 8
        ("    concat {\n    | conv(8, 3x3)\n    | conv(8, 5x5)\n    }\n    conv(9, 1x1, groups=5)", ["E0402@4"]),
        ("    add {\n    | conv(8, 1x1)\n    | conv(9, 1x1, stride=3)\n    }\n    conv(8, 1x1, groups=3)", ["E0402@4"]),
    ],
)
def test_nothing_follows_from_a_guess(text: str, found: list[str]) -> None:
    assert codes(body(text)) == found


def test_a_block_is_told_of_once() -> None:
    """And not so often that the rest of the network is lost."""
    unit = "block Unit { conv(8, 3x3, pad=1, groups=5) }\n"
    assert codes(unit + body("    Unit * 200\n    conv(8, 1x1, groups=3)")) == ["E0406@1", "E0406@4"]


def test_keywords_of_blocks() -> None:
    unit = "block Unit(c, stride = 1) { conv(c, 1x1, stride=stride) }\n"
    assert codes(unit + body("    Unit(8, strid=2)\n    conv(8, 1x1, groups=3)")) == ["E0301@3", "E0406@4"]


TYPOS = ((r"\bconv\(", "cnov("), (r"\bpad=", "pda="), (r"\bstride=", "strid="), (r"\bmaxpool\(", "maxpol("),
         (r"\brelu\b(?!\d|:)", "rleu"), (r"\bbias=", "bais="), (r"\blinear\(", "liner("))  # fmt: skip


@pytest.mark.parametrize("path", sorted(files.zoo_folder().glob("*.cnn")), ids=lambda path: path.stem)
def test_independent_mistakes_are_all_told_and_no_others(path: Path) -> None:
    """One of each kind of typing error, anywhere in a file of the zoo."""
    text, chance = path.read_text("utf-8"), Random(path.stem)
    code = "\n".join(line.partition("#")[0] for line in text.splitlines())
    code = re.sub(r'"""(?:.|\n)*?"""|"[^"\n]*"', lambda m: re.sub(r"\S", "_", m[0]), code)
    edits = []
    for pattern, typo in TYPOS:
        found = [match for match in re.finditer(pattern, code) if not code.startswith("network", match.start() - 8)]
        if found:
            match = chance.choice(found)
            edits.append((match.start(), match.end(), typo))
    for start, end, typo in sorted(edits, reverse=True):
        text = text[:start] + typo + text[end:]
    expected = sorted(text.count("\n", 0, text.index(typo)) + 1 for _, _, typo in edits)
    assert [d.span.line for d in from_text(text, path.name, path.parent).check()] == expected


def test_a_loop_that_ends_early_is_not_around_what_follows() -> None:
    loops = "    concat {\n for i in [1, 2] {\n for j in 5 {\n | conv(4, 1x1)\n }\n }\n } :: 8 x 16 x 16\n"
    first, second = from_text(body(loops + "    conv(8, 1x1, groups=3)")).check()
    assert [call.partition(" at ")[0] for call in first.calls] == ["turn 1 of the `for`"]
    assert second.calls == ()

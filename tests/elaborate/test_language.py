"""The rules of docs/reference/language.md at their edges, a small program each."""

from __future__ import annotations

import pytest

from cnndsl.pipeline import from_text

FAMILY = """
block Unit(c) { conv: conv(c, 3x3, pad=1) }

network Family(Unit, width = 16, classes = 10) : 3 x H=32 x W=H -> classes {
    let private = 7
    a: Unit(width)
    global_avgpool
    fc: linear(classes)
}

network mid(factor = 2) = Family(Unit, width=16 * factor) {
    let half = H // 2
    expect params(fc) == (16 * factor + 1) * classes
    expect shape(a) == width x 2 * half x W
}
"""
STAGES = """
    for i in range(2) {
        stage{i}: { for j in range(3) { unit{j}_{i}x: { conv: conv(4, 3x3, pad=1) -> relu } } }
    }
"""


def found(text: str) -> list[str]:
    return [f"{d.code}@{d.span.line}" for d in from_text(text).check()]


def fragment(text: str, shape: str = "_ x _ x _") -> list[str]:
    """What is wrong with statements on a map of 8 x 12 x 10, by the lines of the text."""
    return found(f"network n(k = 3) : 8 x H=12 x W=10 -> {shape} {{ {text}\n}}\n")


RIGHT = {
    "else if": "conv(if k == 1 { 4 } else if k == 2 { 5 }\n  else if k == 3 { 6 } else { 7 }, 1x1) :: 6 x H x W",
    "else without space": "conv(if k == 3 {k}else{5}, 1x1) :: 3 x H x W",
    "else if without space": "conv(if k == 1 {k}else if k == 3 {k + 1}else{5}, 1x1) :: 4 x H x W",
    "from with indices": STAGES + "add {\n| from stage{k - 3}.unit{k - 1}_{0}x.conv\n| from stage0.unit2_0x\n| }",
    "from with index inside": STAGES + "from stage{1}.unit{0}_{1}x.conv :: 4 x H x W",
    "expect with indices": STAGES + "expect params(stage{1}.unit{k - 1}_{1}x.conv) == 4 * 4 * 9 + 4",
    "init with indices": STAGES + "init weight(stage{1}.unit{k - 1}_{1}x.conv, stage0) = he",
    "equal steps": "let a = conv(3)\nif a == conv(3) and a != conv(4) and a != relu { a(1x1) } :: 3 x H x W",
    "a word or a step": "let a = tanh\nif a != none { a }",
    "equal lists": "conv(if [1, [2]] == [1, [2]] and [1] != [2] { 3 } else { 4 }, 1x1) :: 3 x H x W",
    "kinds that differ": 'conv(if k != "3" and k == 3.0 { 3 } else { 4 }, 1x1) :: 3 x H x W',
    "within of nothing": "expect params within 1% of 0",
    "labels in quotes": (
        '"block1-0": conv(4, 3x3)\n"7": { "a b": relu }\nfrom "block1-0" -> from "7"."a b" :: 4 x 10 x 8'
    ),
    "from the input": "conv(4, 1x1)\nadd {\n| from input\n| conv(8, 1x1)\n}",
    "from a label `input`": "a: { input: conv(4, 1x1) -> conv(5, 1x1) -> from input :: 4 x 12 x 10 }",
    "from a position": (
        "conv(4, 1x1) -> relu -> conv(5, 1x1)\na: { relu -> from 0 }\nfrom 0 :: 4 x H x W\nfrom a.0 :: 5 x H x W"
    ),
    "from a join": "add {\n| relu\n|\n}\na: concat {\n|\n|\n}\nfrom a.concat :: 16 x H x W\nfrom add :: 8 x H x W",
    "a label takes a join's name": (
        "add {\n| relu\n|\n}\nadd: conv(4, 1x1)\nfrom add_2 :: 8 x H x W\nfrom add :: 4 x H x W"
    ),
    "an output of a step's name": "a: conv(4, 1x1)\noutput a: from a\nb: relu -> bn\nfrom 2 :: 4 x H x W",
    "the shortest form of a float": (
        "dropout(0.03333333333333333) -> dropout(0.0012345678901234567) -> dropout(1.2345678901234567e-05)"
    ),
    "bounds of the receptive field": "conv(3, 3x5)\nexpect receptive_field >= 3\nexpect receptive_field < _ x 6",
}


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    assert fragment(RIGHT[name]) == []


WRONG = {
    "from: no such step": (STAGES + "from stage{1}.unit{5}_{1}x.conv", "E0202@5"),
    "from: negative index": (STAGES + "from stage{0 - 1}", "E0303@5"),
    "from: two steps on a line": (STAGES + "from stage{0} relu", "E0107@5"),
    "from: no such position": ("\nfrom 0", "E0202@2"),
    "from: no such join": ("\nrelu -> from add", "E0202@2"),
    "a point in a label": ('\n"a.b": relu', "E0206@2"),
    "a label that is a later position": ('\n"1": relu -> tanh', "E0204@2"),
    "a label that is an earlier position": ('\nrelu\n"0": { tanh -> relu }', "E0204@3"),
    "a label that is its own position": ('\n"0": relu -> "1": tanh -> relu',),
    "a number too long": ("\ndropout(0.1234567890123456789)", "E0604@2"),
    "expect: no such step": (STAGES + "expect params(stage{0}.unit{k}_{0}x) == 4", "E0202@5"),
    "expect: negative index": (STAGES + "expect params(stage{0 - k}) == 4", "E0303@5"),
    "else if without else": ("\nlet a = if k == 1 { 4 } else if k == 2 { 5 }", "E0102@2"),
    "if without else as an argument": ("\nconv(if k == 1 { 4 }, 1x1)\nrelu relu", "E0102@2", "E0107@3"),
    "many else if": ("\nlet a = " + "if k == 1 { 4 } else " * 20 + "{ 5 }", "E0601@2"),
    "a boolean and a number": ("\nlet a = k == true", "E0304@2"),
    "near nothing": ("\nconv(3, 1x1)\nexpect params within 1% of 0", "E0510@3"),
    "a field that is none": ('\nconv(3, 1x1)\nexpect receptive_field != "x"', "E0304@3"),
    "a field of three sides": ("\nconv(3, 1x1)\nexpect receptive_field != 1x1x1", "E0304@3"),
    "a field out of bounds": ("\nconv(3, 3x5)\nexpect receptive_field <= 3", "E0510@3"),
    "about the field": ("\nconv(3, 3x5)\nexpect receptive_field within 5% of 3", "E0304@3"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name: str) -> None:
    text, *codes = WRONG[name]
    assert fragment(text) == codes


def test_a_member_sees_what_it_has_of_its_family() -> None:
    assert found(FAMILY) == []
    again = "network low = mid(factor=3) {\n    expect shape(a) == width x H x W\n    init weight(fc) = 1 / factor\n}\n"
    assert found(FAMILY + again) == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("expect params == private", ["E0201@16"]),
        ("let classes = 4", ["E0203@16"]),
        ("expect params(fc) == half", ["E0201@16"]),
    ],
)
def test_a_member_does_not_see(text: str, codes: list[str]) -> None:
    assert found(f"{FAMILY}network low = mid {{ {text} }}\n") == codes


def test_a_member_of_nothing_is_one_mistake() -> None:
    assert found("network a = Missing { expect params == classes }\n") == ["E0201@1"]
    assert found("network a = b\nnetwork b = a { expect params == classes }\n") == ["E0208@1", "E0208@2"]

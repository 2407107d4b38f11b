"""Whether a map or features flow, in what nothing calls: wrong for all values and sizes, or not told of."""

from __future__ import annotations

import pytest

from cnndsl.pipeline import from_text

WRONG = {
    "conv(16, 3x3, pad=1) -> linear(3)": "E0404 linear",
    "conv(c, 3x3) -> bn -> { x: relu * 2 } -> linear(c)": "E0404 linear",
    "conv(c, 1x1) -> if c > 3 { relu } -> linear(c)": "E0404 linear",
    "conv(c, 1x1) -> add { | | relu | { tanh } } -> linear(c)": "E0404 linear",
    "global_avgpool -> linear(c) -> relu -> conv(c, 1x1)": "E0403 conv",
    "conv(c, 1x1) -> flatten -> concat { | | conv(c, 1x1) }": "E0403 conv",
    "t: conv(c, 1x1) -> flatten -> linear(2) -> from t -> linear(4)": "E0404 linear",
    "flatten -> for i in range(c) { linear(i) -> maxpool(2) }": "E0403 maxpool",
    "dense 2 { conv(c, 1x1) } -> Head(c) -> Head(c)": "E0502 Head",
    "Head(c) -> Same(c)": "E0502 Same",
    "Body(c) -> linear(c)": "E0404 linear",
    "conv(c, 1x1) :: c x 8 x 8 -> linear(c)": "E0404 linear",
    "if c > 3 { conv(c, 1x1) -> linear(c) }": "E0404 linear",
}
BEFORE = """block Body(c) { conv(c, 1x1) -> relu }
block Head(c) : C x H x W -> c { global_avgpool -> linear(c) }
block Same(c) : C x H x W -> C x H x W { relu }
"""


@pytest.mark.parametrize("steps", WRONG)
def test_wrong_whatever_is_given(steps: str) -> None:
    spec = from_text(f"{BEFORE}block Bad(c) {{\n{steps}\n}}\n")
    assert [f"{d.code} {d.span.text}" for d in spec.check()] == [WRONG[steps]]
    assert spec.check()[0].labels, "where it is made so"


@pytest.mark.parametrize(
    "steps",
    [
        "linear(3)",
        "conv(c, 1x1) -> if c > 3 { flatten } -> linear(3)",
        "conv(c, 1x1) -> flatten * c -> linear(3)",
        "conv(c, 1x1) -> for i in range(c) { flatten } -> linear(3)",
        "conv(c, 1x1) -> { let relu2 = c\n flatten } -> linear(relu2)",
        "if c > 3 { t: flatten } else { t: relu }\n conv(c, 1x1) -> from t -> linear(3)",
        "add { | global_avgpool | flatten } -> linear(3)",
        "op(c) -> linear(3)",
        "conv(8, 3x3) -> for i in range(c) { if i == 0 { flatten } else { linear(10) } }",
        "conv(8, 3x3) -> for w in [c, 3] as i { if i > 0 { relu -> linear(w) } else { flatten -> linear(w) } }",
        "x: { input: flatten }\n from input -> conv(c, 1x1)",
        'conv(c, 3x3, pad=1)\n x: { "0": flatten }\n from 0 -> conv(c, 1x1)',
        "add { |\n | relu }\n x: { add: flatten }\n from add -> conv(c, 1x1)",
        "x: { a1: flatten }\n from input\n for i in range(2) { a{i}: conv(c, 3x3, pad=1) }\n from a1 -> conv(c, 1x1)",
        "add { for i in range(c) { | flatten }\n | op }\n conv(4, 1x1)",
        "flatten\n if c > 3 { conv(3, 1x1) }",
        "flatten -> conv(3, 1x1) * c",
        "flatten -> dense c { conv(3, 1x1) }",
        "flatten -> for i in range(c) { conv(3, 1x1) }",
        "conv(c, 1x1) -> op(c) -> linear(3)",
    ],
)
def test_what_may_be_right(steps: str) -> None:
    spec = from_text(f"block Good(c, op=linear, relu2=4) {{\n{steps.replace('let relu2', 'let other')}\n}}\n")
    assert [str(d) for d in spec.check()] == []


def test_a_signature_states_what_comes_out() -> None:
    spec = from_text("block Bad(c) : C x H x W -> 10 { conv(c, 1x1) }\n")
    assert [f"{d.code} {d.span.text}" for d in spec.check()] == ["E0502 10"]


def test_what_a_signature_says_of_the_input() -> None:
    spec = from_text("block Bad : C x H x W -> 10 {\n relu\n from input -> linear(10) }\n")
    assert [f"{d.code} {d.span.text}" for d in spec.check()] == ["E0404 linear"]


def test_what_is_expanded_is_told_of_with_its_figures() -> None:
    block = "block Bad(c) { conv(c, 3x3, pad=1) -> linear(3) }\n"
    called = from_text(f"{block}network n : 3 x 8 x 8 -> 3 {{ Bad(16) }}\n").check()
    assert ["16 x 8 x 8" in d.message for d in called] == [True]
    guarded = from_text(
        f"{block}network n(b = false) : 3 x 8 x 8 -> _ x _ x _ {{ if b {{ Bad(16) }} else {{ relu }} }}"
    )
    assert [d.code for d in guarded.check()] == ["E0404"]

"""What is read of a text that has mistakes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cnndsl.diagnostics.model import SpecError
from cnndsl.pipeline import from_text
from cnndsl.source import Source
from cnndsl.syntax.parser import parse, parse_tolerant
from tests.growth import assert_linear

NETWORK = "network small : 3 x 32 x 32 -> 10 {\n    Unit(16)\n    global_avgpool -> linear(10)\n}\n"


def codes(text: str) -> list[str]:
    return [f"{d.code}@{d.span.line}" for d in from_text(text).check()]


def test_parse_raises_with_every_mistake() -> None:
    with pytest.raises(SpecError) as caught:
        parse(Source("a.cnn", "block A { relu bn }\nblock B { conv(1 2) }\n"))
    assert [d.code for d in caught.value.diagnostics] == ["E0107", "E0109"]


def test_a_right_text_has_no_gaps() -> None:
    file, found = parse_tolerant(Source("a.cnn", NETWORK))
    assert not found
    assert not file.broken
    assert [n.name.name for n in file.networks] == ["small"]


@pytest.mark.parametrize(
    "head",
    ["block Unit(c c) {", "block Unit(c, 3) {", "block Unit(c {", "block Unit c) {", "block Unit(c) : 3 x {"],
)
def test_a_definition_with_a_broken_head_is_known_by_its_name(head: str) -> None:
    text = f"{head}\n    conv(c, 3x3)\n}}\n\n{NETWORK}"
    file, found = parse_tolerant(Source("a.cnn", text))
    assert [d.name.name for d in file.definitions] == ["Unit", "small"]
    assert len(found) == 1
    assert len(codes(text)) == 1


def test_a_definition_without_a_name_makes_no_name_unknown() -> None:
    assert codes(f"block (c) {{\n    conv(c, 3x3)\n}}\n\n{NETWORK}") == ["E0102@1"]


def test_users_of_a_broken_block_are_silent_and_others_are_checked() -> None:
    text = (
        "block Unit(c) {\n    conv(c 3x3)\n    linear(3)\n}\n"
        + NETWORK
        + NETWORK.replace("small", "other").replace("Unit(16)", "linear(3)")
    )
    assert codes(text) == ["E0109@2", "E0404@10"]


def test_labels_and_lets_in_lost_text_are_not_missed() -> None:
    body = ["let c = 3 §", "stem: conv(c, 3x3 §)", "from stem", "conv(c, 1x1)"]
    text = "network a : 3 x 8 x 8 -> 3 {\n" + "\n".join(body) + "\n}\n"
    assert codes(text) == ["E0101@2", "E0101@3"]


def test_an_unclosed_body_ends_before_the_next_definition() -> None:
    file, found = parse_tolerant(Source("a.cnn", f"block Unit(c) {{\n    conv(c, 3x3)\n\n{NETWORK}"))
    assert [d.name.name for d in file.definitions] == ["Unit", "small"]
    assert [d.code for d in found] == ["E0103"]


@pytest.mark.parametrize(
    "line", ["    a b\n", "    conv(3, = 4)\n", "    relu((\n", "    x = 3\n", "    if { relu }\n"]
)
def test_time_is_linear_in_the_length(line: str) -> None:
    """Four times the text takes about four times as long, whatever is wrong with it."""

    def job(count: int) -> Callable[[], object]:
        text = "".join(f"block B{i} {{\n    relu\n{line}    relu * 3\n}}\n" for i in range(count))
        return lambda: parse_tolerant(Source("a.cnn", text))

    assert_linear(job, 20, 4)


def test_the_number_of_mistakes_is_bounded() -> None:
    _, found = parse_tolerant(Source("a.cnn", "".join(f"block B{i} {{ relu b{i} }}\n" for i in range(1000))))
    assert len(found) == 100


def test_a_member_is_read_without_its_equals() -> None:
    family = "network Family(c) : 3 x 8 x 8 -> 3 {\n    conv(c, 3x3) -> global_avgpool -> linear(3)\n}\n"
    assert codes(family + "network a Family(3)\nnetwork b = Family(4, 5)\n") == ["E0102@4", "E0302@5"]

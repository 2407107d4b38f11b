"""What the style is."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnndsl import files
from cnndsl.diagnostics.model import SpecError
from cnndsl.files import zoo_folder
from cnndsl.format import format_source
from cnndsl.source import Source
from cnndsl.syntax.grammar import grammar
from tests.format.example import TIDY, UNTIDY

STD = zoo_folder().parent / "cnndsl" / "std"
FILES = [path for folder in (zoo_folder(), STD) for path in files.find(folder).specs]


def made(text: str) -> str:
    return format_source(Source("a.cnn", text))


def body(text: str) -> str:
    """The lines of a network's body, formatted."""
    lines = made("network n {\n" + text + "\n}\n").split("\n")
    return "\n".join(line.removeprefix("    ") for line in lines[1:-2])


def test_everything() -> None:
    assert made(UNTIDY) == TIDY
    assert made(TIDY) == TIDY


def test_the_example_has_all_of_the_grammar() -> None:
    """A new rule of the grammar needs a layout."""
    known = {str(rule.alias or rule.origin.name) for rule in grammar().rules}
    known = {name for name in known if not name.startswith(("_", "broken"))}
    used = {node.data for node in grammar().parse(UNTIDY).iter_subtrees()}
    assert known - used == {"statement", "step", "factor", "negation", "atom", "expr"}  # which stand for others


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_zoo_and_the_standard_blocks_are_formatted(path: Path) -> None:
    source = files.read(path)
    assert format_source(source) == source.text


def test_ascriptions_stand_below_each_other() -> None:
    assert body("a::  3x 112x4\nlonger -> b :: 10 x 3 x _\nc\nfc::10\n\nd :: 3 x 4 x 5") == (
        "a            ::  3 x 112 x 4\nlonger -> b  :: 10 x   3 x _\nc\nfc           :: 10\n\nd  :: 3 x 4 x 5"
    )


def test_a_line_that_is_much_longer_does_not_move_the_others() -> None:
    long = "conv(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)"
    assert body(f"{long} :: 1 x 2 x 3\na :: 10 x 2 x 3\nbb::1x2x3") == (
        f"{long}  :: 1 x 2 x 3\na   :: 10 x 2 x 3\nbb  ::  1 x 2 x 3"
    )


def test_columns_of_arguments_are_kept_where_they_are_aligned() -> None:
    table = "a: f(1,   2,  3)\nb: f(100, 20, n(k))\nc: f(10,  2) -> d"
    assert body(table) == table
    assert body("a: f(1,   2)\nb: f(1000, 20)") == "a: f(1, 2)\nb: f(1000, 20)"
    assert body("a: f(1,   2)\nb: f(100, 2*k)\nc: f(4, 5)") == "a: f(1,   2)\nb: f(100, 2 * k)\nc: f(4,   5)"
    assert body("f(1,   2)\n\nf(100, 20)") == "f(1, 2)\n\nf(100, 20)"


def test_long_chains_are_broken_before_an_arrow() -> None:
    long = "step(" + "argument, " * 4 + "argument)"
    assert body(f"a: {long} -> {long} -> {long}") == f"a: {long} -> {long}\n  -> {long}"
    assert body(f"add {{ | {long} -> {long} | }}") == f"add {{\n    | {long}\n      -> {long}\n    |\n}}"
    assert body("a\n   -> b -> c") == "a\n  -> b -> c"


def test_long_arguments_fill_lines() -> None:
    parameters = [f"parameter{i} = {i}" for i in range(8)]
    first, second = ", ".join(parameters[:7]), parameters[7]
    assert made(f"network n({first}, {second}) : 3 x H=224 -> 10 {{ a }}") == (
        f"network n(\n    {first},\n    {second}\n) : 3 x H=224 -> 10 {{ a }}\n"
    )


def test_a_brace_that_is_open_stays_open() -> None:
    assert body("a: {\nb }") == "a: {\n    b\n}"
    assert body("a: { b }") == "a: { b }"
    assert body("concat { | a\n | b }") == "concat {\n    | a\n    | b\n}"
    assert body("if a { b }\nelse {\nc }") == "if a { b }\nelse {\n    c\n}"
    assert body("if a {\n b }\n\nelse { c }") == "if a {\n    b\n} else { c }"


def test_blank_lines() -> None:
    assert made("\n\nblock A { a }\nblock B { b }\n\n\n\nblock C {\n\n a\n\n\n b\n\n}\nblock D { d }\n\n") == (
        "block A { a }\nblock B { b }\n\nblock C {\n    a\n\n    b\n}\n\nblock D { d }\n"
    )
    assert made('"""a"""\n\n\nblock A { a }\n"""b"""\n\nblock B { b }\n') == (
        '"""a"""\n\nblock A { a }\n\n"""b"""\nblock B { b }\n'
    )
    assert made("") == made(" \n\n") == ""
    assert made("# only this") == "# only this\n"


def test_other_line_breaks_and_a_missing_one() -> None:
    assert made('"""a\r\nb"""\r\n\r\nblock A {\r\n  a # c\r\n}') == '"""a\nb"""\n\nblock A {\n    a  # c\n}\n'


def test_what_is_no_spec_is_refused() -> None:
    with pytest.raises(SpecError):
        made("network {")

"""Whose a docstring is."""

from __future__ import annotations

import pytest

from cnndsl.format import format_source
from cnndsl.source import Source
from cnndsl.syntax.parser import parse

NET = "network n : 3 x 8 x 8 -> 10 { global_avgpool -> linear(10) }\n"
DOC = '"""One."""'
FAMILY = "network F(c) : 3 x 8 x 8 -> c { global_avgpool -> linear(c) }\nnetwork f = F(2)\nnetwork g = F(3)\n"


@pytest.mark.parametrize(
    ("text", "docs"),
    [
        (f"{DOC}\n\nblock A {{ relu }}\n{NET}", ["One.", None, "One."]),
        (f"{DOC}\nblock A {{ relu }}\n{NET}", [None, "One.", None]),
        (f"{DOC}  # of the file\n\nblock A {{ relu }}\n{NET}", ["One.", None, "One."]),
        (f"{DOC}\n# a block\nblock A {{ relu }}\n{NET}", [None, "One.", None]),
        (f"{DOC}\n\n# a block\nblock A {{ relu }}\n{NET}", ["One.", None, "One."]),
        (f"{DOC}\n \t\r\n{NET}", ["One.", "One."]),
        (f"{DOC}\n{NET}", [None, "One."]),
        (f'{DOC}\n"""Two."""\n{NET}', ["One.", "Two."]),
        (f'{DOC}\n\n"""Two."""\n\n{NET}', ["One.", "Two."]),
        (f"{DOC}\nuse std.Fire\n{NET}", ["One.", "One."]),
        (f"use std.Fire\n{DOC}\n\n{NET}", [None, "One."]),
        (f"block A {{ relu }}\n{DOC}\n\n{NET}", [None, None, "One."]),
        (f"{DOC}\n\n{FAMILY}", ["One.", "One.", None, None]),
        (f"{DOC}\n\n{NET}{NET.replace(' n ', ' m ')}", ["One.", None, None]),
        (f'{DOC}\n\n"""Two."""\nblock A {{ relu }}\n{NET}', ["One.", "Two.", "One."]),
        (f"{DOC}\n", ["One."]),
    ],
)
def test_whose_it_is(text: str, docs: list[str | None]) -> None:
    for written in (text, format_source(Source("n.cnn", text))):
        file = parse(Source("n.cnn", written))
        found = [file.doc, *(each.doc for each in file.blocks), *(each.doc for each in file.networks)]
        assert found == docs, written


def test_the_compiled_class_has_it() -> None:
    import cnndsl

    source = cnndsl.source(f"{DOC}\n\nblock A {{ conv(4, 1x1) -> relu }}\n{NET.replace('{', '{ A -> A ->')}")
    before, _, after = source.partition("class N(")
    assert "One." not in before.partition("class A(")[2]
    assert '"""One."""' in after

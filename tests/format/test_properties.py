"""What holds for every text: formatting twice is formatting once, the meaning stays, and every comment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lark import Token, Tree

from cnndsl import files
from cnndsl.diagnostics.model import SpecError
from cnndsl.format import format_source, same
from cnndsl.pipeline import from_text
from cnndsl.source import Source
from cnndsl.syntax.grammar import grammar
from cnndsl.syntax.parser import parse
from tests.format.test_style import FILES
from tests.format.untidy import Untidy
from tests.growth import assert_linear

EXAMPLES = int(os.environ.get("EXAMPLES", "40"))
PATIENT = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def made(text: str) -> str:
    return format_source(Source("a.cnn", text))


def check(text: str) -> str:
    result = made(text)
    assert made(result) == result
    assert same.equal(parse(Source("a.cnn", text)), parse(Source("a.cnn", result)))
    assert same.comments(result) == same.comments(text)
    assert not re.search(r"\n\n\n|\t| \n", re.sub(r'"""(?:[^"]|"(?!""))*"""|#.*', "#", result))
    return result


@PATIENT
@given(st.randoms(use_true_random=False), st.sampled_from([0.0, 0.05, 0.2]))
def test_untidy_programs(random: Random, rate: float) -> None:
    text = Untidy(random, rate).program(1)
    try:
        parse(Source("a.cnn", text))
    except SpecError:
        assume(False)
    check(text)


@pytest.mark.parametrize("seed", range(20))
def test_untidy_programs_of_a_seed(seed: int) -> None:
    text = Untidy(Random(seed), (0.0, 0.05, 0.2)[seed % 3]).program(1)
    try:
        parse(Source("a.cnn", text))
    except SpecError:
        pytest.skip("is no spec")
    check(text)


LOOSE = {"LPAR", "LSQB", "RPAR", "RSQB", "PLUS", "MINUS", "STAR", "SLASH", "DOUBLE_SLASH", "PERCENT", "COMPARE"}
"""Signs around which a line break means nothing; elsewhere the formatter keeps those of the source."""
WORD = re.compile(r"\w")
TABLE = re.compile(r"\w,  \w")
ROWS = re.compile(r",\n *\]")


def jumbled(text: str, random: Random) -> str:
    """The same spec with other spacing."""
    out, end = "", 0
    breaks, label = not ROWS.search(text), False
    for token in tokens(text):
        words = text[end : token.start_pos] and out and WORD.match(out[-1]) and WORD.match(token)
        end = token.end_pos or 0
        if label:  # in whose braces there is less freedom
            out += " " if words else ""
        else:
            out += " " if words else random.choice(["", " ", "   ", "\t"])
        label = token.type == "LABEL_OPEN" or (label and token.type != "LABEL_CLOSE")
        out += token if label else _jumbled(token, random, breaks)
    return out


def tokens(text: str) -> Iterator[Token]:
    stack: list[Tree[Token] | Token] = [grammar().parse(text)]
    while stack:
        node = stack.pop()
        if isinstance(node, Token):
            yield node
        else:
            stack += reversed(node.children)


def _jumbled(token: Token, random: Random, breaks: bool) -> str:
    text = str(token)
    space = random.choice(["", " ", "  "])
    if token.type == "_NL":
        return space + "\n" * (random.choice([2, 3, 5]) if "\n\n" in text else 1) + space
    if token.type == "COMMA" and "\n" not in text:
        lines = [random.choice(["", " ", "\n   ", "\r\n"] if breaks else ["", " "]) for _ in "12"]
        return lines[0] + "," + lines[1]
    if token.type in LOOSE and "\n" not in text:
        line = random.choice(["", " ", "\n "])
        return line + text.strip() if token.type in ("RPAR", "RSQB") else text.strip() + line
    if token.type in (*LOOSE, "ARROW", "LBRACE", "RBRACE", "BAR", "ELSE", "COMMA"):
        sign = text.strip()
        before, after = (p.replace("\n", "\n" + space) if "\n" in p else space for p in text.split(sign))
        return before + sign + (after or " " * (token.type == "ELSE"))
    return text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_zoo_with_other_spacing(path: Path) -> None:
    source = files.read(path)
    text = jumbled(source.text, Random(path.stem))
    assert text != source.text
    result = check(text)
    # Whether arguments are a table is for the source to say.
    assert TABLE.sub("0, 0", result) == result
    if not TABLE.search(source.text):
        assert result == source.text


def facts(text: str) -> list[object]:
    nodes = from_text(text).graph().nodes
    return [(n.path, n.op, n.shape, n.training_only, [i.index for i in n.inputs]) for n in nodes]


def test_the_graph_stays() -> None:
    pytest.importorskip("torch")
    from tests.torch.test_random_programs import programs

    @PATIENT
    @given(programs(), st.randoms(use_true_random=False))
    def run(text: str, random: Random) -> None:
        assert repr(facts(check(jumbled(text, random)))) == repr(facts(text))

    run()


def test_time_is_linear() -> None:
    """Ten times the text takes about ten times as long."""
    random = Random(1)
    part = ""
    while len(part) < 5_000:
        text = Untidy(random, 0.05).definition() + "\n"
        try:
            parse(Source("a.cnn", text))
        except SpecError:
            continue
        part += text

    assert_linear(lambda count: partial(made, part * count), 1, 10)


def test_deep_texts_are_read() -> None:
    nested = "{ a -> " * 38 + "b" + " }" * 38
    assert check("network n {\n" + f"{nested}\n" * 20 + "}")
    check("network n {\n  let a = " + "(" * 38 + "not " * 8 + "- " * 8 + "1" + ")" * 38 + "\n}")

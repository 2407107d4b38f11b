"""Each change that a help names is made: what it was about is gone. Where it is the only one, nothing else comes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.pipeline import from_text
from tests.corpus.test_programs import HEAD, PROGRAMS, unmarked

GOLDEN = {path.stem: path.read_text("utf-8").partition(HEAD) for path in PROGRAMS}
TEXTS = {name: unmarked(text)[0] for name, (text, _, told) in GOLDEN.items() if " = help: " in told}
SHAPES = ("E0401", "E0402", "E0501", "E0502", "E0510")
TRIED = [name for name in TEXTS if any(f"error[{code}]" in GOLDEN[name][2] for code in SHAPES)]
REPAIRED = ("E0204", "E0402", "E0406", "E0501", "E0603")


def found(text: str) -> list[Diagnostic]:
    return from_text(text, "a.cnn").check()


def changed(text: str, edits: list[tuple[int, int, str]]) -> str:
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def calls(text: str, line: int, name: str) -> Iterator[tuple[int, int]]:
    """The calls of an op in a line: where each begins and ends."""
    start = sum(len(each) + 1 for each in text.split("\n")[: line - 1])
    end = text.index("\n", start)
    for match in re.finditer(rf"\b{name}\b(\((?:[^()]|\([^()]*\))*\))?", text[start:end]):
        yield start + match.start(), start + match.end()


def options(text: str, diagnostic: Diagnostic) -> Iterator[tuple[str, list[str]]]:
    """What a help names, each with the texts that follow it; where a line has several such calls one of them does."""
    help = diagnostic.help or ""
    for call, line in re.findall(r"`([^`]+)` in line (\d+) (?:gives|lets)", help):
        name = re.match(r"\w+", call)
        assert name is not None
        yield call, [changed(text, [(a, b, call)]) for a, b in calls(text, int(line), name[0])]
    for label in re.findall(r"`from (\w+)` has", help):
        label_at = diagnostic.span.text.find("from ")
        start = diagnostic.span.start + label_at + len("from ")
        end = start + len(re.match(r"\w+", text[start:])[0])  # type: ignore[index]
        yield label, [changed(text, [(start, end, label)])]
    for sizes in re.findall(r"an input of (\d+ x \d+ x \d+(?: or of [\dx ]+)?) fits", help):
        for size in sizes.split(" or of "):
            channels, *sides = size.split(" x ")
            head = re.search(r": (\w+) x ((?:\w+=)?)\d+ x ((?:\w+=)?)\d+ ->", text)
            assert head is not None
            dims = f": {channels} x {head[2]}{sides[0]} x {head[3]}{sides[1]} ->"
            yield size, [changed(text, [(head.start(), head.end(), dims)])]
    for steps in re.findall(r"((?:`[^`]+` or )?`[^`]+`) behind the last step", help):
        for step in re.findall(r"`([^`]+)`", steps):
            end = text.rindex("}", 0, text.index("\n}", diagnostic.span.start) + 2)
            yield step, [changed(text, [(end, end, f"{step}\n")])]


@pytest.mark.parametrize("name", TRIED)
def test_an_option_does_what_is_said(name: str) -> None:
    text = TEXTS[name]
    before = found(text)
    for told in before:
        others = [(each.code, each.message) for each in before if each is not told]
        changes = dict(options(text, told)) if told.code in SHAPES else {}
        sole = "; or " not in (told.help or "") and " or of " not in (told.help or "")
        for option, attempts in changes.items():
            new = [[d for d in found(attempt) if (d.code, d.message) not in others] for attempt in attempts]
            same = told.code, told.span.line
            wrong = [[each for each in left if sole or (each.code, each.span.line) == same] for left in new]
            assert not all(wrong), (option, [*map(str, wrong[0])])


def test_there_are_options() -> None:
    assert sum("in line" in GOLDEN[name][2] and "gives" in GOLDEN[name][2] for name in TRIED) > 30


@pytest.mark.parametrize("name", [n for n in TEXTS if any(f"error[{code}]" in GOLDEN[n][2] for code in REPAIRED)])
def test_an_edit_that_is_offered_is_the_whole_of_its_repair(name: str) -> None:
    """It makes the mistake go, and no other comes."""
    text = TEXTS[name]
    before = found(text)
    for told in before:
        if told.fix and told.code in REPAIRED:
            after = found(changed(text, [(e.span.start, e.span.end, e.replacement) for e in told.fix]))
            known = {(each.code, each.message) for each in before if each is not told}
            assert not [str(each) for each in after if (each.code, each.message) not in known], told.help

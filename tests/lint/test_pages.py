"""The rules' pages: their form, their programs, and how the findings read."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from cnndsl import lint
from cnndsl.diagnostics.renderers import Look, render
from cnndsl.pipeline import from_text
from tests.lint.test_programs import selection

CATALOGUE = Path(lint.__file__).with_name("catalogue")
GOLDEN = Path(__file__).with_name("pages.txt")
RULES = pytest.mark.parametrize("rule", lint.rules(), ids=lambda rule: rule.name)


@RULES
def test_a_page_has_its_parts_in_order(rule: lint.Rule) -> None:
    heads = re.findall(r"^## (.+)$", rule.doc, re.MULTILINE)
    assert heads == ["What it does", "Why is this bad?", "Example", "Use instead"]
    assert rule.summary.endswith(".")
    assert re.fullmatch(r"W\d{4}", rule.code)
    assert (CATALOGUE / f"{rule.name.replace('-', '_')}.py").is_file()


@RULES
def test_the_example_gives_this_finding_alone_and_the_other_program_none(rule: lint.Rule) -> None:
    assert [d.code for d in lint.lint(from_text(rule.example), selection(rule.name))] == [rule.code]
    assert lint.lint(from_text(rule.instead), selection(rule.name)) == []


def test_how_the_findings_of_the_examples_read() -> None:
    """``CNNDSL_UPDATE=1`` writes them anew."""
    parts = []
    for rule in lint.rules():
        found = lint.lint(from_text(rule.example, f"{rule.name}.cnn"), selection(rule.name))
        parts += [line.rstrip() for line in render(found, look=Look(unicode=True)).splitlines()] + [""]
    text = "\n".join(parts)
    if os.environ.get("CNNDSL_UPDATE"):
        GOLDEN.write_text(text, "utf-8")
    assert text == GOLDEN.read_text("utf-8")


def test_names_and_codes_are_unique() -> None:
    assert len({rule.name for rule in lint.rules()}) == len({rule.code for rule in lint.rules()})
    assert len(lint.rules()) == len(list(CATALOGUE.glob("[a-z]*.py")))

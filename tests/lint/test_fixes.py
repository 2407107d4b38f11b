"""Repairs: they remove the finding, leave a right spec, and change no name or shape."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnndsl import lint
from cnndsl.elaborate import is_template
from cnndsl.fix.edits import apply
from cnndsl.pipeline import Spec, from_text
from tests.lint.test_programs import FILES, MARK, programs, selection

TEXTS = [(path.stem, MARK.sub("", text)) for path in FILES for _, text in programs(path)]


def computed(spec: Spec, with_params: bool) -> list[object]:
    """What the networks are, as far as names and shapes go."""
    found: list[object] = []
    for name in spec.module.networks:
        spec.network = name
        if is_template(spec.definition()):
            continue
        graph = spec.graph()
        found.append([(n.path, n.shape, n.params if with_params else 0) for n in graph.nodes])
    return found


@pytest.mark.parametrize(("name", "text"), TEXTS, ids=lambda each: each.split("\n")[0][:40])
def test_each_repair(name: str, text: str) -> None:
    rules = selection(name)
    for each in lint.lint(from_text(text), rules):
        if not each.fix:
            continue
        after = apply(text, [each]).text
        assert after != text
        left = lint.lint(from_text(after), rules)
        assert not any(d.severity == "error" for d in left), after
        assert len(left) < len(lint.lint(from_text(text), rules)), after
        params = each.safe or each.code != "W0201"
        assert computed(from_text(text), params) == computed(from_text(after), params)


def test_all_at_once() -> None:
    for name, text in TEXTS:
        rules = selection(name)
        after = apply(text, lint.lint(from_text(text), rules)).text
        assert not any(d.severity == "error" for d in lint.lint(from_text(after), rules)), after


def test_edits_that_touch_wait() -> None:
    text = "use std.Fire, std.ConvRelu\n" + TEXTS[0][1]
    found = [d for d in lint.lint(from_text(text)) if d.fix]
    assert apply(text, [*found, *found]).made == found


def test_what_imports_a_file_is_heeded(tmp_path: Path) -> None:
    text = "block A { relu }\nnetwork n : 3 x 8 x 8 -> 10 { global_avgpool -> linear(10) }\n"
    assert [d.code for d in lint.lint(from_text(text))] == ["W0103"]
    assert lint.lint(from_text(text), elsewhere=lambda: {"A"}) == []

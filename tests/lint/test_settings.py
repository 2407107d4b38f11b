from __future__ import annotations

from typing import Any

import pytest

from cnndsl import lint
from cnndsl.lint.settings import parse


def names(settings: lint.Settings, path: str = "") -> set[str]:
    return {rule.name for rule in lint.chosen(settings, path)}


def test_by_default_what_applies_to_every_spec() -> None:
    assert names(lint.Settings()) == {rule.name for rule in lint.rules() if rule.default}


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("W0201", {"conv-bias-before-norm"}),
        ("lost-border", {"lost-border"}),
        ("W04", {"missing-docstring", "missing-expectation"}),
    ],
)
def test_names_codes_and_beginnings_of_codes(select: str, expected: set[str]) -> None:
    assert names(lint.Settings((select,))) == expected


def test_all_but_some() -> None:
    left = names(lint.Settings(("ALL",), ignore=("W01", "lost-border")))
    assert "missing-docstring" in left
    assert not left & {"unused-let", "lost-border"}


def test_shared_specs() -> None:
    settings = lint.Settings(shared=("specs/*",))
    assert "missing-docstring" in names(settings, "specs/deep/a.cnn")
    assert "missing-docstring" not in names(settings, "a.cnn")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (3, "is a table"),
        ({"selekt": []}, "did you mean `select`?"),
        ({"colour": []}, "there are select, ignore, shared"),
        ({"select": "W02"}, "`select` is a list of strings"),
        ({"shared": [1]}, "`shared` is a list of strings"),
        ({"ignore": ["lost-boarder"]}, "did you mean `lost-border`?"),
        ({"ignore": ["W09"]}, "there is no rule `W09`"),
        ({"select": [""]}, "there is no rule ``"),
        ({"shared": ["[" * 201]}, "`shared` has more than 100 strings, or one of more than 200 characters"),
        ({"shared": [str(number) for number in range(101)]}, "`shared` has more than 100 strings"),
    ],
)
def test_what_is_wrong_is_said(table: Any, message: str) -> None:
    with pytest.raises(lint.BadSettings) as caught:
        parse(table, "pyproject.toml")
    assert str(caught.value).startswith("pyproject.toml: ")
    assert message in str(caught.value)


def test_a_rule_that_is_named_often_is_named_once() -> None:
    assert parse({"select": ["W02"] * 60_000}, "pyproject.toml").select == ("W02",)

"""Which rules apply to a file: the ``[tool.cnndsl.lint]`` table, and what the command line adds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from cnndsl.elaborate.spelling import suggestion
from cnndsl.lint.model import Rule

ALL = "ALL"
MOST, LONGEST = 100, 200
"""Strings of a list, and characters of each: what Python takes for a pattern grows with its square."""
KEYS = ("select", "ignore", "shared")
LINT = "lint"
"""The only table there is in `[tool.cnndsl]`."""


class BadSettings(Exception):
    """The settings are wrong. The message says where, and what would be right."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Rules by name (`conv-bias-before-norm`), code (`W0201`), beginning of a code (`W02`) or `ALL`."""

    select: tuple[str, ...] | None = None
    """None: the rules that apply by default."""
    ignore: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    """Patterns of paths, as `specs/*`: of these specs docstrings and expectations are wanted too."""


def of_project(data: dict[str, Any], where: str) -> Settings | None:
    """The settings in a project file's TOML, if it has some.

    Raises:
        BadSettings: what is in `[tool.cnndsl]` means nothing to us.
    """
    tools = data.get("tool")
    if not isinstance(tools, dict) or "cnndsl" not in tools:
        return None
    table = tools["cnndsl"]
    if not isinstance(table, dict):
        raise BadSettings(f"{where}: `[tool.cnndsl]` is a table")
    for key in table:
        if key in KEYS:
            raise BadSettings(f"{where}: `{key}` belongs in the table `[tool.cnndsl.{LINT}]`")
        if key != LINT:
            raise BadSettings(f"{where}: `[tool.cnndsl]` has no key `{key}`; there is the table `[tool.cnndsl.{LINT}]`")
    return parse(table[LINT], where) if LINT in table else None


def parse(table: Any, where: str) -> Settings:
    """The settings in the table `[tool.cnndsl.lint]`.

    Raises:
        BadSettings: an unknown key or rule, or a value that is no list of strings.
    """
    if not isinstance(table, dict):
        raise BadSettings(f"{where}: `[tool.cnndsl.lint]` is a table")
    values: dict[str, tuple[str, ...]] = {}
    for key, value in table.items():
        if key not in KEYS:
            near = suggestion(key, KEYS)
            raise BadSettings(
                f"{where}: `[tool.cnndsl.lint]` has no key `{key}`; "
                + (f"did you mean `{near}`?" if near else f"there are {', '.join(KEYS)}")
            )
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise BadSettings(f'{where}: `{key}` is a list of strings, as `{key} = ["{_SAMPLES[key]}"]`')
        values[key] = tuple(dict.fromkeys(value))
        if len(values[key]) > MOST or any(len(each) > LONGEST for each in value):
            raise BadSettings(
                f"{where}: `{key}` has more than {MOST} strings, or one of more than {LONGEST} characters"
            )
    settings = Settings(**values)
    for key in ("select", "ignore"):
        for selector in values.get(key, ()):
            matching(selector, f"{where}: `{key}`")
    return settings


_SAMPLES = {"select": "W02", "ignore": "lost-border", "shared": "specs/*"}


def matching(selector: str, where: str) -> list[Rule]:
    """The rules that a selector means.

    Raises:
        BadSettings: there are none.
    """
    from cnndsl.lint import rules

    found = [
        rule
        for rule in rules()
        if selector in (ALL, rule.name) or (re.fullmatch(r"W\d*", selector) and rule.code.startswith(selector))
    ]
    if not found:
        near = suggestion(selector, [each for rule in rules() for each in (rule.name, rule.code)])
        hint = f"did you mean `{near}`?" if near else "`cnndsl rule` lists them"
        raise BadSettings(f"{where}: there is no rule `{selector}`; {hint}")
    return found


def chosen(settings: Settings | None = None, path: str = "") -> list[Rule]:
    """The rules for a spec. ``path`` is where it lies, seen from the settings."""
    from cnndsl.lint import rules

    settings = settings or Settings()
    if settings.select is None:
        wanted = {rule.name for rule in rules() if rule.default}
    else:
        wanted = _names(settings.select)
    if any(fnmatchcase(path, pattern) for pattern in settings.shared):
        wanted |= {rule.name for rule in rules() if not rule.default}
    wanted -= _names(settings.ignore)
    return [rule for rule in rules() if rule.name in wanted]


def _names(selectors: Iterable[str]) -> set[str]:
    return {rule.name for selector in selectors for rule in matching(selector, "the settings")}

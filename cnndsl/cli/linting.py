"""What `lint` does: the specs, their settings, the findings, and repairs."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from cnndsl import files, lint, pipeline
from cnndsl.cli.checking import targets_of
from cnndsl.cli.failure import FINDINGS, Refusal
from cnndsl.cli.findings import allow, counted, show
from cnndsl.cli.repairing import repaired
from cnndsl.cli.specs import STDIN, file_of, open_spec
from cnndsl.cli.terminal import look, progress, say
from cnndsl.cli.words import count
from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.diagnostics.renderers import HUMAN
from cnndsl.lint.settings import matching, of_project

PROJECT = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line says."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    format: str = HUMAN
    fix: bool = False


def run(paths: list[str], wish: Wish) -> int:
    """Lint specs, say what was found, and give the exit code.

    Raises:
        Refusal, UnknownSpec: there is nothing to lint, or the settings are wrong.
    """
    allow(wish.format)
    if wish.fix and STDIN in paths and (len(paths) > 1 or wish.format != HUMAN):
        raise Refusal("`--fix -` writes the repaired spec to standard output, and nothing else")
    names: list[str] = []
    found: list[Diagnostic] = []
    made = 0
    try:
        for selector in (*(wish.select or ()), *wish.ignore):
            matching(selector, "`--select`" if selector in (wish.select or ()) else "`--ignore`")
        targets = _targets(paths)
        for target in progress(targets, "linting"):
            name, more, edits = _lint(target, wish)
            names.append(name)
            found.extend(more)
            made += edits
    except lint.BadSettings as error:
        raise Refusal(str(error)) from None
    show(found, wish.format, names)
    say(_conclusion(len(targets), found, made, wish.fix))
    return FINDINGS if found else 0


def _targets(paths: list[str]) -> list[str]:
    """The files to lint: a network named with its file stands for the file.

    Raises:
        Refusal, UnknownSpec: there is no such file or network.
    """
    targets: dict[str, None] = {}
    for target in targets_of(paths):
        file = file_of(target)
        if file != target:
            with suppress(SpecError):  # which is found again, and told of
                open_spec(target).definition()
        targets[file] = None
    return list(targets)


def _lint(target: str, wish: Wish) -> tuple[str, list[Diagnostic], int]:
    """What diagnostics call a spec, what is found in it, and how many edits were made before."""
    try:
        spec = open_spec(target)
    except SpecError as error:
        return error.diagnostics[0].span.source.name, list(error.diagnostics), 0
    path = _path(target)
    rules, elsewhere = _rules(path, wish), _importers(path)
    if not wish.fix:
        return spec.source.name, lint.lint(spec, rules, elsewhere), 0
    if path is not None and path != Path(target):
        raise Refusal(f"`{target}` is part of the package: `--fix` repairs files of your own")
    return spec.source.name, *repaired(spec, path, lambda each: lint.lint(each, rules, elsewhere))


def _path(target: str) -> Path | None:
    """The file behind a target; None for standard input."""
    if target == STDIN:
        return None
    return Path(target) if Path(target).is_file() else pipeline.zoo().get(target)


def _rules(path: Path | None, wish: Wish) -> list[lint.Rule]:
    """The rules for a file: as its project says, then as the command line does."""
    folder = (path.parent if path else Path()).resolve()
    where, settings = _settings(folder)
    if wish.select is not None:
        settings = replace(settings, select=wish.select, shared=())
    settings = replace(settings, ignore=(*settings.ignore, *wish.ignore))
    shown = folder / path.name if path else Path("<stdin>")
    inside = where is not None and shown.is_relative_to(where)
    return lint.chosen(settings, (shown.relative_to(where) if where and inside else shown).as_posix())


@cache
def _settings(folder: Path) -> tuple[Path | None, lint.Settings]:
    """The settings of the nearest project file that has some, and its folder.

    Raises:
        BadSettings: it can't be read, or is wrong.
    """
    file = folder / PROJECT
    if file.is_file():
        try:
            with file.open("rb") as data:
                table = tomllib.load(data)
        except (OSError, ValueError) as error:
            raise lint.BadSettings(f"{file}: {error}") from None
        settings = of_project(table, str(file))
        if settings is not None:
            return folder, settings
    return (None, lint.Settings()) if folder == folder.parent else _settings(folder.parent)


def _importers(path: Path | None) -> Callable[[], set[str]] | None:
    """The words of the specs that import this one: a spec imports from its own folder and those below."""
    if path is None:
        return None
    target = path.resolve()

    def words() -> set[str]:
        found: set[str] = set()
        for folder in target.parents:
            for imported, text in _imports(folder):
                if target in imported:
                    found.update(text)
            if (folder / PROJECT).exists() or (folder / ".git").exists():
                break
        return found

    return words


@cache
def _imports(folder: Path) -> list[tuple[frozenset[Path], frozenset[str]]]:
    """Of each spec of a folder that imports others: which, and all words that it has."""
    found = []
    for path in folder.glob("*.cnn"):
        try:
            text = files.read(path).text
        except SpecError:
            continue
        paths = re.findall(r'^import\s*"([^"\n]*)"', text, re.MULTILINE)
        if paths:
            imported = frozenset((folder / each).resolve() for each in paths)
            found.append((imported, frozenset(re.findall(r"[A-Za-z_]\w*", text))))
    return found


def _conclusion(targets: int, found: Sequence[Diagnostic], made: int, fixing: bool) -> str:
    done = f"{count(made, 'repair')} made; " if made else ""
    if not found:
        return f"{done}{count(targets, 'file')}: {look(sys.stderr).paint('nothing found', 'help')}"
    can = sum(bool(each.fix) for each in found if each.severity == "warning")
    hint = f"; `--fix` repairs {can}" if can and not fixing else ""
    return f"{done}{counted(found)} in {count(targets, 'file')}{hint}"

"""What `lint` does: the specs, their settings, the findings, and repairs."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from os.path import realpath
from pathlib import Path
from time import process_time

from cnndsl import files, lint, pipeline
from cnndsl.cli.failure import FINDINGS, Refusal
from cnndsl.cli.findings import allow, counted, show
from cnndsl.cli.fixing import Bench, Job, cleared, done, own, promise
from cnndsl.cli.specs import STDIN, file_of, open_spec
from cnndsl.cli.targets import targets_of
from cnndsl.cli.terminal import progress, say
from cnndsl.cli.words import count
from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.diagnostics.renderers import HUMAN
from cnndsl.lint.settings import matching, of_project

PROJECT = "pyproject.toml"
LARGEST = 262_144
"""Bytes of a project file."""
DOTS = 2_000
"""In one of its lines: Python's own reader takes time and memory that grow with the square of a key's parts."""
LONGEST = 4_096
"""Characters of an import that may lead to a file: resolving a path takes time that grows with its square."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line says."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    format: str = HUMAN
    fix: bool = False
    unsafe: bool = False


def run(paths: list[str], wish: Wish) -> int:
    """Lint specs, say what was found, and give the exit code.

    Raises:
        Refusal, UnknownSpec: there is nothing to lint, or the settings are wrong.
    """
    allow(wish.format)
    if wish.fix and STDIN in paths and (len(paths) > 1 or wish.format != HUMAN):
        raise Refusal("`--fix -` writes the repaired spec to standard output, and nothing else")
    began = process_time()
    names: list[str] = []
    found: list[Diagnostic] = []
    jobs: dict[str, Job] = {}
    try:
        for selector in (*(wish.select or ()), *wish.ignore):
            matching(selector, "`--select`" if selector in (wish.select or ()) else "`--ignore`")
        targets = _targets(paths, wish.fix)
        for target in progress(targets, "linting"):
            try:
                job = _job(target, wish)
            except SpecError as error:
                names.append(error.diagnostics[0].span.source.name)
                found.extend(error.diagnostics)
                continue
            names.append(job.spec.source.name)
            if any(each.severity == "error" for each in job.found):
                found.extend(job.found)  # what is wrong is repaired by `check`
                job.found = []
            jobs[target] = job
    except lint.BadSettings as error:
        raise Refusal(str(error)) from None
    made = _repair(jobs, wish) if wish.fix else []
    found += [each for job in jobs.values() for each in job.found]
    show(found, wish.format, names, {rule.code: (rule.summary, rule.prose) for rule in lint.rules()})
    where = count(len(targets), "file")
    if not found:
        say(f"{done(made)}{where}: {cleared(made, 'nothing found')}")
        return 0
    able = [job for target, job in jobs.items() if own(target)]
    say(f"{done(made)}{counted(found)} in {where}{promise(able, wish.fix, wish.unsafe, process_time() - began)}")
    return FINDINGS


def _repair(jobs: dict[str, Job], wish: Wish) -> list[Diagnostic]:
    """Make the repairs, in the files or what standard input gave."""
    bench = Bench(jobs.values())
    bench.repair(wish.unsafe)
    if STDIN in jobs:
        bench.print()
    else:
        bench.write()
    return bench.made


def _targets(paths: list[str], written: bool) -> list[str]:
    """The files to lint: a network named with its file stands for the file.

    Raises:
        Refusal, UnknownSpec: there is no such file or network.
    """
    targets: dict[str, None] = {}
    for target in targets_of(paths, written):
        file = file_of(target)
        if file != target:
            with suppress(SpecError):  # which is found again, and told of
                open_spec(target).definition()
        targets[file] = None
    return list(targets)


def _job(target: str, wish: Wish) -> Job:
    """What is found in a spec, and how. Raises SpecError where it can't be read."""
    spec = open_spec(target)
    path = _path(target)
    if wish.fix and path is not None and path != Path(target):
        raise Refusal(f"`{target}` is part of the package: `--fix` repairs files of your own")
    rules, elsewhere = _rules(path, wish), _importers(path)
    return Job(spec, lint.lint(spec, rules, elsewhere), lambda each: lint.lint(each, rules, elsewhere))


def _path(target: str) -> Path | None:
    """The file behind a target; None for standard input."""
    if target == STDIN:
        return None
    return Path(target) if Path(target).is_file() else pipeline.zoo().get(target)


def _rules(path: Path | None, wish: Wish) -> list[lint.Rule]:
    """The rules for a file: as its project says, then as the command line does."""
    folder = Path(realpath(path.parent if path else os.curdir))
    where, settings = _settings(folder)
    if wish.select is not None:
        settings = replace(settings, select=wish.select, shared=())
    settings = replace(settings, ignore=(*settings.ignore, *wish.ignore))
    shown = folder / path.name if path else Path("<stdin>")
    inside = where is not None and shown.is_relative_to(where)
    return lint.chosen(settings, (shown.relative_to(where) if where and inside else shown).as_posix())


def _settings(folder: Path) -> tuple[Path | None, lint.Settings]:
    """The settings of the nearest project file that has some, and its folder.

    Raises:
        BadSettings: it can't be read, or is wrong.
    """
    for place in (folder, *folder.parents):
        settings = _of_project(place / PROJECT)
        if settings is not None:
            return place, settings
    return None, lint.Settings()


@cache
def _of_project(file: Path) -> lint.Settings | None:
    if not file.is_file():
        return None
    try:
        with file.open("rb") as data:
            content = data.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError(f"larger than {LARGEST:,} bytes")
        if any(line.count(b".") > DOTS for line in content.split(b"\n")):
            raise ValueError(f"more than {DOTS:,} dots in a line")
        table = tomllib.loads(content.decode())
    except (OSError, ValueError) as error:
        raise lint.BadSettings(f"{file}: {error}") from None
    except RecursionError:
        raise lint.BadSettings(f"{file}: too deep") from None
    return of_project(table, str(file))


def _importers(path: Path | None) -> Callable[[], set[str]] | None:
    """The words of the specs that import this one: a spec imports from its own folder and those below."""
    if path is None:
        return None
    target = Path(realpath(path))

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
        paths = re.findall(rf'^import\s*"([^"\n]{{0,{LONGEST}}})"', text, re.MULTILINE)
        if paths:
            imported = frozenset(Path(realpath(folder / each)) for each in paths if "\0" not in each)
            found.append((imported, frozenset(re.findall(r"[A-Za-z_]\w*", text))))
    return found

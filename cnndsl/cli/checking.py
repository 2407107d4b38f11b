"""What `check` does. It imports no backend, table, schema or option parser: it must start fast.

What checks is imported only where the answer is not known: see `cnndsl.cli.verdicts`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cnndsl import files
from cnndsl.cli.failure import FINDINGS, Refusal
from cnndsl.cli.findings import allow, counted, show
from cnndsl.cli.terminal import look, progress, say
from cnndsl.cli.verdicts import Outcome, Verdicts
from cnndsl.cli.words import count
from cnndsl.diagnostics.model import Diagnostic
from cnndsl.diagnostics.renderers import HUMAN

if TYPE_CHECKING:
    from cnndsl.elaborate import Limits


def check(
    paths: list[str],
    format: str = HUMAN,
    limits: Limits | None = None,
    cache: bool = True,
    fix: bool = False,
    diff: bool = False,
) -> int:
    """Check specs, say what is wrong with them, and give the exit code.

    With ``fix`` they are repaired first; with ``diff`` it is shown what that would change.

    Raises:
        Refusal, UnknownSpec: there is nothing to check, or no such format.
    """
    allow(format)
    targets = targets_of(paths)
    if fix or diff:
        from cnndsl.cli.fixing import allowed, repair

        allowed(targets, shown=diff and format != HUMAN)
    outcomes = _outcomes(targets, limits, cache)
    repairs = ""
    if fix or diff:
        wrong = [target for target, outcome in zip(targets, outcomes, strict=True) if outcome.found]
        made = repair(wrong, limits, write=not diff)
        if diff:
            return FINDINGS if wrong else 0
        if made:
            outcomes = _outcomes(targets, limits, cache)
            repairs = f"{count(made, 'repair')} made; "
    found = _once(outcomes)
    show(found, format, [outcome.name for outcome in outcomes])
    networks = sum(outcome.networks for outcome in outcomes)
    say(repairs + _conclusion(networks, len(targets), found, fix))
    return FINDINGS if found else 0


def targets_of(paths: list[str]) -> list[str]:
    """The files that paths stand for, each once; a folder stands for the specs below it."""
    targets: list[str] = []
    for path in paths:
        if Path(path).is_dir():
            inside = [found.as_posix() for found in files.find([Path(path)])]
            if not inside:
                raise Refusal(f"the folder `{path}` holds no `.cnn` file")
            targets.extend(inside)
        else:
            targets.append(path)
    return list(dict.fromkeys(targets))


def _outcomes(targets: list[str], limits: Limits | None, cache: bool) -> list[Outcome]:
    """What is known of each target, or what checking it gives."""
    known: dict[str, Outcome | None] = dict.fromkeys(targets)
    if cache:
        verdicts = Verdicts(limits)
        known = {target: verdicts.recall(target) for target in targets}
    new = [target for target, outcome in known.items() if outcome is None]
    if new:
        from cnndsl.cli.examining import examine_all

        known |= zip(new, progress(examine_all(new, limits, cache), "checking", len(new)), strict=True)
        if cache:
            verdicts.tidy()
    return [outcome for outcome in known.values() if outcome is not None]


def _once(outcomes: list[Outcome]) -> list[Diagnostic]:
    """All findings. What is wrong with a file is found with each that imports it, too, and told of once."""
    found: dict[tuple[str, int, str, str], Diagnostic] = {}
    for outcome in outcomes:
        for each in outcome.found:
            found.setdefault((each.span.source.name, each.span.start, each.code, each.message), each)
    return list(found.values())


def _conclusion(networks: int, targets: int, found: Sequence[Diagnostic], fixed: bool) -> str:
    if not found:
        where = f"{count(networks, 'network')} in {count(targets, 'file')}"
        return f"{where}: {look(sys.stderr).paint('no problems', 'help')}"
    wrong = len({each.span.source.name for each in found})
    can = 0 if fixed else sum(bool(each.fix) for each in found)
    hint = f"; `--fix` repairs {can:,}" if can else ""
    return f"{counted(found)} in {wrong} of {count(max(targets, wrong), 'file')}{hint}"

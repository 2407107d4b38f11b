"""What `check` does. It imports no backend, table, schema or option parser: it must start fast.

What checks is imported only where the answer is not known: see `cnndsl.cli.verdicts`.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from time import process_time
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.cli.failure import FINDINGS
from cnndsl.cli.findings import allow, counted, show
from cnndsl.cli.targets import targets_of
from cnndsl.cli.terminal import look, progress, say
from cnndsl.cli.verdicts import Outcome, Verdicts
from cnndsl.cli.words import count
from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.diagnostics.renderers import HUMAN

if TYPE_CHECKING:
    from cnndsl.cli.fixing import Job
    from cnndsl.elaborate import Limits


class Fixing(NamedTuple):
    """What is asked of repairs."""

    fix: bool = False
    diff: bool = False
    """Only show what would change."""
    unsafe: bool = False
    """Those too that may change what is meant."""


NO = Fixing()


def check(
    paths: list[str],
    format: str = HUMAN,
    limits: Limits | None = None,
    cache: bool = True,
    fixing: Fixing = NO,
) -> int:
    """Check specs, say what is wrong with them, and give the exit code.

    Raises:
        Refusal, UnknownSpec: there is nothing to check, or no such format.
    """
    allow(format)
    targets, began = targets_of(paths, written=fixing.fix and not fixing.diff), process_time()
    if fixing.fix or fixing.diff:
        from cnndsl.cli.fixing import allowed

        allowed([each for each in targets if not os.path.isdir(each)], shown=fixing.diff and format != HUMAN)
    outcomes = _outcomes(targets, limits, cache)
    made: list[Diagnostic] = []
    if fixing.fix or fixing.diff:
        made = _repair(targets, outcomes, limits, fixing)
        if fixing.diff:
            return FINDINGS if any(outcome.found for outcome in outcomes) else 0
        if made:
            outcomes = _outcomes(targets, limits, cache)
    found = _once(outcomes)
    show(found, format, [outcome.name for outcome in outcomes])
    networks = count(sum(outcome.networks for outcome in outcomes), "network")
    if not found and not made:
        say(f"{networks} in {count(len(targets), 'file')}: {look(sys.stderr).paint('no problems', 'help')}")
        return 0
    from cnndsl.cli.fixing import cleared, done, promise

    if not found:
        say(f"{done(made)}{networks} in {count(len(targets), 'file')}: {cleared(made, 'no problems')}")
        return 0
    wrong = len({each.span.source.name for each in found})
    hint = promise(_jobs(targets, outcomes, limits), fixing.fix, fixing.unsafe, process_time() - began)
    say(f"{done(made)}{counted(found)} in {wrong} of {count(max(len(targets), wrong), 'file')}{hint}")
    return FINDINGS


def _repair(targets: list[str], outcomes: list[Outcome], limits: Limits | None, fixing: Fixing) -> list[Diagnostic]:
    """Make the repairs, or show them."""
    from cnndsl.cli.fixing import Bench

    bench = Bench(_jobs(targets, outcomes, limits))
    bench.repair(fixing.unsafe)
    if fixing.diff:
        bench.show()
    else:
        bench.write()
    return bench.made


def _jobs(targets: list[str], outcomes: list[Outcome], limits: Limits | None) -> list[Job]:
    """The user's files for which there are repairs."""
    from cnndsl.cli.fixing import Job, own
    from cnndsl.cli.specs import open_spec

    jobs = []
    for target, outcome in zip(targets, outcomes, strict=True):
        if own(target) and any(each.fix for each in outcome.found):
            with suppress(SpecError):  # it can't be read, which is told of
                jobs.append(Job(open_spec(target, limits), outcome.found))
    return jobs


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

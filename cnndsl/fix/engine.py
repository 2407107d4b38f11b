"""Repairs tried on a text: all at once, then halves of them, until none helps any more."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.fix.edits import Change, apply
from cnndsl.fix.patience import Patience
from cnndsl.source import Source

Find = Callable[[Source], list[Diagnostic]]
"""What is found in a text."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text after repairs, those that were made, in their order, and what is found now."""

    source: Source
    made: list[Diagnostic]
    found: Sequence[Diagnostic]


def repair(source: Source, found: Sequence[Diagnostic], find: Find, unsafe: bool, patience: Patience) -> Repaired:
    """Make the repairs of a text's findings that help, the safe ones or all, and those of what is found then."""
    made: list[Diagnostic] = []
    while True:
        offered = [each for each in found if each.fix and (each.safe or unsafe) and _inside(each, source)]
        step = _step(source, found, offered, find, patience)
        if step is None:
            return Repaired(source, made, found)
        source, found = Source(source.name, step[0].text), step[1]
        made += step[0].made


def _inside(found: Diagnostic, source: Source) -> bool:
    """Whether a repair is of this text alone, and not of one that it imports. (The parser ends each line.)"""
    same = {edit.span.source for edit in found.fix}
    return all(each.name == source.name and each.text in (source.text, f"{source.text}\n") for each in same)


def _step(
    source: Source, found: Sequence[Diagnostic], offered: list[Diagnostic], find: Find, patience: Patience
) -> tuple[Change, list[Diagnostic]] | None:
    """The most of the repairs that help together."""
    queue = deque([offered] if offered else [])
    while queue and patience.another():
        some = queue.popleft()
        change = apply(source.text, some)
        after = find(Source(source.name, change.text))
        if change.text != source.text and helps(change, found, after):
            return change, after
        if len(some) > 1:
            half = len(some) // 2
            queue += [some[:half], some[half:]]
    return None


def _hard(found: Sequence[Diagnostic]) -> int:
    """How much of what was found no repair is known for."""
    return sum(not each.fix for each in found)


def helps(change: Change, before: Sequence[Diagnostic], after: Sequence[Diagnostic]) -> bool:
    """Whether what was repaired is gone, and nothing new is wrong where a repair is.

    What is new elsewhere was there before, hidden behind the mistake. Only a warning hides nothing: its repair makes
    no error. And an unsafe repair is a guess: it is none where it leaves more that nothing repairs.
    """
    if any(each.severity == "error" for each in after) and all(each.severity == "warning" for each in before):
        return False
    if not all(each.safe for each in change.made) and _hard(after) > _hard(before):
        return False
    name, made = change.made[0].fix[0].span.source.name, set(map(id, change.made))
    places = {(each.code, each.span.start) for each in after if each.span.source.name == name}
    known = set[tuple[str, int]]()
    for each in before:
        first, last = change.moved(each.span.start)
        now = {(each.code, first), (each.code, last)} & places
        if now and id(each) in made:
            return False
        known |= now
    starts = [start for start, _ in change.places]
    for _, at in places - known:
        index = bisect_right(starts, at) - 1
        if index >= 0 and at < max(change.places[index][1], starts[index] + 1):
            return False
    return True

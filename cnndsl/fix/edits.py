"""Texts with edits made, and where things are then."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass

from cnndsl.diagnostics.model import Diagnostic

Raw = tuple[int, int, str]
"""An edit: start, end, and what comes there."""


@dataclass(frozen=True, slots=True)
class Change:
    """A text with the fixes of some findings made."""

    text: str
    made: list[Diagnostic]
    edits: list[Raw]
    places: list[tuple[int, int]]
    """Where each replacement is in the new text."""

    def moved(self, offset: int) -> tuple[int, int]:
        """Where a place of the old text is in the new one, before and behind what was inserted there."""
        at = bisect_left(self.edits, (offset, offset, ""))
        if at and self.edits[at - 1][1] > offset:  # replaced itself
            return self.places[at - 1]
        before = self.places[at - 1][1] + offset - self.edits[at - 1][1] if at else offset
        same = at < len(self.edits) and self.edits[at][0] == offset
        return before, self.places[at][1] if same else before


def apply(text: str, found: Iterable[Diagnostic]) -> Change:
    """Make the fixes of these findings.

    A finding's edits are made all or none; one that touches what another changed is left out.
    """
    taken: list[Raw] = []
    made: list[Diagnostic] = []
    for each in found:
        new = {(edit.span.start, edit.span.end, edit.replacement) for edit in each.fix}
        if not any(_touches(taken, edit) for edit in new):
            made.append(each)
            for edit in new:
                insort(taken, edit)
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    at = length = 0
    for start, end, replacement in taken:
        parts += [text[at:start], replacement]
        length += start - at + len(replacement)
        places.append((length - len(replacement), length))
        at = end
    return Change("".join([*parts, text[at:]]), made, taken, places)


def _touches(taken: list[Raw], edit: Raw) -> bool:
    """Whether an edit overlaps one of those taken, which do not overlap, or is at the same place."""
    start, end, _ = edit
    at = bisect_left(taken, edit)
    around = taken[max(0, at - 1) : at + 1]
    return any((start < e and s < end) or (start, end) == (s, e) for s, e, _ in around)

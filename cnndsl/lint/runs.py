"""What is repeated in a row."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from cnndsl.source import Span
from cnndsl.syntax import ast
from cnndsl.syntax.quoted import COMMENT, QUOTED

ENOUGH = 3
"""Repetitions that are worth a word: two lines in a row are easily read."""
LONGEST = 6
"""Steps that are repeated together."""
_WORDS = re.compile(rf"{QUOTED}|{COMMENT}|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Item:
    """What a step says, but for the number of its label."""

    key: Any
    number: int | None = None

    @classmethod
    def text(cls, span: Span) -> Item:
        """A text, whatever its spaces and comments."""
        return cls(" ".join(word for word in _WORDS.findall(span.text) if not word.startswith("#")))

    @classmethod
    def of(cls, step: ast.Step) -> Item:
        if isinstance(step, ast.Output):
            return cls(step)
        said = cls.text(step.span.to(step.ascription.span) if step.ascription else step.span)
        if step.label is None:
            return said
        match = re.fullmatch(r"(.*?)(0|[1-9]\d{0,8})", str(step.label))
        if match is None or len(step.label.parts) > 1:
            return cls(step)
        return cls((match[1], said.key), int(match[2]))

    def then(self, other: Item) -> bool:
        """Whether the other is this one's next repetition."""
        if self.key != other.key:
            return False
        return self.number is None or (other.number is not None and other.number == self.number + 1)


@dataclass(frozen=True, slots=True)
class Run:
    start: int
    period: int
    count: int

    @property
    def end(self) -> int:
        return self.start + self.period * self.count


def runs(items: list[Item], starts: Collection[int] = (), longest: int = LONGEST) -> Iterator[Run]:
    """What is repeated often enough, in linear time; best from one of ``starts`` on."""
    at = 0
    while at < len(items):
        found = None
        for period in range(1, longest + 1):
            found = _run(items, at, period, starts)
            if found is not None:
                yield found
                break
        at = found.end if found is not None else at + 1


def _run(items: list[Item], start: int, period: int, starts: Collection[int]) -> Run | None:
    end = start + period
    while end < len(items) and items[end - period].then(items[end]):
        end += 1
    possible = [Run(at, period, (end - at) // period) for at in range(start, start + period)]
    enough = [run for run in possible if run.count >= ENOUGH]
    return max(enough, key=lambda run: (run.start in starts, run.count, -run.start), default=None)

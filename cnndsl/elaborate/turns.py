"""Where a mistake is among calls and loops: the chain that led there, innermost first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from cnndsl.elaborate.values import show
from cnndsl.ir.graph import Scope
from cnndsl.source import Span

DEEP = 60
"""Characters of a path that are shown."""


@dataclass(slots=True)
class Turn:
    """One turn of a loop: the scope that the loop stands in, its word, and the variables' values."""

    scope: Scope
    word: str
    span: Span
    position: int
    values: Sequence[tuple[str, Any]] = ()

    def __str__(self) -> str:
        values = ", ".join(f"{name} = {show(value, 1)}" for name, value in self.values)
        turn = f"turn {self.position + 1} of the `{self.word}`"
        what = f"repetition {self.position + 1} of the step" if self.word == "*" else turn
        return f"{what} at {self.span}" + (f": {values}" if values else "")


def chain(scope: Scope, turns: Sequence[Turn]) -> tuple[str, ...]:
    """The calls and turns around a place, innermost first; calls of one block from one place, as a recursion makes
    them, by the first of them."""
    lines = []
    for _, run in groupby(_places(scope, list(turns)), key=lambda place: place[1]):
        first, *more = run
        lines.append("".join(first) + (f", and {len(more)} more from there" if more else ""))
    return tuple(lines)


def _places(scope: Scope, turns: list[Turn]) -> Iterator[tuple[str, str]]:
    """Each with what differs between the calls of a recursion, and the rest."""
    around: Scope | None = scope
    while around is not None:
        while turns and turns[-1].scope is around:
            yield "", str(turns.pop())
        if around.definition is not None and around.parent is not None:
            path = around.path if len(around.path) <= DEEP else f"…{around.path[-DEEP:]}"
            yield path, f": `{around.definition.name.name}`, called from {around.span}"
        around = around.parent

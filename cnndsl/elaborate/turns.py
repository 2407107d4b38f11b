"""Where a mistake is among calls and loops: the chain that led there, innermost first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from cnndsl.diagnostics.model import Edit, SpecError
from cnndsl.elaborate.values import show
from cnndsl.ir.expansion import Scope
from cnndsl.source import Span
from cnndsl.syntax import ast

DEEP = 60
"""Characters of a path that are shown."""


@dataclass(slots=True)
class Turn:
    """One turn of a loop: the scope that the loop stands in, its word, and the variables' values.

    ``index`` is the variable that has another number of at least 0 in each turn, if there is one.
    """

    scope: Scope
    word: str
    loop: ast.For | ast.LaneLoop | ast.Repeat | ast.Dense
    position: int
    values: Sequence[tuple[str, Any]] = ()
    index: str | None = None

    def __str__(self) -> str:
        values = ", ".join(f"{name} = {show(value, 1)}" for name, value in self.values)
        turn = f"turn {self.position + 1} of the `{self.word}`"
        what = f"repetition {self.position + 1} of the step" if self.word == "*" else turn
        return f"{what} at {self.loop.span}" + (f": {values}" if values else "")


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


def numbered(items: Sequence[Any]) -> bool:
    """Whether the items of a loop can be indices in labels: integers of at least 0, each another one."""
    return all(type(item) is int and item >= 0 for item in items) and len(set(items)) == len(items)


def indexed(error: SpecError, label: ast.Label, scope: Scope, turns: Sequence[Turn]) -> SpecError:
    """The error of a label that is used again in another turn of the loops around it, with the indices it needs."""
    (found,) = error.diagnostics
    around = [turn for turn in turns if turn.scope is scope]
    if not around or len(label.parts) > 1 or not str(label).isidentifier():
        return error
    names, edits, words = [], [], []
    free = iter([n for n in ("i", "j", "k") if not any(n == name for turn in turns for name, _ in turn.values)])
    for turn in around:
        name = turn.index or next(free, "n")
        names.append(name)
        if turn.index is None:
            text, more = _counted(turn.loop, name)
            words.append(text)
            edits += more
    meant = str(label.parts[0]) + "_".join(f"{{{name}}}" for name in names)
    help = " and ".join([f"an index tells the turns apart: `{meant}: …`", *words])
    edits.append(Edit(label.span, meant))
    return SpecError([replace(found, help=help, fix=tuple(edits))])


def _counted(loop: ast.For | ast.LaneLoop | ast.Repeat | ast.Dense, name: str) -> tuple[str, list[Edit]]:
    """How a loop counts its turns, in words and as edits."""
    source = loop.span.source
    if isinstance(loop, ast.For | ast.LaneLoop):
        end = loop.items.span.end
        return f"`for … in {loop.items.span.text} as {name}`", [Edit(Span(source, end, end), f" as {name}")]
    if isinstance(loop, ast.Dense):
        end = loop.count.span.end
        return f"`dense {loop.count.span.text} as {name}`", [Edit(Span(source, end, end), f" as {name}")]
    head = f"for {name} in range({loop.count.span.text})"
    start, end = loop.step.span.start, loop.step.span.end
    group = isinstance(loop.step, ast.Group)
    before, behind = (f"{head} ", "") if group else (f"{head} {{ ", " }")
    edits = [Edit(Span(source, start, start), before), Edit(Span(source, end, loop.span.end), behind)]
    return f"`{head} {{ … }}` in place of `* {loop.count.span.text}`", edits

"""Columns: tables of arguments, ascriptions and comments of consecutive lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnndsl.format.writer import Line, Table

GAP = 2
OUTLIER = 40
"""A line that is so much longer than the next one has a column of its own."""
SIMILAR = 8
"""Arguments whose widths differ by more are no column."""


def align(lines: list[Line]) -> None:
    """Put the parts of lines together."""
    for run in _runs(lines, _row):
        _arguments(run)
    for run in _runs(lines, lambda _, line: not line.blank):
        _shapes([line for line in run if line.shape])
    for run in _runs(lines, _commented):
        _comments(run)


def _runs(lines: list[Line], belongs: Callable[[Line, Line], bool]) -> Iterator[list[Line]]:
    """Lines in groups: those that belong to the one before them."""
    run: list[Line] = []
    for line in lines:
        if run and not belongs(run[-1], line):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


# --- arguments


def _row(last: Line, line: Line) -> bool:
    """Whether the calls of two lines are rows of one table: this must not depend on how they are spaced."""
    a, b = last.table, line.table
    if a is None or b is None or line.blank or a.name != b.name or last.indent != line.indent:
        return False
    common = min(len(a.cells), len(b.cells)) - 1
    return common > 0 and all(abs(len(a.cells[i]) - len(b.cells[i])) <= SIMILAR for i in range(common))


def _arguments(run: list[Line]) -> None:
    rows = [line.table for line in run if line.table]
    if not any(_aligned(a, b) for a, b in pairwise(rows)):
        return
    widths: list[int] = []
    for row in rows:
        for column, cell in enumerate(row.cells[:-1]):
            if column == len(widths):
                widths.append(0)
            widths[column] = max(widths[column], len(cell) + 2)
    for line, row in zip(run, rows, strict=True):
        plain = ", ".join(row.cells)
        padded = "".join(f"{cell},".ljust(width) for cell, width in zip(row.cells[:-1], widths, strict=False))
        line.text = line.text[: row.start] + padded + row.cells[-1] + line.text[row.start + len(plain) :]


def _aligned(a: Table, b: Table) -> bool:
    """Whether the source has the arguments of two calls below each other on purpose."""
    common = min(len(a.places), len(b.places))
    return common > 1 and (a.padded or b.padded) and a.places[:common] == b.places[:common]


# --- ends of lines


def _shapes(lines: list[Line]) -> None:
    column = _column(lines)
    inside = [line for line in lines if len(line.text) + GAP <= column]
    widths: dict[int, list[int]] = {}
    for line in inside:
        shape = line.shape or []
        known = widths.setdefault(len(shape), [0] * len(shape))
        widths[len(shape)] = [max(width, len(dim)) for width, dim in zip(known, shape, strict=True)]
    for line in lines:
        shape = line.shape or []
        if len(line.text) + GAP <= column:
            shape = [dim.rjust(width) for dim, width in zip(shape, widths[len(shape)], strict=True)]
        line.text = line.text.ljust(max(column, len(line.text) + GAP)) + ":: " + " x ".join(shape)


def _commented(last: Line, line: Line) -> bool:
    return bool(last.comment and line.comment and not line.blank) and "\n" not in last.text


def _comments(lines: list[Line]) -> None:
    column = _column(lines)
    for line in lines:
        if line.comment:
            line.text = line.text.ljust(max(column, len(line.text) + GAP)) + line.comment


def _column(lines: list[Line]) -> int:
    """Where what ends the lines begins."""
    widths = sorted({len(line.text) for line in lines}, reverse=True)
    while len(widths) > 1 and widths[0] - widths[1] > OUTLIER:
        del widths[0]
    return widths[0] + GAP if widths else 0

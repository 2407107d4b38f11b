"""JSON for programs. The types here are the format: its JSON Schema is made from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from typing_extensions import TypedDict  # pydantic makes the schema from it, and needs this one before 3.12

from cnndsl.diagnostics.drawing.look import Look
from cnndsl.diagnostics.model import Diagnostic
from cnndsl.diagnostics.services import to_json
from cnndsl.source import Span


class Position(TypedDict):
    """A place in a text. Columns count characters (Unicode code points), not bytes or cells."""

    offset: int
    """Characters before it, from 0."""
    line: int
    """From 1."""
    column: int
    """From 1."""


class Place(TypedDict):
    """A range of characters; ``end`` is the position behind the last one."""

    file: str
    """The path as the user gave it, ``<stdin>``, or a name inside the package such as ``std/fire.cnn``."""
    start: Position
    end: Position


class Remark(TypedDict):
    """A second place that matters, with what to know about it."""

    span: Place
    text: str


class Replacement(TypedDict):
    """One step of a repair: put ``replacement`` in place of the text of ``span``."""

    span: Place
    replacement: str


class Finding(TypedDict):
    """One diagnostic."""

    code: str
    """Stable: ``E`` or ``W`` and four digits. ``cnndsl explain CODE`` says more."""
    severity: Literal["error", "warning"]
    message: str
    span: Place
    """The smallest text that is wrong."""
    text: str
    """What to know about that text, or empty."""
    labels: list[Remark]
    notes: list[str]
    calls: list[str]
    """The block calls that led there, innermost first."""
    help: str | None
    fix: list[Replacement]
    """Edits that repair it, to be applied together, or none."""
    applicability: Literal["safe", "unsafe"] | None
    """``safe`` edits can't change a network that was meant; ``unsafe`` ones may, or what is stated of it: to be looked
    at one by one. None where there are no edits."""


class Report(TypedDict):
    """What ``cnndsl check --format json`` prints."""

    version: Literal[1]
    """Of this format: another number means that a field was removed or has a new meaning."""
    diagnostics: list[Finding]


def render(found: Sequence[Diagnostic], look: Look) -> str:
    return to_json(report(found))


def report(found: Sequence[Diagnostic]) -> Report:
    """Diagnostics as plain values."""
    return {"version": 1, "diagnostics": [_finding(each) for each in found]}


def _finding(diagnostic: Diagnostic) -> Finding:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "span": _place(diagnostic.span),
        "text": diagnostic.text,
        "labels": [{"span": _place(label.span), "text": label.text} for label in diagnostic.labels],
        "notes": list(diagnostic.notes),
        "calls": list(diagnostic.calls),
        "help": diagnostic.help,
        "fix": [{"span": _place(edit.span), "replacement": edit.replacement} for edit in diagnostic.fix],
        "applicability": diagnostic.applicability,
    }


def _place(span: Span) -> Place:
    return {
        "file": span.source.name,
        "start": _position(span, span.start),
        "end": _position(span, span.end),
    }


def _position(span: Span, offset: int) -> Position:
    line, column = span.source.position(offset)
    return {"offset": offset, "line": line, "column": column}

"""Workflow commands that GitHub Actions shows as annotations in a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from cnndsl.diagnostics.drawing.cells import visible
from cnndsl.diagnostics.drawing.look import Look
from cnndsl.diagnostics.model import Diagnostic
from cnndsl.diagnostics.services import place as path


def render(found: Sequence[Diagnostic], look: Look) -> str:
    return "".join(f"{_command(each)}\n" for each in found)


def _command(diagnostic: Diagnostic) -> str:
    source = diagnostic.span.source
    line, column = source.position(diagnostic.span.start)
    end_line, end_column = source.position(diagnostic.span.end)
    place: dict[str, object] = {
        "file": path(source.name),
        "line": line,
        "endLine": end_line,
        "title": diagnostic.code,
    }
    if line == end_line:  # GitHub ignores columns of a range over several lines.
        place |= {"col": column, "endColumn": max(end_column, column + 1)}
    lines = [diagnostic.message, *diagnostic.notes, *(f"in: {call}" for call in diagnostic.calls)]
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in place.items())
    text = "\n".join(visible(part) for line in lines for part in line.split("\n"))
    return f"::{diagnostic.severity} {properties}::{_data(text)}"


def _data(text: str) -> str:
    """GitHub's escapes: without them a text could end the command and begin another."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")

"""GitLab's Code Quality report, which shows findings in merge requests (an artifact of type ``codequality``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnndsl.diagnostics.drawing.look import Look
from cnndsl.diagnostics.model import Diagnostic
from cnndsl.diagnostics.services import fingerprints, place, to_json


def render(found: Sequence[Diagnostic], look: Look) -> str:
    entries = [_entry(each, mark) for each, mark in zip(found, fingerprints(found), strict=True)]
    return to_json(entries)


def _entry(diagnostic: Diagnostic, fingerprint: str) -> dict[str, Any]:
    source, span = diagnostic.span.source, diagnostic.span
    lines = [diagnostic.message, *diagnostic.notes, *([diagnostic.help] if diagnostic.help else [])]
    return {
        "description": "\n".join(lines),
        "check_name": diagnostic.code,
        "fingerprint": fingerprint,
        "severity": "major" if diagnostic.severity == "error" else "minor",
        "location": {
            "path": place(source.name),
            "lines": {"begin": span.line, "end": source.position(max(span.start, span.end - 1))[0]},
        },
    }

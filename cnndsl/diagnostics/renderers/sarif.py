"""SARIF 2.1.0, the format of code scanning services (OASIS, sarif-v2.1.0-os)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from cnndsl.diagnostics.drawing.look import Look
from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.diagnostics.renderers import Pages
from cnndsl.diagnostics.services import fingerprints, place, to_json
from cnndsl.source import Span

PAGES = True
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def render(found: Sequence[Diagnostic], look: Look, pages: Pages) -> str:
    from cnndsl.version import version

    codes = sorted({each.code for each in found})
    run = {
        "tool": {
            "driver": {"name": "cnndsl", "semanticVersion": version(), "rules": [_rule(code, pages) for code in codes]}
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(each, codes.index(each.code), mark) for each, mark in zip(found, fingerprints(found), strict=True)
        ],
    }
    return to_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, pages: Pages) -> dict[str, Any]:
    from cnndsl.diagnostics.codes import CODES

    known = CODES.get(code)
    page = (known.title, known.explanation) if known else pages.get(code)
    if page is None:
        return {"id": code}
    title, explanation = page
    return {"id": code, "shortDescription": {"text": title}, "help": {"text": explanation, "markdown": explanation}}


def _result(diagnostic: Diagnostic, rule: int, fingerprint: str) -> dict[str, Any]:
    lines = [diagnostic.message, *diagnostic.notes, *([diagnostic.help] if diagnostic.help else [])]
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity,
        "message": {"text": "\n".join(lines)},
        "locations": [_location(diagnostic.span)],
        "partialFingerprints": {"cnndsl/v1": fingerprint},
    }
    if diagnostic.labels:
        result["relatedLocations"] = [
            _location(label.span) | {"id": number, "message": {"text": label.text or "see also"}}
            for number, label in enumerate(diagnostic.labels)
        ]
    if diagnostic.fix:
        result["fixes"] = [
            {
                "description": {"text": _said(diagnostic)},
                "artifactChanges": [_change(edit) for edit in diagnostic.fix],
            }
        ]
    return result


def _said(diagnostic: Diagnostic) -> str:
    """What a repair is, and whether it may be made unseen."""
    kind = "Safe" if diagnostic.safe else "Unsafe: it may change what the network is or states"
    return f"{kind}. {diagnostic.help}" if diagnostic.help else f"{kind}."


def _change(edit: Edit) -> dict[str, Any]:
    replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.replacement}}
    return {"artifactLocation": _artifact(edit.span), "replacements": [replacement]}


def _location(span: Span) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(span), "region": _region(span)}}


def _artifact(span: Span) -> dict[str, str]:
    path = PurePath(place(span.source.name))
    return {"uri": path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))}


def _region(span: Span) -> dict[str, int]:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}

"""Repairs made to a spec until nothing more can be."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from cnndsl.cli.output import write
from cnndsl.diagnostics.model import Diagnostic
from cnndsl.elaborate import Modules
from cnndsl.lint.edits import apply
from cnndsl.pipeline import Spec
from cnndsl.source import Source

ROUNDS = 10
TRIED = 100
"""Findings that are repaired one by one, where all of them together would break the spec."""
MARK = b"\xef\xbb\xbf"

Lint = Callable[[Spec], list[Diagnostic]]


def repaired(spec: Spec, path: Path | None, lint: Lint) -> tuple[list[Diagnostic], int]:
    """Repair a spec's file, or write standard input repaired; give what is left and how many edits were made.

    A repair after which the spec is wrong, because an `expect` states a figure that it changes, is not made.
    """
    found, made = lint(spec), 0
    for _ in range(ROUNDS):
        better = _round(spec, found, lint)
        if better is None:
            break
        spec, found, edits = better
        made += edits
    text = spec.source.text
    if path is None:
        sys.stdout.write(text)
    elif made:
        with path.open("rb") as file:
            mark = MARK if file.read(len(MARK)) == MARK else b""
        write(str(path), mark + text.encode())
    return found, made


def _round(spec: Spec, found: list[Diagnostic], lint: Lint) -> tuple[Spec, list[Diagnostic], int] | None:
    fixable = [each for each in found if each.fix and each.severity == "warning"]
    if not fixable:
        return None
    whole = _try(spec, fixable, lint)
    if whole is not None or len(fixable) == 1:
        return whole
    for each in fixable[:TRIED]:
        one = _try(spec, [each], lint)
        if one is not None:
            return one
    return None


def _try(spec: Spec, fixable: list[Diagnostic], lint: Lint) -> tuple[Spec, list[Diagnostic], int] | None:
    text, edits = apply(spec.source.text, fixable)
    if text == spec.source.text:
        return None
    new = Spec(Source(spec.source.name, text), Modules(spec.modules.read), spec.limits)
    found = lint(new)
    return None if any(each.severity == "error" for each in found) else (new, found, edits)

"""What can be wrong with the text itself, and the limits on it."""

from __future__ import annotations

from typing import Any

from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.source import Span

MAX_BYTES = 1 << 20
MAX_NESTING = 40
MAX_CHAIN = 16
MAX_DIGITS = 18
MAX_NAME = 200
MAX_TOKENS = 250_000
MAX_MISTAKES = 100
"""Mistakes after which the rest of a text is not read."""


def problem(code: str, message: str, span: Span, **more: Any) -> SpecError:
    """An error to raise, with one diagnostic."""
    return SpecError([Diagnostic(code, message, span, **more)])

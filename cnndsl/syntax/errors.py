"""What can be wrong with the text itself, and the limits on it."""

from __future__ import annotations

import re
from typing import Any

from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.source import Span

MAX_BYTES = 1 << 19
"""Of a file, and characters of a spec with all that it imports."""
MAX_NESTING = 40
MAX_CHAIN = 16
MAX_DIGITS = 18
MAX_NUMBER = 40
"""Characters of a number."""
MAX_NAME = 200
MAX_WORDS = 80_000
"""Words and signs of a spec with all that it imports, those in comments included."""
MAX_MISTAKES = 100
"""Mistakes after which the rest of a text is not read."""


def words(text: str) -> int:
    """How many words and signs a text has: what reading it costs."""
    return len(re.findall(r"\w+|->|::|[^\w\s]", text))


def problem(code: str, message: str, span: Span, **more: Any) -> SpecError:
    """An error to raise, with one diagnostic."""
    return SpecError([Diagnostic(code, message, span, **more)])

"""The standard library: composites written in the language itself, one family a file."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from cnndsl.source import Source


@cache
def index() -> dict[str, Source]:
    """Every block of the standard library by name, with the source that defines it."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.cnn")):
        source = Source(f"std/{path.name}", path.read_text("utf-8"))
        for name in re.findall(r"^block\s+(\w+)", source.text, re.MULTILINE):
            found[name] = source
    return found

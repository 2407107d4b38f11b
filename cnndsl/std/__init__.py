"""The standard library: composites written in the language itself, one family a file."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from cnndsl.source import Source


@cache
def index() -> dict[str, Source]:
    """Every block of the standard library by name, with the source that defines it."""
    found = {}
    for entry in sorted(files(__name__).iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".cnn"):
            source = Source(f"std/{entry.name}", entry.read_text("utf-8"))
            for name in re.findall(r"^block\s+(\w+)", source.text, re.MULTILINE):
                found[name] = source
    return found

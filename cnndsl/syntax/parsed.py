"""Texts that were parsed already: many specs may import the same."""

from __future__ import annotations

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.source import Source
from cnndsl.syntax import ast
from cnndsl.syntax.errors import MAX_BYTES
from cnndsl.syntax.parser import parse_tolerant

Parse = tuple[ast.File, list[Diagnostic]]


class Parsed:
    """Parses a source, or gives what parsing one of this name and text gave before.

    It keeps as much text as two specs may have with all that they import; what was not asked for longest goes first.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Parse] = {}
        self._characters = 0

    def __call__(self, source: Source) -> Parse:
        key = source.name, source.text
        found = self._kept.pop(key, None)
        if found is None:
            found = parse_tolerant(source)
            self._characters += len(source.text)
            while self._kept and self._characters > 2 * MAX_BYTES:
                _, text = oldest = next(iter(self._kept))
                del self._kept[oldest]
                self._characters -= len(text)
        self._kept[key] = found
        return found

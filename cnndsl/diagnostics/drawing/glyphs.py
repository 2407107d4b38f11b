"""The signs that excerpts are drawn with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    arrow: str
    other: str
    """Before the name of a second file."""
    bar: str
    primary: str
    secondary: str
    hanging: str
    """Leads from an underline to a text below it."""
    top: str
    side: str
    bottom: str
    below: str
    """Where the line around several lines begins below the first of them."""
    across: str
    up: str
    corner: str
    """Where the line around several lines meets the last of them."""
    cut: str


ASCII = Glyphs("-->", ":::", "|", "^", "-", "|", "/", "|", "|", " ", "_", "^", "^", "...")
UNICODE = Glyphs("╭─▸", "├─▸", "│", "━", "─", "│", "╭", "│", "╰", "╭", "─", "╯", "╯", "…")

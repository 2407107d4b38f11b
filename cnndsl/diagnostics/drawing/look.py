"""What the reader's screen can show, and the few styles that depend on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cnndsl.diagnostics.drawing.glyphs import Glyphs

Style = Literal["error", "warning", "note", "label", "frame", "strong", "help", "dim", "plain"]

_CODES: dict[Style, str] = {
    "error": "1;31", "warning": "1;33", "note": "1", "label": "36", "frame": "34", "strong": "1",
    "help": "1;32", "dim": "2", "plain": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """The reader's screen. The default is safe everywhere: no colour, ASCII signs, 100 columns."""

    colour: bool = False
    unicode: bool = False
    width: int = 100

    @property
    def glyphs(self) -> Glyphs:
        from cnndsl.diagnostics.drawing.glyphs import ASCII, UNICODE

        return UNICODE if self.unicode else ASCII

    def paint(self, text: str, style: Style) -> str:
        """The text in a style, or as it is where there is no colour."""
        code = _CODES[style]
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code and text.strip() else text

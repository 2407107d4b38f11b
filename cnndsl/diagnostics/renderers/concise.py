"""One line a diagnostic, ``file:line:column: error[E0402]: message``, as editors and ``grep`` like it."""

from __future__ import annotations

from collections.abc import Sequence

from cnndsl.diagnostics.drawing.cells import inert, visible
from cnndsl.diagnostics.drawing.look import Look
from cnndsl.diagnostics.model import Diagnostic


def render(found: Sequence[Diagnostic], look: Look) -> str:
    return "".join(f"{_line(each, look)}\n" for each in found)


def _line(diagnostic: Diagnostic, look: Look) -> str:
    place = inert(visible(str(diagnostic.span), look.unicode))
    head = look.paint(f"{diagnostic.severity}[{diagnostic.code}]", diagnostic.severity)
    more = [diagnostic.help] if diagnostic.help else []
    more += [note for note in diagnostic.notes if note.startswith("likewise")]  # places that no other line names
    text = diagnostic.message + (f" ({'; '.join(more)})" if more else "")
    return f"{look.paint(place, 'strong')}: {head}: {visible(text, look.unicode)}"

"""The format for people: what is wrong, where, with the source under their eyes, and how to repair it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnndsl.diagnostics.drawing.cells import inert, visible, wrap
from cnndsl.diagnostics.drawing.excerpt import Excerpt
from cnndsl.diagnostics.drawing.look import Look, Style
from cnndsl.diagnostics.drawing.marks import Mark
from cnndsl.diagnostics.model import Diagnostic
from cnndsl.source import Source

SHOWN_CALLS = 8
"""A longer chain of calls is shown by its ends."""


def render(found: Sequence[Diagnostic], look: Look) -> str:
    return "\n".join("\n".join(_rows(each, look)) + "\n" for each in found)


def _rows(diagnostic: Diagnostic, look: Look) -> Iterator[str]:
    severity = diagnostic.severity
    head = look.paint(f"{severity}[{diagnostic.code}]", severity)
    indent = len(f"{severity}[{diagnostic.code}]: ")
    first, *more = wrap(visible(diagnostic.message, look.unicode), max(20, look.width - indent))
    yield head + look.paint(f": {first}", "strong")
    for line in more:
        yield " " * indent + look.paint(line, "strong")
    sources = _marks(diagnostic)
    gutter = max((len(str(m.last)) for marks in sources.values() for m in marks), default=0)
    for number, (source, marks) in enumerate(sources.items()):
        yield from _excerpt(source, marks, look, gutter, first=number == 0)
    notes = list(_notes(diagnostic, look))
    if notes and any(source.text for source in sources):
        yield f"{' ' * gutter} {look.paint(look.glyphs.bar, 'frame')}"
    for kind, text, style in notes:
        yield from _note(kind, text, style, look, gutter)


def _marks(diagnostic: Diagnostic) -> dict[Source, list[Mark]]:
    """The marks of each source, that of the primary span first."""
    sources = {diagnostic.span.source: [Mark.of(diagnostic.span, diagnostic.text, diagnostic.severity, True)]}
    for label in diagnostic.labels:
        mark = Mark.of(label.span, label.text, "label", False)
        same = next((s for s in sources if s.name == label.span.source.name), label.span.source)
        sources.setdefault(same, []).append(mark)
    return sources


def _excerpt(source: Source, marks: list[Mark], look: Look, gutter: int, first: bool) -> Iterator[str]:
    glyphs, name = look.glyphs, visible(source.name, look.unicode)
    place = f"{name}:{marks[0].first}:{marks[0].start + 1}" if source.text else name
    indent = gutter + (1 if look.unicode else 0)
    bar = f"{' ' * gutter} {look.paint(glyphs.bar, 'frame')}"
    if not first:
        yield bar
    yield f"{' ' * indent}{look.paint(glyphs.arrow if first else glyphs.other, 'frame')} {place}"
    if source.text:
        yield bar
        yield from Excerpt(source, marks, look, gutter).rows()


def _notes(diagnostic: Diagnostic, look: Look) -> Iterator[tuple[str, str, Style]]:
    for note in diagnostic.notes:
        yield "note", note, "note"
    calls = diagnostic.calls
    if len(calls) > SHOWN_CALLS:
        left_out = len(calls) - SHOWN_CALLS + 1
        cut = f"{look.glyphs.cut} {left_out} more calls {look.glyphs.cut}"
        calls = (*calls[: SHOWN_CALLS - 2], cut, *calls[-1:])
    for call in calls:
        yield "in", call, "note"
    if diagnostic.help is not None:
        yield "help", diagnostic.help, "help"
    elif diagnostic.fix:
        texts = [f"`{edit.replacement}`" for edit in diagnostic.fix if edit.replacement.strip()]
        if texts or not any(edit.replacement for edit in diagnostic.fix):
            yield "help", "write " + ", ".join(texts) if texts else "remove it", "help"


def _note(kind: str, text: str, style: Style, look: Look, gutter: int) -> Iterator[str]:
    head = f"{' ' * gutter} {look.paint('=', 'frame')} {look.paint(kind + ':', style)} "
    indent = " " * (gutter + 5 + len(kind))
    lines = [line for part in text.split("\n") for line in wrap(visible(part, look.unicode), look.width - len(indent))]
    yield head + lines[0]
    for line in lines[1:]:
        yield indent + inert(line)

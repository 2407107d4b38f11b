"""Renderers of diagnostics: one file a format, found by its name.

Each has ``render(found, look) -> str`` for any number of diagnostics. A new format is a new file here. One that
tells of files without findings, too, has ``ALL_FILES = True`` and a third parameter: the names of all files. One that
explains codes has ``PAGES = True`` and such a parameter: the `Pages` of codes that are not in our catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from cnndsl.diagnostics.drawing.look import Look
from cnndsl.diagnostics.model import Diagnostic

Renderer = Callable[..., str]
Pages = Mapping[str, tuple[str, str]]
"""By codes, a title and an explanation in Markdown."""

HUMAN = "text"
"""The format for people. All others are for programs."""
SHOWN = (HUMAN, "concise")
"""Formats in the encoding and colours of a screen; the others are UTF-8."""


@cache
def formats() -> tuple[str, ...]:
    """The names of all formats, that for people first."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    return (HUMAN, *(name for name in names if name != HUMAN))


def render(
    found: Sequence[Diagnostic],
    format: str = HUMAN,
    look: Look | None = None,
    checked: Sequence[str] = (),
    pages: Pages = MappingProxyType({}),
) -> str:
    """Diagnostics in a format, which is one of `formats`. The text ends with a line break or is empty.

    ``checked`` are the names of the files that were looked at.
    """
    module = import_module(f"{__name__}.{format}")
    renderer: Renderer = module.render
    more = {"ALL_FILES": checked, "PAGES": pages}
    return renderer(found, look or Look(), *(given for name, given in more.items() if getattr(module, name, False)))


__all__ = ["HUMAN", "SHOWN", "Look", "Pages", "formats", "render"]

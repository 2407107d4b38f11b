"""The catalogue of diagnostics: one page a code, in ``pages/``, each read when it is asked for.

A page is Markdown: the title, what the code means and why, a program that gives it ("Wrong, at line:column")
and the program repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FAMILIES = {
    "E01": "the text", "E02": "names", "E03": "arguments and values", "E04": "shapes", "E05": "stated facts",
    "E06": "limits", "E07": "files",
}  # fmt: skip

_PAGE = re.compile(
    r"# (?P<title>[^\n]+)\n\n(?P<explanation>.+?)\n\n"
    r"## Wrong, at (?P<line>\d+):(?P<column>\d+)\n\n```cnn\n(?P<wrong>.*?)```\n\n"
    r"## Right\n\n```cnn\n(?P<right>.*?)```\n",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means. ``wrong`` gives it at ``place`` (line and column), ``right`` gives nothing."""

    title: str
    explanation: str
    wrong: str
    place: tuple[int, int]
    right: str


class Catalogue(Mapping[str, Code]):
    def __getitem__(self, code: str) -> Code:
        if code not in _names():
            raise KeyError(code)
        return _read(code)

    def __iter__(self) -> Iterator[str]:
        return iter(_names())

    def __len__(self) -> int:
        return len(_names())


@cache
def _names() -> tuple[str, ...]:
    pages = files(__package__) / "pages"
    return tuple(sorted(entry.name[:-3] for entry in pages.iterdir() if entry.name.endswith(".md")))


@cache
def _read(code: str) -> Code:
    text = (files(__package__) / "pages" / f"{code}.md").read_text("utf-8")
    match = _PAGE.fullmatch(text)
    if match is None:
        raise ValueError(f"the page of {code} does not have the form of one")
    place = int(match["line"]), int(match["column"])
    return Code(match["title"], match["explanation"], match["wrong"], place, match["right"])


CODES: Mapping[str, Code] = Catalogue()

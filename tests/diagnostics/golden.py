"""Golden files of rendered diagnostics: a case's source, its diagnostic and its rendering side by side.

A file is a header of ``key: value`` lines, then sections that begin with ``=== source NAME`` and
``=== rendered``. Keys: ``code``, ``message``, ``look`` (``unicode``, ``colour``, ``width=60``), ``at`` (the
primary span, ``line:column-line:column "text"``), ``label`` (likewise, a file's name in front where it is not
the first), ``note``, ``call``, ``help``. Control characters are written as escapes such as ``\\x1b``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from cnndsl.diagnostics.drawing.look import Look
from cnndsl.diagnostics.model import Diagnostic, Label
from cnndsl.source import Source, Span

PLACE = re.compile(r"(?:(?P<file>\S+) )?(\d+):(\d+)-(\d+):(\d+)(?: \"(.*)\")?$")
SECTION = re.compile(r"^=== (source|rendered) ?(\S*)\n", re.MULTILINE)


@dataclass
class Case:
    header: str
    sources: dict[str, str]
    rendered: str

    @classmethod
    def read(cls, path: Path) -> Case:
        header, *rest = SECTION.split(path.read_text("utf-8"))
        sources, rendered = {}, ""
        for kind, name, body in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
            if kind == "source":
                sources[name] = body
            else:
                rendered = body
        return cls(header, sources, rendered)

    def write(self, path: Path, rendered: str) -> None:
        parts = [self.header]
        parts += [f"=== source {name}\n{body}" for name, body in self.sources.items()]
        path.write_text("".join([*parts, f"=== rendered\n{rendered}"]), "utf-8")

    def values(self, key: str) -> list[str]:
        return [value for name, _, value in (line.partition(": ") for line in self.header.split("\n")) if name == key]

    @property
    def look(self) -> Look:
        words = self.values("look")[0].split() if self.values("look") else []
        width = next((int(word.removeprefix("width=")) for word in words if word.startswith("width=")), 80)
        return Look("colour" in words, "unicode" in words, width)

    def diagnostic(self) -> Diagnostic:
        sources = {name: Source(unescape(name), unescape(text)) for name, text in self.sources.items()}
        span, text = place(self.values("at")[0], sources)
        labels = tuple(Label(*place(value, sources)) for value in self.values("label"))
        return Diagnostic(
            self.values("code")[0],
            unescape(self.values("message")[0]),
            span,
            text,
            labels,
            tuple(self.values("note")),
            next(iter(self.values("help")), None),
            tuple(self.values("call")),
        )


def place(text: str, sources: dict[str, Source]) -> tuple[Span, str]:
    match = PLACE.match(text)
    assert match, text
    source = sources[match["file"]] if match["file"] else next(iter(sources.values()))
    first, start, last, end = map(int, match.groups()[1:5])
    return Span(source, offset(source, first, start), offset(source, last, end)), unescape(match[6] or "")


def offset(source: Source, line: int, column: int) -> int:
    lines = source.text.split("\n")
    return sum(len(each) + 1 for each in lines[: line - 1]) + column - 1


def unescape(text: str) -> str:
    """``\\x1b``, ``\\t``, ``\\r`` and ``\\u202e`` as the characters that they stand for."""
    return re.sub(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|t|r)", lambda m: f"\\{m[1]}".encode().decode("unicode_escape"), text)


def escape(text: str) -> str:
    return text.replace("\x1b", "\\x1b")

"""Comments that ignore a finding: ``# lint: ignore[name or code]`` on its line, or alone on the line above."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.source import Source, Span
from cnndsl.syntax.quoted import COMMENT, QUOTED

_TEXT = re.compile(rf"{QUOTED}|{COMMENT}")
_IGNORE = re.compile(r"#\s*lint:\s*ignore\b(?:\s*\[([^\]]*)\])?")


@dataclass(slots=True, eq=False)
class Ignore:
    """``names``, of rules or their codes, is None where every rule is ignored."""

    span: Span
    names: tuple[str, ...] | None
    line: int
    """Of the finding."""
    used: set[str] = field(default_factory=set)

    def takes(self, rule: set[str]) -> bool:
        return self.names is None or not rule.isdisjoint(self.names)


def ignores(source: Source) -> list[Ignore]:
    """The comments of a text that ignore something."""
    if "lint:" not in source.text:
        return []
    found = []
    for comment in _TEXT.finditer(source.text):
        match = _IGNORE.search(comment[0]) if comment[0].startswith("#") else None
        if match is None:
            continue
        start = comment.start() + match.start()
        span = Span(source, start, comment.start() + match.end())
        names = None if match[1] is None else tuple(n.strip() for n in match[1].split(",") if n.strip())
        found.append(Ignore(span, names, _target(source, comment.start())))
    return found


def _target(source: Source, start: int) -> int:
    """The line that a comment is about: its own, or the next that is no comment where it stands alone."""
    line, column = source.position(start)
    if source.line(line)[: column - 1].strip():
        return line
    last = source.position(len(source.text))[0]
    while line < last:
        line += 1
        text = source.line(line).strip()
        if text and not text.startswith("#"):
            break
    return line


def without_ignored(found: Iterable[Diagnostic], comments: list[Ignore], names: dict[str, str]) -> list[Diagnostic]:
    """The findings that no comment ignores. ``names`` has the rules' names by code."""
    lines: dict[int, list[Ignore]] = {}
    for comment in comments:
        lines.setdefault(comment.line, []).append(comment)
    kept = []
    for each in found:
        rule, span = {names[each.code], each.code}, each.span
        last = span.source.position(max(span.start, span.end - 1))[0]
        takers = [c for line in {span.line, last} for c in lines.get(line, ()) if c.takes(rule)]
        for taker in takers:
            taker.used |= rule
        if not takers:
            kept.append(each)
    return kept


def unused(comments: list[Ignore], selected: set[str], known: set[str]) -> list[tuple[Ignore, list[str]]]:
    """The comments that ignore nothing, wholly or in part, with the names that do nothing.

    Of rules that were not asked for nothing is known; names that no rule has are always useless.
    """
    found = []
    for comment in comments:
        if comment.names is None:
            if not comment.used:
                found.append((comment, list[str]()))
            continue
        useless = [n for n in comment.names if n not in known or (n in selected and n not in comment.used)]
        if useless or not comment.names:
            found.append((comment, useless))
    return found

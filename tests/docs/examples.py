"""Fenced ``cnn`` blocks of Markdown pages, and what each must satisfy.

```cnn                      a complete spec, without a single diagnostic
```cnn error=E0402          a spec in which exactly this code appears (several: ``error=E0201,E0401``)
```cnn fragment=64x28x28    statements that run, without a diagnostic, on this input
```cnn file=units.cnn       a complete spec, kept under this name for the imports of the page's later blocks

``error`` and ``fragment`` go together. A ``text`` block directly behind one with ``error`` shows its output:
each ``error[E0402]: …`` line in it must be a diagnostic of the block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.pipeline import from_text

FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>```+)(?P<info>[^`\n]*)$")
SHOWN = re.compile(r"(?:error|warning)\[(?P<code>\w+)\]: (?P<message>.*)")
ATTRIBUTES = {"error", "fragment", "file"}
OUTPUTS = ("_ x _ x _", "_")
"""What a fragment may give: a map or features. The statements decide which."""


class BadFence(Exception):
    """A fence that this file does not understand."""


@dataclass
class Block:
    """A fenced block: its place, its language, the attributes of its fence, and its text."""

    page: str
    line: int
    language: str
    attributes: dict[str, str]
    text: str
    shown: str | None = None
    """The output that the page shows for it."""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def codes(self) -> set[str]:
        """The codes that must appear; none for a correct spec."""
        return set(filter(None, self.attributes.get("error", "").split(",")))


def blocks(page: str, markdown: str) -> list[Block]:
    """The ``cnn`` blocks of a page, in order.

    Raises:
        BadFence: a ``cnn`` fence has an attribute that is unknown or has no value, or is never closed.
    """
    found: list[Block] = []
    last: Block | None = None
    for block, gap in fenced(page, markdown):
        if block.language == "cnn":
            found.append(block)
        elif block.language == "text" and last is not None and last.codes and not gap:
            last.shown = block.text
        last = block if block.language == "cnn" else None
    return found


def fenced(page: str, markdown: str) -> Iterator[tuple[Block, bool]]:
    """Every fenced block, and whether prose stands between it and the one before."""
    lines = markdown.splitlines()
    at, gap = 0, True
    while at < len(lines):
        opening = FENCE.match(lines[at])
        if opening is None:
            gap = gap or bool(lines[at].strip())
            at += 1
            continue
        start, indent = at, len(opening["indent"])
        body: list[str] = []
        at += 1
        while at < len(lines) and lines[at].strip() != opening["ticks"]:
            line = lines[at]
            body.append(line[min(indent, len(line) - len(line.lstrip(" "))) :])
            at += 1
        if at == len(lines):
            raise BadFence(f"{page}:{start + 1}: this block is never closed")
        at += 1
        language, _, rest = opening["info"].strip().partition(" ")
        given = attributes(rest, f"{page}:{start + 1}") if language == "cnn" else {}
        yield Block(page, start + 1, language, given, "\n".join(body) + "\n"), gap
        gap = False


def attributes(text: str, where: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for word in text.split():
        name, sign, value = word.partition("=")
        if name not in ATTRIBUTES or not sign or not value or name in given:
            raise BadFence(f"{where}: `{word}` is none of error=…, fragment=…, file=…")
        given[name] = value
    return given


def problems(block: Block, folder: Path) -> list[str]:
    """What is wrong with a block, in words. ``folder`` holds the page's files, and receives this one."""
    name = block.attributes.get("file")
    if name is not None:
        if not re.fullmatch(r"\w+\.cnn", name):
            raise BadFence(f"{block}: `{name}` is not a file name")
        (folder / name).write_text(block.text, "utf-8")
    found = diagnostics(block, folder)
    codes = {each.code for each in found}
    wrong = []
    if codes != block.codes:
        wanted = ", ".join(sorted(block.codes)) or "no diagnostics"
        wrong.append(f"{block}: expected {wanted}, found:\n" + ("\n".join(map(str, found)) or "nothing"))
    messages = {(each.code, each.message) for each in found}
    for shown in SHOWN.finditer(block.shown or ""):
        if (shown["code"], shown["message"]) not in messages:
            wrong.append(f"{block}: the page shows `{shown[0]}`, which is not reported")
    return wrong


def diagnostics(block: Block, folder: Path) -> list[Diagnostic]:
    size = block.attributes.get("fragment")
    if size is None:
        return from_text(block.text, folder=folder).check()
    shape = size.replace("x", " x ")
    attempts = [
        from_text(f"network fragment : {shape} -> {output} {{\n{block.text}}}\n", folder=folder).check()
        for output in OUTPUTS
    ]
    return min(attempts, key=len)

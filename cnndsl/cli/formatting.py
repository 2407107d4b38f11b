"""What `fmt` does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cnndsl import files
from cnndsl.cli.difference import show_difference
from cnndsl.cli.failure import FINDINGS, Refusal
from cnndsl.cli.output import write
from cnndsl.cli.specs import STDIN, stdin
from cnndsl.cli.targets import targets_of
from cnndsl.cli.terminal import look, progress, say
from cnndsl.cli.words import count
from cnndsl.diagnostics.drawing.cells import inert, visible
from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.diagnostics.renderers import render
from cnndsl.format import format_source
from cnndsl.source import Source


def format_all(paths: list[str], check: bool, diff: bool) -> int:
    """Format files, or say what would change, and give the exit code.

    Raises:
        Refusal: there is nothing to format, or a file can't be written.
    """
    found: list[Diagnostic] = []
    changed: list[str] = []
    targets = _targets(paths, written=not check and not diff)
    for target in progress(targets, "formatting"):
        try:
            source = Source("<stdin>", stdin()) if target == STDIN else files.read(Path(target))
            result = format_source(source)
        except SpecError as error:
            found.extend(error.diagnostics)
            continue
        # What differs in nothing but its byte order mark is written, too.
        old = result.encode() if target == STDIN and source.text == result else _bytes(target, source)
        if old != result.encode():
            changed.append(source.name)
            if diff:
                show_difference(source, result)
        if not check and not diff and (target == STDIN or old != result.encode()):
            write(target, result.encode())
    if found:
        say(render(found, look=look(sys.stderr)).rstrip("\n"))
    if check and not diff:
        screen = look(sys.stdout)
        sys.stdout.writelines(f"{inert(visible(name, screen.unicode))}\n" for name in changed)
    if targets != [STDIN]:
        say(_conclusion(len(changed), len(targets), {d.span.source.name for d in found}, check or diff))
    return FINDINGS if found or (check and changed) else 0


def _targets(paths: list[str], written: bool) -> list[str]:
    for path in paths:
        if path != STDIN and not os.path.lexists(path):
            raise Refusal(f"there is no file `{path}`")
        if path != STDIN and not os.path.isdir(path) and Path(path).suffix != ".cnn":
            raise Refusal(f"`{path}` is no `.cnn` file")
    return targets_of(paths, written)


def _bytes(target: str, source: Source) -> bytes:
    return source.text.encode() if target == STDIN else Path(target).read_bytes()


def _conclusion(changed: int, total: int, wrong: set[str], dry: bool) -> str:
    said = []
    if changed:
        said.append(f"{count(changed, 'file')} {'would change' if dry else 'formatted'}")
    same = total - changed - len(wrong)
    if same:
        said.append(f"{count(same, 'file')} {'as it is' if same == 1 else 'as they are'}")
    if wrong:
        said.append(f"{count(len(wrong), 'file')} can't be read")
    return ", ".join(said)

"""What `check --fix` does: the repairs that diagnostics offer, made in the user's own files.

All is tried on texts in memory. Only when nothing more can be repaired are the files written, each whole.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Sequence
from os.path import realpath
from pathlib import Path

from cnndsl import files
from cnndsl.cli.difference import difference
from cnndsl.cli.failure import Refusal
from cnndsl.cli.output import write as write_file
from cnndsl.cli.repairing import MARK
from cnndsl.cli.specs import STDIN, file_of, open_spec
from cnndsl.cli.terminal import look, progress, say
from cnndsl.diagnostics.drawing.cells import visible
from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.elaborate import Limits, Modules
from cnndsl.lint.edits import apply
from cnndsl.pipeline import Spec
from cnndsl.source import Source
from cnndsl.syntax import ast

ROUNDS = 10
TRIED = 100
"""Repairs that are tried one by one, where all of them together do not help."""
STAGES = ("E07", "E06", "E01", "E02", "E03", "E04", "E050", "E051")
"""Families of codes in the order in which a mistake hides others: expectations are looked at last."""


def allowed(targets: Sequence[str], shown: bool) -> None:
    """Raises Refusal where the targets are not files to be repaired; ``shown`` is a diff among other output."""
    if shown:
        raise Refusal("`--diff` writes a diff to standard output: leave `--format` out")
    for target in targets:
        if target == STDIN:
            raise Refusal("standard input can't be repaired in place: name a file")
        path = Path(file_of(target))
        if not path.is_file() and path.suffix != ".cnn":
            open_spec(target)  # a name that is none says so
            raise Refusal(f"`{target}` is part of the package: only files of your own are repaired")


def repair(targets: Sequence[str], limits: Limits | None, write: bool) -> int:
    """Repair files as far as they can be; write them, or show what would change. Gives the repairs' number."""
    bench = Bench(limits)
    for _ in range(ROUNDS):
        # Once more where a repair of one file may let another be read that imports it.
        changed = [target for target in progress(targets, "repairing") if bench.repair(target)]
        if not changed:
            break
    for source in bench.read.values():
        text = bench.texts[realpath(source.name)]
        if not write:
            sys.stdout.write(difference(source, text))
            continue
        if files.read(Path(source.name)).text != source.text:
            raise Refusal(f"`{source.name}` was changed by someone else meanwhile: it is left as it is now")
        with open(source.name, "rb") as file:
            mark = MARK if file.read(len(MARK)) == MARK else b""
        write_file(source.name, mark + text.encode())
    screen = look(sys.stderr)
    for each in bench.made:
        line = f"{each.span}: {each.code} {each.message}"
        say(f"{screen.paint('repaired' if write else 'would repair', 'help')} {visible(line, screen.unicode)}")
    return len(bench.made)


Step = tuple[str, list[Diagnostic], list[Diagnostic]]
"""The text after some repairs, what is found in it, and what was repaired."""


class Bench:
    """Files under repair, with their texts as they would be."""

    def __init__(self, limits: Limits | None) -> None:
        self.limits = limits
        self.texts: dict[str, str] = {}
        """New texts, by the real paths of their files."""
        self.read: dict[str, Source] = {}
        """What the files that change have been, by the same."""
        self.made: list[Diagnostic] = []

    def repair(self, target: str) -> bool:
        """Make the repairs that a target's own diagnostics offer; whether there were any."""
        try:
            original = open_spec(target, self.limits)
        except SpecError:
            return False
        path = realpath(original.source.name)
        start = text = self.texts.get(path, original.source.text)
        first = found = self._check(original, text)
        made: list[Diagnostic] = []
        best = start, made
        for _ in range(ROUNDS):
            step = self._round(original, text, found)
            if step is None:
                break
            text, found, gone = step
            made = [*made, *gone]
            if left(first, found, made) < 0:
                best = text, made
        if best[0] == start:
            return False
        self.texts[path] = best[0]
        self.read.setdefault(path, original.source)
        self.made += best[1]
        return True

    def _check(self, original: Spec, text: str) -> list[Diagnostic]:
        read = original.modules.read

        def current(source: Source, statement: ast.Import) -> Source:
            found = read(source, statement)
            return Source(found.name, self.texts.get(realpath(found.name), found.text))

        source = Source(original.source.name, text)
        return Spec(source, Modules(current), original.limits, original.network).check()

    def _round(self, original: Spec, text: str, found: list[Diagnostic]) -> Step | None:
        """The repairs that help; or some that lead on, as of the first of two quotes."""
        offered = [each for each in found if each.fix and all(_inside(e.span.source, original, text) for e in each.fix)]
        single = [[each] for each in offered[:TRIED]] if len(offered) > 1 else []
        further: Step | None = None
        for chosen in [offered, *single] if offered else []:
            new, _ = apply(text, chosen)
            if new == text:
                continue
            after = self._check(original, new)
            more, gone = left(found, after, chosen), _gone(found, after, chosen)
            if more > 0 or not gone or spoilt(found, after, chosen):
                continue
            if more < 0:
                return new, after, gone
            further = further or (new, after, gone)
        return further


def _inside(source: Source, original: Spec, text: str) -> bool:
    """Whether a source is the file itself: an imported file or one of the package is left alone."""
    return source.name == original.source.name and source.text in (text, f"{text}\n")


def left(before: Sequence[Diagnostic], after: Sequence[Diagnostic], chosen: Sequence[Diagnostic]) -> float:
    """How many more findings there are after repairs: of what they are about, or would be seen before it.

    What is seen later does not count against them: it was there, hidden behind the mistake. Infinite where another
    code is found of the former.
    """
    last = max(map(stage, chosen))
    old, new = (Counter(each.code for each in found if stage(each) <= last) for found in (before, after))
    return new.total() - old.total() if new.keys() <= old.keys() else math.inf


def stage(found: Diagnostic) -> int:
    """The place of a finding in `STAGES`."""
    return next(i for i, family in enumerate(STAGES) if found.code.startswith(family))


def spoilt(before: Sequence[Diagnostic], after: Sequence[Diagnostic], chosen: Sequence[Diagnostic]) -> bool:
    """Whether something new is wrong at a place that was repaired: that is no repair. What was hidden, and can be
    repaired in its turn, is not new."""
    known = {(each.code, each.message) for each in before}
    last = max(map(stage, chosen))
    hidden = {id(each) for each in after if each.fix and stage(each) > last}
    new = [each.span for each in after if (each.code, each.message) not in known and id(each) not in hidden]
    return any(span.start <= end and start <= span.end for span in new for start, end in _places(chosen))


def _places(chosen: Sequence[Diagnostic]) -> list[tuple[int, int]]:
    """Where in the new text the replacements are."""
    edits = sorted({(edit.span.start, edit.span.end, edit.replacement) for each in chosen for edit in each.fix})
    places, shift = [], 0
    for start, end, replacement in edits:
        places.append((start + shift, start + shift + len(replacement)))
        shift += len(replacement) - (end - start)
    return places


def _gone(before: list[Diagnostic], after: list[Diagnostic], chosen: list[Diagnostic]) -> list[Diagnostic]:
    """Those of the chosen that were found and are no more."""
    left = Counter((each.code, each.message) for each in after)
    gone = []
    for each in chosen:
        key = each.code, each.message
        if left[key]:
            left[key] -= 1
        else:
            gone.append(each)
    return gone

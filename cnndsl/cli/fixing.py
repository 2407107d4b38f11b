"""What `--fix` does in `check` and `lint`: repairs that findings offer, made in the user's own files.

All is tried on texts in memory, for what is promised and for what is made alike. Only when nothing more can be repaired
are the files written, each whole.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from os.path import realpath
from pathlib import Path

from cnndsl import files
from cnndsl.cli.difference import show_difference
from cnndsl.cli.failure import Refusal
from cnndsl.cli.output import STDOUT
from cnndsl.cli.output import write as write_file
from cnndsl.cli.specs import STDIN, file_of, open_spec
from cnndsl.cli.terminal import look, say
from cnndsl.cli.words import count
from cnndsl.diagnostics.drawing.cells import visible
from cnndsl.diagnostics.model import Diagnostic
from cnndsl.elaborate import Modules
from cnndsl.fix import Patience, repair
from cnndsl.pipeline import Spec
from cnndsl.source import Source
from cnndsl.syntax import ast

ROUNDS = 10
SECONDS = 1.5
"""How long repairs of one file are tried, first the safe ones, then with what is left the others."""
PROMISE = 2.5
"""How long checking takes, together with trying what could be repaired."""
MARK = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Job:
    """A spec to repair: what is found in it, and how that is found."""

    spec: Spec
    found: Sequence[Diagnostic]
    find: Callable[[Spec], list[Diagnostic]] = Spec.check


class Bench:
    """Files under repair, with their texts as they would be."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self.jobs = list(jobs)
        self.texts: dict[str, str] = {}
        """New texts, by the real paths of their files."""
        self.read: dict[str, Source] = {}
        """What the files that change have been, by the same."""
        self.made: list[Diagnostic] = []

    def repair(self, unsafe: bool, patience: Patience | None = None) -> None:
        """Make the repairs that are safe, and then the others too; by default with a patience for each file."""
        patiences = [patience or Patience(SECONDS) for _ in self.jobs]
        if unsafe:
            self._rounds(False, patiences)
        self._rounds(unsafe, patiences)

    def _rounds(self, unsafe: bool, patiences: list[Patience]) -> None:
        for _ in range(ROUNDS):
            # Once more where a repair of one file may let another be read that imports it.
            made = len(self.made)
            for job, own in zip(self.jobs, patiences, strict=True):
                self._repair(job, unsafe, own)
            if len(self.made) == made:
                break
            if len(self.jobs) > 1:
                for job in self.jobs:
                    job.found = job.find(self._spec(job, self._source(job)))

    def _repair(self, job: Job, unsafe: bool, patience: Patience) -> None:
        source = self._source(job)
        result = repair(source, job.found, lambda new: job.find(self._spec(job, new)), unsafe, patience)
        if not result.made:
            return
        path = realpath(source.name)
        self.read.setdefault(path, job.spec.source)
        self.texts[path] = result.source.text
        job.spec, job.found = self._spec(job, result.source), result.found
        self.made += result.made

    def _source(self, job: Job) -> Source:
        source = job.spec.source
        return Source(source.name, self.texts.get(realpath(source.name), source.text))

    def _spec(self, job: Job, source: Source) -> Spec:
        read = job.spec.modules.read

        def current(source: Source, statement: ast.Import) -> Source:
            found = read(source, statement)
            return Source(found.name, self.texts.get(realpath(found.name), found.text))

        return Spec(source, Modules(current, job.spec.modules.parse), job.spec.limits, job.spec.network)

    def show(self) -> None:
        """Write what would change, as a diff, to standard output."""
        for path, source in self.read.items():
            show_difference(source, self.texts[path])
        self._tell("would repair")

    def write(self) -> None:
        """Write the files that change. Raises Refusal where one was changed meanwhile."""
        for path, source in self.read.items():
            if files.read(Path(source.name)).text != source.text:
                raise Refusal(f"`{source.name}` was changed by someone else meanwhile: it is left as it is now")
            with open(source.name, "rb") as file:
                mark = MARK if file.read(len(MARK)) == MARK else b""
            write_file(source.name, mark + self.texts[path].encode())
        self._tell("repaired")

    def print(self) -> None:
        """Write the only text, changed or not, to standard output."""
        write_file(STDOUT, self._source(self.jobs[0]).text.encode())
        self._tell("repaired")

    def _tell(self, what: str) -> None:
        screen = look(sys.stderr)
        for each in self.made:
            line = f"{each.span}: {each.code} {each.message}"
            if not each.safe:
                line += f": {_changes(each)}"
            head = screen.paint(what if each.safe else f"{what}, unsafely,", "help" if each.safe else "warning")
            say(f"{head} {visible(line, screen.unicode)}")


def _changes(found: Diagnostic) -> str:
    """What an unsafe repair wrote, and in place of what."""
    words = []
    for old, new in ((" ".join(e.span.text.split()), " ".join(e.replacement.split())) for e in found.fix[:3]):
        words.append(f"`{new}` for `{old}`" if old and new else f"`{new}` is new" if new else f"`{old}` is gone")
    return ", ".join(words) + (", …" if len(found.fix) > 3 else "")


def allowed(targets: Sequence[str], shown: bool) -> None:
    """Raises Refusal where the targets are not files to be repaired; ``shown`` is a diff among other output."""
    if shown:
        raise Refusal("`--diff` writes a diff to standard output: leave `--format` out")
    for target in targets:
        if target == STDIN:
            raise Refusal("standard input can't be repaired in place: name a file")
        if not own(target):
            open_spec(target)  # a name that is none says so
            raise Refusal(f"`{target}` is part of the package: only files of your own are repaired")


def own(target: str) -> bool:
    """Whether a target is the user's own file."""
    path = Path(file_of(target))
    return path.is_file() or path.suffix == ".cnn"


def done(made: Sequence[Diagnostic]) -> str:
    """How many repairs were made."""
    if not made:
        return ""
    unsafe = sum(not each.safe for each in made)
    return f"{count(len(made), 'repair')} made" + (f", {unsafe:,} of them unsafe" if unsafe else "") + "; "


def cleared(made: Sequence[Diagnostic], clean: str) -> str:
    """That nothing is found after repairs; not that all is well, where what was stated or meant may be another now."""
    if all(each.safe for each in made):
        return look(sys.stderr).paint(clean, "help")
    return look(sys.stderr).paint("nothing is found now; see that each unsafe repair is what you mean", "warning")


def promise(jobs: Iterable[Job], fixed: bool, unsafe: bool, spent: float) -> str:
    """What `--fix` and `--unsafe-fixes` would do, or still can where it was ``fixed``, found by trying.

    It is not tried for long, and shorter than it would be done: ``spent`` are the seconds that it took to find what is
    wrong.
    """
    if fixed and unsafe:
        return ""
    bench, patience = Bench(jobs), Patience(min(PROMISE - spent, SECONDS / 2))
    bench.repair(unsafe=False, patience=patience)
    safe = len(bench.made)
    bench.repair(unsafe=True, patience=patience)
    whole, more = len(bench.made), " or more" if patience.ended else ""
    if not whole:
        return "; `--diff` shows what `--fix` repairs" if more and not fixed else ""
    if unsafe or safe == whole:
        return f"; `--fix` repairs {whole:,}{more}"
    if safe:
        return f"; `--fix` repairs {safe:,}{more}, `--unsafe-fixes` {whole - safe:,} more"
    return f"; `--fix --unsafe-fixes` repairs {whole:,}{more}"

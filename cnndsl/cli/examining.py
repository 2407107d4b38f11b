"""Checks specs: one after another, or many at once on all cores."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from os.path import realpath
from posixpath import dirname, join

from cnndsl.cli.failure import Refusal
from cnndsl.cli.specs import STDIN, open_spec
from cnndsl.cli.verdicts import Import, Outcome, Verdicts, absolute, digest
from cnndsl.diagnostics.model import SpecError
from cnndsl.elaborate import Limits, is_template
from cnndsl.elaborate.modules import Reader
from cnndsl.source import Source
from cnndsl.syntax import ast

MANY = 20
"""Files up to which starting processes takes longer than it saves."""
MOST = 8
"""Processes, each with a compiler of 40 MB and at worst a spec at its limits."""


class Recorder:
    """Reads imports, and remembers which."""

    def __init__(self, read: Reader) -> None:
        self.read = read
        self.seen: list[Import] = []

    def __call__(self, source: Source, statement: ast.Import) -> Source:
        found = self.read(source, statement)
        asked = absolute(join(dirname(source.name), statement.path))
        self.seen.append(Import(asked, realpath(found.name), digest(found.text.encode())))
        return found


def examine(target: str, limits: Limits | None, keep: bool) -> Outcome:
    """Check what the user means by a target, and remember a file that is right.

    Raises:
        Refusal, UnknownSpec: there is no such thing.
    """
    try:
        spec = open_spec(target, limits)
    except SpecError as error:
        return Outcome(error.diagnostics[0].span.source.name, 0, error.diagnostics)
    recorder = spec.modules.read = Recorder(spec.modules.read)
    found = tuple(spec.check())
    name = spec.source.name
    try:
        if spec.network is not None:
            spec.definition()
            return Outcome(name, 1, found)
        networks = sum(not is_template(each) for each in spec.module.networks.values())
    except SpecError:  # of text that can't be read, which is among what was found
        return Outcome(name, 0, found)
    if keep and not found and os.path.isfile(target):
        Verdicts(limits).keep(target, digest(spec.source.text.encode()), networks, recorder.seen)
    return Outcome(name, networks, found)


def examine_all(targets: list[str], limits: Limits | None, keep: bool) -> Iterator[Outcome]:
    """Check all, in order, on all cores where that is worth it."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    if len(targets) <= MANY or cores < 2 or STDIN in targets:
        yield from (examine(target, limits, keep) for target in targets)
    else:
        yield from _at_once(targets, min(cores, MOST), limits, keep)


def _at_once(targets: list[str], workers: int, limits: Limits | None, keep: bool) -> Iterator[Outcome]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children, get_context

    # A fork need not import everything again; but it is only safe where no other thread holds a lock.
    quick = sys.platform == "linux" and threading.active_count() == 1
    before = active_children()
    size = max(1, min(16, len(targets) // (4 * workers)))
    with _safe_path():
        pool = ProcessPoolExecutor(workers, get_context("fork" if quick else "spawn"), _begin, (os.getpid(),))
    try:
        with _safe_path():
            outcomes = pool.map(partial(_try, limits=limits, keep=keep), targets, chunksize=size)
        for target, outcome in zip(targets, outcomes, strict=True):
            # What failed fails again here, where it is told of with its place.
            yield outcome if outcome is not None else examine(target, limits, keep)
    except BrokenProcessPool:
        raise Refusal("a process that checked specs was ended from outside: is there enough memory?") from None
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in active_children():
            if child not in before:
                child.terminate()
        raise
    pool.shutdown()


@contextmanager
def _safe_path() -> Iterator[None]:
    """A Python that is started here imports nothing from the current folder, which may be anybody's."""
    name = "PYTHONSAFEPATH"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


def _try(target: str, limits: Limits | None, keep: bool) -> Outcome | None:
    try:
        return examine(target, limits, keep)
    except Exception:
        return None


def _begin(parent: int) -> None:
    """In each process: Ctrl-C is the parent's concern, and no process outlives it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    if sys.platform != "win32":
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)

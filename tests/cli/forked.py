"""Runs command lines with the standard streams that a shell may give them, each in a process of its own.

The processes are forked from one that has run each command line once: starting anew for each would take too long.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple


class Case(NamedTuple):
    """A command line, and what its streams are: ``file``, ``closed``, ``full`` or ``broken``, a pipe without reader."""

    line: str
    out: str = "file"
    err: str = "file"
    encoding: str = "utf-8"


class Ended(NamedTuple):
    code: int
    """Negative for a signal."""
    out: str
    err: str


def run(cases: list[Case], folder: Path) -> dict[Case, Ended]:
    """What becomes of the cases. Bytes that their encoding does not have show as replacement characters."""
    done = subprocess.run(
        [sys.executable, "-P", __file__, json.dumps(cases)], cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {case: Ended(*each) for case, each in zip(cases, json.loads(done.stdout), strict=True)}


def _run(case: Case) -> Ended:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            _become(case, out.fileno(), err.fileno())
        _, status = os.waitpid(child, 0)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(case.encoding, "replace"))
    return Ended(os.waitstatus_to_exitcode(status), *texts)


def _become(case: Case, out: int, err: int) -> None:
    """The program itself. As Python does, a stream that is closed is None."""
    from cnndsl import cli

    sys.stdout = _stream(case.out, 1, out, case.encoding, "strict")
    sys.stderr = _stream(case.err, 2, err, case.encoding, "backslashreplace")
    sys.argv = ["cnndsl", *case.line.split(" ")]
    cli.main()


def _stream(kind: str, number: int, file: int, encoding: str, errors: str):  # type: ignore[no-untyped-def]
    if kind == "closed":
        os.close(number)
        return None
    if kind == "full":
        file = os.open("/dev/full", os.O_WRONLY)
    elif kind == "broken":
        reader, file = os.pipe()
        os.close(reader)
    os.dup2(file, number)
    return open(number, "w", encoding=encoding, errors=errors, closefd=False)


def _warm(lines: list[str]) -> None:
    from cnndsl import cli

    with open(os.devnull, "w", encoding="utf-8") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
        for line in lines:
            cli.run(line.split(" "))


if __name__ == "__main__":
    from cnndsl import files

    cases = [Case(*each) for each in json.loads(sys.argv[1])]
    sys.stdin = open(os.devnull)  # noqa: SIM115
    files.zoo_folder = lambda: Path("zoo")  # type: ignore[assignment]
    _warm(list(dict.fromkeys(case.line for case in cases)))
    print(json.dumps([_run(case) for case in cases]))

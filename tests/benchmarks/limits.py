"""What the worst spec within each limit costs, in a process of its own: ``python -m tests.benchmarks.limits``.

Prints the table of docs/limits.md, and exits with 1 where anything takes more than `SECONDS` or `MEGABYTES`. With the
name of a command and of a spec it measures these alone.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from cnndsl import lint
from cnndsl.cli.fixing import Bench, Job
from cnndsl.diagnostics.drawing.look import Look
from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.diagnostics.renderers import render
from cnndsl.elaborate import Limits
from cnndsl.format import format_source
from cnndsl.pipeline import Spec, UnknownSpec, from_text
from cnndsl.source import Source
from cnndsl.syntax.errors import MAX_BYTES, MAX_WORDS, words
from tests.fuzz.bombs import BOMBS, body
from tests.fuzz.shapes import RIGHT, WRONG, Shape

SECONDS = 5
MEGABYTES = 500

NODES = Limits().nodes - 10
REPEATED = body(f"relu * {NODES}")
WRITTEN = body("conv(3, 1x1) -> relu\n" * 9_900)
LARGEST = {
    "ops in one repetition": REPEATED,
    "ops as text": WRITTEN,
    "ops in lanes": body("concat {\n" + "| conv(3, 1x1)\n" * 11_300 + "}"),
    "nested groups": body("{" * 38 + "}" * 38),
    "a dense block": body("dense 600 { conv(4, 1x1) }"),
    "a block called often": "block B { conv(3, 1x1) -> relu }\n" + body("B * 40_000"),
}
IMPORTS = "16 imports"


def longest(shape: Shape) -> str:
    """The longest text of a shape that is read."""
    low, high = 1, 1 << 18
    while low < high:
        middle = (low + high + 1) // 2
        text = shape(middle)
        if words(text) <= MAX_WORDS and len(text) <= MAX_BYTES:
            low = middle
        else:
            high = middle - 1
    return shape(low)


def check(text: str) -> None:
    if text == IMPORTS:
        with TemporaryDirectory() as folder:
            each = MAX_WORDS // 16 // 12
            for k in range(16):
                blocks = (f"block B{k}_{i} {{ conv(3, 1x1) -> relu }}\n" for i in range(each))
                Path(folder, f"i{k}.cnn").write_text("".join(blocks))
            statements = "".join(f'import "i{k}.cnn"\n' for k in range(16))
            from_text(statements + body("relu"), "a.cnn", Path(folder)).check()
        return
    render(_spec(text).check(), look=Look(colour=True, unicode=True))


def fmt(text: str) -> None:
    format_source(Source("a.cnn", text))


def linted(text: str) -> None:
    lint.lint(_spec(text), lint.rules())


def summary(text: str) -> None:
    from cnndsl.analysis.report import summarize

    summarize(_spec(text).graph(), None)


def source(text: str) -> None:
    from cnndsl import backends

    backends.code().source(_spec(text).graph())


def fixed(text: str) -> None:
    spec = _spec(text)
    Bench([Job(spec, spec.check())]).repair(unsafe=True)


def lint_fixed(text: str) -> None:
    def find(spec: Spec) -> list[Diagnostic]:
        return lint.lint(spec, lint.rules())

    spec = _spec(text)
    Bench([Job(spec, find(spec), find)]).repair(unsafe=True)


def drawing(text: str) -> None:
    from cnndsl import backends

    backends.diagrams().render(_spec(text).graph(), "svg", None)


JOBS: dict[str, Callable[[str], None]] = {
    "check": check, "fmt": fmt, "lint": linted, "summary": summary, "compile": source, "render": drawing,
    "check --fix": fixed, "lint --fix": lint_fixed,
}  # fmt: skip


def _spec(text: str) -> Spec:
    return from_text(text, "a.cnn", Path(__file__).parent)


SHAPES = {**RIGHT, **WRONG}


def texts(job: str) -> list[str]:
    """The names of what a command is measured on."""
    more = [IMPORTS] if job == "check" else []
    return [*(BOMBS if job in ("check", "fmt", "lint") else ()), *LARGEST, *SHAPES, *more]


def text_of(name: str) -> str:
    known = {**BOMBS, **LARGEST, IMPORTS: IMPORTS}
    return known[name] if name in known else longest(SHAPES[name])


def measure(job: str, name: str) -> str:
    """What this process takes for it; with what was said instead, where the job refuses."""
    said = ""
    try:
        JOBS[job](text_of(name))
    except (SpecError, UnknownSpec) as error:  # anything else is a bug, and fails
        said = f"{type(error).__name__}: {str(error).partition(chr(10))[0][:100]}"
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(each.ru_utime + each.ru_stime for each in used)
    megabytes = max(each.ru_maxrss for each in used) / (1 << 10 if sys.platform == "linux" else 1 << 20)
    return f"{seconds:.1f} {megabytes:.0f} {said}"


def main() -> int:
    bad = False
    for job in JOBS:
        rows = [(*row(job, name), name) for name in texts(job)]
        longest = sorted(rows, key=lambda r: r[0], reverse=True)[:4]
        largest = sorted(rows, key=lambda r: r[1], reverse=True)[:2]
        for seconds, megabytes, said, name in dict.fromkeys(longest + largest):
            print(f"| `{job}` | {name} | {seconds:.1f} s | {megabytes:.0f} MB | {said} |", flush=True)
        bad |= any(seconds > SECONDS or megabytes > MEGABYTES for seconds, megabytes, *_ in rows)
    return 1 if bad else 0


def row(job: str, name: str) -> tuple[float, float, str]:
    command = [sys.executable, "-m", "tests.benchmarks.limits", job, name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    except subprocess.TimeoutExpired:
        return float("inf"), float("inf"), "more than two minutes"
    if done.returncode:
        return float("inf"), float("inf"), done.stderr[-100:]
    seconds, megabytes, said = done.stdout.strip("\n").split(" ", 2)
    return float(seconds), float(megabytes), said


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(measure(*sys.argv[1:]))
    else:
        sys.exit(main())

"""A repository that means harm: nothing in it is run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnndsl.diagnostics.drawing.cells import visible
from tests.cli.program import SMALL, WRONG, Program

COMMAND = Path(sys.executable).with_name("cnndsl")
MODULES = ("lark", "typing", "sitecustomize", "usercustomize", "multiprocessing", "concurrent", "typer", "rich", "json",
           "graphviz", "pydantic", "cnndsl_torch", "torch", "signal", "encodings", "site", "tempfile")  # fmt: skip
LAUNCHER = """
import os, sys, threading
import cnndsl.cli
if __name__ == "__main__":
    threading.active_count = lambda: 2  # as on systems without fork
    os.sched_getaffinity = lambda _: {0, 1}
    cnndsl.cli.main()
"""


@pytest.fixture
def repository(program: Program) -> Program:
    trap = f"open({str(program.folder / 'RUN')!r}, 'a').write(__name__ + '\\n')\n"
    program.monkeypatch.delenv("PYTHONPATH", raising=False)
    for name in MODULES:
        program.spec(trap, f"repo/{name}.py")
    program.spec(trap, "repo/cnndsl/__init__.py")
    program.spec("[console_scripts]\n[cnndsl.backends]\ntorch = torch:x\n", "repo/evil-1.dist-info/entry_points.txt")
    program.spec("Name: evil\nVersion: 1\n", "repo/evil-1.dist-info/METADATA")
    program.spec(name="repo/-x.cnn")
    for number in range(21):
        program.spec(WRONG, f"repo/nets/{number}.cnn")
    program.monkeypatch.chdir("repo")
    return program


def test_its_modules_are_not_imported(repository: Program) -> None:
    script = repository.folder / "launcher.py"
    script.write_text(LAUNCHER, "utf-8")
    lines: list[tuple[list[str | Path], str]] = [
        ([COMMAND], "check ."), ([sys.executable, script], "check . --no-cache"), ([COMMAND], "lint -- -x.cnn"),
        ([COMMAND], "compile -o - -- -x.cnn"), ([COMMAND], "render -o - -- -x.cnn"),
        ([sys.executable, "-P", "-m", "cnndsl"], "check --format github -- -x.cnn"),
    ]  # fmt: skip
    for start, line in lines:
        done = subprocess.run([*start, *line.split()], capture_output=True, text=True, encoding="utf-8")
        assert done.returncode == (1 if "check ." in line else 0), (line, done.stderr)
        assert "42 errors in 21 of 22 files" in done.stderr or "-x.cnn" in line
    assert not (repository.folder / "RUN").exists(), (repository.folder / "RUN").read_text()


@pytest.mark.parametrize(
    "line",
    [
        "check -- -x.cnn", "check --no-cache -- -x.cnn", "lint -- -x.cnn", "fmt --check -- -x.cnn",
        "summary -- -x.cnn", "compile -o - -- -x.cnn", "check --format json -- -x.cnn", "check -- --fix.cnn",
    ],
)  # fmt: skip
def test_behind_two_hyphens_are_paths(program: Program, line: str) -> None:
    name = program.spec(name=line.split()[-1])
    result = program(*line.split())
    assert result.code == 0, result.err
    assert Path(name).read_text("utf-8") == SMALL


def test_a_file_is_not_an_option(program: Program) -> None:
    program.spec(WRONG, "--no-cache")
    assert program("check", "--").code == 2
    assert "--no-cache" in program("check", "--", "--no-cache").err


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
def test_names_that_steer(program: Program) -> None:
    """Names that are not UTF-8, that steer a terminal or that end a line."""
    path = os.fsdecode(b"\xff\x1b[31m" + "\u202e\u200b\x85".encode() + b"\n::error::b.cnn")
    for text in (SMALL, WRONG.replace("->", "-", 1)):
        for line in NAMED:
            (program.folder / path).write_text(text, "utf-8")
            result = program(*line.split(), path)
            assert result.code in (0, 1), (line, result.err)
            assert not set("\x1b\u202e\u200b\x85") & set(result.out + result.err), line
            assert "\n::error::b" not in result.out + result.err, line


NAMED = ("check", "check --format json", "check --format sarif", "check --format gitlab", "check --format junit",
         "check --format github", "check --format concise", "check --diff", "lint --format sarif", "fmt --check",
         "fmt --diff", "summary --format json", "summary", "summary --format markdown", "compile -o -",
         "compile --force", "render -o x\x1b.svg", "check --fix", "lint --fix", "fmt")  # fmt: skip


@pytest.mark.parametrize("line", ["check", "check --fix", "lint", "fmt --check"])
def test_folders_deeper_than_python_calls(program: Program, line: str) -> None:
    deep = 1100
    for count in range(1, deep + 1):
        os.mkdir("a/" * count)
    name = "a/" * deep + "x.cnn"
    program.spec(name=name)
    result = program(*line.split(), ".")
    os.remove(name)
    for count in range(deep, 0, -1):  # pytest would go down by calls, too
        os.rmdir("a/" * count)
    assert result.code == 0, result.err


@pytest.mark.parametrize("name", ["a" * 300 + ".cnn", "a/" * 3000 + "b.cnn", "small.cnn/b.cnn"])
def test_imports_that_no_file_can_have(program: Program, name: str) -> None:
    program.spec()
    path = program.spec(f'import "{name}"\n{SMALL.replace("small", "other")}', "other.cnn")
    for line in ("check", "check --fix", "summary", "lint"):
        result = program(*line.split(), path)
        assert result.code == 1, (line, result.err)
        assert "error[E0702]" in result.err


def test_a_neighbour_that_imports_far_away_costs_little(program: Program) -> None:
    path = program.spec("block B { relu }\n" + SMALL)
    program.spec('import "' + "a/" * 200_000 + 'b.cnn"\n', "neighbour.cnn")
    began = time.process_time()
    assert program("lint", path).code == 1
    assert time.process_time() - began < 2


def test_a_size_of_blanks_is_read_at_once(program: Program) -> None:
    began = time.process_time()
    assert program("summary", program.spec(), "--input", "3" + " " * 100_000 + "y").code == 2
    assert time.process_time() - began < 2


@pytest.mark.parametrize("format", ["json", "sarif", "gitlab"])
def test_json_has_no_half_characters(program: Program, format: str) -> None:
    if sys.platform != "linux":
        pytest.skip("needs file names of bytes")
    path = os.fsdecode(b"\xff\x7f.cnn")
    (program.folder / path).write_text(WRONG, "utf-8")
    out = program("check", path, "--format", format).out
    assert out.isascii()
    assert "\x7f" not in out
    assert "%FF%7F.cnn" in out if format == "sarif" else "\\\\u{dcff}" in out


HIDDEN = [0x1B, 0x7F, 0x85, 0x9B, 0xAD, 0x34F, 0x61C, 0x115F, 0x180B, 0x180E, 0x200B, 0x200F, 0x2028, 0x202E, 0x2066,
          0x2800, 0x3164, 0xDCFF, 0xE000, 0xFEFF, 0xFFA0, 0xFFF9, 0xE0041]  # fmt: skip


@pytest.mark.parametrize("code", HIDDEN)
def test_what_is_not_seen_is_written_out(code: int) -> None:
    assert visible(f"a{chr(code)}b", unicode=False) == f"a\\u{{{code:x}}}b"
    assert visible(f"a{chr(code)}b") in (f"a\\u{{{code:x}}}b", f"a{chr(0x2400 + code)}b")


def test_no_line_is_a_command_to_a_service(program: Program) -> None:
    """But for those of the format that consists of them."""
    command = "::set-output name=x::y"
    path = program.spec(
        SMALL.replace("3x3", f'"{"x" * 60} {command} {"y" * 60}"').replace(" ->", "->"), f"{command}.cnn"
    )
    for line in ("check", "check --format concise", "check --format json", "lint", "fmt --check", "summary"):
        result = program(*line.split(), path)
        assert command in result.out + result.err or "\\u{3a}:set" in result.out + result.err, line
        assert not any(each.lstrip().startswith("::") for each in (result.out + result.err).split("\n")), line

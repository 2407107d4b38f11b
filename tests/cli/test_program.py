"""What all commands have in common: help, failures, streams."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cnndsl.cli.app import Commands
from tests.cli.program import SMALL, WRONG, Program


def test_version(program: Program) -> None:
    assert program("--version").out.startswith("cnndsl ")


@pytest.mark.parametrize("name", Commands())
def test_every_command_has_help_with_examples(program: Program, name: str) -> None:
    result = program(name, "--help")
    assert result.code == 0
    assert f"cnndsl {name}" in result.out.replace("\n", " ").split("Usage:", 1)[1].split("─")[0].split("]", 1)[1]


def test_help_lists_the_commands(program: Program) -> None:
    out = program("--help").out
    assert all(f" {name} " in out for name in Commands())


def test_misspelled_command(program: Program) -> None:
    result = program("sumary", "resnet18")
    assert result.code == 2
    assert "summary" in result.err


def test_a_bug_of_ours_is_called_one(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("no\x1b such")

    monkeypatch.setattr("cnndsl.pipeline.Spec.graph", broken)
    result = program("summary", program.spec())
    assert result.code == 70
    assert "this is a bug in cnndsl" in result.err
    assert "Traceback" not in result.err
    assert "\x1b" not in result.err
    assert "Traceback" in program("--debug", "summary", program.spec()).err


def test_interrupt(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cnndsl.pipeline.Spec.graph", stop)
    assert program("summary", program.spec()).code == 130


def test_a_closed_pipe_is_no_error(program: Program) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cnndsl", "ops"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate()
    assert err == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("line", ["ops", "--version", "check a.cnn --format json", "fmt -", "explain E0402"])
def test_a_full_disk_is_no_bug_of_ours(program: Program, line: str) -> None:
    program.spec(WRONG, "a.cnn")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cnndsl", *line.split()], input=SMALL.replace("relu", " relu"), stdout=full,
            stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert "error: can't write the output: " in done.stderr


def test_a_closed_input(program: Program) -> None:
    program.monkeypatch.setattr(sys, "stdin", None)
    result = program("check", "-")
    assert (result.code, result.err) == (2, "error: standard input is closed\n")


def test_ascii_streams_get_ascii(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cnndsl", "check", program.spec(WRONG + "# 卷积\n")],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.isascii()
    assert b" --> small.cnn:5:36" in done.stderr


def test_the_text_of_a_spec_is_never_python(program: Program) -> None:
    spec = program.spec(SMALL.replace("Nobody", "`rm` $(x) {[bold]y[/bold]}"))
    result = program("summary", spec, "--format", "markdown")
    assert result.code == 0

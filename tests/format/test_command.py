"""``cnndsl fmt``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import program as program
from tests.cli.program import SMALL, Program

UNTIDY = SMALL.replace("relu", "  relu").replace("linear(classes)", "linear( classes )  # last")
TIDY = SMALL.replace("linear(classes)", "linear(classes)  # last")


def test_it_writes_what_changes(program: Program) -> None:
    program.spec(UNTIDY, "a/one.cnn")
    program.spec(TIDY, "a/two.cnn")
    before = Path("a/two.cnn").stat()
    result = program("fmt", "a")
    assert (result.code, result.out, result.err) == (0, "", "1 file formatted, 1 file as it is\n")
    assert Path("a/one.cnn").read_text("utf-8") == TIDY
    assert Path("a/two.cnn").stat().st_mtime_ns == before.st_mtime_ns
    assert program("fmt", "a").err == "2 files as they are\n"


def test_check_lists_and_writes_nothing(program: Program) -> None:
    spec = program.spec(UNTIDY)
    result = program("fmt", "--check", spec)
    assert (result.code, result.out, result.err) == (1, "small.cnn\n", "1 file would change\n")
    assert Path(spec).read_text("utf-8") == UNTIDY
    program("fmt", spec)
    result = program("fmt", "--check", spec)
    assert (result.code, result.out) == (0, "")


def test_diff_shows_and_writes_nothing(program: Program) -> None:
    spec = program.spec(UNTIDY)
    result = program("fmt", "--diff", spec)
    assert result.code == 0
    assert "-    fc: linear( classes )  # last\n+    fc: linear(classes)  # last\n" in result.out
    assert result.out.startswith("--- small.cnn\n+++ small.cnn\n@@ ")
    assert program("fmt", "--diff", "--check", spec).code == 1
    assert "\x1b[1;32m+    fc" in program("fmt", "--diff", "--color", "always", spec).out
    assert Path(spec).read_text("utf-8") == UNTIDY


def test_standard_input(program: Program) -> None:
    for text in (UNTIDY, TIDY):
        result = program("fmt", "-", stdin=text)
        assert (result.code, result.out, result.err) == (0, TIDY, "")
    assert program("fmt", "-", "--check", stdin=TIDY).code == 0
    result = program("fmt", "-", "--check", stdin=UNTIDY)
    assert (result.code, result.out) == (1, "<stdin>\n")
    result = program("fmt", "-", stdin="network {")
    assert (result.code, result.out) == (1, "")
    assert "<stdin>:1:9" in result.err


def test_a_file_with_mistakes_is_left(program: Program) -> None:
    program.spec(UNTIDY, "a/one.cnn")
    wrong = program.spec("network n {\n  a ->\n}\n", "a/wrong.cnn")
    result = program("fmt", "a")
    assert result.code == 1
    assert "a/wrong.cnn:" in result.err
    assert result.err.endswith("1 file formatted, 1 file can't be read\n")
    assert Path(wrong).read_text("utf-8") == "network n {\n  a ->\n}\n"
    assert Path("a/one.cnn").read_text("utf-8") == TIDY


def test_wrong_use(program: Program) -> None:
    Path("empty").mkdir()
    Path("text.md").write_text("# nothing\n", "utf-8")
    for path in ("none.cnn", "empty", "text.md", "resnet50"):
        assert program("fmt", path).code == 2


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
def test_the_mode_stays(program: Program) -> None:
    spec = Path(program.spec(UNTIDY))
    spec.chmod(0o640)
    assert program("fmt", "small.cnn").code == 0
    assert (spec.read_text("utf-8"), spec.stat().st_mode & 0o777) == (TIDY, 0o640)


def test_line_breaks_and_byte_order_marks_become_ours(program: Program) -> None:
    spec = Path(program.spec())
    for data in (b"\xef\xbb\xbf" + TIDY.encode(), TIDY.replace("\n", "\r\n").encode()):
        spec.write_bytes(data)
        assert program("fmt", "--check", "small.cnn").code == 1
        assert program("fmt", "small.cnn").code == 0
        assert spec.read_bytes() == TIDY.encode()

"""Streams that are closed, full, narrow or read no further: no command fails at them, or hides that it did."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from cnndsl.diagnostics.renderers import formats
from tests.cli.forked import Case, Ended, run
from tests.cli.program import SMALL, WRONG

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")

ENCODINGS = ("ascii", "cp1252")
ODD = "'é \u202e \x1b \x85 卷 🙂"
LINES = [
    *(f"check wrong.cnn --format {format}" for format in formats()), "check good.cnn", "check --diff wrong.cnn",
    "check none.cnn", "lint wrong.cnn", "lint wrong.cnn --format github", "fmt --check wild.cnn",
    "fmt --diff wild.cnn", "fmt broken.cnn", "summary good.cnn", "summary good.cnn --format json", "summary wrong.cnn",
    "compile good.cnn -o -", "render good.cnn -o -", "render good.cnn -o x.gif", "explain E0402", "rule", "ops conv",
    "zoo", "zoo --format json", "zoo show small", "--version", "--help", "chekc",
]  # fmt: skip
"""Every command with each kind of output, that for failures included."""
STREAMS = [(), ("closed",), ("full",), ("broken",), ("file", "closed"), ("file", "full"), ("file", "broken"),
           ("closed", "full"), *(("file", "file", encoding) for encoding in ENCODINGS)]  # fmt: skip
STEERING = set("\x1b\x85\u202e")


def test_every_command_with_every_stream(tmp_path: Path) -> None:
    odd = SMALL.replace("Nobody", f"Nobody {ODD}") + f"# {ODD}\n"
    texts = {"good": odd, "zoo/good": odd, "wild": odd.replace(" -> relu", "->relu"), "broken": odd + ODD,
             "wrong": WRONG.replace("3x3", f'3x3, "{ODD}"').replace("relo", f"relo {ODD}")}  # fmt: skip
    (tmp_path / "zoo").mkdir()
    for name, text in texts.items():
        (tmp_path / f"{name}.cnn").write_text(text, "utf-8")
    ended = run([Case(line, *streams) for line in LINES for streams in STREAMS], tmp_path)
    for line in LINES:
        judge(line, ended)


def judge(line: str, ended: dict[Case, Ended]) -> None:
    usual = ended[Case(line)]
    assert usual.code in (0, 1, 2), line
    assert "Traceback" not in usual.err, line
    assert not STEERING & set(usual.err), line
    assert "--diff" in line or not STEERING & set(usual.out), "a diff is to be applied: it is exact"

    for kind in ("closed", "full"):
        lost, unheard = ended[Case(line, kind)], ended[Case(line, "file", kind)]
        if usual.out:
            assert (lost.code, lost.err.count("error: can't write the output: ")) == (2, 1), line
        else:
            assert lost == usual, line
        assert unheard[:2] == usual[:2], f"{line}: the exit code says it where nobody hears"
    assert ended[Case(line, "closed", "full")].code == (2 if usual.out else usual.code), line

    # `head` ends a command as it ends any other.
    assert ended[Case(line, "broken")].code == (-signal.SIGPIPE if usual.out else usual.code), line
    assert ended[Case(line, "file", "broken")].code == (-signal.SIGPIPE if usual.err else usual.code), line

    for encoding in ENCODINGS:
        narrow = ended[Case(line, encoding=encoding)]
        assert narrow.code == usual.code, line
        assert "\ufffd" not in narrow.err, line
    if any(word in line for word in ("json", "sarif", "junit", "gitlab", "github", "-o -", "--diff")):
        assert ended[Case(line, encoding="ascii")].out == usual.out.encode().decode("ascii", "replace"), line

"""Runs the command line in this process."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from cnndsl import cli

SMALL = '''"""A small network, for the tests. Nobody; 2026."""

network small(classes = 4, width = 8) : 3 x H=16 x W=16 -> classes {
    features: {
        conv(width, 3x3, pad=1) -> relu
        conv(2 * width, 3x3, stride=2, pad=1) -> relu
    }
    global_avgpool
    fc: linear(classes)
}
'''
WRONG = SMALL.replace("relu\n        conv", "relo\n        conv").replace("linear(", "linear(1, 2, 3, ")


@dataclass
class Result:
    code: int
    out: str
    err: str


class Program:
    """``cnndsl`` with its output caught; run in a folder of its own."""

    def __init__(self, capfd: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.capfd, self.folder, self.monkeypatch = capfd, folder, monkeypatch

    def __call__(self, *arguments: str, stdin: str | bytes | None = None) -> Result:
        if stdin is not None:
            data = stdin.encode() if isinstance(stdin, str) else stdin
            self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        self.capfd.readouterr()
        code = cli.run(list(arguments))
        sys.stdout.flush()
        out, err = self.capfd.readouterr()
        return Result(code, out, err)

    def spec(self, text: str = SMALL, name: str = "small.cnn") -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return name

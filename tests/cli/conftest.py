from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import Program


@pytest.fixture
def program(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The command line, run in an empty folder without colour."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "CNNDSL_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CNNDSL_CACHE_DIR", str(tmp_path / "cache"))
    return Program(capfd, tmp_path, monkeypatch)

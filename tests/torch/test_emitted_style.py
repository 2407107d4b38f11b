"""The zoo's emitted files under the tools that review hand-written ones: ruff and mypy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cnndsl.pipeline import zoo
from cnndsl_torch import backend
from tests.reference import zoo_graph, zoo_names


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("emitted")
    for name in zoo_names():
        (folder / f"{name}.py").write_text(backend.source(zoo_graph(name)))
    return folder


def run(*command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def test_ruff_finds_nothing(folder: Path) -> None:
    assert not run(
        "ruff", "check", "--isolated", "--select=E4,E7,E9,F,I,UP,B,C4", "--target-version=py311", str(folder)
    )


def test_formatting_is_ruffs(folder: Path) -> None:
    assert not run("ruff", "format", "--isolated", "--line-length=100", "--check", str(folder))


def test_mypy_accepts_them(folder: Path) -> None:
    families = {path: name for name, path in reversed(zoo().items()) if name in zoo_names()}
    check_types(folder, [str(folder / f"{name}.py") for name in families.values()])


@pytest.mark.slow
def test_mypy_accepts_all(folder: Path) -> None:
    check_types(folder, sorted(map(str, folder.glob("*.py"))))


def check_types(folder: Path, files: list[str]) -> None:
    assert not run("mypy", "--config-file=", f"--cache-dir={folder}", "--strict", *files)

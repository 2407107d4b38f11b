"""The built distributions, and an environment that has the wheel and not the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


@dataclass(frozen=True)
class Distributions:
    wheel: Path
    sdist: Path


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it. Its programs run in an empty folder."""

    folder: Path
    packages: Path
    here: Path

    def cnndsl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run(str(self.folder / SCRIPTS / "cnndsl"), *arguments)

    def python(self, program: str) -> str:
        done = self._run(str(self.folder / SCRIPTS / "python"), "-c", program)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "COLUMNS")}
        environment = {**kept, "CNNDSL_CACHE_DIR": str(self.folder / "cache")}
        return subprocess.run(command, cwd=self.here, env=environment, capture_output=True, text=True, encoding="utf-8")


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """As `make wheel` builds them: the wheel from the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    offline = ["--no-isolation"] if find_spec("hatchling") else []
    run(sys.executable, "-m", "build", *offline, "--outdir", str(folder), str(ROOT))
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Distributions(wheel, sdist)


@pytest.fixture(scope="session")
def installed(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in a new environment, whose dependencies are those of the one that runs the tests.

    A `.pth` file adds a folder without reading the `.pth` files in it, so an editable cnndsl stays unseen.
    """
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder))
    python = folder / SCRIPTS / "python"
    run(sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check",
        "install", "--quiet", "--no-deps", "--no-index", str(distributions.wheel))  # fmt: skip
    packages = Path(run(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    ours = dict.fromkeys(sysconfig.get_path(each) for each in ("purelib", "platlib"))
    (packages / "dependencies.pth").write_text("".join(f"{each}\n" for each in ours), "utf-8")
    return Installed(folder, packages, tmp_path_factory.mktemp("empty"))


def run(*command: str, folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout

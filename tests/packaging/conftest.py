"""The built distributions, and an environment that has the wheel and not the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.packaging.interpreters import Interpreter, interpreters

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


@pytest.fixture(
    scope="session", params=["this", *(pytest.param(which, marks=pytest.mark.slow) for which in ("oldest", "newest"))]
)
def installed(
    request: pytest.FixtureRequest, distributions: Distributions, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    """The wheel in a new environment: of the Python that runs the tests, and of the oldest and newest that are here.

    The first gets the dependencies of the tests' own, the others theirs from the package index.
    """
    if request.param == "this":
        return borrowing(sys.executable, distributions, tmp_path_factory)
    found = other(request.param)
    folder = tmp_path_factory.mktemp("environment")
    python = environment(found.path, folder)
    done = install(python, str(distributions.wheel))
    if done.returncode:
        pytest.skip(f"no dependencies for Python {found.name}: {done.stderr.strip().splitlines()[-1]}")
    return Installed(folder, purelib(python), tmp_path_factory.mktemp("empty"))


def other(which: str) -> Interpreter:
    """The oldest or newest interpreter, which is another than the one that runs the tests."""
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    found = interpreters(requires)[0 if which == "oldest" else -1]
    if found.version == sys.version_info[:3]:
        pytest.skip(f"the {which} Python here is {found.name}, which runs the tests")
    return found


def borrowing(python: str, distributions: Distributions, factory: pytest.TempPathFactory) -> Installed:
    """The wheel in a new environment with the dependencies of the one that runs the tests: for another Python, those
    without binaries.

    A `.pth` file adds a folder without reading the `.pth` files in it, so an editable cnndsl stays unseen.
    """
    folder = factory.mktemp("environment")
    new = environment(python, folder)
    done = install(new, "--no-deps", "--no-index", str(distributions.wheel))
    assert done.returncode == 0, done.stderr
    ours = dict.fromkeys(sysconfig.get_path(each) for each in ("purelib", "platlib"))
    (purelib(new) / "dependencies.pth").write_text("".join(f"{each}\n" for each in ours), "utf-8")
    return Installed(folder, purelib(new), factory.mktemp("empty"))


def environment(python: str, folder: Path) -> Path:
    run(python, "-m", "venv", "--without-pip", str(folder))
    return folder / SCRIPTS / "python"


def install(python: Path, *what: str) -> subprocess.CompletedProcess[str]:
    pip = (sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "--quiet")
    return subprocess.run([*pip, *what], capture_output=True, text=True, encoding="utf-8")


def purelib(python: Path) -> Path:
    return Path(run(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())


def run(*command: str, folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout

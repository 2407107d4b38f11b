"""The Pythons of this machine on which cnndsl may be installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.specifiers import SpecifierSet

NEWEST = 30
"""The last minor version that is looked for on the PATH."""
ASK = "import sys, venv; print(*sys.version_info[:3], sys.implementation.name, sys.executable)"


@dataclass(frozen=True, order=True)
class Interpreter:
    version: tuple[int, ...]
    path: str

    @property
    def name(self) -> str:
        return ".".join(map(str, self.version))


def places() -> Iterator[Path]:
    """Where interpreters lie: on the PATH, and in what pyenv and uv installed."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    for folder in dict.fromkeys([*folders, Path("/usr/bin"), Path("/usr/local/bin")]):
        for name in ("python3", *(f"python3.{minor}" for minor in range(11, NEWEST))):
            found = shutil.which(name, path=str(folder))
            if found:
                yield Path(found)
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or home / ".local/share/uv/python")
    for folder in (pyenv, uv):
        yield from folder.glob("*/bin/python3")


@cache
def interpreters(requires: str) -> tuple[Interpreter, ...]:
    """One of each version that fits, oldest first; this one among them."""
    found = {tuple(sys.version_info[:3]): sys.executable}
    for path in dict.fromkeys(places()):
        try:
            done = subprocess.run([path, "-I", "-c", ASK], capture_output=True, text=True, timeout=30)
        except (OSError, subprocess.TimeoutExpired):
            continue
        major, minor, patch, *rest = done.stdout.split(maxsplit=4) if done.returncode == 0 else ("0", "0", "0")
        version = (int(major), int(minor), int(patch))
        if rest[:1] == ["cpython"] and ".".join(map(str, version)) in SpecifierSet(requires):
            found.setdefault(version, rest[1].strip())
    return tuple(Interpreter(*each) for each in sorted(found.items()))

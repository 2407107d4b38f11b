"""How `check` starts: what it must not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import SMALL, WRONG

FORBIDDEN = {
    "torch", "networkx", "graphviz", "rich", "pydantic", "numpy", "resvg_py", "importlib.metadata",
    "cnndsl_torch", "cnndsl_graphviz", "cnndsl.analysis.report", "cnndsl.backends",
}  # fmt: skip
PROGRAM = """
import sys
from cnndsl.cli import run
code = run(sys.argv[1:])
print(code, *sorted(sys.modules))
"""


def modules(*arguments: str) -> tuple[int, set[str]]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True)
    code, *names = done.stdout.split()[-10_000:]
    return int(code), set(names)


@pytest.mark.parametrize("options", [(), ("--no-cache",)])
def test_check_imports_nothing_heavy(tmp_path: Path, options: tuple[str, ...]) -> None:
    spec = tmp_path / "a.cnn"
    spec.write_text(SMALL, "utf-8")
    code, loaded = modules("check", str(spec), *options)
    assert code == 0
    assert loaded & (FORBIDDEN | {"typer"}) == set()


def test_nor_does_it_with_options(tmp_path: Path) -> None:
    spec = tmp_path / "a.cnn"
    spec.write_text(SMALL, "utf-8")
    code, loaded = modules("check", str(spec), "--color", "always", "--limit", "nodes=1_000")
    assert code == 0
    assert loaded & FORBIDDEN == set()
    assert {name for name in loaded if name.startswith("cnndsl.cli.commands.")} == {"cnndsl.cli.commands.check"}


def test_nor_does_it_with_findings(tmp_path: Path) -> None:
    spec = tmp_path / "a.cnn"
    spec.write_text(WRONG, "utf-8")
    code, loaded = modules("check", str(spec))
    assert code == 1
    assert loaded & FORBIDDEN == set()


def test_importing_the_package_is_light() -> None:
    program = "import cnndsl, sys; print(*sorted(sys.modules))"
    loaded = set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )
    assert loaded & (FORBIDDEN | {"lark", "typer", "cnndsl.pipeline"}) == set()

"""What users copy into their CI: the files parse, and the commands in them are commands of ours."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cnndsl.cli.app import Commands
from cnndsl.diagnostics.renderers import formats
from tests.packaging.conftest import ROOT

PAGE = (ROOT / "docs/ci.md").read_text("utf-8")
YAML = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
HOOKS = ROOT / ".pre-commit-hooks.yaml"
ACTION = ROOT / "action.yml"
COMMAND = re.compile(r"(?:(?<=`)|(?<=- )|(?<=run: )|(?<=entry: )|^|(?<=-m ))(cnndsl [^`\n>]+)", re.MULTILINE)


def read(text: str) -> Any:
    """The YAML reader comes with pre-commit."""
    return pytest.importorskip("yaml").safe_load(text)


def commands() -> list[str]:
    texts = (PAGE, HOOKS.read_text("utf-8"), ACTION.read_text("utf-8"))
    return sorted({match.strip() for text in texts for match in COMMAND.findall(text)})


def test_commands_are_found() -> None:
    assert {"cnndsl check", "cnndsl check --format github .", "cnndsl fmt"} <= set(commands())


@pytest.mark.parametrize("line", commands())
def test_command_exists(line: str) -> None:
    _, name, *arguments = shlex.split(line)
    command: Any = Commands()[name]
    values = command.make_context(name, arguments or ["a.cnn"]).params  # raises for what it does not know
    if name == "check":
        assert values["format"] in formats()


@pytest.mark.parametrize("text", YAML, ids=lambda text: text.strip().partition("\n")[0])
def test_recipe_parses(text: str) -> None:
    assert read(text)


def test_hooks() -> None:
    hooks = {hook["id"]: hook for hook in read(HOOKS.read_text("utf-8"))}
    named = {hook for text in YAML for hook in re.findall(r"- id: (\S+)", text)}
    assert named == set(hooks)
    for hook in hooks.values():
        assert hook["language"] == "python"
        assert re.search(hook["files"], "networks/small.cnn")
        assert not re.search(hook["files"], "small.cnn.py")
        assert hook["args"] == ["--"], "what follows is a file, however it begins"


def test_hooks_are_what_pre_commit_reads() -> None:
    load_manifest = pytest.importorskip("pre_commit.clientlib").load_manifest
    assert len(load_manifest(str(HOOKS))) == 2


def test_action() -> None:
    action = read(ACTION.read_text("utf-8"))
    rows = re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)
    assert rows == list(action["inputs"])
    assert all(step["shell"] == "bash" for step in action["runs"]["steps"] if "run" in step)
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert not any("${{" in script for script in scripts), "inputs come by the environment: they are no code"
    assert all("python -P -m" in script for script in scripts), "a module of the checked repository is not imported"


GOOD = "network a : 3 x 8 x 8 -> 10 { global_avgpool -> linear(10) }\n"
BAD = "network b : 3 x 8 x 8 -> 10 { global_avgpol -> linear(10) }\n"


@pytest.mark.skipif(os.name == "nt", reason="needs bash")
@pytest.mark.parametrize(("paths", "code"), [("-good.cnn", 0), (".", 1), ("*.cnn more/bad.cnn", 1)])
def test_what_the_action_runs(paths: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "-good.cnn").write_text(GOOD, "utf-8")
    (tmp_path / "lark.py").write_text("raise SystemExit('run')", "utf-8")
    (tmp_path / "cnndsl.py").write_text("raise SystemExit('run')", "utf-8")
    (tmp_path / "more" / "bad.cnn").write_text(BAD, "utf-8")
    script = read(ACTION.read_text("utf-8"))["runs"]["steps"][-1]["run"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=tmp_path, env={**os.environ, "PATHS": paths, "PATH": path}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    annotations = done.stdout.splitlines()
    assert len(annotations) == code
    assert all(line.startswith("::error file=more/bad.cnn,line=1,") for line in annotations)

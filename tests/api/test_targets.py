"""Targets: the package that CONTRIBUTING.md walks through is put beside this one, and used from outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import cnndsl
from cnndsl import backends

TEXT = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text()
SPEC = "network small : 3 x 8 x 8 -> 2 { conv: conv(4, 3x3) -> relu\n global_avgpool -> fc: linear(2) }\n"
LINES = "conv: conv -> 4 x 6 x 6\n1: relu -> 4 x 6 x 6\n2: global_avgpool -> 4\nfc: linear -> 2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The package, as an installer would lay it out, and a spec."""
    files = dict(re.findall(r"```\w+\n# (\S+)\n(.*?)```", TEXT, re.DOTALL))
    project = tomllib.loads(files["pyproject.toml"])["project"]
    info = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    entries = [f"{name} = {value}" for name, value in project["entry-points"]["cnndsl.backends"].items()]
    (info / "entry_points.txt").write_text("\n".join(["[cnndsl.backends]", *entries, ""]))
    (tmp_path / "cnndsl_listing.py").write_text(files["cnndsl_listing.py"])
    (tmp_path / "small.cnn").write_text(SPEC)
    return tmp_path


def run(folder: Path, *line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "cnndsl", *line], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )  # fmt: skip


def test_from_the_command_line(folder: Path) -> None:
    listed = run(folder, "backends").stdout
    assert re.search(r"listing +\.ops +cnndsl-listing 1\.0", listed)
    assert run(folder, "compile", "small.cnn", "--to", "listing", "-o", "-").stdout == LINES
    written = run(folder, "compile", "small.cnn", "-o", "small.ops")
    assert written.stderr == "wrote small.ops: small\n"
    assert (folder / "small.ops").read_text() == LINES
    assert run(folder, "compile", "small.cnn", "-o", "small.ops").returncode == 0


def test_from_python(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(folder))
    assert cnndsl.emit(SPEC, "listing").decode() == LINES
    with pytest.raises(ValueError, match="writes ops, not 'txt'"):
        cnndsl.emit(SPEC, "listing", ending="txt")


LABELLED = "network small : 3 x 8 x 8 -> 3 x 8 x 8 { {label}: relu }\n"


def test_a_label_that_a_target_reserves_is_right_elsewhere(folder: Path) -> None:
    for label, refusing, taking in (("end", "listing", "torch"), ("train", "torch", "listing")):
        (folder / "small.cnn").write_text(LABELLED.replace("{label}", label))
        assert run(folder, "check", "small.cnn").returncode == 0
        assert run(folder, "compile", "small.cnn", "--to", taking, "-o", "-").returncode == 0
        refused = run(folder, "compile", "small.cnn", "--to", refusing, "-o", "-")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert f"E0206]: `{label}` can't be a label for the target `{refusing}`" in refused.stderr
        assert "small.cnn:1:42" in refused.stderr


def test_labels_that_pytorch_reserves() -> None:
    spec = "block B(c) { train: conv(c, 1x1)\n for i in [16] { bfloat{i}: relu } }\n" + LABELLED.replace(
        "{label}: relu", "lambda: B(3) -> to: relu"
    )
    found = []
    for use in (cnndsl.load, cnndsl.source, lambda spec: cnndsl.emit(spec, "torch")):
        with pytest.raises(cnndsl.SpecError) as error:
            use(spec)
        found.append([d.span.text for d in error.value.diagnostics])
    assert found == [["train", "bfloat{i}", "lambda", "to"]] * 3
    assert cnndsl.summary(spec).params == 12
    for hidden in ("if c { add { | forward: conv(4, 1x1) | } }", "if c { forward: conv(4, 1x1) }"):
        with pytest.raises(cnndsl.SpecError, match="E0206"):
            cnndsl.source("network n(c = false) : 4 x 8 x 8 -> _ x _ x _ { relu\n" + hidden + " }")


@pytest.mark.parametrize("ending", ["py", "cnn", "svg", "dot"])
def test_ours_come_by_the_same_door(ending: str) -> None:
    name = backends.by_ending(ending)
    assert cnndsl.emit(SPEC, name, ending=ending)


def test_an_ending_that_no_target_writes(folder: Path) -> None:
    refused = run(folder, "compile", "small.cnn", "-o", "small.onnx")
    assert refused.returncode == 2
    assert "no target writes `.onnx`" in refused.stderr
    assert not (folder / "small.onnx").exists()


def test_two_that_write_one_ending(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "cnndsl_listing.py").write_text((folder / "cnndsl_listing.py").read_text().replace('"ops"', '"py"'))
    monkeypatch.syspath_prepend(str(folder))
    sys.modules.pop("cnndsl_listing", None)
    with pytest.raises(backends.BackendError, match=r"`listing` and `torch` both write `\.py`; `--to` says which"):
        backends.by_ending("py")
    sys.modules.pop("cnndsl_listing", None)


def test_a_picture_of_a_transformed_network(folder: Path) -> None:
    assert run(folder, "compile", "small.cnn", "--optimize", "inference", "-o", "small.svg").returncode == 0

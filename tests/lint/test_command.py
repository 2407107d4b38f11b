"""``cnndsl lint`` and ``cnndsl rule``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cnndsl import lint
from tests.cli.conftest import program
from tests.cli.program import SMALL, Program
from tests.diagnostics import sarif

__all__ = ["program"]

ODD = SMALL.replace("relu\n        conv", "relu -> relu\n        conv").replace("global", "let a = 1\n    global")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    _forget()


def _forget() -> None:
    from cnndsl.cli import linting

    linting._of_project.cache_clear()
    linting._imports.cache_clear()


def project(folder: Path, table: str) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.cnndsl.lint]\n{table}\n", "utf-8")


def test_clean(program: Program) -> None:
    result = program("lint", program.spec())
    assert (result.code, result.out, result.err) == (0, "", "1 file: nothing found\n")


def test_findings(program: Program) -> None:
    result = program("lint", program.spec(ODD))
    assert result.code == 1
    assert result.out == ""
    assert "W0203" in result.err
    assert result.err.endswith("2 warnings in 1 file; `--fix --unsafe-fixes` repairs 1\n")


def test_selection_on_the_command_line(program: Program) -> None:
    spec = program.spec(ODD)
    assert "W0102" not in program("lint", spec, "--select", "doubled-activation,lost-border").err
    assert "W0203" not in program("lint", spec, "--ignore", "W02").err
    assert program("lint", spec, "--ignore", "W02", "--ignore", "unused-let").code == 0


def test_formats(program: Program) -> None:
    spec = program.spec(ODD)
    report = json.loads(program("lint", spec, "--format", "json").out)
    assert [d["severity"] for d in report["diagnostics"]] == ["warning", "warning"]
    assert program("lint", spec, "--format", "github").out.startswith("::warning file=small.cnn")
    run = sarif.run(program("lint", spec, "--format", "sarif").out)
    assert run["results"]
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["shortDescription"]["text"]
        assert "## Why is this bad?" in rule["help"]["markdown"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "dubled-activation"], "did you mean `doubled-activation`?"),
        (["--ignore", "E0402"], "there is no rule `E0402`"),
        (["--format", "yaml"], "there is no format `yaml`"),
        (["nowhere.cnn"], "there is no file `nowhere.cnn`"),
        (["nowhere/"], "there is no file `nowhere/`"),
        (["small.cnn:smal"], "did you mean `small`?"),
        (["--select", ""], "`--select` names no rule"),
        (["--ignore", ","], "`--ignore` names no rule"),
    ],
)
def test_wrong_use(program: Program, arguments: list[str], message: str) -> None:
    result = program("lint", program.spec(), *arguments)
    assert result.code == 2
    assert message in result.err


def test_settings_of_the_nearest_project_that_has_some(program: Program) -> None:
    spec = program.spec(ODD, "specs/deep/a.cnn")
    project(program.folder, 'ignore = ["W0203", "unused-let"]')
    (program.folder / "specs" / "pyproject.toml").write_text("[tool.other]\n", "utf-8")
    assert program("lint", spec).code == 0


def test_shared_specs(program: Program) -> None:
    spec = program.spec(SMALL, "specs/a.cnn")
    project(program.folder, 'shared = ["specs/*"]')
    assert "W0402" in program("lint", spec).err
    assert program("lint", spec, "--select", "W01").code == 0


@pytest.mark.parametrize("table", ['select = "W01"', 'selekt = ["W01"]', "select = [", 'ignore = ["x"]'])
def test_wrong_settings(program: Program, table: str) -> None:
    spec = program.spec()
    project(program.folder, table)
    result = program("lint", spec)
    assert result.code == 2
    assert "pyproject.toml: " in result.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[tool.cnndsl]\nselect = ["W01"]', "`select` belongs in the table `[tool.cnndsl.lint]`"),
        ("[tool.cnndsl.lints]", "`[tool.cnndsl]` has no key `lints`; there is the table `[tool.cnndsl.lint]`"),
        ("[tool]\ncnndsl = 3", "`[tool.cnndsl]` is a table"),
        ("[tool.cnndsl]\nlint = 3", "`[tool.cnndsl.lint]` is a table"),
    ],
)
def test_settings_in_the_wrong_place(program: Program, text: str, message: str) -> None:
    spec = program.spec()
    (program.folder / "pyproject.toml").write_text(text, "utf-8")
    result = program("lint", spec)
    assert result.code == 2
    assert message in result.err


def test_settings_of_others(program: Program) -> None:
    for text in ("tool = 3", "[tool]", "[tool.cnndsl]", "[project]"):
        (program.folder / "pyproject.toml").write_text(text, "utf-8")
        assert program("lint", program.spec()).code == 0
        _forget()


def test_a_network_stands_for_its_file(program: Program) -> None:
    assert "W0203" in program("lint", program.spec(ODD) + ":small").err


def test_a_wrong_spec(program: Program) -> None:
    result = program("lint", program.spec(SMALL.replace("relu", "relo")))
    assert result.code == 1
    assert "error[E0201]" in result.err


def test_blocks_that_another_file_uses(program: Program) -> None:
    spec = program.spec(SMALL + "\nblock Extra { relu }\n", "parts/a.cnn")
    assert "W0103" in program("lint", spec).err
    program.spec('import "parts/a.cnn"\nblock B { Extra }\n', "b.cnn")
    from cnndsl.cli import linting

    linting._imports.cache_clear()
    assert program("lint", spec).code == 0


def test_fix(program: Program) -> None:
    spec = program.spec(f"use std.Fire\n{ODD}".replace("\n", "\r\n"))
    path = program.folder / spec
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert program("lint", spec).err.endswith("; `--fix` repairs 1, `--unsafe-fixes` 1 more\n")
    result = program("lint", spec, "--fix")
    assert result.code == 1
    assert result.err.endswith("1 repair made; 2 warnings in 1 file; `--fix --unsafe-fixes` repairs 1\n")
    assert path.read_bytes() == b"\xef\xbb\xbf" + ODD.replace("\n", "\r\n").encode()


def test_fix_goes_on_until_nothing_is_left(program: Program) -> None:
    spec = program.spec(SMALL.replace("    global", "    let a = 1\n    let b = a\n    let c = b\n    global"))
    result = program("lint", spec, "--fix", "--unsafe-fixes")
    assert "repaired, unsafely, small.cnn:10:9: W0102 `c` is not used: `let c = b` is gone" in result.err
    assert result.err.endswith(
        "3 repairs made, 3 of them unsafe; 1 file: nothing is found now; see that each unsafe repair is what you mean\n"
    )
    assert (program.folder / spec).read_text("utf-8") == SMALL


def test_a_bias_that_saved_weights_have_stays(program: Program) -> None:
    text = "network n : 3 x 8 x 8 -> 10 {\n    conv(4, 1x1) -> bn -> relu\n    global_avgpool -> linear(10)\n}\n"
    spec = program.spec(text)
    assert program("lint", spec, "--fix").err.endswith("1 warning in 1 file; `--fix --unsafe-fixes` repairs 1\n")
    assert (program.folder / spec).read_text("utf-8") == text


def test_fix_does_not_break_an_expectation(program: Program) -> None:
    text = (
        "use std.Fire\nnetwork n : 3 x 8 x 8 -> 10 {\n    conv(4, 1x1) -> bn -> relu\n"
        "    global_avgpool -> linear(10)\n    expect params == 74\n}\n"
    )
    spec = program.spec(text)
    result = program("lint", spec, "--fix", "--unsafe-fixes")
    assert "W0201" in result.err
    assert (program.folder / spec).read_text("utf-8") == text.removeprefix("use std.Fire\n")


def test_standard_input(program: Program) -> None:
    assert program("lint", "-", stdin=ODD).code == 1
    result = program("lint", "-", "--fix", stdin=f"use std.Fire\n{ODD}")
    assert result.out == ODD
    assert program("lint", "-", "--fix", stdin="network {").out == "network {"
    assert program("lint", "-", "--fix", "--format", "json", stdin=ODD).code == 2


@pytest.mark.parametrize("text", [ODD, "network {"])
def test_a_report_of_all_files_names_each_once(program: Program, text: str) -> None:
    result = program("lint", "-", "resnet50", "--format", "junit", stdin=text)
    assert re.findall(r' file="(.*)"', result.out) == ["&lt;stdin&gt;", "zoo/resnet.cnn"]


def test_the_zoo(program: Program) -> None:
    assert program("lint", "resnet50").code == 0
    result = program("lint", "resnet50", "--fix")
    assert result.code == 2
    assert "part of the package" in result.err


def test_rules_are_listed(program: Program) -> None:
    result = program("rule")
    assert result.code == 0
    for rule in lint.rules():
        assert rule.name in result.out


@pytest.mark.parametrize("name", ["lost-border", "W0205", "w0205", "lost_border"])
def test_a_rule_is_explained(program: Program, name: str) -> None:
    result = program("rule", name)
    assert result.code == 0
    for text in ("W0205: lost-border", "What it does", "Why is this bad?", "3 x 30 x 30"):
        assert text in result.out


def test_an_unknown_rule(program: Program) -> None:
    result = program("rule", "lost-boarder")
    assert result.code == 2
    assert "did you mean `lost-border`?" in result.err

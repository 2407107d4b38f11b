"""``cnndsl check``: what it takes, says and returns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import SMALL, WRONG, Program
from tests.diagnostics import sarif


def test_a_good_file(program: Program) -> None:
    result = program("check", program.spec())
    assert (result.code, result.out, result.err) == (0, "", "1 network in 1 file: no problems\n")


def test_a_wrong_file(program: Program) -> None:
    result = program("check", program.spec(WRONG))
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error[E0201]: there is no op or block `relo`")
    assert " small.cnn:5:36\n" in result.err
    assert result.err.endswith("2 errors in 1 of 1 file; `--fix` repairs 1\n")


def test_a_folder_stands_for_the_specs_below_it(program: Program) -> None:
    program.spec(name="specs/a.cnn")
    program.spec(name="specs/deep/b.cnn")
    program.spec(WRONG, name="specs/wrong.cnn")
    result = program("check", "specs", "specs/a.cnn")
    assert (result.code, result.err.split("\n")[-2]) == (1, "2 errors in 1 of 3 files; `--fix` repairs 1")


def test_what_is_wrong_with_an_import_is_said_once(program: Program) -> None:
    program.spec("block unit(c) { conv(c, 3x3, pad=1) -> relo }\n", "specs/unit.cnn")
    for name in "abc":
        program.spec('import "unit.cnn"\n' + SMALL, f"specs/{name}.cnn")
    result = program("check", "specs", "--format", "concise")
    assert result.out.count("\n") == 1
    assert result.err.startswith("1 error in 1 of 4 files")


def test_mistakes_in_text_hide_no_others(program: Program) -> None:
    other = SMALL[SMALL.index("network small") :].replace("small", "other").replace("-> relu", "relu", 1)
    result = program("check", program.spec(WRONG + other), "--format", "concise")
    assert [line.split("[")[1][:5] for line in result.out.splitlines()] == ["E0201", "E0302", "E0107"]


def test_paths_alone_and_with_options_are_checked_alike(program: Program) -> None:
    spec = program.spec(WRONG)
    assert program("check", spec) == program("check", spec, "--format", "text")
    assert program("check", "missing.cnn") == program("check", "--format", "text", "missing.cnn")


def test_one_network_of_a_file(program: Program) -> None:
    other = SMALL[SMALL.index("network small") :].replace("small", "other").replace("3x3", "33x33")
    spec = program.spec(SMALL + other)
    assert program("check", f"{spec}:small").code == 0
    assert program("check", f"{spec}:other").code == 1
    missing = program("check", f"{spec}:othr")
    assert (missing.code, missing.err) == (
        2,
        "error: small.cnn has no network `othr`; did you mean `other`?\n",
    )


def test_zoo_name(program: Program) -> None:
    assert program("check", "resnet18").err == "1 network in 1 file: no problems\n"


def test_standard_input(program: Program) -> None:
    assert program("check", "-", stdin=SMALL).code == 0
    result = program("check", "-", stdin=WRONG)
    assert result.code == 1
    assert "<stdin>:5:36" in result.err
    assert program("check", "-", stdin=b"\xff").code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.cnn"], "there is no file `missing.cnn`"),
        (["resnet18x"], "did you mean `resnet18`?"),
        (["empty"], "the folder `empty` holds no `.cnn` file"),
        (["small.cnn", "--format", "yaml"], "there is no format `yaml`; there are text, "),
        (["small.cnn", "--limit", "node=3"], "did you mean `nodes`?"),
        (["small.cnn", "--limit", "nodes=-3"], "a limit is a positive integer"),
    ],
)
def test_wrong_use(program: Program, arguments: list[str], said: str) -> None:
    program.spec()
    Path("empty").mkdir()
    result = program("check", *arguments)
    assert result.code == 2
    assert said in result.err
    assert result.out == ""


def test_no_path_shows_the_help(program: Program) -> None:
    result = program("check")
    assert result.code == 2
    assert "Usage: cnndsl check" in result.out + result.err


def test_limits_can_be_set(program: Program) -> None:
    result = program("check", program.spec(), "--limit", "nodes=3")
    assert result.code == 1
    assert "more than 3 ops" in result.err


def test_machine_formats_are_on_standard_output(program: Program) -> None:
    spec = program.spec(WRONG)
    found = json.loads(program("check", spec, "--format", "json").out)["diagnostics"]
    assert [each["code"] for each in found] == ["E0201", "E0302"]
    assert found[0]["span"]["start"] == {"offset": WRONG.index("relo"), "line": 5, "column": 36}
    assert found[0]["fix"][0]["replacement"] == "relu"
    concise = program("check", spec, "--format", "concise").out.splitlines()
    assert concise[0].startswith("small.cnn:5:36: error[E0201]: there is no op or block `relo`")
    assert program("check", program.spec(), "--format", "json").out == '{\n  "version": 1,\n  "diagnostics": []\n}\n'


def test_github_commands_can_not_be_forged(program: Program) -> None:
    spec = program.spec(WRONG, name="a,b%.cnn")
    lines = program("check", spec, "--format", "github").out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("::error file=a%2Cb%25.cnn,line=5,endLine=5,title=E0201,col=36,endColumn=40::there is")


def test_sarif(program: Program) -> None:
    run = sarif.run(program("check", program.spec(WRONG, name="my specs/a.cnn"), "--format", "sarif").out)
    assert run["tool"]["driver"]["name"] == "cnndsl"
    first = run["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20specs/a.cnn"
    assert place["region"] == {"startLine": 5, "startColumn": 36, "endLine": 5, "endColumn": 40}
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == "E0201"


def test_sarif_fingerprints_stay_when_lines_move(program: Program) -> None:
    def fingerprints(text: str) -> list[str]:
        run = sarif.run(program("check", program.spec(text), "--format", "sarif").out)
        return [each["partialFingerprints"]["cnndsl/v1"] for each in run["results"]]

    before, after = fingerprints(WRONG), fingerprints(WRONG.replace("network", "\n\n# new\nnetwork"))
    assert before == after
    assert len(set(before)) == 2


def test_colour(program: Program) -> None:
    spec = program.spec(WRONG)
    assert "\x1b[" not in program("check", spec).err
    assert "\x1b[1;31merror[E0201]" in program("check", spec, "--color", "always").err
    program.monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in program("check", spec).err
    assert "\x1b[" not in program("check", spec, "--color", "never").err
    program.monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in program("check", spec).err


def test_nothing_of_a_spec_steers_the_terminal(program: Program) -> None:
    result = program("check", program.spec(SMALL.replace("relu", "re\x1b[2Jlu"), name="a\x1b]0;b.cnn"))
    assert result.code == 1
    assert "\x1b" not in result.err

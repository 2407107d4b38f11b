"""``cnndsl check --fix``, ``--unsafe-fixes`` and ``--diff``: what is repaired, what is left, what is said of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.program import SMALL, WRONG, Program
from tests.fix.test_repairs import EXAMPLES

MISSPELLED = SMALL.replace("relu\n        conv", "relo\n        conv")
STALE = SMALL.replace("    fc:", "    expect params == 225\n    fc:")
NOW = "nothing is found now; see that each unsafe repair is what you mean\n"


def test_a_misspelled_name_is_repaired(program: Program) -> None:
    spec = program.spec(MISSPELLED)
    result = program("check", spec, "--fix")
    assert (result.code, result.out) == (0, "")
    assert result.err == (
        "repaired small.cnn:5:36: E0201 there is no op or block `relo`\n"
        "1 repair made; 1 network in 1 file: no problems\n"
    )
    assert Path(spec).read_text("utf-8") == SMALL
    assert program("check", spec, "--fix").err == "1 network in 1 file: no problems\n"


def test_check_tells_of_repairs(program: Program) -> None:
    assert program("check", program.spec(MISSPELLED)).err.endswith("1 error in 1 of 1 file; `--fix` repairs 1\n")
    both = program.spec(STALE.replace("relu\n        conv", "relo\n        conv"))
    assert program("check", both).err.endswith("1 error in 1 of 1 file; `--fix` repairs 1, `--unsafe-fixes` 1 more\n")
    assert program("check", both, "--unsafe-fixes").err.endswith("1 error in 1 of 1 file; `--fix` repairs 2\n")
    assert program("check", "-", stdin=MISSPELLED).err.endswith("1 error in 1 of 1 file\n")


def test_what_is_stated_changes_only_where_it_is_asked_for(program: Program) -> None:
    spec = program.spec(STALE)
    assert program("check", spec).err.endswith("1 error in 1 of 1 file; `--fix --unsafe-fixes` repairs 1\n")
    result = program("check", spec, "--fix")
    assert result.code == 1
    assert result.err.endswith("1 error in 1 of 1 file; `--fix --unsafe-fixes` repairs 1\n")
    assert Path(spec).read_text("utf-8") == STALE
    result = program("check", spec, "--fix", "--unsafe-fixes")
    assert (result.code, result.err) == (
        0,
        "repaired, unsafely, small.cnn:9:5: E0510 `params` is 1_460, not == 225: `1_460` for `225`\n"
        f"1 repair made, 1 of them unsafe; 1 network in 1 file: {NOW}",
    )
    assert Path(spec).read_text("utf-8") == STALE.replace("225", "1_460")


def test_what_can_not_be_repaired_is_left_and_said(program: Program) -> None:
    spec = program.spec(WRONG)
    result = program("check", spec, "--fix")
    assert result.code == 1
    assert "error[E0302]" in result.err
    assert "relo" not in Path(spec).read_text("utf-8")
    assert "E0201" in result.err.splitlines()[0]
    assert result.err.endswith("1 repair made; 1 error in 1 of 1 file\n")


def test_the_difference_is_shown_and_nothing_written(program: Program) -> None:
    spec = program.spec(MISSPELLED)
    result = program("check", spec, "--diff")
    assert result.code == 1
    assert result.out == (
        "--- small.cnn\n+++ small.cnn\n@@ -2,7 +2,7 @@\n"
        " \n network small(classes = 4, width = 8) : 3 x H=16 x W=16 -> classes {\n     features: {\n"
        "-        conv(width, 3x3, pad=1) -> relo\n+        conv(width, 3x3, pad=1) -> relu\n"
        "         conv(2 * width, 3x3, stride=2, pad=1) -> relu\n     }\n     global_avgpool\n"
    )
    assert result.err == "would repair small.cnn:5:36: E0201 there is no op or block `relo`\n"
    assert Path(spec).read_text("utf-8") == MISSPELLED
    assert program("check", program.spec(), "--diff").code == 0
    stale = program.spec(STALE)
    assert program("check", stale, "--diff").out == ""
    assert "+    expect params == 1_460\n" in program("check", stale, "--diff", "--unsafe-fixes").out


def test_machine_output_stays_pure(program: Program) -> None:
    result = program("check", program.spec(MISSPELLED), "--fix", "--format", "json")
    assert (result.code, result.out) == (0, '{\n  "version": 1,\n  "diagnostics": []\n}\n')


@pytest.mark.parametrize(
    ("text", "applicability", "said"), [(MISSPELLED, "safe", "Safe. "), (STALE, "unsafe", "Unsafe: it may change ")]
)
def test_programs_get_each_repair_with_its_applicability(
    program: Program, text: str, applicability: str, said: str
) -> None:
    spec = program.spec(text)
    [found] = json.loads(program("check", spec, "--format", "json").out)["diagnostics"]
    assert (len(found["fix"]), found["applicability"]) == (1, applicability)
    [run] = json.loads(program("check", spec, "--format", "sarif").out)["runs"]
    assert run["results"][0]["fixes"][0]["description"]["text"].startswith(said)
    [found] = json.loads(
        program("check", program.spec(SMALL.replace("3x3, pad", "77x3, pad")), "--format", "json").out
    )["diagnostics"]
    assert found["applicability"] is None


def test_byte_order_mark_line_ends_and_mode_stay(program: Program) -> None:
    spec = Path(program.spec())
    text = "\ufeff" + MISSPELLED.replace("\n", "\r\n")
    spec.write_bytes(text.encode())
    spec.chmod(0o640)
    assert program("check", str(spec), "--fix").code == 0
    assert spec.read_bytes() == text.replace("relo", "relu").encode()
    assert spec.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in Path().glob(".*")] == []


def test_only_files_that_are_named_change(program: Program) -> None:
    block = "block unit(c) { conv(c, 3x3, pad=1) -> relo }\n"
    program.spec(block, "unit.cnn")
    main = program.spec('import "unit.cnn"\n' + MISSPELLED.replace("global_avgpool", "unit(3)\n    global_avgpol"))
    result = program("check", main, "--fix")
    assert result.code == 1
    assert result.err.endswith("2 repairs made; 1 error in 1 of 1 file\n")
    assert Path("unit.cnn").read_text("utf-8") == block
    assert "relo" not in Path(main).read_text("utf-8")
    assert program("check", ".").err.endswith("1 error in 1 of 2 files; `--fix` repairs 1\n")
    both = program("check", ".", "--fix")
    assert (both.code, Path("unit.cnn").read_text("utf-8")) == (0, block.replace("relo", "relu"))


def test_an_import_that_is_repaired_lets_the_importer_be_read(program: Program) -> None:
    program.spec("block unit(c) { conv(c, 3x3, pad=1) relu }\n", "z.cnn")
    program.spec('import "z.cnn"\n' + MISSPELLED.replace("global_avgpool", "unit(3) -> global_avgpool"), "a.cnn")
    shown = program("check", ".", "--diff").out
    assert program("check", ".").err.endswith("; `--fix` repairs 2\n")
    result = program("check", ".", "--fix")
    assert result.code == 0, result.err
    assert shown.count("@@ ") == 2


def test_a_file_that_two_names_stand_for(program: Program) -> None:
    spec = program.spec(MISSPELLED)
    result = program("check", spec, f"{spec}:small", "--fix")
    assert result.err.startswith("repaired small.cnn:5:36: E0201 there is no op or block `relo`\n1 repair made; ")
    assert Path(spec).read_text("utf-8") == SMALL


def test_a_name_of_a_file_of_the_package_protects_none(program: Program) -> None:
    spec = program.spec(MISSPELLED, "std/residual.cnn")
    assert program("check", spec, "--fix").code == 0
    assert Path(spec).read_text("utf-8") == SMALL


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-", "--fix"], "standard input can't be repaired"),
        (["resnet18", "--fix"], "`resnet18` is part of the package"),
        (["resnet18x", "--fix"], "did you mean `resnet18`?"),
        (["missing.cnn", "--fix"], "there is no file `missing.cnn`"),
        (["small.cnn", "--diff", "--format", "json"], "leave `--format` out"),
    ],
)
def test_wrong_use(program: Program, arguments: list[str], said: str) -> None:
    program.spec(MISSPELLED)
    result = program("check", *arguments)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert Path("small.cnn").read_text("utf-8") == MISSPELLED


def test_a_file_that_can_not_be_written_is_as_it_was(program: Program) -> None:
    spec = Path(program.spec(MISSPELLED, "locked/small.cnn"))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    program.monkeypatch.setattr("os.replace", fail)
    result = program("check", str(spec), "--fix")
    assert (result.code, result.err) == (2, "error: can't write `locked/small.cnn`: No space left on device\n")
    assert spec.read_text("utf-8") == MISSPELLED
    assert [path.name for path in spec.parent.iterdir()] == ["small.cnn"]


def test_many_equal_mistakes_are_repaired_at_once(program: Program) -> None:
    text = "network n : 3 x 8 x 8 -> 4 {\n" + "    relo\n" * 150 + "    global_avgpool -> linear(4)\n}\n"
    spec = program.spec(text)
    promised = program("check", spec).err.rpartition("`--fix` repairs ")[2].strip()
    result = program("check", spec, "--fix")
    assert (result.code, Path(spec).read_text("utf-8")) == (0, text.replace("relo", "relu"))
    assert f"\n{promised} repairs made; " in result.err


HEAD = "network n(deep = true) : 3 x 8 x 8 -> 4 {\n    "
BROKEN = (
    "conv(8, 3x3, pad==1)", "conv(8, 3x3) :: 8 x 4 x 4", "conv { num_output: 20 kernel_size: 5 }",
    "for i in range(2) { for j in range(2) { block{i}-{j}: conv(8, 3x3, pad=1) } }",
    "concat {\n        | conv(8, 1x1)\n        if deep { | conv(4, 1x1) }\n    }",
    "layer {\n  convolution_param { num_output: 20 kernel_size: 5 }\n}", "    relo\n" * 101 + "    conv(8 1x1)",
)  # fmt: skip
PROMISING = [f"{HEAD}{text}\n    global_avgpool -> linear(4)\n}}\n" for text in BROKEN]
CONTRADICTED = "network n : 3 x 8 x 8 -> 10 {\n    global_avgpool -> linear(4) :: 4\n}\n"


@pytest.mark.parametrize("text", [*PROMISING, CONTRADICTED, *[*EXAMPLES.values()][::12]])
def test_what_is_promised_is_made(program: Program, text: str) -> None:
    def number(pattern: str, said: str) -> int:
        found = re.search(pattern, said.splitlines()[-1])
        return int(found[1]) if found else 0

    spec = Path(program.spec("", "a.cnn"))
    for unsafe in ([], ["--unsafe-fixes"]):
        spec.write_text(text, "utf-8", newline="")
        said = program("check", "a.cnn", *unsafe).err
        made = program("check", "a.cnn", "--fix", *unsafe).err
        assert number(r"`--fix` repairs (\d+)", said) == number(r"^(\d+) repairs? made", made)

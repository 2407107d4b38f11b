"""``cnndsl check --fix`` and ``--diff``: what is repaired, what is left alone, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnndsl.diagnostics.codes import CODES
from cnndsl.diagnostics.model import Diagnostic
from cnndsl.pipeline import from_text
from cnndsl.syntax.errors import MAX_BYTES
from tests.cli.program import SMALL, WRONG, Program
from tests.corpus.test_programs import HEAD, PROGRAMS, unmarked

MISSPELLED = SMALL.replace("relu\n        conv", "relo\n        conv")
EXAMPLES = {path.stem: unmarked(path.read_text("utf-8").partition(HEAD)[0])[0] for path in PROGRAMS}
EXAMPLES |= {code: page.wrong for code, page in CODES.items() if len(page.wrong) < MAX_BYTES}


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


def test_machine_output_stays_pure(program: Program) -> None:
    result = program("check", program.spec(MISSPELLED), "--fix", "--format", "json")
    assert (result.code, result.out) == (0, '{\n  "version": 1,\n  "diagnostics": []\n}\n')


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
    assert Path("unit.cnn").read_text("utf-8") == block
    assert "relo" not in Path(main).read_text("utf-8")
    both = program("check", ".", "--fix")
    assert (both.code, Path("unit.cnn").read_text("utf-8")) == (0, block.replace("relo", "relu"))


def test_an_import_that_is_repaired_lets_the_importer_be_read(program: Program) -> None:
    program.spec("block unit(c) { conv(c, 3x3, pad=1) relu }\n", "z.cnn")
    program.spec('import "z.cnn"\n' + MISSPELLED.replace("global_avgpool", "unit(3) -> global_avgpool"), "a.cnn")
    shown = program("check", ".", "--diff").out
    result = program("check", ".", "--fix")
    assert result.code == 0, result.err
    assert shown.count("@@ ") == 2


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


def found(text: str) -> list[Diagnostic]:
    return from_text(text, "a.cnn").check()


@pytest.mark.parametrize("name", EXAMPLES)
def test_repairs_leave_fewer_errors_and_no_others(program: Program, name: str) -> None:
    text = EXAMPLES[name]
    before = found(text)
    spec = Path(program.spec("", "a.cnn"))
    spec.write_text(text, "utf-8", newline="")
    program("check", "a.cnn", "--fix")
    repaired = spec.read_bytes().decode()
    after = found(repaired)
    assert {each.code for each in after} <= {each.code for each in before}
    if repaired == text:
        assert [str(each) for each in after] == [str(each) for each in before]
    else:
        assert len(after) < len(before)
    assert (repaired != text) == (any(each.fix for each in before) and name not in UNREPAIRED)
    program("check", "a.cnn", "--fix")
    assert spec.read_bytes().decode() == repaired, "all that can be repaired is, at once"


REPAIRED = """
arrow_missing ascription_wrong expectation_wrong groups_resnext depthwise_groups pytorch_conv2d keras_layers
caffe_params kernel_size in_channels linear_on_map flatten_missing adaptive_pool_linear residual_channels
residual_no_pad inception_5x5 inception_pool_stride densenet_no_pad lanes_disagree lanes_disagree_size
window_too_large same_stride pool_pad_half output_pad stale_facts classes_signature string_size op_misspelled
op_keras from_misspelled python_true width_divided width_multiplier several dilation_alone gan_generator
dropout_percent
"""


@pytest.mark.parametrize("name", REPAIRED.split())
def test_repairs_make_these_right(program: Program, name: str) -> None:
    spec = Path(program.spec("", "a.cnn"))
    spec.write_text(EXAMPLES[name], "utf-8", newline="")
    result = program("check", "a.cnn", "--fix")
    assert (result.code, found(spec.read_text("utf-8"))) == (0, []), result.err


UNREPAIRED = {"vgg_small_input", "network_colon_python", "python_none"}
"""Their repairs would only lead to another mistake at the same place, and are not made."""

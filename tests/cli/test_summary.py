"""``cnndsl summary``, and the options that other commands share with it."""

from __future__ import annotations

import json

import pytest

from tests.cli.program import WRONG, Program


def test_summary_as_json(program: Program) -> None:
    report = json.loads(program("summary", program.spec(), "--format", "json").out)
    assert (report["network"], report["input"], report["output"]) == ("small", [3, 16, 16], [4])
    assert report["params"] == 8 * 28 + 16 * 73 + 68
    assert report["macs"] == 8 * 27 * 256 + 16 * 72 * 64 + 64
    assert [layer["path"] for layer in report["layers"]] == [
        "features.0",
        "features.1",
        "features.2",
        "features.3",
        "1",
        "fc",
    ]
    assert report["layers"][2] == {
        "path": "features.2", "op": "conv", "arguments": "16, 3x3, stride=2, pad=1", "output": [16, 8, 8],
        "params": 1168, "macs": 73728, "ops": 1, "training_only": False, "file": "small.cnn", "line": 6,
    }  # fmt: skip


def test_summary_with_parameters_and_input(program: Program) -> None:
    report = json.loads(
        program(
            "summary",
            program.spec(),
            "--set",
            "classes=2 * 5",
            "--set",
            "width = 16",
            "--input",
            "3x32x24",
            "--format",
            "json",
        ).out
    )
    assert (report["input"], report["output"], report["layers"][0]["output"]) == (
        [3, 32, 24],
        [10],
        [16, 32, 24],
    )


def test_summary_folds(program: Program) -> None:
    spec = program.spec()
    layers = json.loads(program("summary", spec, "--depth", "1", "--format", "json").out)["layers"]
    assert [(layer["path"], layer["op"], layer["ops"]) for layer in layers] == [
        ("features", "group", 4), ("1", "global_avgpool", 1), ("fc", "linear", 1),
    ]  # fmt: skip
    whole = json.loads(program("summary", spec, "--format", "json").out)
    assert sum(layer["params"] for layer in layers) == whole["params"]


def test_summary_as_table_and_markdown(program: Program) -> None:
    table = program("summary", program.spec())
    assert table.code == 0
    assert "conv(16, 3x3, stride=2, pad=1)" in table.out
    assert "receptive field" in table.out
    markdown = program("summary", program.spec(), "--format", "markdown").out
    assert "| features.2 | conv(16, 3x3, stride=2, pad=1) | 16 x 8 x 8 | 1,168 | 73,728 | 6 |" in markdown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "clases=3"], "has no open parameter `clases`; did you mean `classes`?"),
        (["--set", "classes"], "write `--set classes=10`"),
        (["--input", "3x16"], "is no shape"),
        (["--input", "3x0x16"], "is no shape"),
        (["--depth", "0"], "--depth"),
        (["--format", "yaml"], "--format"),
    ],
)
def test_wrong_use(program: Program, arguments: list[str], said: str) -> None:
    result = program("summary", program.spec(), *arguments)
    assert result.code == 2
    assert said in result.err


@pytest.mark.parametrize(
    "value",
    [
        "__import__('os')",
        "1) { expect params == 0 } network m = n(2",
        "1, 2",
        "x=1",
        "",
        "in.channels",
        "1 +",
        '"',
    ],
)
def test_set_takes_one_value_of_the_language(program: Program, value: str) -> None:
    result = program("summary", program.spec(), "--set", f"classes={value}")
    assert (result.code, result.out) == (1, "")
    assert "--set:1:" in result.err


def test_set_takes_blocks(program: Program) -> None:
    spec = program.spec(
        "block A(c) { conv(c, 1x1) }\nblock B(c) { conv(c, 3x3) }\n"
        "network n(Unit = A, sizes = [1]) : 3 x 8 x 8 -> 1 x 8 x 8 { Unit(1) }\n"
    )
    result = program("summary", spec, "--set", "Unit=B", "--format", "json")
    assert result.code == 1
    assert "1 x 6 x 6" in result.err


def test_summary_of_a_wrong_spec(program: Program) -> None:
    result = program("summary", program.spec(WRONG))
    assert (result.code, result.out) == (1, "")
    assert "error[E0201]" in result.err


def test_a_family_is_meant_where_there_is_nothing_else(program: Program) -> None:
    spec = program.spec("network F(c) : 3 x 8 x 8 -> c { global_avgpool -> linear(c) }\n")
    assert "`F` needs `c`" in program("summary", spec).err
    assert program("summary", spec, "--set", "c=10").code == 0

"""``cnndsl zoo``, ``ops`` and ``explain``."""

from __future__ import annotations

import json

import pytest

from tests.cli.program import Program


def test_zoo_as_json(program: Program) -> None:
    entries = json.loads(program("zoo", "resnet18", "--format", "json").out)
    assert entries[0]["name"] == "resnet18"
    assert (entries[0]["params"], entries[0]["macs"]) == (11_689_512, 1_814_073_344)
    assert entries[0].keys() >= {"name", "family", "year", "input", "params", "macs", "doc"}


def test_zoo_show(program: Program) -> None:
    out = program("zoo", "show", "resnet18").out
    assert "resnet18 : 3 x 224 x 224 -> 1000" in out
    assert "classes = 1000" in out
    assert program("zoo", "show", "resnet81").code == 2
    assert program("zoo", "nothing has this").code == 2


def test_ops(program: Program) -> None:
    assert "conv" in program("ops").out
    conv = program("ops", "conv").out
    assert "conv(32, 3x3, stride=2, pad=1)" in conv
    assert "`same`" in conv
    assert "did you mean `conv`?" in program("ops", "convv").err


def test_explain(program: Program) -> None:
    pytest.importorskip("cnndsl.diagnostics.codes")
    assert "E0402" in program("explain").out
    page = program("explain", "e0402")
    assert page.code == 0
    assert page.out.startswith("E0402: ")
    assert program("explain", "E9999").code == 2

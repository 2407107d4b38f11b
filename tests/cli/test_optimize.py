"""``cnndsl compile --optimize``."""

from __future__ import annotations

from tests.cli.program import Program


def test_the_command_line_writes_both(program: Program) -> None:
    spec = program("compile", "resnet18", "--to", "cnn", "--optimize", "inference", "-o", "-")
    assert spec.code == 0
    assert " bn" not in spec.out
    module = program("compile", "resnet18", "--optimize", "inference", "-o", "-")
    assert module.code == 0
    assert "BatchNorm" not in module.out
    assert program("compile", "resnet18", "--optimize", "everything").code == 2

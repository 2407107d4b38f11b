"""Names in files that are not imported, and files that are not there: what is said, and that it can be followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.pipeline import from_path

NETWORK = "network n : 3 x 8 x 8 -> 10 {{\n    {}(3)\n    global_avgpool -> linear(10)\n}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "units.cnn").write_text('import "deep/inner.cnn"\n\nblock Unit(c) { Inner(c) }\n', "utf-8")
    (tmp_path / "deep" / "inner.cnn").write_text("block Inner(c) { conv(c, 3x3, pad=1) }\n", "utf-8")
    return tmp_path


def check(folder: Path, text: str) -> list[Diagnostic]:
    (folder / "a.cnn").write_text(text, "utf-8")
    return from_path(folder / "a.cnn", name="a.cnn").check()


@pytest.mark.parametrize(
    ("text", "code", "help"),
    [
        ('import "unit.cnn"\n\n' + NETWORK.format("Unit"), "E0702", "did you mean `units.cnn`?"),
        ('import "deep/iner.cnn"\n\n' + NETWORK.format("Inner"), "E0702", "did you mean `deep/inner.cnn`?"),
        ('import "units"\n\n' + NETWORK.format("Unit"), "E0702", "did you mean `units.cnn`?"),
        (
            'import "units.cnn"\n\n' + NETWORK.format("Inner"),
            "E0201",
            'an import brings no names of further files: `import "deep/inner.cnn"` has it',
        ),
        (NETWORK.format("BasicBlock"), "E0201", "the standard library has it: `use std.BasicBlock`"),
        (
            "# Of\n# mine.\n" + NETWORK.format("BasicBlock"),
            "E0201",
            "the standard library has it: `use std.BasicBlock`",
        ),
    ],
)
def test_what_is_out_of_reach(folder: Path, text: str, code: str, help: str) -> None:
    found = check(folder, text)
    assert [(d.code, d.help) for d in found] == [(code, help)]
    (edit,) = found[0].fix
    assert not check(folder, text[: edit.span.start] + edit.replacement + text[edit.span.end :])


def test_nothing_near(folder: Path) -> None:
    found = check(folder, 'import "else/where.cnn"\n\n' + NETWORK.format("Nowhere"))
    assert [(d.code, d.help, d.fix) for d in found] == [("E0702", None, ())]


def test_the_ending_makes_no_name_near(folder: Path) -> None:
    (folder / "r_se.cnn").write_text("block Unit(c) { conv(c, 1x1) }\n", "utf-8")
    found = check(folder, 'import "fire.cnn"\n\n' + NETWORK.format("Unit"))
    assert [(d.code, d.help, d.fix) for d in found] == [("E0702", None, ())]

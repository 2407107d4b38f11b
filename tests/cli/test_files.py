"""``cnndsl compile`` and ``cnndsl render``: what they write, and what they don't overwrite."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.cli.program import Program


def test_compile_writes_python(program: Program) -> None:
    result = program("compile", program.spec())
    assert result.code == 0
    assert result.err.startswith("wrote small.py: class Small, ")
    tree = ast.parse(Path("small.py").read_text("utf-8"))
    assert "Small" in [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    assert [path.name for path in Path().iterdir() if path.name.startswith(".")] == []


def test_compile_does_not_overwrite_what_others_wrote(program: Program) -> None:
    spec = program.spec()
    Path("small.py").write_text("print('mine')\n", "utf-8")
    result = program("compile", spec)
    assert (result.code, Path("small.py").read_text("utf-8")) == (2, "print('mine')\n")
    assert "--force" in result.err
    assert program("compile", spec, "--force").code == 0
    assert program("compile", spec).code == 0


def test_compile_to_elsewhere(program: Program) -> None:
    spec = program.spec()
    Path("out").mkdir()
    assert program("compile", spec, "-o", "out").err.startswith("wrote out/small.py")
    assert "class Small" in program("compile", spec, "-o", "-").out
    missing = program("compile", spec, "-o", "nowhere/a.py")
    assert (missing.code, missing.out) == (2, "")
    assert "nowhere/a.py" in missing.err


def test_render_writes_svg_and_dot(program: Program) -> None:
    spec = program.spec()
    assert program("render", spec).code == 0
    assert Path("small.svg").read_text("utf-8").lstrip().startswith("<")
    assert program("render", spec, "-o", "small.dot").code == 0
    assert "digraph" in Path("small.dot").read_text("utf-8")
    assert "<svg" in program("render", spec, "-o", "-").out
    assert program("render", spec, "-o", "small.gif").code == 2

"""What surrounds a command is broken: its folder, the settings, the libraries. It says so in a sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest

import cnndsl
from tests.cli.program import SMALL, WRONG, Program

USER = 'import "unit.cnn"\n' + SMALL.replace("global_avgpool", "unit: unit(3)\n    global_avgpool")
WITHOUT = """
import io, sys
from contextlib import redirect_stderr, redirect_stdout

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from cnndsl import cli
for line in sys.argv[2:]:
    err = io.StringIO()
    with redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")), redirect_stderr(err):
        code = cli.run(line.split())
    last = (err.getvalue().splitlines() or [""])[-1]
    print(code, "Traceback" in err.getvalue(), last)
"""
LINES = ["check wrong.cnn", "check --format json wrong.cnn", "lint small.cnn", "fmt --check small.cnn",
         "summary small.cnn", "compile small.cnn -o -", "render small.cnn -o -", "render small.cnn -o a.png",
         "render small.cnn -o a.pdf", "explain E0402", "rule", "ops", "--help", "--version", "none"]  # fmt: skip
NEEDED = sorted({re.split(r"[^\w-]", each)[0] for each in requires("cnndsl") or [] if "extra ==" not in each})
QUICK = ("lark", "typer")


@pytest.mark.parametrize("library", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in NEEDED])
def test_a_library_that_is_missing(program: Program, library: str) -> None:
    program.spec()
    program.spec(WRONG, "wrong.cnn")
    module = library.replace("-", "_")
    lines = LINES if library not in QUICK else LINES[1:3]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, module, *lines], capture_output=True, text=True, encoding="utf-8", check=True
    )
    for line, ended in zip(lines, done.stdout.splitlines(), strict=True):
        code, traceback, said = ended.split(" ", 2)
        assert (traceback, code in "012") == ("False", True), (line, ended)
        if module in said:
            assert code == "2"
            assert re.search("which is not installed: .?pip install", said), line
    assert module in done.stdout or library in ("graphviz-pure", "networkx")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a = " + b"[" * 100_000, "too deep"),
        (b"[tool.cnndsl.lint]\nselect = " + b"{a=" * 50_000, "too deep"),
        (b"#" * 2_000_000, "larger than 262,144 bytes"),
        (b"a" + b".a" * 100_000 + b" = 1", "more than 2,000 dots in a line"),
        (b"\xff", "can't decode"),
        (b'[tool.cnndsl.lint]\n"\\u202e\\u001b" = 3', "\\u{202e}␛"),
    ],
    ids=["list", "table", "large", "dots", "bytes", "steering"],
)
def test_settings_that_can_not_be_read(program: Program, text: bytes, said: str) -> None:
    program.spec()
    Path("pyproject.toml").write_bytes(text)
    result = program("lint", "small.cnn")
    assert result.code == 2
    assert said in result.err
    assert "\x1b" not in result.err


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
def test_settings_that_are_no_file(program: Program) -> None:
    spec = program.spec()
    with open("pyproject.toml", "wb") as sparse:
        sparse.truncate(2 * 1024**3)
    assert "larger than" in program("lint", spec).err
    os.unlink("pyproject.toml")
    os.mkfifo("pyproject.toml")
    assert program("lint", spec).code == 0


def test_neighbours_that_import_oddly(program: Program) -> None:
    spec = program.spec("block unused(c) { conv(c, 1x1) }\n", "a.cnn")
    program.spec('import "a\0.cnn"\nimport "loop.cnn"\nimport "' + "x" * 5000 + '.cnn"\n', "b.cnn")
    Path("loop.cnn").symlink_to("loop.cnn")
    assert program("lint", spec).code in (0, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that can be deleted while it is used")
def test_a_folder_that_was_deleted(program: Program, tmp_path: Path) -> None:
    good, wrong = (str(tmp_path / program.spec(text, name)) for text, name in ((SMALL, "a.cnn"), (WRONG, "b.cnn")))
    program.spec("block unit(c) { conv(c, 3x3, pad=1) }\n", "unit.cnn")
    user = str(tmp_path / program.spec(USER, "user.cnn"))
    gone = tmp_path / "gone"
    gone.mkdir()
    program.monkeypatch.chdir(gone)
    gone.rmdir()
    for line in ("check", "check", "check --format gitlab", "check --no-cache", "check --fix", "lint", "lint --fix",
                 "fmt", "fmt --check", "summary", "compile -o -", "render -o -"):  # fmt: skip
        assert program(*line.split(), good).code == program(*line.split(), user).code == 0, line
    for format in ("json", "sarif", "gitlab", "junit", "github", "concise"):
        assert program("check", wrong, "--format", format).code == 1
    assert program("check", str(tmp_path)).code == 1
    assert program("compile", good, "-o", str(tmp_path / "out.py")).code == 0
    for line in ("check a.cnn", "lint a.cnn", "fmt a.cnn", "check .", f"compile {good}", f"render {good} -o x.svg"):
        result = program(*line.split())
        assert result.code == 2, line
        assert "output" not in result.err, line
    assert program("check", "-", stdin=SMALL).code == 0
    assert program("check", "-", stdin='import "unit.cnn"\n' + SMALL).code == 1


@pytest.mark.parametrize("name", ["x" * 5000, "x" * 5000 + ".cnn", "a/" * 5000, "x\0", "x\0.cnn", "\udcff", "."])
def test_names_of_no_file(name: str) -> None:
    try:
        assert cnndsl.check(name)[0].code == "E0702"
    except cnndsl.UnknownSpec:
        assert not name.endswith(".cnn")


def test_a_list_in_itself() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(TypeError, match="`classes` has more than 40 lists inside one another"):
        cnndsl.summary("resnet18", classes=endless)


def test_what_a_program_prints_does_not_steer() -> None:
    found = cnndsl.check("network n : 3 x 8 x 8 -> 10 { re\x1b[2J\u202elu }")
    assert found
    assert not set("\x1b\u202e") & set("".join(map(str, found)))

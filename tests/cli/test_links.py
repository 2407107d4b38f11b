"""Links: what lies elsewhere is not read with a folder, and nothing is written through one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.program import SMALL, WRONG, Program

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs links")

UNTIDY = SMALL.replace(" -> relu", "->relu")
SECRET = "TOKEN=hunter2\n"


@pytest.fixture
def pr(program: Program) -> Program:
    """A folder with a spec of its own, links out of it and of the current folder, and one inside."""
    for name, text in (("outside/secret.env", SECRET), ("outside/spec.cnn", UNTIDY), ("work/pr/own.cnn", UNTIDY)):
        program.spec(text, name)
    program.monkeypatch.chdir("work")
    Path("pr/a.cnn").symlink_to("../../outside/secret.env")
    Path("pr/b.cnn").symlink_to(OUTSIDE.resolve() / "spec.cnn")
    Path("pr/c").symlink_to("../../outside")
    Path("pr/d.cnn").symlink_to("own.cnn")
    return program


OUTSIDE = Path("../outside")
WRITING = [["fmt"], ["check", "--fix"], ["lint", "--fix"]]
READING = [["check"], ["lint"], ["fmt", "--check"], ["fmt", "--diff"], ["check", "--diff"]]


@pytest.mark.parametrize("command", [*READING, *WRITING], ids=" ".join)
def test_links_out_of_a_folder_are_skipped_and_named(pr: Program, command: list[str]) -> None:
    result = pr(*command, "pr")
    assert "warning: skipped links that lead out of `pr`: `pr/a.cnn`, `pr/b.cnn`, `pr/c`\n" in result.err
    assert "hunter2" not in result.err + result.out
    assert (OUTSIDE / "spec.cnn").read_text("utf-8") == UNTIDY
    assert result.code in (0, 1)


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_nothing_is_written_through_a_link(pr: Program, command: list[str]) -> None:
    Path("pr/own.cnn").write_text(WRONG.replace(" -> relo", "->relo"), "utf-8")
    result = pr(*command, "pr")
    assert "warning: skipped links through which nothing is written: `pr/d.cnn`\n" in result.err
    assert Path("pr/d.cnn").is_symlink()
    for link in ("pr/b.cnn", "pr/c/spec.cnn", "pr/d.cnn"):
        result = pr(*command, link)
        assert result.code == 2, link
        assert "nothing is written through one" in result.err
    assert (OUTSIDE / "spec.cnn").read_text("utf-8") == UNTIDY
    assert Path("pr/b.cnn").is_symlink()


@pytest.mark.parametrize(
    "command", [*READING, ["summary"], ["compile", "-o", "-"], ["render", "-o", "-"]], ids=" ".join
)
def test_a_link_that_a_shell_found_shows_nothing(pr: Program, command: list[str]) -> None:
    """As where `*.cnn` stood on the command line."""
    for path in ("pr/a.cnn", "./pr/b.cnn", str(Path("pr/a.cnn").absolute())):
        result = pr(*command, path)
        assert (result.code, result.out) == (2, ""), path
        assert "leads by a link out of the current folder, to `" in result.err
        assert "hunter2" not in result.err
    Path("pr/own.cnn").write_text(SMALL, "utf-8")
    for path in ("pr/d.cnn", "../work/pr/d.cnn", "../outside/spec.cnn"):
        assert pr(*command, path).code in ((0, 1) if "outside" in path else (0,)), path


def test_imports_do_not_follow_links_out(pr: Program) -> None:
    for path in ("b.cnn", "c/spec.cnn"):
        Path("pr/user.cnn").write_text(f'import "{path}"\n', "utf-8")
        result = pr("check", "pr/user.cnn", "--format", "concise")
        assert "error[E0704]" in result.out


@pytest.mark.parametrize("line", ["compile pr/own.cnn -o", "render pr/own.cnn -o"])
def test_output_goes_through_no_link(pr: Program, line: str) -> None:
    ending = "py" if "compile" in line else "svg"
    victim = OUTSIDE.resolve() / f"victim.{ending}"
    victim.write_text("written by cnndsl, they say", "utf-8")
    Path(f"small.{ending}").symlink_to(victim)
    Path(f"loop.{ending}").symlink_to(f"loop.{ending}")
    Path("own").mkdir()
    Path("out").symlink_to("own")
    command = line.split()
    assert pr(*command[:2]).code == 2, "the default name is a link"
    for path in (f"small.{ending}", f"loop.{ending}", f"pr/c/new.{ending}", "pr/c"):
        result = pr(*command, path)
        assert (result.code, result.out) == (2, ""), path
        assert "nothing is written through one" in result.err, path
    assert victim.read_text("utf-8") == "written by cnndsl, they say"
    assert sorted(path.name for path in OUTSIDE.iterdir()) == ["secret.env", "spec.cnn", victim.name]
    assert pr(*command, f"out/new.{ending}").code == 0, "a link to a folder inside the current one"


def test_folders_elsewhere_are_as_the_user_has_them(pr: Program, tmp_path: Path) -> None:
    Path("pr/deep").mkdir()
    Path("pr/deep/up").symlink_to("../..")
    pr.monkeypatch.chdir("pr/deep")
    assert pr("compile", "../own.cnn", "-o", str(tmp_path / "work/pr/c/small.py")).code == 0
    assert pr("compile", "../own.cnn", "-o", "up/small.py").code == 2


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="needs /dev/stdout")
def test_names_of_open_files_are_no_links_to_others(program: Program) -> None:
    spec = program.spec()
    assert program("compile", spec, "-o", "/dev/null").code == 0
    assert "class Small" in program("compile", spec, "-o", "/dev/stdout").out


def test_links_that_lead_round_are_findings(program: Program) -> None:
    Path("loop.cnn").symlink_to("loop.cnn")
    Path("round").symlink_to("round")
    program.spec('import "loop.cnn"\n' + SMALL, "user.cnn")
    program.spec('import "round/x.cnn"\n' + SMALL, "second.cnn")
    for command in ("check", "lint", "summary", "compile", "render", "fmt"):
        for path in ("loop.cnn", "round/x.cnn", "user.cnn", "second.cnn", "round"):
            if command != "fmt" or path in ("loop.cnn", "round/x.cnn"):
                assert program(command, path).code in (1, 2), (command, path)
    assert program("check", ".").code == 1


def test_one_file_is_checked_once(program: Program) -> None:
    spec = program.spec(WRONG, "a/n.cnn")
    absolute = str(Path(spec).resolve())
    for command in ("check", "lint", "fmt"):
        result = program(command, spec, f"./{spec}", "a", absolute, "a/../a/n.cnn", f"{spec}")
        assert "1 file" in result.err
    assert program("check", spec, f"./{spec}", "--format", "concise").out.count("\n") == 2


@pytest.mark.parametrize(
    "command", [["check"], ["lint"], ["fmt", "--check"], ["check", "--diff"], ["check", "--fix"]], ids=" ".join
)
def test_a_folder_that_can_not_be_read_is_named(program: Program, command: list[str]) -> None:
    program.spec(name="in/a.cnn")
    program.spec(name="in/private/b.cnn")
    scandir = os.scandir

    def refuse(path: str | int = ".") -> object:  # the folder of verdicts is looked into by its number
        if not isinstance(path, int) and Path(path).name == "private":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    program.monkeypatch.setattr(os, "scandir", refuse)
    for path in ("in", "in/private"):
        result = program(*command, path)
        assert result.code == 1, path
        assert path == "in" or command[-1] == "--diff" or "in/private can't be read: Permission denied" in result.err
    program.monkeypatch.chdir("in")
    assert program(*command, ".").code == 1

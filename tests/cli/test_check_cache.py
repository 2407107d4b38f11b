"""What `check` remembers: what is right, as long as nothing that it depends on changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cnndsl.cli import verdicts
from tests.cli.program import SMALL, WRONG, Program
from tests.cli.test_start import modules

GOOD = "1 network in 1 file: no problems\n"
BLOCK = "block unit(c) { conv(c, 3x3, pad=1) -> relu }\n"
USER = 'import "lib/unit.cnn"\n' + SMALL.replace("global_avgpool", "unit(3)\n    global_avgpool")


@pytest.fixture
def checked(program: Program, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The targets that were really checked."""
    from cnndsl.cli import examining

    seen: list[str] = []
    examine = examining.examine

    def spy(target: str, *more: object) -> verdicts.Outcome:
        seen.append(target)
        return examine(target, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(examining, "examine", spy)
    return seen


def entries() -> list[Path]:
    return sorted(Path("cache/cnndsl").glob("*"))


def test_an_unchanged_file_is_not_checked_again(program: Program, checked: list[str]) -> None:
    spec = program.spec()
    assert [program("check", spec).err for _ in range(3)] == [GOOD] * 3
    assert checked == [spec]
    program("check", spec, "--no-cache")
    assert checked == [spec] * 2
    Path(spec).write_text(WRONG, "utf-8")
    assert program("check", spec).code == program("check", spec).code == 1
    assert checked == [spec] * 4
    Path(spec).write_text(SMALL, "utf-8")
    assert program("check", spec).err == GOOD


def test_no_cache_writes_none(program: Program) -> None:
    program("check", program.spec(), "--no-cache")
    assert entries() == []


def test_limits_are_part_of_the_question(program: Program, checked: list[str]) -> None:
    spec = program.spec()
    program("check", spec)
    assert program("check", spec, "--limit", "nodes=3").code == 1
    assert program("check", spec).err == GOOD
    assert checked == [spec] * 2


def test_so_are_the_imports(program: Program, checked: list[str]) -> None:
    program.spec(BLOCK, "lib/unit.cnn")
    spec = program.spec(USER)
    assert [program("check", spec).err for _ in range(2)] == [GOOD] * 2
    assert checked == [spec]
    program.spec(BLOCK.replace("relu", "relo"), "lib/unit.cnn")
    assert program("check", spec).code == 1
    Path("lib/unit.cnn").unlink()
    assert program("check", spec).code == 1


def test_a_link_that_leads_elsewhere_is_noticed(program: Program) -> None:
    program.spec(BLOCK, "work/one/unit.cnn")
    program.spec(BLOCK, "outside/unit.cnn")
    spec = program.spec(USER, "work/small.cnn")
    lib = Path("work/lib")
    lib.symlink_to("one")
    assert program("check", spec).err == GOOD
    lib.unlink()
    lib.symlink_to("../outside")
    assert "E0704" in program("check", spec).err


def test_so_is_the_compiler(program: Program, checked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    spec = program.spec()
    program("check", spec)
    monkeypatch.setattr(verdicts, "_compiler", lambda: "another")
    assert program("check", spec).err == GOOD
    assert checked == [spec] * 2
    assert len(entries()) == 1


DAMAGED = [b"", b"{", b"[]", b"[1, 2, 3, 4]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"a": 1, "b": 2, "c": 3, "d": 4}']


@pytest.mark.parametrize("data", DAMAGED, ids=lambda data: repr(data[:12]))
def test_a_damaged_entry_is_no_answer(program: Program, checked: list[str], data: bytes) -> None:
    spec = program.spec()
    program("check", spec)
    [entry] = entries()
    good = entry.read_bytes()
    entry.write_bytes(data)
    assert program("check", spec).err == GOOD
    assert (checked, entry.read_bytes()) == ([spec] * 2, good)


@pytest.mark.parametrize("imports", [7, [7], [["a"]], [[1, 2, 3]], [["a\0", "b", "c"]], None])
def test_nor_are_damaged_imports(program: Program, checked: list[str], imports: object) -> None:
    spec = program.spec()
    program("check", spec)
    [entry] = entries()
    entry.write_text(json.dumps([*json.loads(entry.read_text())[:3], imports]))
    assert program("check", spec).err == GOOD
    assert checked == [spec] * 2


def test_a_cache_that_can_not_be_written_does_no_harm(program: Program) -> None:
    Path("file").write_text("")
    program.monkeypatch.setenv("CNNDSL_CACHE_DIR", str(Path("file").resolve()))
    assert program("check", program.spec()).err == GOOD


def test_only_what_is_right_is_kept(program: Program) -> None:
    program("check", program.spec(WRONG))
    program("check", "-", stdin=SMALL)
    program("check", "resnet18")
    assert entries() == []


def test_formats_name_files_that_were_known(program: Program) -> None:
    spec = program.spec()
    assert program("check", spec, "--format", "junit") == program("check", spec, "--format", "junit")


def test_an_answer_needs_no_compiler(program: Program) -> None:
    spec = program.spec(USER)
    program.spec(BLOCK, "lib/unit.cnn")
    assert modules("check", spec)[0] == 0
    code, loaded = modules("check", spec)
    assert code == 0
    slow = {"lark", "typer", "tempfile", "concurrent.futures", "multiprocessing"}
    ours = {"cnndsl.pipeline", "cnndsl.elaborate", "cnndsl.ops", "cnndsl.std", "cnndsl.syntax.ast", "cnndsl.cli.specs"}
    assert loaded & (slow | ours) == set()


def test_it_does_not_grow_without_end(program: Program, checked: list[str]) -> None:
    program.monkeypatch.setattr(verdicts, "MOST", 5)
    for number in range(6):
        program("check", program.spec(SMALL, f"{number}.cnn"))
        for entry in entries():  # so that their order is sure
            os.utime(entry, ns=(0, entry.stat().st_mtime_ns - 10**9))
    assert len(entries()) == 3
    del checked[:]
    assert program("check", "3.cnn", "4.cnn", "5.cnn").err == "3 networks in 3 files: no problems\n"
    assert checked == []


def test_processes_at_once(program: Program) -> None:
    for number in range(12):
        program.spec(SMALL, f"specs/{number}.cnn")
    command = [sys.executable, "-m", "cnndsl", "check", "specs"]

    def run(_: int) -> tuple[int, str]:
        done = subprocess.run(command, capture_output=True, text=True)
        return done.returncode, done.stderr

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(run, range(8))) == {(0, "12 networks in 12 files: no problems\n")}
    assert [path.suffix for path in entries()] == [".json"] * 12

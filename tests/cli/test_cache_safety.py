"""What lies in the cache may be anything: it is an answer where it is ours and can be true, and else is nothing."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from cnndsl.cli import verdicts
from tests.cli.program import SMALL, WRONG, Program

pytestmark = pytest.mark.skipif(os.name != "posix", reason="folders have modes on POSIX alone")

GOOD = "1 network in 1 file: no problems\n"
FOLDER = Path("cache/cnndsl")


@pytest.fixture
def kept(program: Program) -> tuple[str, Path]:
    """A spec, and its verdict."""
    spec = program.spec()
    assert program("check", spec).err == GOOD
    [entry] = FOLDER.iterdir()
    return spec, entry


def known(spec: str) -> bool:
    return verdicts.Verdicts(None).recall(spec) is not None


def test_it_is_the_users_alone(kept: tuple[str, Path]) -> None:
    spec, entry = kept
    assert known(spec)
    assert (FOLDER.stat().st_mode & 0o777, entry.stat().st_mode & 0o777) == (0o700, 0o600)


@pytest.mark.parametrize("mode", [0o777, 0o720, 0o702, 0o755, 0o750, 0o1777])
def test_a_folder_that_others_can_enter_is_not_used(program: Program, kept: tuple[str, Path], mode: int) -> None:
    """Nor is one that only we can write: a checkout of a repository has such folders, and could bring verdicts."""
    spec, entry = kept
    FOLDER.chmod(mode)
    assert not known(spec)
    entry.unlink()
    assert program("check", spec).err == GOOD
    assert list(FOLDER.iterdir()) == []


def test_another_users_folder_is_not_used(program: Program, kept: tuple[str, Path]) -> None:
    spec, _ = kept
    program.monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert not known(spec)
    assert program("check", spec).err == GOOD


def test_a_folder_that_is_a_link_is_not_used(program: Program, kept: tuple[str, Path]) -> None:
    spec, _ = kept
    FOLDER.rename("elsewhere")
    FOLDER.symlink_to(Path("elsewhere").resolve())
    assert not known(spec)
    program("check", program.spec(SMALL, "another.cnn"))
    assert len(list(Path("elsewhere").iterdir())) == 1


VARIABLES = ("CNNDSL_CACHE_DIR", "XDG_CACHE_HOME", "HOME")


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("path", [".", "cache", "./cache", "../cache", "~/cache", "cache/../cache"])
def test_relative_paths_are_ignored(program: Program, name: str, path: str) -> None:
    for variable in VARIABLES:
        program.monkeypatch.delenv(variable, raising=False)
    home = program.folder / "home"
    if name != "HOME":
        program.monkeypatch.setenv("HOME", str(home))
    program.monkeypatch.setenv(name, path)
    assert program("check", program.spec()).err == GOOD
    made = {entry.name for entry in program.folder.iterdir()} - {"small.cnn"}
    assert made == (set() if name == "HOME" else {"home"})
    if name != "HOME":
        assert known("small.cnn")


def test_without_a_home(program: Program) -> None:
    import pwd

    def unknown(_: int) -> None:
        raise KeyError

    for variable in VARIABLES:
        program.monkeypatch.delenv(variable, raising=False)
    program.monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert program("check", program.spec()).err == GOOD


def fifo(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 3 << 30)


def linked(path: Path) -> None:
    """To a verdict that would be right."""
    path.symlink_to(Path("verdict").resolve())


def endpoint(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(path))


@pytest.mark.parametrize("place", [fifo, endless, huge, linked, endpoint, Path.mkdir])
def test_only_small_regular_files_are_read(
    program: Program, kept: tuple[str, Path], place: Callable[[Path], None]
) -> None:
    spec, entry = kept
    entry.rename("verdict")
    place(entry)
    assert not known(spec)
    assert program("check", spec).err == GOOD
    assert entry.is_dir() or (entry.is_file() and not entry.is_symlink() and entry.stat().st_size < 10_000)


@pytest.mark.parametrize("place", [fifo, endless, huge])
def test_nor_are_imports_that_became_something_else(program: Program, place: Callable[[Path], None]) -> None:
    unit = Path(program.spec("block Unit { relu }\n", "unit.cnn"))
    spec = program.spec('import "unit.cnn"\n' + SMALL.replace("    global", "    Unit\n    global"))
    assert program("check", spec).err == GOOD
    unit.unlink()
    place(unit)
    assert not known(spec)


COUNTS = [-5, 3, 10**9, 1.0, True, False, None, "1", [1], float("nan")]
SHAPES: list[object] = [{}, [], "abcd", 4, None, [[]] * 4, {"a": 1, "b": 2, "c": 3, "d": 4}]


@pytest.mark.parametrize("count", COUNTS, ids=repr)
def test_a_count_that_can_not_be_is_no_answer(program: Program, kept: tuple[str, Path], count: object) -> None:
    spec, entry = kept
    version, content, _, imports = json.loads(entry.read_text())
    entry.write_text(json.dumps([version, content, count, imports]))
    assert not known(spec)
    assert program("check", spec).err == GOOD


@pytest.mark.parametrize("position", range(4))
def test_no_shape_of_an_entry_raises(kept: tuple[str, Path], position: int) -> None:
    spec, entry = kept
    good = json.loads(entry.read_text())
    for odd in [*SHAPES, 10**4000, "\0", "\ud800", ["a"] * 3, [[1, 2, 3]], [["\0", "\0", "\0"]], [["/dev/zero"] * 3]]:
        if position == 3 and not odd and odd is not None:
            continue  # nothing imported: that is what it says
        entry.write_text(json.dumps([*good[:position], odd, *good[position + 1 :]]))
        assert not known(spec), odd
    for odd in SHAPES:
        entry.write_text(json.dumps(odd))
        assert not known(spec)
    for text in (b"[" * 500_000, b"9" * 500_000, b'"\\ud800"', b"\xff", entry.read_bytes()[:-1], b"NaN", b"[1e999]"):
        entry.write_bytes(text)
        assert not known(spec)


def test_a_verdict_of_another_text_is_no_answer(program: Program, kept: tuple[str, Path]) -> None:
    spec, _ = kept
    program.spec(WRONG)
    assert program("check", spec).code == 1


def test_a_folder_that_can_not_be_written(program: Program, kept: tuple[str, Path]) -> None:
    FOLDER.rename("away")
    FOLDER.parent.chmod(0o500)
    try:
        assert program("check", kept[0]).err == GOOD
    finally:
        FOLDER.parent.chmod(0o700)


def test_races(program: Program, kept: tuple[str, Path]) -> None:
    """While the folder and its entries are exchanged by others all the time, each check gives its answer."""
    spec, entry = kept
    stop = threading.Event()

    def exchange() -> None:
        while not stop.is_set():
            for change in (
                lambda: entry.unlink(),
                lambda: os.mkfifo(entry),
                lambda: entry.unlink(),
                lambda: entry.symlink_to("/dev/zero"),
                lambda: FOLDER.rename("moved"),
                lambda: FOLDER.symlink_to("/tmp"),
                lambda: FOLDER.unlink(),
                lambda: Path("moved").rename(FOLDER),
            ):
                with suppress(OSError):
                    change()

    others = threading.Thread(target=exchange)
    others.start()
    command = [sys.executable, "-m", "cnndsl", "check", spec]
    try:
        done = [subprocess.run(command, capture_output=True, text=True, timeout=60) for _ in range(5)]
    finally:
        stop.set()
        others.join()
    assert {(each.returncode, each.stderr) for each in done} == {(0, GOOD)}

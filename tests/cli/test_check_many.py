"""Many specs: checked on all cores, told of in order, and ended without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnndsl.cli import examining
from tests.cli.program import SMALL, WRONG, Program

COMMAND = [sys.executable, "-m", "cnndsl", "check"]
SLOW = """
import time, cnndsl.cli, cnndsl.pipeline
cnndsl.pipeline.Spec.check = lambda _: time.sleep(60)
cnndsl.cli.main()
"""


def sixty(program: Program) -> None:
    for number in range(60):
        text = WRONG if number % 7 == 3 else SMALL
        program.spec(text.replace("small", f"net{number}"), f"specs/{number:02}.cnn")


def alone(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)


@pytest.mark.parametrize("format", ["text", "json", "junit"])
def test_sixty_specs_are_told_of_as_one_after_another(program: Program, format: str) -> None:
    sixty(program)
    program.monkeypatch.setattr(examining, "MANY", 1000)
    serial = program("check", "specs", "--no-cache", "--format", format)
    assert serial.code == 1
    assert "18 errors in 9 of 60 files" in serial.err
    for method in (["--no-cache"], [], []):
        done = alone(["specs", "--format", format, *method])
        assert (done.returncode, done.stdout, done.stderr) == (serial.code, serial.out, serial.err)


def test_in_fresh_processes(program: Program) -> None:
    """As on systems without fork."""
    sixty(program)
    program.monkeypatch.setattr("threading.active_count", lambda: 2)
    program.monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1}, raising=False)
    assert "18 errors in 9 of 60 files" in program("check", "specs", "--no-cache").err


def test_a_bug_is_told_of_with_its_place(program: Program) -> None:
    sixty(program)
    script = (
        "import sys, cnndsl.pipeline as p\nfrom cnndsl.cli import run\n"
        "def boom(*_): raise KeyError('x')\np.Spec.check = boom\nsys.exit(run(['check', 'specs']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 70
    assert "KeyError: 'x' (cnndsl/cli/examining.py:" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
@pytest.mark.parametrize("command", [["check", "--no-cache"], ["lint"], ["fmt"]])
def test_what_is_in_a_folder(program: Program, command: list[str]) -> None:
    good = [program.spec(SMALL, name) for name in ("in/a/one.cnn", "in/b.cnn/two.cnn", "in/.three.cnn")]
    others = [program.spec("relo", name) for name in ("in/.venv/p.cnn", "in/env/q.cnn", "in/.git/r.cnn")]
    Path("in/env/pyvenv.cfg").touch()
    Path("in/a/up").symlink_to("..")
    result = program(*command, "in")
    assert (result.code, "3 files" in result.err) == (0, True)
    Path("in/gone.cnn").symlink_to("nowhere")
    os.mkfifo("in/pipe.cnn")
    result = program(*command, "in")
    assert result.code == 1
    assert "in/gone.cnn" in result.err
    assert "in/pipe.cnn" in result.err
    assert not any(other in result.err for other in [*good, *others])
    assert Path(others[0]).read_text("utf-8") == "relo"
    assert program(*command, "in/.venv").code == 1


def children(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, above = path.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(above) == parent and state != "Z":
            found.append(int(path.parent.name))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="needs /proc and two cores")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left(program: Program, how: signal.Signals) -> None:
    sixty(program)
    process = subprocess.Popen([sys.executable, "-c", SLOW, "check", "specs"], stderr=subprocess.PIPE, text=True)
    workers: list[int] = []
    deadline = time.monotonic() + 20
    while len(workers) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
        workers = children(process.pid)
    assert len(workers) >= 2
    time.sleep(0.3)
    process.send_signal(how)
    _, said = process.communicate(timeout=20)
    assert process.returncode == (130 if how == signal.SIGINT else -how)
    assert said == ""
    deadline = time.monotonic() + 20
    while any(map(alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, workers))

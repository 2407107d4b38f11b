"""The wheel, installed into an environment of its own, does what the checkout does."""

from __future__ import annotations

import json
import sys
import tarfile
import zipfile

import pytest

import cnndsl
from tests.packaging.conftest import ROOT, SCRIPTS, Distributions, Installed, borrowing, other, run

SPECS = len(list((ROOT / "specs").rglob("*.cnn")))
BAD = "network n : 3 x 8 x 8 -> 10 {\n    conv(8, 11x11) -> global_avgpool -> linear(10)\n}\n"


def test_it_is_the_wheel_that_runs(installed: Installed) -> None:
    names = ("cnndsl", "cnndsl_torch", "cnndsl_graphviz")
    places = [installed.python(f"import {name}; print({name}.__file__)") for name in names]
    assert [place for place in places if not place.startswith(str(installed.packages))] == []


def test_version(installed: Installed) -> None:
    done = installed.cnndsl("--version")
    assert (done.returncode, done.stdout) == (0, f"cnndsl {cnndsl.__version__}\n")


def test_check(installed: Installed) -> None:
    """The exit codes: 0 where all is well, 1 with findings, 2 for wrong use."""
    (installed.here / "bad.cnn").write_text(BAD, "utf-8")
    assert installed.cnndsl("check", "resnet18").returncode == 0
    found = installed.cnndsl("check", "bad.cnn")
    assert found.returncode == 1
    assert "error[E0401]" in found.stderr
    assert installed.cnndsl("check", "resnet19").returncode == 2
    assert installed.cnndsl("check", "--format", "nonsense", "bad.cnn").returncode == 2


@pytest.mark.slow
def test_check_of_all_specs(installed: Installed) -> None:
    done = installed.cnndsl("check", "--no-cache", str(ROOT / "specs"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(f" in {SPECS} files: no problems\n")


def test_check_on_the_oldest_python(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Such as Debian 12's 3.11.2, which has bugs of its own. All of this file runs there with `-m slow`."""
    test_check_of_all_specs(borrowing(other("oldest").path, distributions, tmp_path_factory))


def test_the_zoo_is_packaged(installed: Installed) -> None:
    done = installed.cnndsl("zoo", "--format", "json")
    assert done.returncode == 0, done.stderr
    names = {entry["name"] for entry in json.loads(done.stdout)}
    assert names <= set(cnndsl.zoo())
    assert len(names) >= 110


def test_the_standard_blocks_are_packaged(installed: Installed) -> None:
    done = installed.cnndsl("ops", "Bottleneck")
    assert "block Bottleneck" in done.stdout, done.stderr


def test_the_explanations_are_packaged(installed: Installed) -> None:
    done = installed.cnndsl("explain", "E0402")
    assert done.returncode == 0
    assert done.stdout.startswith("E0402")


@pytest.mark.parametrize(("suffix", "head"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_render(installed: Installed, suffix: str, head: bytes) -> None:
    """PNG and PDF need the packaged fonts."""
    done = installed.cnndsl("render", "lenet5", "-o", f"x.{suffix}")
    assert done.returncode == 0, done.stderr
    content = (installed.here / f"x.{suffix}").read_bytes()
    assert content.startswith(head)
    assert content == cnndsl.render("lenet5", suffix)


def test_compile(installed: Installed) -> None:
    done = installed.cnndsl("compile", "resnet18")
    assert done.returncode == 0, done.stderr
    text = (installed.here / "resnet18.py").read_text("utf-8")
    assert text == cnndsl.source("resnet18")
    compile(text, "resnet18.py", "exec")


def test_lint_and_format(installed: Installed) -> None:
    for command in (("lint",), ("fmt", "--check")):
        done = installed.cnndsl(*command, str(ROOT / "specs/resnet.cnn"))
        assert done.returncode == 0, done.stdout + done.stderr


def test_summary(installed: Installed) -> None:
    done = installed.cnndsl("summary", "resnet18", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(cnndsl.summary("resnet18").model_dump_json())


def test_the_public_front(installed: Installed) -> None:
    if "torch" not in installed.python("import importlib.util as u; print(u.find_spec('torch') and 'torch')"):
        pytest.skip("there is no torch")
    program = (
        "import cnndsl\n"
        "model = cnndsl.load('lenet5', classes=3)\n"
        "print(sum(p.numel() for p in model.parameters()), cnndsl.summary('lenet5', classes=3).params)\n"
    )
    modules, summary = installed.python(program).split()
    assert modules == summary


def test_backends_are_entry_points(installed: Installed) -> None:
    program = "from cnndsl import backends as b; print(*(b.backend(n).name for n in b.available()))"
    assert {"graphviz", "torch"} <= set(installed.python(program).split())


def test_every_command_starts(installed: Installed) -> None:
    commands = [path.stem for path in (ROOT / "cnndsl/cli/commands").glob("[a-z]*.py")]
    help = installed.cnndsl("--help").stdout
    assert [name for name in commands if name not in help] == []


def test_the_wheel_holds_no_more_than_the_packages(distributions: Distributions) -> None:
    with zipfile.ZipFile(distributions.wheel) as wheel:
        names = wheel.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"cnndsl", "cnndsl_torch", "cnndsl_graphviz", f"cnndsl-{cnndsl.__version__}.dist-info"}
    typed = {"cnndsl/py.typed", "cnndsl_torch/py.typed", "cnndsl_graphviz/py.typed"}
    assert typed <= set(names)
    assert not [name for name in names if name.endswith((".pyc", ".pickle"))]


def test_the_source_distribution_is_complete(distributions: Distributions) -> None:
    """Every file of the packages and the zoo, and what a reader wants. The wheel was built from it."""
    with tarfile.open(distributions.sdist) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "PKG-INFO"} <= names
    tracked = run("git", "-C", str(ROOT), "ls-files", "cnndsl", "backends", "specs").splitlines()
    assert [name for name in tracked if name not in names and (ROOT / name).is_file()] == []


@pytest.mark.slow
def test_users_see_our_types(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The markers count: mypy, asked about the installed package, knows what it returns."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "client.py").write_text("import cnndsl\n\nreveal_type(cnndsl.summary('lenet5').params)\n", "utf-8")
    python = str(installed.folder / SCRIPTS / "python")
    options = ("--strict", "--no-incremental", "--config-file", "", "--python-executable", python)
    said = run(sys.executable, "-m", "mypy", *options, "client.py", folder=folder)
    assert 'Revealed type is "int"' in said

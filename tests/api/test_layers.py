"""Imports go one way, down the table of stages in ARCHITECTURE.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cnndsl

PACKAGE = Path(cnndsl.__file__).parent
BACKENDS = PACKAGE.parent / "backends"

# From the bottom up. A module belongs to its longest prefix here, and imports from its own layer and below.
LAYERS = (
    "cnndsl.source",
    "cnndsl.version",
    "cnndsl.growing",
    "cnndsl.sizes",
    "cnndsl.diagnostics.drawing.cells",
    "cnndsl.diagnostics.model",
    "cnndsl.diagnostics.codes",
    "cnndsl.fix",
    "cnndsl.ir.dims",
    "cnndsl.ops",
    "cnndsl.syntax",
    "cnndsl.ir",
    "cnndsl.std",
    "cnndsl.elaborate",
    "cnndsl.analysis",
    "cnndsl.transform",
    "cnndsl.files",
    "cnndsl.pipeline",
    "cnndsl.arguments",
    "cnndsl.backends",
    "cnndsl.diagnostics",
    "cnndsl.format",
    "cnndsl.recover",
    "cnndsl.lint",
    "cnndsl.schemas",
    "cnndsl",
    "cnndsl.cli",
    "cnndsl.lsp",
    "cnndsl.__main__",
)
# Where data crosses the border, or where they are used; never on the way of `check`.
HEAVY = {
    "torch",
    "networkx",
    "graphviz",
    "pydantic",
    "rich",
    "typer",
    "numpy",
    "cnndsl_torch",
    "cnndsl_graphviz",
}
EXECUTING = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
"""What runs code when it reads data."""
ALLOWED = {
    "cnndsl.cli": {"rich", "typer"},
    "cnndsl.analysis.exchange": {"networkx"},
    "cnndsl.analysis.report": {"pydantic"},
    "cnndsl.schemas": {"pydantic"},
}


def layer(module: str) -> int:
    prefixes = [name for name in LAYERS if module == name or module.startswith(name + ".")]
    return LAYERS.index(max(prefixes, key=len))


def modules(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        yield ".".join((name, *parts)).removesuffix(".__init__"), path


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports when it runs; those for the type checker alone are left out."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, f"{path}: a relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if module_exists(inner) else node.module


def module_exists(name: str) -> bool:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


CORE = dict(modules(PACKAGE, "cnndsl"))


@pytest.mark.parametrize("module", CORE)
def test_imports_go_down(module: str) -> None:
    ours = [name for name in imports(CORE[module]) if name.split(".")[0] == "cnndsl"]
    # The package itself is a front: it is above all that it offers, and its functions reach down.
    upwards = [name for name in ours if layer(name) > layer(module)]
    assert upwards == []


@pytest.mark.parametrize("module", CORE)
def test_the_core_names_no_backend_and_nothing_heavy(module: str) -> None:
    roots = {name.split(".")[0] for name in imports(CORE[module])}
    allowed: set[str] = set().union(*(v for k, v in ALLOWED.items() if module == k or module.startswith(k + ".")))
    assert roots & HEAVY <= allowed


def test_nothing_is_read_that_could_run() -> None:
    everything = [*CORE.items(), *(each for folder in BACKENDS.glob("*") for each in modules(folder, folder.name))]
    assert [name for name, path in everything if EXECUTING & {each.split(".")[0] for each in imports(path)}] == []


@pytest.mark.skipif(not BACKENDS.is_dir(), reason="no checkout")
def test_backends_use_the_core_and_not_its_shells() -> None:
    for folder in BACKENDS.iterdir():
        for module, path in modules(folder, folder.name):
            found = set(imports(path))
            assert not {name for name in found if name.startswith(("cnndsl.cli", "cnndsl.lsp"))}, module
            others = {f.name for f in BACKENDS.iterdir()} - {folder.name}
            assert not {name for name in found if name.split(".")[0] in others}, module

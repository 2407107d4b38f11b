"""``cnndsl compile``."""

from __future__ import annotations

import keyword
import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Annotated, Literal

import typer

from cnndsl import pipeline
from cnndsl.cli.failure import Refusal
from cnndsl.cli.options import Color, InputOption, SetOption, SpecArgument, output_option
from cnndsl.cli.output import STDOUT, target, write, wrote
from cnndsl.cli.specs import graph
from cnndsl.cli.terminal import say
from cnndsl.ir.graph import Graph

PANEL = "Specs"
NEEDS = True
OURS = 2_000
"""Characters at the start of a file in which our name shows that it was generated."""


def run(
    spec: SpecArgument,
    output: Annotated[
        str | None, output_option("Where to; `-` is standard output. Default: `<network>.py` here.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            help="What to write: `torch`, PyTorch source, or `cnn`, a spec recovered from the network's "
            "graph alone. Default: by the ending of OUTPUT, else `torch`.",
        ),
    ] = None,
    set: SetOption = None,
    input: InputOption = None,
    optimize: Annotated[
        Literal["none", "inference"],
        typer.Option(
            "--optimize",
            help="`inference`: without what only training needs, dropout and identities, and with each batch norm "
            "folded into the convolution or linear layer before it.",
        ),
    ] = "none",
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that cnndsl did not write.")] = False,
    color: Color = "auto",
) -> None:
    """Write a network as PyTorch source that needs nothing of cnndsl, or as a spec again.

    - `cnndsl compile resnet50`
    - `cnndsl compile mine.cnn:small --set classes=10 -o small.py`
    - `cnndsl compile resnet18 -o - | less`
    - `cnndsl compile resnet18 --to cnn -o -`
    - `cnndsl compile resnet50 --to cnn --optimize inference -o -`
    """  # fmt: skip
    from cnndsl import backends
    from cnndsl.analysis.metrics import params

    known = ("torch", "cnn")
    if to is not None and to not in known:
        raise Refusal(f"there is no target `{to}`; there are {', '.join(f'`{each}`' for each in known)}")
    network = graph(spec, input, set)
    if optimize != "none":
        from cnndsl.transform import LEVELS, transform

        network = transform(network, LEVELS[optimize]).graph
    if to == "cnn" or (to is None and output is not None and output.endswith(".cnn")):
        _spec(network, output, force)
        return
    if network.origin is None:  # Python is written from a text
        network = pipeline.from_text(_recovered(network), network.name).graph()
    backend = backends.code()
    text = backend.source(network)
    path = output if output == STDOUT else target(output, f"{importable(network.name)}.py")
    if path != STDOUT and not force:
        _protect(Path(path))
    write(path, text.encode())
    if path == STDOUT:
        return
    entry, module = backend.entry(network), Path(path).stem
    wrote(path, f"class {backend.class_name(network)}, {params(network.nodes):,} parameters")
    if module.isidentifier() and not keyword.iskeyword(module):
        say(f"\n    from {module} import {entry}\n\n    model = {entry}()")


def importable(name: str) -> str:
    """The name, with `_` behind it where it can't be imported, or where a file here would hide a module."""
    try:
        here = os.getcwd()
    except OSError:  # a folder can be deleted while one is in it
        here = ""
    elsewhere = [path for path in sys.path if os.path.isabs(path) and os.path.realpath(path) != here]
    hides = name in sys.stdlib_module_names or PathFinder.find_spec(name, elsewhere) is not None
    return f"{name}_" if keyword.iskeyword(name) or hides else name


def _recovered(network: Graph) -> str:
    """The graph as a spec. Raises Refusal where the language has no text for it."""
    from cnndsl.recover.spec import recover
    from cnndsl.recover.tree import Unsayable

    try:
        return recover([network])
    except Unsayable as error:
        raise Refusal(f"`{network.name}` can't be written as a spec: {error}") from None


def _spec(network: Graph, output: str | None, force: bool) -> None:
    """Write what is recovered from the graph."""
    text = _recovered(network)
    path = target(output, f"{network.name}.cnn")
    if path == STDOUT:
        write(path, text.encode())
        return
    if not force:
        _protect(Path(path))
    write(path, f"# Recovered from its graph; written by cnndsl.\n\n{text}".encode())
    say(f"wrote {path}: network {network.name}, {len(text.splitlines())} lines")


def _protect(path: Path) -> None:
    """Don't overwrite what somebody wrote by hand."""
    if path.is_file():
        with path.open("rb") as file:
            if b"written by cnndsl" not in file.read(OURS) and path.stat().st_size:
                raise Refusal(f"`{path}` exists, and cnndsl did not write it; `--force` overwrites it")

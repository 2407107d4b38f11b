"""``cnndsl compile``."""

from __future__ import annotations

import keyword
import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Annotated, Literal

import typer

from cnndsl.cli.failure import Refusal
from cnndsl.cli.links import device
from cnndsl.cli.options import Color, InputOption, SetOption, SpecArgument, output_option
from cnndsl.cli.output import STDOUT, target, write, wrote
from cnndsl.cli.specs import graph
from cnndsl.cli.terminal import say

PANEL = "Specs"
NEEDS = True
MARK = b"written by cnndsl"
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
            metavar="TARGET",
            help="What to write: `torch`, PyTorch source, `cnn`, a spec recovered from the network's graph alone, or "
            "another of `cnndsl backends`. Default: by the ending of OUTPUT, else `torch`.",
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
    """Write a network as PyTorch source that needs nothing of cnndsl, as a spec again, or as what another target makes.

    - `cnndsl compile resnet50`
    - `cnndsl compile mine.cnn:small --set classes=10 -o small.py`
    - `cnndsl compile resnet18 -o - | less`
    - `cnndsl compile resnet18 --to cnn -o -`
    - `cnndsl compile resnet50 --to cnn --optimize inference -o -`
    """  # fmt: skip
    from cnndsl import backends

    ending = ""
    if output is not None and output != STDOUT and not (os.path.isdir(output) or device(output)):
        ending = Path(output).suffix.removeprefix(".").lower()
    name = to or (backends.by_ending(ending) if ending else "torch")
    backend = backends.backend(name)
    ending = ending if ending in backend.endings else backend.endings[0]
    network = graph(spec, input, set)
    if optimize != "none":
        from cnndsl.transform import LEVELS, transform

        network = transform(network, LEVELS[optimize]).graph
    network = backends.accepted(name, backend, network)
    path = target(output, f"{importable(network.name) if ending == 'py' else network.name}.{ending}")
    with backends.friendly(name):
        data: bytes = backend.emit(network, ending)
    if path == STDOUT:
        write(path, data)
        return
    data = getattr(backend, "heading", b"") + data
    if not force and MARK in data[:OURS]:
        _protect(Path(path))
    write(path, data)
    first, *more = backend.note(network, path, data) if hasattr(backend, "note") else [network.name]
    wrote(path, first)
    for line in more:
        say(line)


def importable(name: str) -> str:
    """The name, with `_` behind it where it can't be imported, or where a file here would hide a module."""
    try:
        here = os.getcwd()
    except OSError:  # a folder can be deleted while one is in it
        here = ""
    elsewhere = [path for path in sys.path if os.path.isabs(path) and os.path.realpath(path) != here]
    hides = name in sys.stdlib_module_names or PathFinder.find_spec(name, elsewhere) is not None
    return f"{name}_" if keyword.iskeyword(name) or hides else name


def _protect(path: Path) -> None:
    """Don't overwrite what somebody wrote by hand."""
    if path.is_file():
        with path.open("rb") as file:
            if MARK not in file.read(OURS) and path.stat().st_size:
                raise Refusal(f"`{path}` exists, and cnndsl did not write it; `--force` overwrites it")

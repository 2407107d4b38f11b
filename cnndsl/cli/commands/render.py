"""``cnndsl render``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnndsl.cli.failure import Refusal
from cnndsl.cli.options import Color, InputOption, SetOption, SpecArgument, output_option
from cnndsl.cli.output import STDOUT, target, write, wrote
from cnndsl.cli.specs import graph
from cnndsl.cli.words import size

PANEL = "Specs"
NEEDS = True
DEFAULT = "svg"


def run(
    spec: SpecArgument,
    output: Annotated[
        str | None,
        output_option("Its ending is the format; `-` is SVG on standard output. Default: `<network>.svg`."),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option("--depth", min=1, help="Draw what is below this depth as one box each.", show_default=False),
    ] = None,
    input: InputOption = None,
    set: SetOption = None,
    color: Color = "auto",
) -> None:
    """Draw a network as SVG, PNG, PDF or DOT.

    - `cnndsl render resnet18 -o resnet18.svg`
    - `cnndsl render mine.cnn:small --depth 1 -o overview.png`
    """  # fmt: skip
    from cnndsl import backends

    name, format = "graphviz", DEFAULT
    if output is not None and output != STDOUT and not Path(output).is_dir():
        format = Path(output).suffix.removeprefix(".").lower()
        drawn = backends.pictures()
        if format in drawn:
            name = drawn[format]
        else:
            endings = ", ".join(f"`.{each}`" for each in drawn)
            raise Refusal(f"`{output}` names no format that can be drawn: its ending is one of {endings}")
    network = graph(spec, input, set)
    path = target(output, f"{network.name}.{DEFAULT}")
    with backends.friendly(name):
        data = backends.backend(name).render(network, format, depth)
    write(path, data)
    if path != STDOUT:
        wrote(path, f"{network.name}, {size(len(data))}")

"""What `check` does. It imports no backend, table, schema or option parser: it must start fast."""

from __future__ import annotations

import sys
from pathlib import Path

from cnndsl import files, pipeline
from cnndsl.cli.failure import FINDINGS, Refusal
from cnndsl.cli.specs import open_spec
from cnndsl.cli.terminal import look, progress, say
from cnndsl.cli.words import count
from cnndsl.diagnostics.drawing.look import Style
from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.diagnostics.renderers import HUMAN, formats, render
from cnndsl.elaborate import Limits, is_template


def check(paths: list[str], format: str = HUMAN, limits: Limits | None = None) -> int:
    """Check specs, say what is wrong with them, and give the exit code.

    Raises:
        Refusal, UnknownSpec: there is nothing to check, or no such format.
    """
    if format not in formats():
        raise Refusal(f"there is no format `{format}`; there are {', '.join(formats())}")
    bounds = limits or Limits()
    found: list[Diagnostic] = []
    networks = 0
    targets = _targets(paths)
    for target in progress(targets, "checking"):
        number, more = _check(target, bounds)
        networks += number
        found.extend(more)
    if format == HUMAN:
        if found:
            say(render(found, HUMAN, look(sys.stderr)))
    else:
        sys.stdout.write(render(found, format, look(sys.stdout)))
    say(_conclusion(networks, len(targets), found))
    return FINDINGS if found else 0


def _targets(paths: list[str]) -> list[str]:
    """What to check, each once; a folder stands for the specs below it."""
    targets: list[str] = []
    for path in paths:
        if Path(path).is_dir():
            inside = [found.as_posix() for found in files.find([Path(path)])]
            if not inside:
                raise Refusal(f"the folder `{path}` holds no `.cnn` file")
            targets.extend(inside)
        else:
            targets.append(path)
    return list(dict.fromkeys(targets))


def _check(target: str, bounds: Limits) -> tuple[int, list[Diagnostic]]:
    """How many networks a spec has, and what is wrong with it."""
    try:
        spec: pipeline.Spec = open_spec(target, bounds)
        found = spec.check()
        networks = spec.module.networks
    except SpecError as error:
        return 0, list(error.diagnostics)
    if spec.network is not None:
        spec.definition()
        return 1, found
    return sum(not is_template(each) for each in networks.values()), found


def _conclusion(networks: int, targets: int, found: list[Diagnostic]) -> str:
    screen = look(sys.stderr)
    where = f"{count(networks, 'network')} in {count(targets, 'file')}"
    if not found:
        return f"{where}: {screen.paint('no problems', 'help')}"
    errors = sum(each.severity == "error" for each in found)
    counts = [(errors, "error"), (len(found) - errors, "warning")]
    said = " and ".join(count(number, word) for number, word in counts if number)
    wrong = len({each.span.source.name for each in found})
    colour: Style = "error" if errors else "warning"
    return f"{screen.paint(said, colour)} in {wrong} of {count(max(targets, wrong), 'file')}"

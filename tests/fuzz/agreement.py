"""What must hold of a network that checks: ``python -m tests.fuzz.agreement COUNT [SEED]`` tries it on random programs.

Each is one function over the text; it raises AssertionError, or whatever else goes wrong.
"""

from __future__ import annotations

import sys
import traceback
import warnings
from collections import Counter
from random import Random

import torch
import torch.fx

from cnndsl.diagnostics.model import SpecError
from cnndsl.ir.graph import Graph
from cnndsl.pipeline import Spec, from_text
from cnndsl.recover.spec import recover
from cnndsl.recover.tree import Unsayable
from cnndsl_torch import backend
from cnndsl_torch.live import execute
from tests.fuzz.programs import Programs
from tests.interpreter import interpret
from tests.reference import stated_tensors
from tests.torch.test_numbers import compare

SIZES = [(5, 5), (8, 16), (9, 6), (16, 16), (7, 13), (1, 3), (23, 20)]


def numbers(spec: Spec, graph: Graph) -> None:
    """The keys and outputs are the graph's, in both modes."""
    model = execute(backend.source(graph), backend.entry(graph))
    assert [(key, tuple(value.shape)) for key, value in model.state_dict().items()] == list(stated_tensors(graph))
    compare(graph, dtype=torch.float64)


def sizes(spec: Spec, graph: Graph) -> Counter[str]:
    """For other sizes of the input the module gives what the spec says for them, or says that it can't."""
    model = execute(backend.source(graph), backend.entry(graph)).double().eval()
    state = model.state_dict()
    found: Counter[str] = Counter()
    for height, width in SIZES:
        shape = (graph.input.shape[0], height, width)
        try:
            other = spec.graph(None, shape)
        except SpecError:
            other = None
        torch.manual_seed(3)
        image = torch.randn(2, *shape, dtype=torch.float64)
        fits = other is not None and [*stated_tensors(other)] == [*stated_tensors(graph)]
        try:
            with torch.no_grad():
                result = model(image.clone())
        except (AssertionError, RuntimeError, ValueError) as error:
            if fits and not isinstance(error, AssertionError):
                raise
            found["refused"] += fits
            continue
        if other is None and not all(alive(graph)):
            continue  # what does not fit is a step of which nothing is read, and which is left out
        assert other is not None, f"{shape} gives {result.shape if hasattr(result, 'shape') else result}"
        assert fits, f"{shape} has other tensors"
        given = [each for each in result if each is not None] if isinstance(result, tuple) else [result]
        for ours, expected in zip(given, interpret(other, state, image, False), strict=True):
            assert ours.shape == expected.shape, (
                f"{shape}: {tuple(ours.shape)}, and the spec says {tuple(expected.shape)}"
            )
            scale = expected.abs().max().clamp_min(1e-6) if expected.numel() else torch.tensor(1.0)
            assert not expected.numel() or float((ours - expected).abs().max() / scale) < 1e-4, f"{shape}: other values"
        found["given"] += 1
    return found


def alive(graph: Graph) -> list[bool]:
    """Which nodes evaluation reads."""
    found = [False] * len(graph.nodes)
    for output in graph.outputs:
        found[output.node.index] = found[output.node.index] or not output.training_only
    for node in reversed(graph.nodes):
        for each in node.inputs:
            found[each.index] = found[each.index] or found[node.index]
    return found


def values(spec: Spec, graph: Graph) -> Counter[str]:
    """For other values of its parameters the class is what the spec with these is, or says that it can't be."""
    found: Counter[str] = Counter()
    cls = type(execute(backend.source(graph), backend.entry(graph)))
    arguments = cls.__init__.__annotations__
    for name, value in graph.expansion.root.values.items():
        if name not in arguments or not isinstance(value, int | bool):
            continue
        for other in [not value] if isinstance(value, bool) else [1, 2, 3, 6]:
            found[_value(spec, graph, cls, name, other)] += 1
    return found


def _value(spec: Spec, graph: Graph, cls: type, name: str, other: int) -> str:
    try:
        wanted = spec.graph({name: other}, None)
    except SpecError:
        wanted = None
    try:
        model = cls(**{name: other}).double().eval()
        keys = [(key, tuple(each.shape)) for key, each in model.state_dict().items()]
    except (AssertionError, RuntimeError, ValueError, ZeroDivisionError, IndexError, TypeError):
        return "refused"
    if wanted is None:
        return "no such network"
    assert keys == list(stated_tensors(wanted)), f"{name}={other}: other keys"
    torch.manual_seed(4)
    image = torch.randn(2, *wanted.input.shape, dtype=torch.float64)
    result = model(image.clone())
    given = [each for each in result if each is not None] if isinstance(result, tuple) else [result]
    for ours, expected in zip(given, interpret(wanted, model.state_dict(), image, False), strict=True):
        assert ours.shape == expected.shape, f"{name}={other}: {ours.shape}, and the spec says {expected.shape}"
        assert torch.allclose(ours, expected, rtol=1e-3, atol=1e-4 * float(expected.abs().max())), f"{name}={other}"
    return "given"


def traces(spec: Spec, graph: Graph) -> None:
    """``torch.fx`` traces it in both modes."""
    model = execute(backend.source(graph), backend.entry(graph))
    for mode in (False, True):
        torch.fx.symbolic_trace(model.train(mode))


def tried(text: str, random: Random, found: Counter[str]) -> None:
    spec = from_text(text)
    if spec.check():
        found["does not check"] += 1
        return
    graph = spec.graph()
    heavy = sum(shape[0] * shape[-1] for node in graph.nodes for shape in [node.shape])
    if sum(node.params for node in graph.nodes) > 2e6 or len(graph.nodes) > 300 or heavy > 2e5:
        found["too large"] += 1
        return
    if (
        sum(node.shape[0] * (node.shape[1] * node.shape[2] if len(node.shape) == 3 else 1) for node in graph.nodes)
        > 3e6
    ):
        found["too large"] += 1
        return
    found["tried"] += 1
    numbers(spec, graph)
    found.update({f"sizes {key}": count for key, count in sizes(spec, graph).items()})
    found.update({f"values {key}": count for key, count in values(spec, graph).items()})
    if random.random() < 0.3:
        traces(spec, graph)
    if random.random() < 0.15:
        try:
            recover([graph])  # it compares what it gives with the graph by itself
        except Unsayable:
            found["unsayable"] += 1


def tried_with(text: str, random: Random) -> None:
    tried(text, random, Counter())


def main(count: str, seed: str = "1") -> int:
    """Tries so many programs; prints what fails, and what was tried."""
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    found: Counter[str] = Counter()
    wrong = 0
    for number in range(int(count)):
        programs = Programs(int(seed) * 1_000_000 + number)
        text = programs.program()
        try:
            tried(text, programs.random, found)
        except Exception:  # whatever goes wrong is a finding, and the next program is tried
            wrong += 1
            print(f"--- {seed}/{number}", text, traceback.format_exc(limit=-3), sep="\n", flush=True)
    print(dict(sorted(found.items())), f"{wrong} wrong", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

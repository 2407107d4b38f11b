"""What holds of every text, stage by stage: each function takes one, and raises where it does not hold."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from cnndsl import lint
from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.elaborate import Limits, is_template
from cnndsl.format import format_source, same
from cnndsl.ir.graph import Graph
from cnndsl.pipeline import Spec, from_text
from cnndsl.source import Source
from cnndsl.syntax.parser import parse, parse_tolerant
from cnndsl_torch import backend
from tests.fuzz import sources

SMALL = Limits(nodes=2000, steps=60_000)
PACKAGES = {"__future__", "collections", "functools", "math", "torch", "typing"}
"""What an emitted file may import."""


def parsed(text: str) -> None:
    """A tree, and mistakes that lie in the text."""
    _, found = parse_tolerant(Source("fuzz.cnn", text))
    sound(found, text)


def checked(text: str, limits: Limits = SMALL) -> list[Diagnostic]:
    """Everything that the compiler finds; with nothing found, every network has a graph, and lint goes through."""
    spec = _spec(text, limits)
    found = spec.check()
    sound(found, text)
    if not found:
        for _ in graphs(spec):
            pass
        lint.lint(spec, lint.rules())
    return found


def formatted(text: str) -> None:
    """Formatting twice is formatting once, and changes no meaning, comment or graph."""
    try:
        before = parse(Source("fuzz.cnn", text))
    except SpecError:
        return
    result = format_source(Source("fuzz.cnn", text))
    assert format_source(Source("fuzz.cnn", result)) == result
    assert not same.difference(before, Source("fuzz.cnn", result))
    one, other = _spec(text), _spec(result)
    found = one.check()
    assert [d.code for d in found] == [d.code for d in other.check()]
    if not found:
        assert [*map(facts, graphs(one))] == [*map(facts, graphs(other))]


def emitted(text: str) -> None:
    """PyTorch source that is Python, and holds nothing but imports of the known, classes and functions."""
    spec = _spec(text)
    if not spec.check():
        for graph in graphs(spec):
            source = backend.source(graph)
            compile(source, "emitted.py", "exec", dont_inherit=True)
            assert only_definitions(ast.parse(source)), source


STAGES: dict[str, Callable[[str], object]] = {
    "parse": parsed, "check": checked, "format": formatted, "source": emitted,
}  # fmt: skip


def sound(found: list[Diagnostic], text: str) -> None:
    for each in found:
        assert each.message
        assert 0 <= each.span.start <= each.span.end, each
        assert each.span.source.name != "fuzz.cnn" or each.span.end <= len(text) + 1, each
        str(each)


def graphs(spec: Spec) -> Iterator[Graph]:
    for name, definition in spec.module.networks.items():
        if not is_template(definition):
            spec.network = name
            yield spec.graph()
    spec.network = None


def facts(graph: Graph) -> str:
    """A graph's ops, as a text: NaN is equal to itself there."""
    return repr([(n.path, n.op, n.shape, n.training_only, [i.index for i in n.inputs]) for n in graph.nodes])


def only_definitions(module: ast.Module) -> bool:
    for node in module.body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not docstring and not isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef | ast.FunctionDef):
            return False
    names = [a.name for n in ast.walk(module) if isinstance(n, ast.Import) for a in n.names]
    names += [n.module or "" for n in ast.walk(module) if isinstance(n, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names} <= PACKAGES


def _spec(text: str, limits: Limits = SMALL) -> Spec:
    return from_text(text, "fuzz.cnn", sources.folder(), limits)

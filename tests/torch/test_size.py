"""How long the specs are beside torchvision's models, for the networks that both have."""

from __future__ import annotations

import ast as python
from pathlib import Path

from cnndsl.pipeline import locate
from cnndsl.source import Span
from cnndsl.syntax import ast
from cnndsl_torch.write.expansions import calls_of
from tests.reference import torchvision_models
from tests.torch.test_torchvision import MODELS

FILES = ("alexnet", "vgg", "googlenet", "resnet", "densenet", "squeezenet")


def torchvision_lines() -> int:
    """Lines of code of torchvision's files: no comments, docstrings or blank lines."""
    folder = Path(torchvision_models().__file__).parent
    total = 0
    for name in FILES:
        text = (folder / f"{name}.py").read_text()
        tree = python.parse(text)
        documented = python.Module | python.ClassDef | python.FunctionDef
        docs: set[int] = set()
        for node in python.walk(tree):
            if isinstance(node, documented) and python.get_docstring(node, clean=False) is not None:
                docs.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
        lines = enumerate(text.splitlines(), 1)
        total += sum(1 for n, line in lines if line.strip() and not line.strip().startswith("#") and n not in docs)
    return total


def spec_lines() -> int:
    """Lines of the definitions that these networks need, those of ``std`` included: no docstrings or blank lines."""
    spans: dict[tuple[str, int], Span] = {}
    for name in MODELS:
        spec = locate(name)
        network = spec.definition().syntax
        used: list[ast.Block | ast.Network] = []
        while isinstance(network, ast.Network):
            used.append(network)
            base = spec.module.names.get(network.base.name.name) if network.base else None
            network = base.syntax if base else None  # type: ignore[assignment]
        body = spec.graph().expansion.root.body
        assert body is not None
        used += [scope.definition for scope, _ in calls_of(body) if scope.definition is not None]
        spans |= {(d.span.source.name, d.span.start): d.span for d in used}
    return sum(1 for span in spans.values() for line in span.text.splitlines() if line.strip())


def test_specs_take_less_than_a_third() -> None:
    ours, theirs = spec_lines(), torchvision_lines()
    print(f"{ours} lines of specs, {theirs} of torchvision")
    assert 3 * ours < theirs

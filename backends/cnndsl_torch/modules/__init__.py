"""Modules for the ops that PyTorch lacks: each class in a file of its own, self-contained.

The text of a class is pasted into emitted files; `source_of` reads it without importing torch. Whoever pastes
it provides ``import torch``, ``import torch.nn.functional as F`` and ``from torch import Tensor, nn`` once:
a class uses nothing else, except for other classes of this folder, which `with_dependencies` adds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path


@cache
def _classes() -> dict[str, tuple[str, frozenset[str]]]:
    """The text of every class and the names that it mentions."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef):
                names = frozenset(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
                found[node.name] = (ast.get_source_segment(text, node) or "", names)
    return found


def names() -> tuple[str, ...]:
    """All helper classes."""
    return tuple(_classes())


def source_of(name: str) -> str:
    """The text of a class, without imports.

    Raises:
        KeyError: there is no such class.
    """
    return _classes()[name][0]


def with_dependencies(wanted: Iterable[str]) -> list[str]:
    """The classes and those they use, in an order in which they can be defined."""
    ordered: list[str] = []

    def visit(name: str) -> None:
        if name not in ordered:
            for other in sorted(_classes()[name][1] & _classes().keys() - {name}):
                visit(other)
            ordered.append(name)

    for name in sorted(wanted):
        visit(name)
    return ordered

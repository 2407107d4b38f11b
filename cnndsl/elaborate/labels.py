"""The labels of a definition's text, found without expanding it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from cnndsl.ops import Merge, registry
from cnndsl.syntax import ast

INPUT = "input"
"""What flows into a block or network, where no label has that name."""


def labels_of(syntax: ast.Block | ast.Network) -> Labels:
    return Labels(list(_of_body(syntax.body)))


class Labels:
    """Which names a step of a definition can have."""

    def __init__(self, labels: list[ast.Label]) -> None:
        self.labels = labels
        self.literal = {str(label.parts[0]) for label in labels if len(label.parts) == 1}
        self.patterns = [pattern(label) for label in labels if len(label.parts) > 1]
        self.stems = {str(label.parts[0]) for label in labels}

    def find(self, name: str) -> ast.Label | None:
        """The first label that has, or can become, this name."""
        return next(self.named(name), None)

    def named(self, name: str) -> Iterator[ast.Label]:
        """The labels that have, or can become, this name."""
        for label in self.labels:
            if str(label.parts[0]) == name if len(label.parts) == 1 else pattern(label).fullmatch(name):
                yield label

    def may_have(self, target: ast.Label) -> bool:
        """Whether the first part of a dotted path can be the label of a step."""
        first, dot, _ = str(target.parts[0]).partition(".")
        if first.isdigit() or first == INPUT or first.rstrip("0123456789").rstrip("_") in merges():
            return True  # a position, the input, or a join: expansion tells whether there is one
        if len(target.parts) == 1 or dot:
            return first in self.literal or any(p.fullmatch(first) for p in self.patterns)
        return any(stem.startswith(first) or first.startswith(stem) for stem in self.stems)


@cache
def merges() -> frozenset[str]:
    return frozenset(name for name, op in registry.items() if issubclass(op, Merge))


def pattern(label: ast.Label) -> re.Pattern[str]:
    """What a label with indices can become."""
    return re.compile("".join(re.escape(p) if isinstance(p, str) else "[0-9]+" for p in label.parts))


def _of_body(body: ast.Body) -> Iterator[ast.Label]:
    for statement in body.statements:
        if isinstance(statement, ast.Chain):
            for step in statement.steps:
                yield from _of_step(step)


def _of_step(step: ast.Step) -> Iterator[ast.Label]:
    if step.label is not None:
        yield step.label
    match step:
        case ast.Group() | ast.For() | ast.Dense():
            yield from _of_body(step.body)
        case ast.Output():
            yield ast.Label([step.name.name], step.name.span)
            yield from _of_body(step.body)
        case ast.Repeat():
            yield from _of_step(step.step)
        case ast.If():
            yield from _of_body(step.then)
            if step.otherwise is not None:
                yield from _of_body(step.otherwise)
        case ast.Merge():
            yield from _of_lanes(step.lanes)


def _of_lanes(lanes: list[ast.Lane | ast.LaneLoop]) -> Iterator[ast.Label]:
    for lane in lanes:
        if isinstance(lane, ast.Lane):
            yield from _of_body(lane.body)
        else:
            yield from _of_lanes(lane.lanes)


class Scope:
    """The labels of one straight scope, over those of the branches around it."""

    def __init__(self, named: bool, outer: Scope | None = None) -> None:
        self.named, self.outer = named, outer
        self.labels: dict[str, ast.Label] = {}

    def find(self, name: str) -> ast.Label | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.labels:
                return scope.labels[name]
            scope = scope.outer
        return None

    def branch(self) -> Scope:
        return Scope(self.named, self)

"""Walks over the syntax tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnndsl.syntax import ast


def bodies(syntax: ast.Block | ast.Network) -> Iterator[ast.Body]:
    """Every sequence of statements in a definition, in the order of the text."""
    yield from _bodies([syntax.body])


def steps(syntax: ast.Block | ast.Network | ast.Step) -> Iterator[ast.Step]:
    """Every step of a definition, or in a step and that step itself."""
    if isinstance(syntax, ast.Step):
        yield syntax
        inside = _bodies(list(_below(syntax)))
    else:
        inside = bodies(syntax)
    for body in inside:
        for step in _of(body):
            yield step
            while isinstance(step, ast.Repeat):
                step = step.step
                yield step


def _bodies(found: list[ast.Body]) -> Iterator[ast.Body]:
    stack = found[::-1]
    while stack:
        body = stack.pop()
        yield body
        stack.extend([inner for step in _of(body) for inner in _below(step)][::-1])


def _of(body: ast.Body) -> Iterator[ast.Step]:
    for statement in body.statements:
        if isinstance(statement, ast.Chain):
            yield from statement.steps


def _below(step: ast.Step) -> Iterator[ast.Body]:
    """The bodies right inside a step."""
    while isinstance(step, ast.Repeat):
        step = step.step
    match step:
        case ast.Group() | ast.For() | ast.Dense() | ast.Output():
            yield step.body
        case ast.If():
            yield step.then
            if step.otherwise is not None:
                yield step.otherwise
        case ast.Merge():
            stack: list[Any] = step.lanes[::-1]
            while stack:
                lane = stack.pop()
                if isinstance(lane, ast.Lane):
                    yield lane.body
                else:
                    stack.extend(lane.lanes[::-1])

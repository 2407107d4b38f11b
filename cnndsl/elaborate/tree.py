"""What is inside a step or a body of the text."""

from __future__ import annotations

from collections.abc import Iterator

from cnndsl.source import Span
from cnndsl.syntax import ast


def steps(body: ast.Body) -> Iterator[ast.Step]:
    for statement in body.statements:
        if isinstance(statement, ast.Chain):
            yield from statement.steps


def bodies(step: ast.Step) -> Iterator[ast.Body]:
    match step:
        case ast.Group() | ast.For() | ast.Dense() | ast.Output():
            yield step.body
        case ast.Repeat():
            yield from bodies(step.step)
        case ast.If():
            yield from (step.then, *([step.otherwise] if step.otherwise else []))
        case ast.Merge():
            lanes = list(step.lanes)
            while lanes:
                lane = lanes.pop()
                if isinstance(lane, ast.Lane):
                    yield lane.body
                else:
                    lanes += lane.lanes


def around(body: ast.Body, span: Span) -> Iterator[tuple[ast.Body, ast.Step]]:
    """The bodies around a place, outermost first, each with its step that holds the place."""
    inner: ast.Body | None = body
    while inner is not None:
        step = next((each for each in steps(inner) if _holds(each.span, span)), None)
        if step is None:
            return
        yield inner, step
        inner = next((each for each in bodies(step) if _holds(each.span, span)), None)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end

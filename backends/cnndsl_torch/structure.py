"""Questions about a body that decide how its class is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from cnndsl.elaborate.values import Definition
from cnndsl.ir.expansion import Body, Scope, Step
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer, registry
from cnndsl.syntax import ast


def steps_of(body: Body) -> Iterator[Step]:
    """All steps below a body that belong to the same block, outer ones first."""
    for step in body.steps:
        yield step
        if step.opened is None or step.opened.definition is None:
            for inner in step.bodies:
                yield from steps_of(inner)


def calls_of(body: Body) -> Iterator[tuple[Scope, Body]]:
    """Every block call below a body, at any depth, outer ones first."""
    for step in body.steps:
        if step.opened is not None and step.opened.definition is not None:
            yield step.opened, step.bodies[0]
        for inner in step.bodies:
            yield from calls_of(inner)


def nodes_of(body: Body) -> Iterator[Node]:
    """The nodes made below a body, in order."""
    for step in body.steps:
        for inner in step.bodies:
            yield from nodes_of(inner)
        if step.node is not None:
            yield step.node


def bodies_in(step: ast.Step) -> list[ast.Body]:
    """The bodies that a step holds, lanes among them."""
    match step:
        case ast.Group() | ast.For() | ast.Dense() | ast.Output():
            return [step.body]
        case ast.If():
            return [step.then, *([step.otherwise] if step.otherwise else [])]
        case ast.Merge():
            return [lane.body for lane in lanes_in(step.lanes)]
        case ast.Repeat():
            return [body_of(step.step)]
        case _:
            return []


def lanes_in(lanes: Iterable[ast.Lane | ast.LaneLoop]) -> Iterator[ast.Lane]:
    for lane in lanes:
        if isinstance(lane, ast.Lane):
            yield lane
        else:
            yield from lanes_in(lane.lanes)


def body_of(step: ast.Step) -> ast.Body:
    """A single step as a body."""
    return ast.Body([ast.Chain([step], step.span)], step.span)


def syntax_steps(body: ast.Body) -> Iterator[ast.Step]:
    """The steps of a body itself."""
    for statement in body.statements:
        if isinstance(statement, ast.Chain):
            yield from statement.steps


def scope_steps(body: ast.Body) -> Iterator[ast.Step]:
    """The steps that are named in a body's scope: into loops and lanes, not into what a label opens."""
    for step in syntax_steps(body):
        yield step
        if step.label is None:
            for inner in bodies_in(step):
                yield from scope_steps(inner)


def all_steps(body: ast.Body) -> Iterator[ast.Step]:
    """Every step of a definition's text."""
    for step in syntax_steps(body):
        yield step
        for inner in bodies_in(step):
            yield from all_steps(inner)


def names_of(expr: ast.Expr) -> set[str]:
    """The names in an expression."""
    return set(re.findall(r"[A-Za-z_]\w*", expr.span.text))


def compares_sizes(definitions: Iterable[ast.Block | ast.Network]) -> bool:
    """Whether some text asks for a part of a size, or compares one: then 3 is not as good as 3x3."""
    return any(re.search(r"[=!]= *\d+ *x *\d|\d *x *\d+ *[=!]=", d.span.text) for d in definitions)


def stateful(step: ast.Apply, names: dict[str, Definition], parameters: Iterable[str]) -> bool:
    """Whether what a step is called has a place of its own in the ``state_dict``."""
    name = step.name.name
    return name in parameters or name in names or op_has_state(registry.get(name))


def has_state(node: Node | None) -> bool:
    return node is not None and op_has_state(type(node.op))


def op_has_state(cls: type | None) -> bool:
    if cls is None or not issubclass(cls, Layer):
        return False
    return cls.tensors is not Layer.tensors or cls.buffers is not Layer.buffers


def is_sequential(body: ast.Body, bodies: list[Body], targeted: Callable[[Step], bool]) -> bool:
    """Whether a body is a chain whose inner results nobody else reads, so that ``nn.Sequential`` is it."""
    steps = list(syntax_steps(body))
    if not steps:
        return False
    for position, step in enumerate(steps):
        if isinstance(step, ast.Merge | ast.Dense | ast.From | ast.Output):
            return False
        zipped = [b.steps[position] for b in bodies]
        if position < len(steps) - 1 and any(targeted(s) for s in zipped):
            return False
        for index, inner in enumerate(bodies_in(step)):
            if not _inner_sequential(step, index, inner, zipped, targeted):
                return False
    return True


def _inner_sequential(
    step: ast.Step, index: int, inner: ast.Body, zipped: list[Step], targeted: Callable[[Step], bool]
) -> bool:
    if isinstance(step, ast.If):
        taken = [s.bodies[0] for s in zipped if s.branch == index]
        return not inner.statements or is_sequential(inner, taken, targeted)
    turns = [b for s in zipped for b in s.bodies]
    if not inner.statements:
        return step.label is None
    return is_sequential(inner, turns, targeted)

"""Which names and steps of a definition's text read heights and widths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnndsl.elaborate.values import Definition
from cnndsl.ir.expansion import Step
from cnndsl.ops import Layer
from cnndsl.syntax import ast
from cnndsl_torch.write.expansions import all_steps, bodies_in

SIDES = ("height", "width")


@dataclass(frozen=True, slots=True)
class Reads:
    """Of a definition's text: the names that stand for heights and widths, and the steps that read such."""

    names: frozenset[str]
    steps: frozenset[int]
    used: frozenset[str] = frozenset()
    """The names that something reads."""

    def __contains__(self, expr: ast.Expr) -> bool:
        return any(
            each.dim in SIDES if isinstance(each, ast.InputDim) else each.name in self.names
            for each in leaves(expr)
            if isinstance(each, ast.InputDim | ast.Name)
        )


def reads_of(definition: Definition) -> Reads:
    """The names and steps of a definition's text that read heights and widths."""
    syntax = definition.syntax
    dims = syntax.signature.input if syntax.signature else []
    names = {dim.name.name for dim in dims[1:] if dim.name is not None}
    lets = [each for body in bodies(syntax.body) for each in body.statements if isinstance(each, ast.Let)]
    before = None
    while before != (before := len(names)):
        known = Reads(frozenset(names), frozenset())
        names |= {each.name.name for each in lets if each.value in known}
    known = Reads(frozenset(names), frozenset())
    steps = {id(step) for step in all_steps(syntax.body) if any(each in known for each in exprs(step, definition))}
    every = [each.value for each in lets]
    every += [each for step in all_steps(syntax.body) for each in exprs(step, definition)]
    used = {each.name for expr in every for each in leaves(expr) if isinstance(each, ast.Name)}
    return Reads(frozenset(names), frozenset(steps), frozenset(used & names))


def bodies(body: ast.Body) -> Iterator[ast.Body]:
    """A body and those inside it."""
    yield body
    for step in all_steps(body):
        yield from bodies_in(step)


def exprs(step: ast.Step, definition: Definition) -> Iterator[ast.Expr]:
    """The expressions of a step itself; of a call, the defaults that it takes too."""
    for label in (step.label, step.target if isinstance(step, ast.From) else None):
        yield from (part for part in label.parts if not isinstance(part, str)) if label else ()
    match step:
        case ast.Apply():
            yield from (argument.value for argument in step.arguments or [])
            yield from (
                each for each in defaults(step, definition) if any(isinstance(e, ast.InputDim) for e in leaves(each))
            )
        case ast.Merge():
            yield from (argument.value for argument in step.arguments or [])
            yield from (loop.items for loop in lane_loops(step.lanes))
        case ast.If():
            yield step.condition
        case ast.For():
            yield step.items
        case ast.Repeat() | ast.Dense():
            yield step.count


def defaults(step: ast.Apply, definition: Definition) -> list[ast.Expr]:
    """The defaults that a call of a block takes: what its arguments do not give."""
    called = definition.names.get(step.name.name)
    if called is None:
        return []
    given = {argument.name.name for argument in step.arguments or [] if argument.name is not None}
    positional = sum(argument.name is None for argument in step.arguments or [])
    return [
        each.default for each in called.syntax.parameters[positional:]
        if each.default is not None and each.name.name not in given
    ]  # fmt: skip


def lane_loops(lanes: Sequence[ast.Lane | ast.LaneLoop]) -> Iterator[ast.LaneLoop]:
    for lane in lanes:
        if isinstance(lane, ast.LaneLoop):
            yield lane
            yield from lane_loops(lane.lanes)


def parts(expr: ast.Expr) -> list[ast.Expr]:
    """The expressions inside one."""
    match expr:
        case ast.Unary():
            return [expr.operand]
        case ast.Operation():
            return [expr.first, *(operand for _, operand in expr.rest)]
        case ast.Product():
            return expr.dims
        case ast.List():
            return expr.items
        case ast.Index():
            return [expr.base, expr.index]
        case ast.Conditional():
            return [expr.condition, expr.then, expr.otherwise]
        case ast.Call():
            return [argument.value for argument in expr.arguments]
    return []


def leaves(expr: ast.Expr) -> Iterator[ast.Expr]:
    stack = [expr]
    while stack:
        inner = parts(stack[-1])
        if inner:
            stack[-1:] = inner
        else:
            yield stack.pop()


# --- of its steps


def periodic(steps: Sequence[Step]) -> bool:
    return any(period_of(step) != (1, 1) for step in steps)


def period_of(step: Step) -> tuple[int, int]:
    op = step.node.op if step.node is not None else None
    return op.period if isinstance(op, Layer) else (1, 1)

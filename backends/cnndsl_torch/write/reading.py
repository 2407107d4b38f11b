"""Which names and steps of a definition's text read heights and widths."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from cnndsl.elaborate.values import Definition
from cnndsl.ir.expansion import Step
from cnndsl.ops import Layer
from cnndsl.syntax import ast
from cnndsl.syntax.traversal import names_in, parts, within
from cnndsl_torch.write.expansions import all_steps, bodies_in, loops_in, loops_of_lanes

SIDES = ("height", "width")


@dataclass(frozen=True, slots=True)
class Reads:
    """Of a definition's text: the names that stand for heights and widths, and the steps that read such."""

    names: frozenset[str]
    steps: frozenset[int]
    used: frozenset[str]
    """Those of the names that something reads."""

    def __contains__(self, expr: ast.Expr) -> bool:
        return reads_sizes(expr, self.names)


def reads_sizes(expr: ast.Expr, names: Collection[str]) -> bool:
    """Whether an expression reads a height or width, by one of the names or of what flows in."""
    for each in within(expr):
        match each:
            case ast.InputDim(dim="height" | "width"):
                return True
            case ast.Name(name=name) if name in names:
                return True
    return False


def reads_of(definition: Definition) -> Reads:
    """The names and steps of a definition's text that read heights and widths."""
    syntax = definition.syntax
    dims = syntax.signature.input if syntax.signature else []
    names = {dim.name.name for dim in dims[1:] if dim.name is not None}
    lets = [each for body in bodies(syntax.body) for each in body.statements if isinstance(each, ast.Let)]
    for each in lets:  # which read names from above
        if reads_sizes(each.value, names):
            names.add(each.name.name)
    every = {id(step): list(exprs(step, definition)) for step in all_steps(syntax.body)}
    steps = {step for step, found in every.items() if any(reads_sizes(each, names) for each in found)}
    read = [*(each.value for each in lets), *(each for found in every.values() for each in found)]
    return Reads(frozenset(names), frozenset(steps), frozenset(set().union(*map(names_in, read)) & names))


def bound_in(syntax: ast.Block | ast.Network) -> set[str]:
    """The names that a definition's text gives to values."""
    found = {each.name.name for each in syntax.parameters}
    found |= {e.name.name for body in bodies(syntax.body) for e in body.statements if isinstance(e, ast.Let)}
    for loop in loops_in(syntax.body):
        if isinstance(loop, ast.For | ast.LaneLoop):
            found.add(loop.variable.name)
        if isinstance(loop, ast.For | ast.LaneLoop | ast.Dense) and loop.index is not None:
            found.add(loop.index.name)
    return found


def reads_sides(syntax: ast.Block | ast.Network, lists: Collection[str]) -> bool:
    """Whether some text asks for a side of a size, or compares a size: then 3 is not as good as 3x3."""
    found = [each.default for each in syntax.parameters if each.default is not None]
    found += [each.value for body in bodies(syntax.body) for each in body.statements if isinstance(each, ast.Let)]
    found += [each for step in all_steps(syntax.body) for each in own_exprs(step)]
    for each in (inner for expr in found for inner in within(expr)):
        match each:
            case ast.Index(base=ast.Name(name=name)) if name not in lists:
                return True
            case ast.Operation(rest=[("==" | "!=", _), *_]) if any(isinstance(p, ast.Product) for p in parts(each)):
                return True
    return False


def bodies(body: ast.Body) -> Iterator[ast.Body]:
    """A body and those inside it."""
    yield body
    for step in all_steps(body):
        yield from bodies_in(step)


def exprs(step: ast.Step, definition: Definition) -> Iterator[ast.Expr]:
    """The expressions of a step itself, and of a call those of its defaults that read what flows in."""
    yield from own_exprs(step)
    if isinstance(step, ast.Apply):
        yield from (each for each in defaults(step, definition) if reads_input(each))


def own_exprs(step: ast.Step) -> Iterator[ast.Expr]:
    """The expressions of a step itself."""
    for label in (step.label, step.target if isinstance(step, ast.From) else None):
        yield from (part for part in label.parts if not isinstance(part, str)) if label else ()
    match step:
        case ast.Apply():
            yield from (argument.value for argument in step.arguments or [])
        case ast.Merge():
            yield from (argument.value for argument in step.arguments or [])
            yield from (loop.items for loop in loops_of_lanes(step.lanes))
        case ast.If():
            yield step.condition
        case ast.For():
            yield step.items
        case ast.Repeat() | ast.Dense():
            yield step.count


def reads_input(expr: ast.Expr) -> bool:
    return any(isinstance(each, ast.InputDim) for each in within(expr))


def defaults(step: ast.Apply, definition: Definition) -> list[ast.Expr]:
    """The defaults that a call of a block takes: what its arguments do not give."""
    called = definition.called(step.name.name)
    if called is None:
        return []
    given = {argument.name.name for argument in step.arguments or [] if argument.name is not None}
    positional = sum(argument.name is None for argument in step.arguments or [])
    return [
        each.default for each in called.syntax.parameters[positional:]
        if each.default is not None and each.name.name not in given
    ]  # fmt: skip


def periodic(steps: Sequence[Step]) -> bool:
    return any(period_of(step) != (1, 1) for step in steps)


def period_of(step: Step) -> tuple[int, int]:
    op = step.node.op if step.node is not None else None
    return op.period if isinstance(op, Layer) else (1, 1)

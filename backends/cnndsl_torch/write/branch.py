"""Branches: the condition is the constructor's, and ``forward`` asks at most which way it went."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cnndsl.ir.expansion import Body, Step
from cnndsl.syntax import ast
from cnndsl_torch import tree
from cnndsl_torch.tree import Expr, Stmt
from cnndsl_torch.write.expansions import own_steps, scope_steps
from cnndsl_torch.write.place import Decline, Fix, Place, Value
from cnndsl_torch.write.translate import Translator
from cnndsl_torch.write.writer import Writer


def condition_of(w: Writer, syntax: ast.If, steps: Sequence[Step], value: Value, place: Place) -> Expr | None:
    """The condition in ``__init__``; None where Python can't say it, as of steps that are compared."""
    try:
        return w.at(place, value, steps)(syntax.condition)
    except Decline:
        return None


def decided(
    w: Writer, syntax: ast.If, condition: Expr | None, steps: Sequence[Step], translate: Translator
) -> int | None:
    """The branch where all take the same and nothing can change that: 0, 1, or -1 for none.

    Raises Decline where a condition that can't be written goes both ways.
    """
    branches = {step.branch for step in steps}
    if condition is None:
        w.fix(w.read_by(syntax.condition, translate))
    elif w.depends(condition) or (len(branches) != 1 and not tree.is_literal(condition)):
        return None
    if len(branches) != 1:
        raise Decline("a condition that differs")
    return branches.pop()


def chosen_bodies(syntax: ast.If, steps: Sequence[Step], branch: int) -> tuple[ast.Body | None, list[Body]]:
    """The body of a branch that all take, and its expansions."""
    chosen = {0: syntax.then, 1: syntax.otherwise, -1: None}[branch]
    return chosen, [step.bodies[0] for step in steps if step.bodies]


@contextmanager
def unreached(w: Writer, syntax: ast.If, condition: Expr | None, taken: Sequence[Body]) -> Iterator[None]:
    """A branch that is never taken, if it can't be written: the parameters that choose it become constants."""
    try:
        yield
    except Decline:
        parameters = w.depends(condition) - w.fixed if condition is not None else frozenset()
        if taken or not parameters:
            raise
        raise Fix(parameters) from None


def joined_channels(w: Writer, one: Value, two: Value, then: list[Stmt], otherwise: list[Stmt]) -> Expr:
    """The channels behind a branch: a variable where they differ."""
    if tree.same(one.channels, two.channels):
        return one.channels
    name = w.locals.new("channels")
    then.append(tree.assign(tree.name(name), one.channels))
    otherwise.append(tree.assign(tree.name(name), two.channels))
    w.origins[name] = w.depends(one.channels) | w.depends(two.channels)
    return tree.name(name)


def hint(body: ast.Body) -> str:
    """A word for what a branch holds."""
    for step in scope_steps(body):
        if step.label is not None:
            return re.sub(r"\W", "_", str(step.label)).strip("_")
    for step in own_steps(body):
        if isinstance(step, ast.Apply | ast.Merge):
            return step.name.name.lower()
    return "branch"

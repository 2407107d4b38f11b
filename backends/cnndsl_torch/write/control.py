"""Branches and loops that are no part of a plain sequence: in ``__init__`` and in ``forward``."""

from __future__ import annotations

import ast as py
from collections.abc import Sequence as Many
from dataclasses import replace

from cnndsl.ir.expansion import Body, Step
from cnndsl.syntax import ast
from cnndsl_torch import tree
from cnndsl_torch.tree import Expr, Stmt
from cnndsl_torch.write.branch import chosen_bodies, condition_of, decided, hint, joined_channels, unreached
from cnndsl_torch.write.expansions import all_steps, body_of
from cnndsl_torch.write.lanes import aside
from cnndsl_torch.write.loop import (
    Loop,
    header,
    known_items,
    never,
    over,
    rolled,
    turn_places,
)
from cnndsl_torch.write.place import Decline, Fix, Place, Value, settled, stored
from cnndsl_torch.write.writer import Writer


def if_(w: Writer, syntax: ast.If, steps: Many[Step], value: Value, place: Place) -> Value:
    """A branch: taken at construction, so that ``forward`` only asks which."""
    condition = condition_of(w, syntax, steps, value, place)
    branch = decided(w, syntax, condition, steps, w.at(place, value, steps))
    if branch is not None:
        chosen, bodies = chosen_bodies(syntax, steps, branch)
        return w.write_body(w, chosen, bodies, value, place) if chosen else value
    assert condition is not None
    if w.turns:
        raise Decline("a branch inside a loop of forward")
    if any(isinstance(step, ast.Output) for step in all_steps(body_of(syntax))):
        # What a network gives back is no question for `forward`: the class is that of one choice.
        parameters = w.depends(condition) - w.fixed
        raise Fix(parameters) if parameters else Decline("an output in a branch")
    value = settled(value, place)
    results: list[tuple[list[Stmt], list[Stmt], Value]] = []
    shared, kept = w.shared, w.kept
    for index, chosen in enumerate((syntax.then, syntax.otherwise)):
        init: list[Stmt] = []
        forward: list[Stmt] = []
        result = value
        w.shared, w.kept = dict(shared), dict(kept)
        if chosen is not None:
            taken = [step.bodies[0] for step in steps if step.branch == index]
            with unreached(w, syntax, condition, taken):
                result = w.write_body(w, chosen, taken, value, place.inside(init, forward))
        results.append((init, forward, result))
    w.shared, w.kept = shared, kept
    if place.container.keyed:
        place.container.shifted |= w.depends(condition)
    (init, forward, then), (other_init, other_forward, other) = results
    sized = then.sized | other.sized | w.depends(condition)
    child = _only_child(then, value, forward, syntax)
    if child is not None:
        identity = tree.call("nn.Identity")
        if len(init) == 1 and tree.same(then.channels, other.channels) and isinstance(init[0], py.Assign):
            made = py.IfExp(condition, init[0].value, identity)
            place.init.append(tree.assign(child, made))
            return replace(then, weight=1, sized=sized)
        other_init.append(tree.assign(child, identity))
    channels = joined_channels(w, then, other, init, other_init)
    while init and other_init and tree.same_statements(init[0], other_init[0]):
        place.init.append(init.pop(0))
        del other_init[0]
    if init or other_init:
        place.init.append(tree.branch(condition, init, other_init))
    if child is not None:
        return Value(then.tensor, channels, 1, sized)
    flag = tree.attribute(tree.name("self"), w.attributes.new(f"with_{hint(syntax.then)}"))
    place.init.append(tree.assign(flag, condition))
    stored(then, place.variable, forward)
    stored(other, place.variable, other_forward)
    place.forward.append(tree.branch(flag, forward, other_forward))
    return Value(tree.name(place.variable), channels, 0, sized)


def _only_child(then: Value, value: Value, forward: list[Stmt], syntax: ast.If) -> Expr | None:
    """The one module that a branch applies to the flow and the other does not: it can be the identity there."""
    match then.tensor:
        case py.Call(func=child, args=[py.Name(id=name)], keywords=[]) if not forward:
            own = tree.text(child).startswith("self.") and isinstance(child, py.Attribute | py.Subscript)
            same = isinstance(value.tensor, py.Name) and name == value.tensor.id
            return child if own and same and syntax.otherwise is None else None
    return None


def loop(w: Writer, syntax: ast.Repeat | ast.For | ast.Dense, steps: Many[Step], value: Value, place: Place) -> Value:
    """A loop: its modules are made in one of ``__init__``, and applied in one of ``forward``."""
    if never(w, syntax, steps, w.at(place, value, steps)):
        return value
    inner_body = body_of(syntax.step) if isinstance(syntax, ast.Repeat) else syntax.body
    grows = isinstance(syntax, ast.Dense)

    def turn(bodies: Many[Body], before: Value, inner: Place) -> Value:
        if not grows:
            return w.write_body(w, inner_body, bodies, before, inner)
        before = settled(before, inner)
        return grown(
            replace(before, channels=w.short(before.channels, inner.init)),
            aside(w, inner, lambda own: w.write_body(w, inner_body, bodies, before, own)),
        )

    def roll() -> Value:
        start = stored(value, place.variable, place.forward)
        loop = header(w, syntax, place, w.at(place, value, steps))
        bodies = [each for step in steps for each in step.bodies]
        inner_forward: list[Stmt] = []

        def write(before: Value, inner: Place) -> Value:
            inner_forward.clear()
            result = turn(bodies, before, replace(inner, forward=inner_forward))
            return stored(result, place.variable, inner_forward)

        known = known_items(w, loop, place.init)
        place.container.shifted |= loop.depends
        behind = rolled(w, loop, write, start, place)
        place.forward.append(over(loop.target, known, inner_forward))
        return replace(behind, tensor=tree.name(place.variable), weight=0)

    def write_out() -> Value:
        behind = value
        for bodies, inner in turn_places(w, syntax, steps, place, w.at(place, value, steps)):
            behind = turn(bodies, behind, inner)
        return behind

    return Loop(w, syntax, place).either(roll, write_out)


def grown(before: Value, result: Value) -> Value:
    """x becomes concat(x, body(x))."""
    both = tree.listed(before.tensor, result.tensor)
    channels = tree.operation("+", before.channels, result.channels)
    return Value(tree.call("torch.cat", both, tree.literal(1)), channels, 1, before.sized)

"""Chains whose inner results nobody else reads: the children of an ``nn.Sequential``."""

from __future__ import annotations

import ast as py
from collections.abc import Sequence as Many
from dataclasses import dataclass, replace

from cnndsl.ir.expansion import Body, Step
from cnndsl.syntax import ast
from cnndsl_torch import tree
from cnndsl_torch.lowering import Lowered
from cnndsl_torch.tree import Expr, Stmt
from cnndsl_torch.write.apply import is_call, lower, stateful
from cnndsl_torch.write.branch import chosen_bodies, condition_of, decided, joined_channels, unreached
from cnndsl_torch.write.calls import block_call
from cnndsl_torch.write.expansions import bodies_in, body_of, made, own_steps, scope_steps
from cnndsl_torch.write.loop import Loop, header, never, rolled, turn_places
from cnndsl_torch.write.place import Container, Place, Value
from cnndsl_torch.write.reading import periodic
from cnndsl_torch.write.writer import Writer


@dataclass(slots=True, eq=False)
class Sequence:
    """The children of an ``nn.Sequential``: written in one expression, or gathered by statements."""

    variable: str
    keyed: bool
    container: Container
    """Where positions are counted; nothing is registered in it."""
    top: list[Stmt]
    entries: list[Expr]
    gathered: bool = False

    @classmethod
    def of(cls, w: Writer, syntax: ast.Step, place: Place) -> Sequence:
        """That of a labelled step."""
        container = Container(tree.name("self"), True, len(w.turns))
        return cls(w.locals.new(hint(str(syntax.label))), has_labels(syntax), container, place.init, [])

    def add(self, key: Expr | None, module: Expr, init: list[Stmt]) -> None:
        variable = tree.name(self.variable)
        if not self.gathered:
            self.entries.append(tree.paired(key, module) if key is not None else module)
        elif key is not None:
            init.append(tree.assign(tree.subscript(variable, key), module))
        else:
            init.append(tree.statement(tree.call(tree.attribute(variable, "append"), module)))

    def gather(self) -> None:
        """From here on, statements: a loop, a branch, or a child that the next one must ask."""
        if self.gathered:
            return
        self.gathered = True
        entries = tree.listed(*self.entries)
        target = tree.name(self.variable)
        if self.keyed:
            made = tree.call("OrderedDict", *([entries] if self.entries else []))
            self.top.append(tree.annotated(target, "OrderedDict[str, nn.Module]", made))
        else:
            self.top.append(tree.annotated(target, "list[nn.Module]", entries))

    def last(self, key: Expr | None) -> Expr:
        return tree.subscript(tree.name(self.variable), key if key is not None else tree.parse("-1"))

    @property
    def arguments(self) -> list[Expr]:
        """What ``nn.Sequential(…)`` is given."""
        if self.gathered:
            variable = tree.name(self.variable)
            return [variable if self.keyed else py.Starred(variable)]
        return [tree.call("OrderedDict", tree.listed(*self.entries))] if self.keyed else self.entries


def is_sequential(w: Writer, body: ast.Body, bodies: Many[Body]) -> bool:
    """Whether a body is a chain whose inner results nobody else reads, so that ``nn.Sequential`` is it."""
    steps = list(own_steps(body))
    if not steps:
        return False
    for position, step in enumerate(steps):
        if isinstance(step, ast.Merge | ast.Dense | ast.From | ast.Output):
            return False
        zipped = [each.steps[position] for each in bodies]
        if id(step) in w.reading.steps or periodic(zipped):
            return False
        if position < len(steps) - 1 and any(made(each) in w.targets for each in zipped):
            return False
        for index, inner in enumerate(bodies_in(step)):
            if not _inner(w, step, index, inner, zipped):
                return False
    return True


def _inner(w: Writer, step: ast.Step, index: int, inner: ast.Body, zipped: list[Step]) -> bool:
    if isinstance(step, ast.If):
        taken = [each.bodies[0] for each in zipped if each.branch == index]
        return not inner.statements or is_sequential(w, inner, taken)
    if not inner.statements:
        return step.label is None
    turns = [body for each in zipped for body in each.bodies]
    last = [body.steps[-1] for body in turns if body.steps]
    if isinstance(step, ast.Repeat | ast.For) and any(made(each) in w.targets for each in last):
        return False
    return is_sequential(w, inner, turns)


def has_labels(syntax: ast.Step) -> bool:
    return any(step.label is not None for body in bodies_in(syntax) for step in scope_steps(body))


def sequence(w: Writer, body: ast.Body, bodies: Many[Body], value: Value, place: Place, into: Sequence) -> Value:
    """Write a sequential body's children; gives the flow behind it, without its tensor."""
    position = 0
    for statement in body.statements:
        if isinstance(statement, ast.Let):
            shapes = [b.steps[position - 1].output.shape if position else b.input.shape for b in bodies]
            place = w.let(statement, place, w.translator(place, value.channels, shapes, value.sized), bodies)
        elif isinstance(statement, ast.Chain):
            for step in statement.steps:
                with w.inside():
                    value = _step(w, step, [each.steps[position] for each in bodies], value, place, into)
                position += 1
    return value


def _step(w: Writer, syntax: ast.Step, steps: Many[Step], value: Value, place: Place, into: Sequence) -> Value:
    if isinstance(syntax, ast.Apply):
        return _apply(w, syntax, steps, value, place, into)
    if syntax.label is None:
        return _compound(w, syntax, steps, value, place, into)
    value = outside(w, value, into, place)
    translate = w.at(place, value, steps)
    key = w.key(syntax, steps, replace(place, container=into.container), translate)
    inner = Sequence.of(w, syntax, place)
    value = _compound(w, syntax, steps, value, place, inner)
    into.add(key if into.keyed else None, tree.call("nn.Sequential", *inner.arguments), place.init)
    return value


def outside(w: Writer, value: Value, into: Sequence, place: Place) -> Value:
    """The flow with channels that can be told where the sequence's own variable is not at hand."""
    if into.variable not in tree.names_in(value.channels):
        return value
    return replace(value, channels=w.variable("channels", value.channels, place.init))


def hint(label: str) -> str:
    return label.split("{")[0]


def _apply(w: Writer, syntax: ast.Apply, steps: Many[Step], value: Value, place: Place, into: Sequence) -> Value:
    translate = w.at(place, value, steps)
    key = None
    if into.keyed:
        counted = replace(place, container=into.container)
        key = w.key(syntax, steps, counted, translate, stateful(w, syntax, steps))
    if is_call(w, syntax, steps):
        built = block_call(w, syntax, steps, value, translate)
        if built.channels is None:
            into.add(key, built.module, place.init)
            into.gather()
            return replace(value, channels=w.asked(into.last(key), built.module), sized=built.sized)
        module, behind = built.module, replace(value, channels=built.channels, sized=built.sized)
    else:
        lowered, found = lower(w, syntax, steps, [value], translate)
        assert isinstance(lowered, Lowered)
        module, behind = tree.parse(lowered.module), replace(value, channels=found.channels, sized=found.sized)
    behind = outside(w, behind, into, place)
    into.add(key, module, place.init)
    return behind


def _compound(w: Writer, syntax: ast.Step, steps: Many[Step], value: Value, place: Place, into: Sequence) -> Value:
    match syntax:
        case ast.Group():
            return sequence(w, syntax.body, [step.bodies[0] for step in steps], value, place, into)
        case ast.If():
            return _if(w, syntax, steps, value, place, into)
        case ast.Repeat() | ast.For():
            return _loop(w, syntax, steps, value, place, into)
    raise AssertionError(f"{type(syntax).__name__} in a sequence")


def _loop(w: Writer, syntax: ast.Repeat | ast.For, steps: Many[Step], value: Value, place: Place,
          into: Sequence) -> Value:  # fmt: skip
    if never(w, syntax, steps, w.at(place, value, steps)):
        return value
    body = body_of(syntax.step) if isinstance(syntax, ast.Repeat) else syntax.body

    def write(value: Value, inner: Place) -> Value:
        return sequence(w, body, [turn for step in steps for turn in step.bodies], value, inner, into)

    def roll() -> Value:
        into.gather()
        loop = header(w, syntax, place, w.at(place, value, steps))
        into.container.shifted |= loop.depends
        return rolled(w, loop, write, value, place, alone=True)

    def written_out() -> Value:
        behind = value
        for turns, inner in turn_places(w, syntax, steps, place, w.at(place, value, steps)):
            behind = sequence(w, body, turns, behind, inner, into)
        return behind

    before = len(into.entries), into.gathered
    inner = replace(place, container=into.container)
    return Loop(w, syntax, inner).either(roll, written_out, lambda: _undo(into, before))


def _undo(into: Sequence, before: tuple[int, bool]) -> None:
    del into.entries[before[0] :]
    into.gathered = before[1]


def _if(w: Writer, syntax: ast.If, steps: Many[Step], value: Value, place: Place, into: Sequence) -> Value:
    condition = condition_of(w, syntax, steps, value, place)
    branch = decided(w, syntax, condition, steps, w.at(place, value, steps))
    if branch is not None:
        chosen, bodies = chosen_bodies(syntax, steps, branch)
        return sequence(w, chosen, bodies, value, place, into) if chosen else value
    assert condition is not None
    into.gather()
    results: list[tuple[list[Stmt], Value]] = []
    for index, body in enumerate((syntax.then, syntax.otherwise)):
        init: list[Stmt] = []
        behind = value
        if body is not None:
            taken = [step.bodies[0] for step in steps if step.branch == index]
            with unreached(w, syntax, condition, taken):
                behind = sequence(w, body, taken, value, place.inside(init, place.forward), into)
        results.append((init, behind))
    (then, one), (otherwise, two) = results
    channels = joined_channels(w, one, two, then, otherwise)
    place.init.append(tree.branch(condition, then, otherwise))
    if into.keyed:
        into.container.shifted |= w.depends(condition)
    return replace(value, channels=channels, sized=one.sized | two.sized | w.depends(condition))

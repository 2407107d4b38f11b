"""Blocks that exist already: whether a scope's steps are the expansion of one, and with which arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from typing import Any

from cnndsl.ops import registry
from cnndsl.recover import values
from cnndsl.recover.evaluate import State, Unbound, equal, evaluate, written
from cnndsl.recover.terms import (
    OMITTED,
    Block,
    Body,
    Call,
    Code,
    From,
    Group,
    LaneLoop,
    Merge,
    Op,
    Parameter,
    Step,
    Value,
    steps_of,
)
from cnndsl.syntax import ast

MOST = 2
"""Parameters that are guessed at once, where the defaults don't fit."""


class Entry:
    """A block of the library. ``blocks`` are all that may be called."""

    def __init__(self, syntax: ast.Block, blocks: Mapping[str, Block], others: Mapping[str, Entry]) -> None:
        self.syntax, self.blocks, self.others = syntax, blocks, others
        self.defaults = {p.name.name: p.default for p in syntax.parameters}

    def block(self) -> Block:
        """How it is called."""
        parameters = [Parameter(name, OMITTED if e is None else self._default(e)) for name, e in self.defaults.items()]
        return Block(self.syntax.name.name, parameters, (), library=True)

    def _default(self, expr: ast.Expr) -> Value:
        try:
            return evaluate(expr, State({}, {}, {}), 0)
        except Unbound:
            return Code(expr.span.text)

    # --- matching

    def match(self, body: Body, channels: int, fixed: Mapping[str, Value]) -> tuple[Value, ...] | None:
        """The arguments with which the block becomes these steps, or None. It is a guess where a value is not read."""
        return next(self.matches(body, channels, fixed), None)

    def matches(self, body: Body, channels: int, fixed: Mapping[str, Value]) -> Iterator[tuple[Value, ...]]:
        if len(body) == 1 and isinstance(body[0], Call):
            return  # a call of it would say no more than the call inside
        for place, state in self._body(self.syntax.body.statements, body, 0, State(fixed, {}, {})):
            if place == len(body):
                for bound in self._settled(state, body, channels):
                    yield tuple(
                        OMITTED
                        if name not in bound or (e is not None and equal(bound[name], self._default(e)))
                        else bound[name]
                        for name, e in self.defaults.items()
                    )

    def _settled(self, state: State, body: Body, channels: int) -> Iterator[Mapping[str, Value]]:
        """The arguments that meet all demands: the defaults, or others where these don't."""
        free = [name for name in self.defaults if name not in state.bound]
        given = {}
        for name in free:
            expr = self.defaults[name]
            if expr is not None:
                given[name] = self._default(expr)
        needed = [name for name in free if name not in given]
        if len(needed) > MOST:
            return
        demanded = [value for _, value, _ in state.demands if isinstance(value, int) and not isinstance(value, bool)]
        seen = {n for value in _figures(body) for n in (value, value // 2, value // 4) if n > 0}
        figures = sorted({1} | seen | {n + more for n in demanded for more in (-1, 0, 1)})
        for number in range(MOST + 1 - len(needed)):
            for others in combinations([n for n in free if n in given], number):
                names = [*needed, *others]
                choices = [[True, False] if isinstance(given.get(n), bool) else figures for n in names]
                for chosen in product(*choices):
                    bound = {**given, **state.bound, **dict(zip(names, chosen, strict=True))}
                    if self._holds(replace(state, bound=bound), channels):
                        yield bound
                        return

    def _holds(self, state: State, channels: int) -> bool:
        try:
            met = (
                equal(evaluate(expr, replace(state, turns=turns), channels), value)
                for expr, value, turns in state.demands
            )
            return all(met) and all(self._identity(call, state, channels) for call in state.absent)
        except (Unbound, ZeroDivisionError, TypeError):
            return False

    def _identity(self, call: ast.Apply, state: State, channels: int) -> bool:
        """Whether a call with these arguments does nothing: the block is a condition that does not hold."""
        callee = self.others.get(str(state.bound[call.name.name]))
        first = callee.syntax.body.statements[0] if callee is not None else None
        if callee is None or not isinstance(first, ast.Chain) or not isinstance(first.steps[0], ast.If):
            return False
        given = {k: callee._default(e) for k, e in callee.defaults.items() if e is not None}
        given |= zip(callee.defaults, (evaluate(a.value, state, channels) for a in call.arguments or []), strict=False)
        return evaluate(first.steps[0].condition, State(given, {}, {}), channels) is False

    def _body(
        self, statements: list[ast.Statement], steps: Body, place: int, state: State
    ) -> Iterator[tuple[int, State]]:
        if not statements:
            yield place, state
            return
        first, rest = statements[0], statements[1:]
        if isinstance(first, ast.Let):
            state = replace(state, lets={**state.lets, first.name.name: first.value})
            yield from self._body(rest, steps, place, state)
        elif isinstance(first, ast.Chain):
            for after, inner in self._chain(first.steps, steps, place, state):
                yield from self._body(rest, steps, after, inner)

    def _chain(self, syntax: list[ast.Step], steps: Body, place: int, state: State) -> Iterator[tuple[int, State]]:
        if not syntax:
            yield place, state
            return
        for after, inner in self._step(syntax[0], steps, place, state):
            yield from self._chain(syntax[1:], steps, after, inner)

    def _step(self, syntax: ast.Step, steps: Body, place: int, state: State) -> Iterator[tuple[int, State]]:
        step = steps[place] if place < len(steps) else None
        label = written(syntax.label, state)
        if label is not None and not isinstance(syntax, ast.Apply | ast.Group | ast.From):
            if isinstance(step, Group) and step.label == label:
                for after, found in self._step(replace(syntax, label=None), step.body, 0, state):
                    if after == len(step.body):
                        yield place + 1, found
            return
        match syntax:
            case ast.Apply():
                if step is not None and labelled(step, label):
                    yield from ((place + 1, found) for found in self._apply(syntax, step, state))
                if label is not None and syntax.name.name in self.defaults:  # a shortcut that is the identity
                    yield place, replace(state, absent=(*state.absent, syntax))
            case ast.Group():
                if isinstance(step, Group) and step.label == label is not None:
                    for after, found in self._body(syntax.body.statements, step.body, 0, state):
                        if after == len(step.body):
                            yield place + 1, found
                elif label is None:
                    yield from self._body(syntax.body.statements, steps, place, state)
                else:
                    for after, found in self._body(syntax.body.statements, (), 0, state):
                        if after == 0:
                            yield place, replace(found, hollow=found.hollow | {label})
            case ast.Merge():
                if isinstance(step, Merge) and step.name == syntax.name.name:
                    lanes = list(self._lanes(syntax.lanes, step.lanes, state))
                    yield from ((place + 1, found) for rest, found in lanes if not rest)
            case ast.Repeat():
                yield from self._repeat(syntax, steps, place, state)
            case ast.For():
                yield from self._for(syntax, steps, place, state)
            case ast.Dense():
                yield from self._dense(syntax, steps, place, state)
            case ast.If():
                for taken, branch in ((True, syntax.then), (False, syntax.otherwise)):
                    demanded = replace(state, demands=(*state.demands, (syntax.condition, taken, state.turns)))
                    yield from self._body(branch.statements if branch is not None else [], steps, place, demanded)
            case ast.From():
                if isinstance(step, From) and step.target == written(syntax.target, state):
                    yield place + 1, state
                if str(syntax.target) in state.hollow:
                    yield place, state

    def _lanes(self, lanes: list[Any], steps: tuple[Any, ...], state: State) -> Iterator[tuple[tuple[Any, ...], State]]:
        """The lanes that are left behind those that are said, and what is known then."""
        if not lanes:
            yield steps, state
            return
        first = lanes[0]
        if isinstance(first, ast.LaneLoop):
            reached = [(steps, state)]
            for turn in self._turns(first, state):
                reached = [
                    (rest, replace(found, turns=state.turns))
                    for left, before in reached
                    for rest, found in self._lanes(first.lanes, left, replace(before, turns=turn))
                ]
            for rest, found in reached:
                yield from self._lanes(lanes[1:], rest, found)
        elif steps and isinstance(steps[0], tuple):
            for after, found in self._body(first.body.statements, steps[0], 0, state):
                if after == len(steps[0]):
                    yield from self._lanes(lanes[1:], steps[1:], found)

    def _turns(self, loop: ast.For | ast.LaneLoop, state: State) -> list[Mapping[str, Value]]:
        try:
            items = evaluate(loop.items, state, 0)
        except Unbound:
            return []
        index = loop.index.name if loop.index is not None else ""
        return [{**state.turns, loop.variable.name: item, index: place} for place, item in enumerate(items)]

    def _for(self, syntax: ast.For, steps: Body, place: int, state: State) -> Iterator[tuple[int, State]]:
        reached = [(place, state)]
        for turn in self._turns(syntax, state):
            reached = [
                (end, replace(found, turns=state.turns))
                for start, before in reached
                for end, found in self._body(syntax.body.statements, steps, start, replace(before, turns=turn))
            ]
        yield from reached

    def _repeat(self, syntax: ast.Repeat, steps: Body, place: int, state: State) -> Iterator[tuple[int, State]]:
        reached = [(place, state)]
        while True:
            after = next(self._step(syntax.step, steps, *reached[-1]), None)
            if after is None or after[0] == reached[-1][0]:
                break
            reached.append(after)
        for count, (end, found) in reversed(list(enumerate(reached))):
            yield from ((end, bound) for bound in self._unify(syntax.count, count, found))

    def _dense(self, syntax: ast.Dense, steps: Body, place: int, state: State) -> Iterator[tuple[int, State]]:
        count = 0
        while place < len(steps):
            step = steps[place]
            if not isinstance(step, Merge) or step.name != "concat" or len(step.lanes) != 2 or step.lanes[0] != ():
                break
            given = step.lanes[1]
            if isinstance(given, LaneLoop):
                break
            turn = {**state.turns, syntax.index.name: count} if syntax.index is not None else state.turns
            ends = self._body(syntax.body.statements, given, 0, replace(state, turns=turn))
            found = next((after for end, after in ends if end == len(given)), None)
            if found is None:
                break
            state, count, place = replace(found, turns=state.turns), count + 1, place + 1
        if count:
            yield from ((place, found) for found in self._unify(syntax.count, count, state))

    # --- arguments

    def _apply(self, syntax: ast.Apply, step: Step, state: State) -> Iterator[State]:
        name = syntax.name.name
        if isinstance(step, Op):
            names, given = list(registry[step.name].args), dict(zip(registry[step.name].args, step.args, strict=True))
            defaults = dict(zip(names, values.defaults(registry[step.name]), strict=True))
            callee = step.name
        elif isinstance(step, Call):
            block = self.blocks[step.block]
            names = [p.name for p in block.parameters]
            defaults = {p.name: p.default for p in block.parameters}
            given = {n: defaults[n] if v is OMITTED else v for n, v in zip(names, step.args, strict=True)}
            callee = step.block
        else:
            return
        partial = name in self.defaults
        if not partial and name != callee:
            return
        states = [state]
        for number, argument in enumerate(syntax.arguments or []):
            if argument.name is None and number >= len(names):
                return
            key = argument.name.name if argument.name is not None else names[number]
            if key not in given:
                return
            states = [found for each in states for found in self._unify(argument.value, given.pop(key), each)]
        more = {k: v for k, v in given.items() if not (type(v) is type(defaults[k]) and v == defaults[k])}
        if not partial:
            if not more:
                yield from states
            return
        text = ", ".join(f"{k}={values.text(v)}" for k, v in more.items())
        value = Code(f"{callee}({text})" if text else callee)
        for each in states:
            yield from self._unify(syntax.name, value, each)

    def _unify(self, expr: ast.Expr, value: Value, state: State) -> Iterator[State]:
        if isinstance(expr, ast.Name) and expr.name in self.defaults:
            if expr.name not in state.bound:
                yield replace(state, bound={**state.bound, expr.name: value})
            elif equal(state.bound[expr.name], value):
                yield state
            return
        if isinstance(expr, ast.Literal | ast.Product) and not _names(expr):
            if equal(evaluate(expr, state, 0), value):
                yield state
            return
        if isinstance(expr, ast.Name) and isinstance(value, str) and expr.name == value:
            yield state
            return
        if "in." not in expr.span.text:
            try:
                known = evaluate(expr, state, 0)
            except (Unbound, ZeroDivisionError, TypeError):
                pass
            else:
                if equal(known, value):
                    yield state
                return
        yield replace(state, demands=(*state.demands, (expr, value, state.turns)))


def labelled(step: Step, label: str | None) -> bool:
    given = step.label if isinstance(step, Op | Call | Group) else None
    return given == label or (label is None and given is not None and given.isdigit())


def _names(expr: ast.Expr) -> bool:
    return isinstance(expr, ast.Product) and not all(isinstance(side, ast.Literal) for side in expr.dims)


def _figures(body: Body) -> Iterator[int]:
    for step in steps_of(body):
        if isinstance(step, Op | Call):
            yield from (v for v in step.args if isinstance(v, int) and not isinstance(v, bool))

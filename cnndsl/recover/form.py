"""The block whose calls several bodies are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from cnndsl.recover.generalise import ABSENT, Differs, Generaliser
from cnndsl.recover.names import RESERVED
from cnndsl.recover.parameters import Parameters
from cnndsl.recover.relations import filled
from cnndsl.recover.terms import (
    Block,
    Body,
    Call,
    Code,
    Group,
    If,
    LaneLoop,
    Merge,
    Op,
    Range,
    Step,
    Value,
    bodies_of,
    loops_of,
    rewrite,
)

Form: TypeAlias = tuple[Block, list[tuple[Value, ...]]]
"""A block without a name yet, and the arguments of each body's call."""


def form_of(bodies: Sequence[Body], channels: Sequence[int], weights: Sequence[int],
            parameters: dict[str, list[str]], levels: Sequence[int] = (),
            backwards: bool = False) -> Form | None:  # fmt: skip
    """The form of bodies into which so many channels flow, or None where they have none in common.

    ``levels`` are the values of a first parameter `n`, for a block that calls itself.
    """
    general = Generaliser(len(bodies), True, False, backwards)
    general.parameters = parameters
    try:
        form = general.body(bodies, range(len(bodies)), True)
        form = _hollowed(form, general)
    except (Differs, ValueError):
        return None
    taken = {name for body in bodies for name in loops_of(body)} | RESERVED
    found = Parameters(general, channels, weights, taken, levels)
    body = _joined(_inputs(filled(form, found.values)))
    if not distinct(body):
        return None
    used = [each for each in found.found if each.kind == "level" or each.parameter.name in _words(body, found)]
    arguments = [tuple(each.column[number] for each in used) for number in range(len(bodies))]
    return Block("", [each.parameter for each in used], body), arguments


def _words(body: Body, found: Parameters) -> set[str]:
    """The names in a body, and in the defaults of its parameters."""
    texts = [each.parameter.default for each in found.found if isinstance(each.parameter.default, Code)]

    def value(each: Value) -> Value:
        texts.extend(part for part in (each if isinstance(each, Range) else (each,)) if isinstance(part, Code))
        return each

    def text(each: str) -> str:
        texts.extend(map(Code, re.findall(r"\{[^{}]*\}", each)))
        return each

    for step in body:
        rewrite(step, value, text)
    return {word for each in texts for word in re.findall(r"\w+", each)}


def distinct(body: Body) -> bool:
    """Whether no label of a scope is used twice, unless in the two branches of a condition."""
    found: Counter[str] = Counter()

    def look(steps: Body, into: Counter[str]) -> bool:
        for step in steps:
            if isinstance(step, Op | Group | Call) and step.label is not None:
                into[step.label] += 1
            if isinstance(step, Group) and step.label is not None:
                if not distinct(step.body):
                    return False
            elif isinstance(step, If):
                branches: list[Counter[str]] = [Counter(), Counter()]
                if not all(map(look, (step.then, step.otherwise), branches)):
                    return False
                into += branches[0] | branches[1]
            else:
                for inner in bodies_of(step):
                    if not look(inner, into):
                        return False
        return True

    return look(body, found) and all(times == 1 for times in found.values())


def _hollowed(form: Body, general: Generaliser) -> Body:
    """Where a step's position counts a labelled part that some instances lack, that part keeps its label in all."""
    needs = [n for n, role in enumerate(general.roles) if role.kind == "position"]
    if not needs:
        return form
    lacking = {tuple(general.columns[n]) for n in needs}

    def body(steps: Body) -> Body:
        return tuple(step(each) for each in steps)

    def lane(each: Body | LaneLoop) -> Body | LaneLoop:
        return each if isinstance(each, LaneLoop) else body(each)

    def step(each: Step) -> Step:
        if isinstance(each, If) and not each.otherwise and len(each.then) == 1:
            inner = each.then[0]
            presence = general.columns[each.condition.column]
            if (
                isinstance(inner, Group | Call)
                and inner.label
                and not inner.label.isdigit()
                and any(
                    all(here is there or ABSENT in (here, there) for here, there in zip(presence, column, strict=True))
                    for column in lacking
                )
            ):
                kept.append(inner.label)
                if isinstance(inner, Group):
                    return Group((If(each.condition, inner.body),), inner.label)
                return If(each.condition, each.then, (Group((), inner.label),))
            return each
        if isinstance(each, Merge):
            return Merge(each.name, each.args, tuple(map(lane, each.lanes)))
        return each

    kept: list[str] = []
    made = body(form)
    if not kept:
        raise Differs
    return made


def _inputs(body: Body) -> Body:
    """What flows into the scope is the block's input; and positions that only some instances need are none."""

    def text(each: str) -> str:
        return "input" if each == "^" else each

    def clear(step: Step) -> Step:
        if isinstance(step, Op | Group | Call) and step.label is not None and step.label.startswith("?"):
            step = replace(step, label=None)
        if isinstance(step, Group):
            return replace(step, body=tuple(map(clear, step.body)))
        if isinstance(step, If):
            return If(step.condition, tuple(map(clear, step.then)), tuple(map(clear, step.otherwise)))
        if isinstance(step, Merge):
            lanes = (lane if isinstance(lane, LaneLoop) else tuple(map(clear, lane)) for lane in step.lanes)
            return replace(step, lanes=tuple(lanes))
        return step

    return tuple(clear(rewrite(step, lambda value: value, text)) for step in body)


def _joined(body: Body) -> Body:
    """One condition and its contrary in a row are an `if` with its `else`."""
    found: list[Step] = []
    for step in body:
        before = found[-1] if found else None
        if isinstance(step, If) and isinstance(before, If) and not before.otherwise and not step.otherwise:
            if step.condition == f"not {before.condition}":
                found[-1] = If(before.condition, before.then, step.then)
                continue
            if before.condition == f"not {step.condition}":
                found[-1] = If(step.condition, step.then, before.then)
                continue
        found.append(step)
    return tuple(found)

"""A block that is called once, by a label, is a group there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from cnndsl.recover import values
from cnndsl.recover.relations import atomic
from cnndsl.recover.terms import (
    OMITTED,
    Block,
    Body,
    Call,
    Code,
    From,
    Group,
    Range,
    Step,
    Value,
    loops_of,
    rewrite,
    steps_of,
    transformed,
)


def inlined(bodies: Sequence[Body], own: Sequence[Block]) -> list[Body]:
    """The bodies, and those of the spec's own blocks in place, without blocks that would be called once."""
    found = list(bodies)
    while True:
        every = [*found, *(block.body for block in own if _called(block.name, [*found, *(b.body for b in own)]))]
        block = next(_candidates(every, own), None)
        if block is None:
            return found
        change = partial(_group, block=block)
        found = [transformed(body, change) for body in found]
        own = [other for other in own if other is not block]
        for other in own:
            other.body = transformed(other.body, change)


def _called(name: str, bodies: Sequence[Body]) -> bool:
    return any(name in names_in(step) for body in bodies for step in steps_of(body) if isinstance(step, Call))


def _candidates(bodies: Sequence[Body], own: Sequence[Block]) -> Iterator[Block]:
    calls: dict[str, Call] = {}
    times: Counter[str] = Counter()
    for body in bodies:
        for step in steps_of(body):
            if isinstance(step, Call):
                times.update(names_in(step))
                if step.label is not None and not step.label.isdigit():
                    calls[step.block] = step
    for block in own:
        call = calls.get(block.name)
        if call is None or times[block.name] != 1:
            continue
        variables = {name for body in bodies if call in steps_of(body) for name in loops_of(body)}
        if variables.isdisjoint(loops_of(block.body)) and _plain(block):
            yield block


def _plain(block: Block) -> bool:
    """Whether a block says nothing of what flows into it."""
    words = [word for step in steps_of(block.body) for word in _texts(step)]
    return not any("in." in word for word in words) and not any(
        isinstance(step, From) and step.target == "input" for step in steps_of(block.body)
    ) and not any(isinstance(p.default, Code) for p in block.parameters)  # fmt: skip


def _texts(step: Step) -> list[str]:
    found: list[str] = []

    def value(each: Value) -> Value:
        if isinstance(each, Code):
            found.append(each)
        return each

    rewrite(step, value, lambda text: text)
    return found


def names_in(call: Call) -> set[str]:
    """The blocks that a call names: its own, and those among its arguments."""
    return {call.block}.union(*(re.findall(r"\w+", each) for each in call.args if isinstance(each, str)))


def _group(step: Step, block: Block) -> Step:
    if not isinstance(step, Call) or step.block != block.name:
        return step
    given = {
        p.name: p.default if value is OMITTED else value for p, value in zip(block.parameters, step.args, strict=True)
    }

    def value(each: Value) -> Value:
        if isinstance(each, Range):
            return Range(map(value, each))
        if not isinstance(each, Code):
            return each
        if each in given:
            return given[each]
        return type(each)(_filled(each, given))

    def text(each: str) -> str:
        return re.sub(r"\{[^{}]*\}", lambda match: _filled(match[0], given), each)

    return Group(tuple(rewrite(inner, value, text) for inner in block.body), step.label)


def _filled(text: str, given: dict[str, Value]) -> str:
    def word(match: re.Match[str]) -> str:
        return atomic(values.text(given[match[0]])) if match[0] in given else match[0]

    return re.sub(r"(?<![\w.])[A-Za-z_]\w*", word, text)

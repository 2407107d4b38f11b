"""The block of a recursion: found in its higher levels, where loops are to be seen, and matched with the lower ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cnndsl.recover.form import form_of
from cnndsl.recover.library import Entry
from cnndsl.recover.recursion import LEAST, Recursion
from cnndsl.recover.rolling import Roller
from cnndsl.recover.terms import OMITTED, Block, Body, Call, Code, If, Parameter, Value
from cnndsl.recover.tree import Scope
from cnndsl.recover.write import Writer
from cnndsl.source import Source
from cnndsl.syntax.parser import parse

if TYPE_CHECKING:
    from cnndsl.recover.recovery import Recovery

LEVEL = "n"
ROUNDS = 3


class RecursiveBlock:
    """Tries to make a recursion's scopes calls of one block."""

    def __init__(self, recovery: Recovery, recursion: Recursion, name: str) -> None:
        self.recovery, self.recursion, self.name = recovery, recursion, name
        self.levels = recursion.levels

    def found(self) -> tuple[Block, dict[int, tuple[Value, ...]]] | None:
        """The block, and the arguments of each scope's call by the scope's id."""
        given = {id(scope): {LEVEL: self.levels[id(scope)]} for scope in self.recursion.scopes}
        block: Block | None = None
        for _ in range(ROUNDS):  # with the level alone first, then with all arguments
            block = self._form(given)
            found = self._arguments(block, given) if block is not None else None
            if block is None or found is None:
                return None
            given = found
            if [p.name for p in block.parameters] == self.recovery.parameters[self.name]:
                break
        else:
            return None
        leaves = form_of(self._bodies(self.recursion.leaves), self._channels(self.recursion.leaves),
                         [1] * len(self.recursion.leaves), self.recovery.parameters)  # fmt: skip
        if leaves is None:
            return None
        leaf, arguments = leaves
        for scope, values in zip(self.recursion.leaves, arguments, strict=True):
            given[id(scope)] |= {p.name: v for p, v in zip(leaf.parameters, values, strict=True)}
        names = [p.name for p in block.parameters]
        if not {p.name for p in leaf.parameters} <= set(names):
            return None
        calls = {key: self._call(block, values) for key, values in given.items()}
        if any(call is None for call in calls.values()):
            return None
        block.name = self.name
        block.body = (If(Code(f"{LEVEL} == 1"), leaf.body, block.body),)
        return block, {key: call for key, call in calls.items() if call is not None}

    def _form(self, given: Mapping[int, Mapping[str, Value]]) -> Block | None:
        """The form of the higher levels, where calls inside have these arguments."""
        member = given[id(self.recursion.members[-1])]
        names = list(member)
        self.recovery.blocks[self.name] = Block(self.name, [Parameter(name) for name in names], ())
        self.recovery.parameters[self.name] = names
        for scope in self.recursion.scopes:
            values = given[id(scope)]
            self.recovery.steps[id(scope)] = Call(self.name, tuple(values.get(name, False) for name in names))
        self.recovery.forget(self.recursion.scopes)
        high = [scope for scope in self.recursion.members if self.levels[id(scope)] >= LEAST]
        roller = Roller(self.recovery.cost, self.recovery.parameters, 2)
        bodies = [roller.body(body) for body in self._bodies(high)]
        levels = [self.levels[id(scope)] for scope in high]
        form = form_of(bodies, self._channels(high), [1] * len(high), self.recovery.parameters, levels)
        return form[0] if form is not None else None

    def _arguments(self, block: Block, given: Mapping[int, Mapping[str, Value]]) -> dict[int, dict[str, Value]] | None:
        """The arguments of all scopes but the leaves, whose own are kept."""
        named = Block(self.name, block.parameters, block.body, block.lets)
        text = Writer(self.recovery.blocks).block(named)
        entry = Entry(parse(Source("recovered.cnn", text)).blocks[0], self.recovery.blocks, self.recovery.library)
        found = {id(leaf): dict(given[id(leaf)]) for leaf in self.recursion.leaves}
        for scope in self.recursion.members:
            body = self.recovery.raw(scope)
            values = entry.match(body, scope.entries[0].shape[0], {LEVEL: self.levels[id(scope)]})
            if values is None:
                return None
            pairs = zip(block.parameters, values, strict=True)
            found[id(scope)] = {p.name: p.default if value is OMITTED else value for p, value in pairs}
        for leaf in self.recursion.leaves:  # as far as the scope around says
            outer = found.get(id(leaf.parent), {})
            found[id(leaf)] = {**{k: v for k, v in outer.items() if not isinstance(v, bool)}, **found[id(leaf)]}
        return found

    def _call(self, block: Block, values: Mapping[str, Value]) -> tuple[Value, ...] | None:
        found: list[Value] = []
        for parameter in block.parameters:
            if parameter.name in values:
                found.append(values[parameter.name])
            elif parameter.default is not OMITTED:
                found.append(OMITTED)
            else:
                found.append(False)
        return tuple(found)

    def _bodies(self, scopes: list[Scope]) -> list[Body]:
        return [self.recovery.raw(scope) for scope in scopes]

    def _channels(self, scopes: list[Scope]) -> list[int]:
        return [scope.entries[0].shape[0] for scope in scopes]

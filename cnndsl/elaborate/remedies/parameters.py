"""The arguments of a block's call that may be meant otherwise, where the block does nothing else with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from cnndsl.elaborate.remedies.changes import Wanted
from cnndsl.elaborate.remedies.rewriting import block_call, call_of, given, rewritten, spell, with_arguments
from cnndsl.elaborate.remedies.trials import Fits, Trial, changed_ops, outcome
from cnndsl.ir.expansion import Scope
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer
from cnndsl.syntax import ast

Called = Callable[[Scope, ast.Apply], bool]
"""Whether a call in the text of a scope's definition is to be tried."""


def parameter_trials(end: Node, nodes: Sequence[Node], fits: Fits, wanted: Wanted, called: Called) -> list[Trial]:
    """The channels and strides that blocks are called with and that would make the result fit."""
    found: list[Trial] = []
    seen: set[int] = set()
    for node in reversed(nodes):
        scope = next(node.scope.calls)
        if id(scope) in seen or scope.parent is None:
            continue
        seen.add(id(scope))
        caller = next(scope.parent.calls)
        call = block_call(scope, caller)
        if call is None or not called(caller, call) or not isinstance(scope.definition, ast.Block):
            continue
        parameters = {p.name.name: p for p in scope.definition.parameters}
        inside = [n for n in nodes if next(n.scope.calls) is scope]
        for name in parameters:
            argument, users = _users(name, scope.definition, inside)
            for value in _values(argument, users, wanted):
                text = spell(value, caller, name)
                edits = with_arguments(call, parameters, {name: text}) if text is not None else ()
                given_value = value if argument == "out" else (value, value)
                shape = outcome(end, nodes, changed_ops({n.index: n for n in users}, {argument: given_value}))
                if edits and shape and scope.values.get(name) not in (value, (value, value)) and fits(shape):
                    stated = given(call, parameters, name) is not None
                    found.append(Trial(call.span.line, rewritten(call.span, edits), shape, edits, stated, False))
    return found


def _users(name: str, block: ast.Block, nodes: list[Node]) -> tuple[str, list[Node]]:
    """The nodes of a block that take a parameter as their channels, stride or padding; none where the block's text uses
    it otherwise too."""
    for argument in ("out", "stride", "pad"):
        users, places = [], set()
        for node in nodes:
            call = call_of(node) if isinstance(node.op, Layer) and argument in node.op.args else None
            value = given(call, node.op.args, argument) if call is not None and node.op is not None else None
            if isinstance(value, ast.Name) and value.name == name:
                users.append(node)
                places.add(value.span.start)
        if users and len(places) == len(re.findall(rf"(?<![\w.]){name}(?!\w|\s*=[^=])", block.body.span.text)):
            return argument, users
    return "", []


def _values(argument: str, users: list[Node], wanted: Wanted) -> Iterator[int]:
    if argument == "out" and wanted.shape:
        yield wanted.shape[0]
    elif argument == "stride":
        yield from (1, 2)
    elif argument == "pad" and isinstance(users[0].op, Layer):
        window = users[0].op.window(users[0].input_shape)
        yield from [(window[0][0] - 1) // 2] if window is not None else []

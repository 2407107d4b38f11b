"""The text of a call, and how it gives another value for an argument."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from cnndsl.diagnostics.model import Edit
from cnndsl.elaborate.binding import added
from cnndsl.elaborate.tree import around
from cnndsl.ir.expansion import Scope
from cnndsl.ir.graph import Node
from cnndsl.source import Span
from cnndsl.syntax import ast


def call_of(node: Node) -> ast.Apply | None:
    """The text that made a node, where that is a call of its op by name."""
    scope = next(node.scope.calls, None)
    if scope is None or scope.definition is None or node.op is None:
        return None
    for _, step in around(scope.definition.body, node.span):
        while isinstance(step, ast.Repeat):
            step = step.step
        if isinstance(step, ast.Apply) and step.span == node.span and step.name.name == node.op.name:
            return step
    return None


def block_call(scope: Scope, caller: Scope) -> ast.Apply | None:
    """The call in the text of its caller that opened a scope."""
    if caller.definition is None:
        return None
    found = [step for _, step in around(caller.definition.body, scope.span)]
    last = found[-1] if found else None
    while isinstance(last, ast.Repeat):
        last = last.step
    return last if isinstance(last, ast.Apply) and last.span == scope.span else None


def given(call: ast.Apply, arguments: Iterable[str], name: str) -> ast.Expr | None:
    """What a call gives for one of the arguments that its op or block has, by position or keyword."""
    names = iter(arguments)
    for argument in call.arguments or ():
        if (argument.name.name if argument.name else next(names, None)) == name:
            return argument.value
    return None


def with_arguments(call: ast.Apply, arguments: Mapping[str, Any], values: Mapping[str, str]) -> tuple[Edit, ...]:
    """The edits that give arguments in a call. None where it computes one: who knows what else hangs on that."""
    edits, more = [], []
    for name, text in values.items():
        value = given(call, arguments, name)
        if value is None:
            more.append(f"{name}={text}")
        elif literal(value) or _terms(value, text, getattr(arguments[name], "words", ())):
            edits.append(Edit(value.span, text))
        else:
            return ()
    if more and call.arguments:
        edits += added(call, ", ".join(more))
    elif more:
        end = call.name.span.end
        place = Span(call.span.source, end, end if call.arguments is None else call.span.end)
        edits.append(Edit(place, f"({', '.join(more)})"))
    return tuple(edits)


def _terms(value: ast.Expr, text: str, words: Collection[str]) -> bool:
    """Whether what is written is a word, or what it shall be is in terms of the definition, no figures."""
    if text in words:
        return isinstance(value, ast.Name) and value.name in words
    return not re.fullmatch(r"[0-9x]+", text)


def spell(value: int, scope: Scope, argument: str = "") -> str | None:
    """An integer as a definition writes it: by the parameter that has this value, in a network by its figures. None in
    a block without one, which may be called with others."""
    definition = next(scope.calls)
    names = [n for n, v in definition.values.items() if type(v) is int and v == value]
    if argument in names or len(names) == 1:
        return argument if argument in names else names[0]
    return str(value) if isinstance(definition.definition, ast.Network) else None


def literal(expr: ast.Expr) -> bool:
    """Whether an expression is figures alone, such as ``3``, ``3x3`` or ``3*3``."""
    match expr:
        case ast.Product():
            return all(map(literal, expr.dims))
        case ast.Operation():
            return literal(expr.first) and all(literal(operand) for _, operand in expr.rest)
    return isinstance(expr, ast.Literal)


def rewritten(place: Span, edits: Sequence[Edit]) -> str:
    """A text behind edits, on one line."""
    text, start = place.text, place.start
    for edit in sorted(edits, key=lambda e: -e.span.start):
        text = text[: edit.span.start - start] + edit.replacement + text[edit.span.end - start :]
    return " ".join(text.split())

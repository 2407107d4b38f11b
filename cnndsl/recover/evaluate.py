"""The values of a library block's expressions, where the values of some of its parameters are known."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cnndsl.ops import registry
from cnndsl.recover.terms import Code, Value
from cnndsl.syntax import ast

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "floor": math.floor, "ceil": math.ceil, "round": round, "min": min, "max": max, "abs": abs,
}  # fmt: skip


class Unbound(Exception):
    """The expression has a name whose value is not known yet."""


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a block's parameters, and what else must hold."""

    bound: Mapping[str, Value]
    lets: Mapping[str, ast.Expr]
    turns: Mapping[str, Value]
    """The variables of the loops around."""
    demands: tuple[tuple[ast.Expr, Value, Mapping[str, Value]], ...] = ()
    absent: tuple[ast.Apply, ...] = ()
    """Calls of which there is nothing: what is called must be the identity then."""
    hollow: frozenset[str] = frozenset()
    """The labels of groups of which there is nothing; their result is the flow."""


def evaluate(expr: ast.Expr, state: State, channels: int) -> Value:
    """The value of an expression where ``channels`` flow. Raises Unbound where it has none yet."""
    match expr:
        case ast.Literal():
            return expr.value
        case ast.Name():
            if expr.name in state.turns:
                return state.turns[expr.name]
            if expr.name in state.bound:
                return state.bound[expr.name]
            if expr.name in state.lets:
                return evaluate(state.lets[expr.name], state, channels)
            if expr.name[:1].isupper() or expr.name in registry:
                return Code(expr.name)
            raise Unbound
        case ast.InputDim():
            return channels
        case ast.Unary():
            value = evaluate(expr.operand, state, channels)
            return not value if expr.operator == "not" else -value
        case ast.Operation():
            value = evaluate(expr.first, state, channels)
            for sign, operand in expr.rest:
                if sign in ("and", "or"):
                    if value is (sign == "or"):
                        return value
                    value = evaluate(operand, state, channels)
                else:
                    value = OPERATORS[sign](value, evaluate(operand, state, channels))
            return value
        case ast.Product():
            sides = tuple(evaluate(side, state, channels) for side in expr.dims)
            return sides[0] if len(sides) == 2 and sides[0] == sides[1] else sides
        case ast.Conditional():
            chosen = expr.then if evaluate(expr.condition, state, channels) else expr.otherwise
            return evaluate(chosen, state, channels)
        case ast.Call() if expr.name.name == "range":
            return list(range(*(evaluate(a.value, state, channels) for a in expr.arguments)))
        case ast.List():
            return [evaluate(item, state, channels) for item in expr.items]
        case ast.Call() if expr.name.name in FUNCTIONS:
            return FUNCTIONS[expr.name.name](*(evaluate(a.value, state, channels) for a in expr.arguments))
    raise Unbound


def written(label: ast.Label | None, state: State) -> str | None:
    """A label with its indices filled in, as far as they are known."""
    if label is None:
        return None
    try:
        return "".join(part if isinstance(part, str) else str(evaluate(part, state, 0)) for part in label.parts)
    except Unbound:
        return str(label)


def equal(one: Value, other: Value) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)

"""Windows that are larger than their input."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from cnndsl.diagnostics.model import Edit, SpecError
from cnndsl.elaborate import habits
from cnndsl.elaborate.remedies.changes import Wanted
from cnndsl.elaborate.remedies.sizes import DEEP
from cnndsl.elaborate.remedies.trials import cone, outcome, trials
from cnndsl.ir.dims import Shape
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer, Violation
from cnndsl.ops.checks import LARGER
from cnndsl.syntax import ast

LARGEST = 4096
"""The side of a network's input up to which one that fits is looked for."""


def unfitting(error: SpecError, call: ast.Apply, op: Layer, flow: Node) -> SpecError:
    """E0401 with the input of the network that would fit, or the call without the input channels that it gives."""
    (found,) = error.diagnostics
    if (meant := without_input(call, op, flow.shape)) is not None:
        help = f"`{op.name}` takes no input channels: `{meant[0]}`"
        return SpecError([replace(found, help=help, fix=(Edit(call.span, meant[0]),))])
    lacking = [t for t in trials(flow, cone(flow), lambda shape: _fits(op, shape), Wanted((), flow.shape), _unpadded)
               if not t.stated]  # fmt: skip
    if len(lacking) == 1 and found.help:
        found = replace(found, help=f"`{lacking[0].text}` in line {lacking[0].line} lets it fit; or {found.help}")
        error = SpecError([found])
    if found.help and LARGER in found.help and (side := _least(op, flow)) is not None:
        shown = f"an input of the network of at least {side} x {side}"
        return SpecError([replace(found, help=found.help.replace(LARGER, shown))])
    return error


def _fits(op: Layer, shape: Shape) -> bool:
    try:
        return bool(shape and op.infer(shape))
    except Violation:
        return False


def _unpadded(node: Node, arguments: Collection[str]) -> bool:
    return set(arguments) == {"pad"}


def without_input(call: ast.Apply, op: Layer, x: Shape) -> tuple[str, Layer] | None:
    """A call in the order of PyTorch's arguments, input channels first, as it is written here, and its op."""
    given = call.arguments or []
    positional = [a.value for a in given if a.name is None]
    literals = [(value, each.span.text) for each in positional if (value := _figure(each)) is not None]
    names = list(op.args)
    if names[:2] != ["out", "size"] or len(literals) < max(3, len(positional)) or literals[0][0] != x[0]:
        return None
    values = op.values()
    parts = []
    for (name, argument), (value, text) in zip(op.args.items(), literals[1:], strict=False):
        try:
            values[name] = argument.kind.parse(value)
        except ValueError:
            return None
        if values[name] != argument.default:
            square = name == "size" and text.isdigit()
            parts.append(f"{text}x{text}" if square else text if name in ("out", "size") else f"{name}={text}")
    written = [(habits.ARGUMENTS.get(a.name.name, a.name.name), a.value.span.text) for a in given if a.name is not None]
    keywords = {name: f"{name}={text}" for name, text in written}
    for name in names[len(literals) - 1 : len(literals)]:  # what stood there was another argument
        if name not in keywords:
            values[name] = op.args[name].default
    try:
        meant = type(op)(**values)
        meant.infer(x)
    except Violation:
        return None
    return f"{op.name}({', '.join([*parts, *keywords.values()])})", meant


def _figure(expr: ast.Expr) -> Any:
    """The value of an integer, a boolean or a size that is written out; None for all else."""
    if isinstance(expr, ast.Product):
        sides = tuple(map(_figure, expr.dims))
        return sides if all(type(side) is int for side in sides) else None
    return expr.value if isinstance(expr, ast.Literal) and type(expr.value) in (int, bool) else None


def _least(op: Layer, flow: Node) -> int | None:
    """The side of the least square input of the network with which the op's window fits."""
    nodes = cone(flow, most=DEEP)
    if not nodes or nodes[0].index != 0 or len(nodes[0].shape) != 3:
        return None

    def fits(side: int) -> bool:
        return _fits(op, outcome(flow, nodes, {}, {0: (nodes[0].shape[0], side, side)}))

    low, high = min(nodes[0].shape[1:]), LARGEST
    if fits(low) or not fits(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high

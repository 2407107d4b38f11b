"""Ops that move, repeat or leave out positions and keep the values."""

from __future__ import annotations

import ast
from ast import literal_eval

from cnndsl.ops.reshape import Flatten, Identity, Subsample, Upsample, ZeroPad
from cnndsl_torch.lowering import Lowered, OpCall, lowers
from cnndsl_torch.text import literal


@lowers(Flatten)
def flatten(op: OpCall) -> Lowered:
    return Lowered("nn.Flatten()", "torch.flatten({x}, 1)")


@lowers(Identity)
def identity(op: OpCall) -> Lowered:
    return Lowered("nn.Identity()", "{x}", light=True)


@lowers(Subsample)
def subsample(op: OpCall) -> Lowered:
    """A pool of single values is PyTorch's module that takes every n-th."""
    module = f"nn.MaxPool2d(1, stride={op['stride']})"
    try:
        steps = literal_eval(op["stride"])
    except ValueError:
        return Lowered(module)
    rows, columns = (steps, steps) if isinstance(steps, int) else steps
    return Lowered(module, f"{{x}}[:, :, ::{rows}, ::{columns}]")


@lowers(Upsample)
def upsample(op: OpCall) -> Lowered:
    mode = op.value("mode")
    options = "" if mode == "nearest" else f', mode="{mode}"'
    given = f"scale_factor={op['scale']}{options}"
    sides = ast.parse(op["scale"], mode="eval").body
    rows, columns = sides.elts if isinstance(sides, ast.Tuple) else (sides, sides)
    size = f"({{x}}.shape[2] * ({ast.unparse(rows)}), {{x}}.shape[3] * ({ast.unparse(columns)}))"
    running = f"F.interpolate({{x}}, {size}{options})"  # a factor is a float, which no size at hand can be exported as
    return Lowered(f"nn.Upsample({given})", f"F.interpolate({{x}}, {given})", running=running)


@lowers(ZeroPad)
def zero_pad(op: OpCall) -> Lowered:
    """PyTorch wants left, right, top, bottom, so that the numbers must be known."""
    before = op.value("before")
    (top, left), (bottom, right) = before, op.value("after") or before
    sides = (left, right, top, bottom)
    module = f"nn.ZeroPad2d({left if len(set(sides)) == 1 else literal(sides)})"
    return Lowered(module, f"F.pad({{x}}, {literal(sides)})")

"""Stated shapes against found ones: signatures and ascriptions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnndsl.diagnostics.model import Edit, Label, SpecError
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.evaluate import Evaluator, is_wildcard
from cnndsl.elaborate.values import WILDCARD, fail, show
from cnndsl.ir.dims import Shape
from cnndsl.ir.dims import show as show_shape
from cnndsl.source import Span
from cnndsl.syntax import ast


def as_shape(evaluate: Evaluator, expr: ast.Expr, env: Env) -> tuple[Any, ...]:
    """A written shape; `WILDCARD` stands for any size."""
    value = WILDCARD if is_wildcard(expr) else evaluate(expr, env)
    if value is WILDCARD or (isinstance(value, int) and not isinstance(value, bool)):
        return (value,)
    if isinstance(value, tuple) and len(value) in (1, 3):
        return value
    raise fail("E0502", f"a shape is channels x height x width, or features; {show(value)} is neither", expr.span,
               **_batched(expr, value))  # fmt: skip


def _batched(expr: ast.Expr, value: Any) -> dict[str, Any]:
    """The help for a shape with a batch dimension."""
    if not isinstance(expr, ast.Product) or len(expr.dims) not in (2, 4):
        return {}
    meant = " x ".join(dim.span.text for dim in expr.dims[1:])
    if value[0] == 1 or len(expr.dims) == 4:
        return {
            "help": f"there is no batch dimension: `{meant}`",
            "fix": (Edit(expr.span, meant),) if value[0] == 1 else (),
        }
    return {"help": f"a map has three dimensions, and features have one: `{value[0]} x {value[1]} x {value[1]}`?"}


def reordered(error: SpecError, found: Shape, stated: Shape) -> SpecError:
    """The error of a stated shape with the right number of values: channels last, or a map for features."""
    why = "if that is meant"
    if len(stated) == len(found) == 3 and stated == (*found[1:], found[0]):
        why = "channels come first"
    elif len(found) == 1:
        why = "these are flat features, no map"
    return SpecError(replace(each, help=f"{why}: `:: {show_shape(found)}`") for each in error.diagnostics)


def agrees(stated: tuple[Any, ...], found: Shape) -> bool:
    return len(stated) == len(found) and all(s is WILDCARD or s == f for s, f in zip(stated, found, strict=True))


def check_ascription(evaluate: Evaluator, expr: ast.Expr, env: Env, found: Shape) -> None:
    """Raises SpecError (E0501) where a step's output differs from what ``::`` states."""
    stated = as_shape(evaluate, expr, env)
    if not agrees(stated, found):
        raise fail(
            "E0501", f"the output is {show_shape(found)}, not {' x '.join(map(str, stated))}", expr.span,
            text=f"is {show_shape(found)}", help=f"if that is meant: `:: {show_shape(found)}`",
            fix=(Edit(expr.span, show_shape(found)),),
        )  # fmt: skip


def known_ascription(evaluate: Evaluator, expr: ast.Expr, env: Env, found: Shape = ()) -> Shape:
    """The shape that an ascription states in full, or with what was found; otherwise the empty shape."""
    stated = as_shape(evaluate, expr, env)
    if len(stated) == len(found):
        stated = tuple(f if s is WILDCARD else s for s, f in zip(stated, found, strict=True))
    usable = all(isinstance(s, int) and not isinstance(s, bool) and s > 0 for s in stated)
    return stated if usable else ()


def bind_signature(evaluate: Evaluator, syntax: ast.Block | ast.Network, env: Env, found: Shape, where: Span) -> None:
    """Check a call's input against a block's signature, and bind the names of its dimensions.

    Raises:
        SpecError: E0502, they disagree.
    """
    assert syntax.signature is not None
    dims = syntax.signature.input
    name = syntax.name.name
    stated = " x ".join(d.span.text for d in dims)
    if len(dims) != len(found):
        flat = (
            "`flatten` before it makes features"
            if len(dims) == 1
            else "it goes before the step that makes the map flat"
        )
        raise fail("E0502", f"`{name}` takes {stated}, and its input is {show_shape(found)}", where, help=flat)
    for dim, size in zip(dims, found, strict=True):
        if dim.name is not None and dim.name.name == "_":
            continue
        if dim.name is not None and dim.name.name not in env:
            env[dim.name.name] = size
            continue
        value = env[dim.name.name] if dim.name is not None else evaluate(dim.value, env) if dim.value else size
        if value != size:
            what = "features" if len(dims) == 1 else ("channels", "height", "width")[dims.index(dim)]
            raise fail("E0502", f"`{name}` takes {stated}, and its input is {show_shape(found)}", where,
                       text=f"{what}: {size} here", labels=(Label(dim.span, f"{show(value)} stated"),),
                       help=_adapted(syntax, dims, dim, value))  # fmt: skip


def _adapted(syntax: ast.Block | ast.Network, dims: list[ast.Dim], dim: ast.Dim, value: Any) -> str:
    """How a call and a signature's dimension can be brought together."""
    network = isinstance(syntax, ast.Network)
    position = dims.index(dim)
    name = ("C", "H", "W")[position] if len(dims) == 3 else "F"
    loose = f"{name}={show(value)}" if network else name
    step = f"linear({show(value)})" if len(dims) == 1 else f"conv({show(value)}, 1x1)"
    before = f"`{step}` before it gives {show(value)}; or " if position == 0 else ""
    if dim.name is not None:
        other = f"another name than `{dim.name.name}`" if not network else "a size of its own"
        return f"{before}the sizes may differ where this dimension has {other} in the signature"
    return f"{before}a dimension takes any size where it is a name: `{loose}`"


def signature_shape(evaluate: Evaluator, dims: list[ast.Dim], env: Env, given: Shape | None = None) -> tuple[Any, ...]:
    """The sizes that a signature's side states. Dimensions with a name and a default take the ``given`` size,
    and the name has it for the dimensions that follow."""
    sizes: list[Any] = []
    for position, dim in enumerate(dims):
        expr = dim.value if dim.value is not None else dim.name
        assert expr is not None
        value = WILDCARD if is_wildcard(expr) else evaluate(expr, env)
        if value is not WILDCARD and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise fail("E0502", f"a size must be a positive integer, not {show(value)}", dim.span)
        if dim.name is not None and dim.value is not None:
            value = env[dim.name.name] = value if given is None else given[position]
        sizes.append(value)
    return tuple(sizes)


def check_output(
    evaluate: Evaluator, signature: ast.Signature, env: Env, found: Shape, name: str, last: Span | None = None
) -> None:
    """Raises SpecError (E0502) where the result differs from the signature."""
    stated = signature_shape(evaluate, signature.output, env)
    if not agrees(stated, found):
        span = signature.output[0].span.to(signature.output[-1].span)
        labels = (Label(last, f"gives {show_shape(found)}"),) if last else ()
        written = span.text.replace("_", "").replace(" ", "").replace("x", "").isdigit()
        meant, why = (show_shape(found) if written else None), "if that is meant"
        if len(stated) == 3 and stated[1:] == (1, 1) and found == stated[:1]:
            meant, why = signature.output[0].span.text, "these are flat features, no map"
        raise fail("E0502", f"`{name}` gives {show_shape(found)}, and its signature states "
                            f"{' x '.join(map(str, stated))}", span, text=f"is {show_shape(found)}", labels=labels,
                            help=f"{why}: `-> {meant}`" if meant else None,
                            fix=(Edit(span, meant),) if meant else ())  # fmt: skip

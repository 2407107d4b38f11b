"""Whether a map or flat features flow, without evaluation: what holds whatever the parameters and sizes are."""

from __future__ import annotations

from typing import NamedTuple

from cnndsl.diagnostics.model import Label, SpecError
from cnndsl.elaborate.values import Definition, fail
from cnndsl.ops import Op
from cnndsl.source import Span
from cnndsl.syntax import ast

WORDS = {1: "flat features", 3: "a map"}


class Flow(NamedTuple):
    """A value of so many dimensions (1 or 3), and the text that makes it so.

    It is not ``sure`` inside a body that other values or turns than these may never reach with it.
    """

    rank: int
    span: Span
    sure: bool = True

    def within(self) -> Flow:
        return self._replace(sure=False)


def joined(*flows: Flow | None) -> Flow | None:
    """What is known where any of them flows."""
    ranks = {None if flow is None else flow.rank for flow in flows}
    return flows[0] if len(ranks) == 1 else None


def either(flow: Flow | None, *ways: Flow | None) -> Flow | None:
    """What is known behind a body that may run or not: as sure as what flows into it."""
    found = joined(*ways)
    return None if found is None else found._replace(sure=flow is None or flow.sure)


def origin(flow: Flow) -> tuple[Label]:
    return (Label(flow.span, f"{WORDS[flow.rank]} from here on"),)


def behind_op(op: type[Op], flow: Flow | None, span: Span) -> Flow | None:
    """What flows behind an op. Raises SpecError (E0403, E0404) where it does not take what comes in."""
    if not op.ranks:
        return None
    if flow is not None and flow.rank not in op.ranks and not flow.sure:
        flow = None
    if flow is not None and flow.rank not in op.ranks:
        code, needs = ("E0403", "a map (channels x height x width)") if flow.rank == 1 else ("E0404", "flat features")
        help = "put `flatten` before it, or `global_avgpool`, which leaves a feature a channel"
        if flow.rank == 1:
            help = f"put `{op.name}` before the step that makes the map flat"
        message = f"`{op.name}` needs {needs}, and its input is {WORDS[flow.rank]}"
        raise fail(code, message, span, labels=origin(flow), help=help)
    given = {op.ranks[flow.rank]} if flow is not None else set(op.ranks.values())
    if len(given) > 1:
        return None
    rank = given.pop()
    passed = flow is not None and flow.rank == rank and (flow.sure or len(op.ranks) > 1)
    return flow if passed else Flow(rank, span)


def behind_block(definition: Definition, result: Flow | None, flow: Flow | None, span: Span) -> Flow | None:
    """What flows behind a call. Raises SpecError (E0502) where the signature states another input."""
    signature = definition.syntax.signature
    if signature is not None and flow is not None and flow.sure and len(signature.input) != flow.rank:
        stated = " x ".join(dim.span.text for dim in signature.input)
        raise fail("E0502", f"`{definition.name}` takes {stated}, and its input is {WORDS[flow.rank]}", span,
                   labels=origin(flow))  # fmt: skip
    rank = len(signature.output) if signature is not None else result.rank if result is not None else None
    return None if rank is None else Flow(rank, span)


def ascribed(expr: ast.Expr) -> Flow | None:
    """What flows behind an ascription."""
    rank = len(expr.dims) if isinstance(expr, ast.Product) else 1 if isinstance(expr, ast.Literal) else None
    return Flow(rank, expr.span) if rank in WORDS else None


def taken(syntax: ast.Block | ast.Network) -> Flow | None:
    """What flows into a definition, where its signature says so."""
    dims = syntax.signature.input if syntax.signature is not None else []
    return Flow(len(dims), dims[0].span.to(dims[-1].span)) if len(dims) in WORDS else None


def disagreement(syntax: ast.Block | ast.Network, flow: Flow | None) -> SpecError | None:
    """E0502 for a definition that gives a map where its signature states features, or the reverse."""
    if syntax.signature is None or flow is None or len(syntax.signature.output) == flow.rank:
        return None
    dims = syntax.signature.output
    shown = " x ".join(dim.span.text for dim in dims)
    return fail("E0502", f"`{syntax.name.name}` gives {WORDS[flow.rank]}, and its signature states {shown}",
                dims[0].span.to(dims[-1].span), labels=origin(flow))  # fmt: skip

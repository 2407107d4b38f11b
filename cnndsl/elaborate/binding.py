"""Arguments meet parameters: those of ops, checked by their kinds, and those of blocks and networks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cnndsl.diagnostics.model import Diagnostic, Edit, SpecError
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.evaluate import Evaluator
from cnndsl.elaborate.values import Definition, Partial, Unknown, Value, fail, show
from cnndsl.ir.dims import Shape
from cnndsl.ops import Op, Violation, registry
from cnndsl.ops.base import REQUIRED
from cnndsl.source import Span
from cnndsl.syntax import ast

Given = tuple[Value, Span]


def match(
    partial: Partial, names: list[str], required: Iterable[str], where: Span, definition: Span | None
) -> dict[str, Given]:
    """Each given argument under the name of its parameter.

    Raises:
        SpecError: too many, unknown, doubled or missing ones, all that there are.
    """
    bound: dict[str, Given] = dict(zip(names, partial.positional, strict=False))
    wrong = len(partial.positional) > len(names)
    for name, given in partial.keywords.items():
        if name not in names or name in bound:
            wrong = True
        else:
            bound[name] = given
    missing = [name for name in required if name not in bound]
    if wrong or missing:
        from cnndsl.elaborate.misgiven import mistakes  # only where there is a mistake: it delays every start

        raise SpecError(mistakes(partial, names, [] if wrong else missing, where, definition))
    return bound


class OpBinder:
    """Makes ops from calls, and the same op for the same values."""

    def __init__(self) -> None:
        self.made: dict[Any, Op] = {}

    def bind(self, partial: Partial, where: Span, step: ast.Step | None = None) -> Op:
        """The op of a call.

        Raises:
            SpecError: an argument is unknown, missing, of the wrong kind or contradicts another.
        """
        cls: type[Op] = partial.target  # type: ignore[assignment]
        required = [name for name, a in cls.args.items() if a.default is REQUIRED]
        bound = match(partial, list(cls.args), required, where, None)
        values = {}
        problems: list[Diagnostic] = []
        for name, (value, span) in bound.items():
            try:
                values[name] = cls.args[name].kind.parse(value)
            except ValueError as error:
                problems.append(wrong_kind(cls, name, value, span, str(error), bound))
        if problems:
            raise SpecError(problems)
        key = (cls, *values.items())
        op = self.made.get(key)
        if op is None:
            try:
                op = self.made[key] = cls(**values)
            except Violation as violation:
                raise violated(violation, where, bound, step) from None
        return op


def wrong_kind(
    cls: type[Op], name: str, value: Value, span: Span, expected: str, bound: Mapping[str, Given]
) -> Diagnostic:
    from cnndsl.elaborate.meant import meant_value, rewritten  # only where there is a mistake: it delays every start

    fix, help = meant_value(cls, name, value, span, bound)
    message = f"`{name}` of `{cls.name}` must be {expected}, not {show(value)}"
    safe = len(fix) == 1 and fix[0].span == span and rewritten(span.text, fix[0].replacement)
    return Diagnostic("E0303", message, span, help=help, fix=fix, safe=safe)


def violated(violation: Violation, where: Span, bound: Mapping[str, Given], step: ast.Step | None = None) -> SpecError:
    """A broken rule of an op, at the argument that breaks it or at the step's name."""
    given = bound.get(violation.argument or "")
    span = given[1] if given else step.name.span if isinstance(step, ast.Apply) else where
    return fail(violation.code, violation.message, span, notes=violation.notes, help=violation.help,
                fix=_repair(violation, bound, step))  # fmt: skip


def _repair(violation: Violation, bound: Mapping[str, Given], step: ast.Step | None) -> tuple[Edit, ...]:
    """The edits that a violation knows, where what they change is written at this step."""
    if violation.before is not None and isinstance(step, ast.Apply):
        start = step.label.span.start if step.label and _labels(step) else step.span.start
        return (Edit(Span(step.span.source, start, start), f"{violation.before} -> "),)
    if violation.sets is None:
        return ()
    argument, text = violation.sets
    if argument in bound:
        span = bound[argument][1]
        literal = re.fullmatch(r"[0-9]+(?:\s*x\s*[0-9]+)?|same" + (r"|\w+" if "in." in text else ""), span.text)
        return (Edit(span, text),) if literal else ()
    if isinstance(step, ast.Apply) and step.name.name in registry:
        return added(step, f"{argument}={text}")
    return ()


def _labels(step: ast.Step) -> bool:
    """Whether a step's label stands right before it. (That of an output does not begin its chain.)"""
    assert step.label is not None
    text = step.span.source.text
    line = text[text.rfind("\n", 0, step.label.span.start) + 1 : step.label.span.start]
    return not re.search(r"output\s+$", line)


def added(step: ast.Apply, argument: str) -> tuple[Edit, ...]:
    """An argument more for a call."""
    if not step.arguments:
        return ()
    end = step.arguments[-1].span.end
    return (Edit(Span(step.span.source, end, end), f", {argument}"),)


def bind_parameters(
    partial: Partial,
    definition: Definition,
    evaluate: Evaluator,
    env: Env,
    where: Span,
    flow: Shape | None = None,
) -> dict[str, Value]:
    """The values of a block's or network's parameters for a call; ``env``, the callee's, receives them.

    A default may depend on ``in``, the value that flows into the call.

    Raises:
        SpecError: see `match`, or a default that has no value.
    """
    parameters = definition.syntax.parameters
    names = [p.name.name for p in parameters]
    required = [p.name.name for p in parameters if p.default is None]
    bound = match(partial, names, required, where, definition.syntax.name.span)
    for parameter in parameters:
        name = parameter.name.name
        if name in bound:
            env[name] = bound[name][0]
        elif parameter.default is not None:
            try:
                env[name] = evaluate(parameter.default, env, flow)
            except (SpecError, Unknown):
                env[name] = Unknown
                raise
    return dict(env.values)

"""A block that calls itself and can't come to an end."""

from __future__ import annotations

from dataclasses import replace

from cnndsl.diagnostics.model import Edit, SpecError
from cnndsl.elaborate.tree import around
from cnndsl.elaborate.values import fail, show
from cnndsl.ir.expansion import Scope
from cnndsl.source import Span
from cnndsl.syntax import ast


def endless(scope: Scope, limit: SpecError) -> SpecError:
    """E0603 for the innermost of calls that are too deep: the ``limit``, with what the calls have come to, or, where no
    condition stands around them, that they can't end."""
    calls = [call for call in scope.calls if call.parent is not None]
    same = [call for call in calls if call.span == scope.span]
    turn = calls[: calls.index(same[1])] if len(same) > 1 else []
    if not turn:
        return limit
    first, last = same[-1], same[0]
    now = tuple(
        f"`{name}` is already {show(value)}" for name, value in last.values.items() if first.values[name] != value
    )
    if any(_conditional(call) for call in turn):
        return SpecError(replace(each, notes=now) for each in limit.diagnostics)
    names = list(dict.fromkeys(call.definition.name.name for call in turn if call.definition is not None))
    blocks = " and ".join(f"`{name}`" for name in names)
    message = f"{blocks} {'calls itself' if len(names) == 1 else 'call each other'}, with no condition that ends it"
    call = scope.span.text
    help = f"a condition ends it: `if … {{ {call} }}`"
    fix: tuple[Edit, ...] = ()
    if len(turn) == 1 and (counted := _counted(same)) is not None:
        name, start, step = counted
        help = f"`if {name} > {step} {{ {call} }}` ends it after {-(-start // step)} of them"
        fix = (
            Edit(_at(scope.span.start, scope.span), f"if {name} > {step} {{ "),
            Edit(_at(scope.span.end, scope.span), " }"),
        )
    return fail("E0603", message, scope.span, notes=now, help=help, fix=fix)


def _at(offset: int, span: Span) -> Span:
    return Span(span.source, offset, offset)


def _counted(calls: list[Scope]) -> tuple[str, int, int] | None:
    """The only parameter that changes from call to call, if it counts down: its name, where it starts and the step."""
    started, following = calls[-1].parent, calls[-1]
    if started is None:
        return None
    begin = next(started.calls).values
    changed = [name for name, value in following.values.items() if begin.get(name) != value]
    values = (begin.get(changed[0]), following.values[changed[0]]) if len(changed) == 1 else (None, None)
    if type(values[0]) is not int or type(values[1]) is not int or not values[0] > values[1] or values[0] < 1:
        return None
    return changed[0], values[0], values[0] - values[1]


def _conditional(call: Scope) -> bool:
    """Whether an `if` or a loop stands around a call in the text of its caller."""
    caller = next(call.parent.calls).definition if call.parent is not None else None
    plain = (ast.Apply, ast.Group, ast.Output, ast.Merge)
    return caller is None or any(not isinstance(step, plain) for _, step in around(caller.body, call.span))

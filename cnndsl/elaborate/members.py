"""From a member of a family to the network whose body it has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cnndsl.elaborate.binding import bind_parameters
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.evaluate import Evaluator, unknown_name
from cnndsl.elaborate.values import Definition, Partial, Value, fail
from cnndsl.ir.dims import Shape
from cnndsl.source import Span
from cnndsl.syntax import ast

MAX_MEMBERS = 16
"""Members on top of one another."""


@dataclass(slots=True)
class Binding:
    """A block or network with its arguments bound; a member as its family's network."""

    definition: Definition
    env: Env
    values: dict[str, Value]
    """The parameters' values."""
    members: list[tuple[ast.Network, Env]] = field(default_factory=list)
    """The members on the way, the family's own last. What they don't define, they see of their family."""
    bound: set[str] = field(default_factory=set)
    """The family's parameters that a member gives."""

    def expose(self) -> None:
        """Let members see what the family's names are bound to so far: parameters, and the input's named sizes."""
        around = self.env
        for _, env in reversed(self.members):
            env.outer = Env(around.definitions, around.outer)
            env.outer.values.update(around.values)  # a copy: what a `let` defines later stays its own
            around = env


def bind_call(
    evaluate: Evaluator, partial: Partial, definition: Definition, where: Span, flow: Shape | None
) -> Binding:
    """Bind the arguments of a call.

    Raises:
        SpecError: they don't fit the parameters, or a member's base is no network or the member itself.
    """
    call = Binding(definition, Env(definition.names), {})
    seen, first = {definition}, definition.syntax.name.span
    while (base := base_of(definition)) is not None:
        syntax = definition.syntax
        assert isinstance(syntax, ast.Network)
        if len(call.members) >= MAX_MEMBERS:
            raise fail("E0603", f"members stand on each other more than {MAX_MEMBERS} levels deep", first)
        # A member also has the parameters that it leaves open in its family.
        own = {p.name.name for p in syntax.parameters}
        passed = {k: v for k, v in partial.keywords.items() if k not in own}
        mine = Partial(definition, partial.positional, {k: v for k, v in partial.keywords.items() if k in own})
        env = Env(definition.names)
        bind_parameters(mine, definition, evaluate, env, where, flow)
        call.members.append((syntax, env))
        target = definition.names.get(base.name.name)
        if target is None or not isinstance(target.syntax, ast.Network):
            networks = [n for n, d in definition.names.items() if isinstance(d.syntax, ast.Network)]
            raise unknown_name(base.name, networks, "network")
        if target in seen:
            raise fail("E0208", f"`{syntax.name.name}` is a member of itself", base.span)
        positional, keywords = evaluate.arguments(base.arguments, Partial(target), env, ())
        call.bound.update(keywords, [p.name.name for p in target.syntax.parameters[: len(positional)]])
        partial, definition, where = Partial(target, positional, {**keywords, **passed}), target, base.span
        seen.add(definition)
    call.definition, call.env = definition, Env(definition.names)
    call.values = bind_parameters(partial, definition, evaluate, call.env, where, flow)
    return call


def base_of(definition: Definition) -> ast.Call | None:
    """What a member is made of; None for a block, or a network with a body of its own."""
    syntax: Any = definition.syntax
    return syntax.base if isinstance(syntax, ast.Network) else None

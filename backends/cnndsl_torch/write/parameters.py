"""The parameters of a class: what they are called, their defaults, and the steps that they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnndsl.elaborate.values import Definition, Partial
from cnndsl.syntax import ast
from cnndsl.syntax.traversal import names_in
from cnndsl_torch import tree
from cnndsl_torch.tree import Expr
from cnndsl_torch.write.place import IN_CHANNELS, NOTHING, Container, Decline, Depends, Fix, Place
from cnndsl_torch.write.reading import reads_input
from cnndsl_torch.write.translate import default_of, op_value, value_of

if TYPE_CHECKING:
    from cnndsl_torch.write.writer import Writer


def held_steps(w: Writer) -> dict[str, bool]:
    """The parameters that hold steps; True where it is an op, which is written in place."""
    found: dict[str, bool] = {}
    for parameter in w.syntax.parameters:
        name = parameter.name.name
        values = [scope.values.get(name) for scope in w.scopes]
        steps = [value for value in values if isinstance(value, Partial)]
        ops = [value for value in steps if not isinstance(value.target, Definition)]
        if ops and len(ops) < len(values):
            raise Decline(f"{name} holds an op here, another step there")
        if any(value != ops[0] for value in ops):
            for value in ops:
                op_value(w.program, value)
            w.passed.add(name)
        elif steps:
            found[name] = bool(ops)
    return found


def parameters(w: Writer) -> list[tuple[str, Expr | None]]:
    """The constructor's parameters with their defaults; ``names`` knows them from here on."""
    result: list[tuple[str, Expr | None]] = []
    incoming = {"in_channels", "in_features"}
    for parameter in w.syntax.parameters:
        name = parameter.name.name
        if w.held.get(name):
            continue
        if name in w.fixed:
            w.fix(_followed(w, parameter))
            values = {repr(scope.values.get(name)) for scope in w.scopes}
            if len(values) > 1:
                raise Decline(f"{name} is to be constant, and differs")
            if w.scopes:
                _constant(w, name)
            continue
        variable = w.program.variables[name]
        default = _default(w, parameter)
        if default is not None and (
            tree.makes_anew(default) or tree.names_in(default) & {*incoming, *(known for known, _ in result)}
        ):
            w.computed[variable], default = default, tree.literal(None)
        w.locals.used.add(variable)
        w.origins[variable] = frozenset([name])
        w.parameter_names.add(variable)
        w.names[name] = tree.name(variable)
        result.append((variable, default))
    w.origins |= dict.fromkeys(incoming, frozenset([IN_CHANNELS]))
    return result


def _followed(w: Writer, parameter: ast.Parameter) -> Depends:
    """What a parameter's value depends on where it is not given: what its default reads."""
    given = w.program.graph.expansion.given | w.program.graph.expansion.bound
    if parameter.default is None or (w.root and parameter.name.name in given):
        return NOTHING
    others = {each.name.name for each in w.syntax.parameters}
    read = names_in(parameter.default) & others
    return frozenset(read | ({IN_CHANNELS} if reads_input(parameter.default) and not w.root else set()))


def _default(w: Writer, parameter: ast.Parameter) -> Expr | None:
    name = parameter.name.name
    if parameter.default is None:
        return None
    # The caller's own values become the defaults; a member gives its in its function.
    changed = w.root and name not in w.program.graph.expansion.bound
    if changed and name not in w.program.follows_others(w.definition, parameter):
        try:
            return value_of(w.program, w.scopes[0].values[name])
        except Decline:
            raise Fix(frozenset([name])) from None
    shapes = [body.input.shape for body in w.bodies]
    place = Place(w.top, [], Container(tree.name("self"), False), "x", w.names)
    try:
        translate = w.translator(place, w.channels, shapes)
        translate.defined = w.definition.names.get  # a default reads the parameters before it; others hide nothing
        return translate(parameter.default)
    except Decline:  # otherwise whoever builds the class gives the value
        if changed:
            raise Fix(_followed(w, parameter) | {name}) from None
        return default_of(w.program, parameter.default) if name in w.passed else None


def _constant(w: Writer, name: str) -> None:
    """Let a parameter be its value. A step that Python has no value for is found by its expansions."""
    value = w.scopes[0].values[name]
    if isinstance(value, Partial):
        w.partials[name] = value
    try:
        w.names[name] = value_of(w.program, value)
    except Decline:
        if not isinstance(value, Partial):
            raise

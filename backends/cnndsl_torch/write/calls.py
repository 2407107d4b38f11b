"""Calls of blocks: of those that a name of the text means, and of those that a parameter, a `let` or a loop holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cnndsl.elaborate.values import Definition, Partial
from cnndsl.ir.expansion import Scope, Step
from cnndsl.syntax import ast
from cnndsl.syntax.traversal import within
from cnndsl_torch import tree
from cnndsl_torch.tree import Expr
from cnndsl_torch.write.apply import sized
from cnndsl_torch.write.place import IN_CHANNELS, Decline, Depends, Fix, Value
from cnndsl_torch.write.reading import SIDES
from cnndsl_torch.write.translate import Translator, value_of
from cnndsl_torch.write.writer import Emitted, Writer


@dataclass(frozen=True, slots=True)
class Built:
    """A block's instance, and what comes out of it; without ``channels``, the instance is to be asked."""

    module: Expr
    channels: Expr | None
    sized: Depends


def block_call(w: Writer, syntax: ast.Apply, steps: Sequence[Step], value: Value, translate: Translator) -> Built:
    """A call of a block."""
    opened = [step.opened for step in steps if step.opened is not None]
    name = syntax.name.name
    definition = w.definition.called(name)
    if definition is not None and name not in translate.names:
        emitted = w.program.class_of(definition, opened)
        given = arguments(w, definition, emitted, syntax, opened, translate)
        if by_size := defaults_by_size(w, definition, emitted, given, opened):
            w.fix(value.sized)
            given |= by_size
        by_name = {argument.name.name for argument in syntax.arguments or [] if argument.name}
        return call_of(w, definition, emitted, given, value, by_name)
    if name in translate.names and w.held.get(name) is False and name not in w.fixed:
        return held_call(w, syntax, opened, value, translate)
    return value_call(w, syntax, opened, value, translate)


def held_call(w: Writer, syntax: ast.Apply, opened: Sequence[Scope], value: Value, translate: Translator) -> Built:
    """A call of the block that a parameter holds: all that it may hold are called in the same way."""
    parameter = translate.names[syntax.name.name]
    definitions = {id(scope.definition): w.program.definition_of(scope) for scope in opened}
    emitted = []
    for definition in definitions.values():
        names = [w.program.variables[p.name.name] for p in definition.syntax.parameters]
        try:
            emitted.append(w.program.class_of(definition, []))
        except Decline:
            raise Fix(w.depends(parameter)) from None
        if not emitted[-1].takes_input or names != [p for p, _ in emitted[-1].parameters]:
            w.program.ask(definition)  # then it keeps them all, unless they are constants
            raise Fix(w.depends(parameter))
    given = [
        (argument.name.name if argument.name else None, sized(translate, argument.value))
        for argument in syntax.arguments or []
    ]
    positional = [expr for name, expr in given if name is None]
    keywords = {w.program.variables[name]: expr for name, expr in given if name is not None}
    built = tree.call(parameter, value.channels, *positional, **keywords)
    sized_by = value.sized.union(*(w.depends(expr) for _, expr in given))
    if len(emitted) == 1:
        definition = next(iter(definitions.values()))
        order = [p.name.name for p in definition.syntax.parameters]
        by_name = {name or order[position]: expr for position, (name, expr) in enumerate(given)}
        channels = emitted[0].channels
        for name, expr in by_name.items():
            if channels is not None and tree.text(channels) == w.program.variables[name]:
                return Built(built, expr, sized_by)
    for definition in definitions.values():
        w.program.ask(definition)
    w.untyped |= tree.names_in(parameter)
    return Built(built, None, sized_by)


def value_call(w: Writer, syntax: ast.Apply, opened: Sequence[Scope], value: Value, translate: Translator) -> Built:
    """A call of a block that a `let`, a loop or a constant of the class holds: its arguments are values."""
    if not opened:
        raise Decline("a block that is held, and never called")
    definition = w.program.definition_of(opened[0])
    if any(scope.definition is not opened[0].definition for scope in opened):
        raise Decline("different blocks at one place")
    if syntax.name.name in translate.names:  # what it holds is written as it is for these values
        w.fix(w.depends(translate.names[syntax.name.name]))
    emitted = w.program.class_of(definition, list(opened))
    given: dict[str, Expr] = {}
    kept = {name for name, _ in emitted.parameters}
    held = w.partials.get(syntax.name.name) or _held_by_all(w, syntax.name.name)
    bound = None if held is None else given_by(held, definition)
    order = [parameter.name.name for parameter in definition.syntax.parameters][len(held.positional) if held else 0 :]
    written_here = {a.name.name if a.name else order[i]: a.value for i, a in enumerate(syntax.arguments or [])}
    for parameter in definition.syntax.parameters:
        name = parameter.name.name
        values = {repr(scope.values.get(name)) for scope in opened}
        if w.program.variables[name] not in kept:
            if name in written_here:  # its value is a constant of the class
                w.fix(w.read_by(written_here[name], translate))
            continue
        if name in written_here:
            given[name] = sized(translate, written_here[name])
        elif bound is None or name in bound:
            if len(values) > 1:
                raise Decline("a held block with other arguments each time")
            given[name] = value_of(w.program, opened[0].values[name])
    return call_of(w, definition, emitted, given, value)


def _held_by_all(w: Writer, name: str) -> Partial | None:
    """The step that a constant of the class holds."""
    values = [scope.values.get(name) for scope in w.scopes]
    same = all(isinstance(value, Partial) and value == values[0] for value in values)
    return values[0] if values and same else None


def given_by(held: Partial, definition: Definition) -> set[str]:
    """The parameters that a held block has been given already."""
    order = [parameter.name.name for parameter in definition.syntax.parameters]
    return {*order[: len(held.positional)], *held.keywords}


def arguments(
    w: Writer,
    definition: Definition,
    emitted: Emitted,
    syntax: ast.Apply,
    opened: Sequence[Scope],
    translate: Translator,
) -> dict[str, Expr]:
    """The written arguments of a call by the spec's names; those of constants of the class are constants here."""
    order = [parameter.name.name for parameter in definition.syntax.parameters]
    kept = {name for name, _ in emitted.parameters}
    several = w.program.has_several(definition)
    figured = w.program.by_figures(definition)
    given = {}
    for position, argument in enumerate(syntax.arguments or []):
        name = argument.name.name if argument.name else order[position]
        holds = several and any(isinstance(scope.values.get(name), Partial) for scope in opened)
        if figured or holds or name in emitted.fixed:
            w.fix(w.read_by(argument.value, translate))
        if w.program.variables[name] in kept:
            given[name] = argument_of(w, definition, argument.value, name, opened, translate)
    return given


def defaults_by_size(
    w: Writer, definition: Definition, emitted: Emitted, given: Mapping[str, Expr], opened: Sequence[Scope]
) -> dict[str, Expr]:
    """The defaults that read the height or width of what flows into these calls, as values."""
    found = {}
    for parameter in definition.syntax.parameters:
        name, default = parameter.name.name, parameter.default
        variable = w.program.variables[name]
        if name in given or default is None or not any(reads_side(each) for each in within(default)):
            continue
        if opened and (variable, None) in emitted.parameters and variable not in emitted.computed:
            if len({repr(scope.values.get(name)) for scope in opened}) > 1:
                raise Decline("a default of another size each time")
            found[name] = value_of(w.program, opened[0].values[name])
    return found


def reads_side(expr: ast.Expr) -> bool:
    return isinstance(expr, ast.InputDim) and expr.dim in SIDES


def argument_of(w: Writer, definition: Definition, value: ast.Expr, name: str, opened: Sequence[Scope],
                translate: Translator) -> Expr:  # fmt: skip
    """An argument of a block's call; where Python can't say it, its value, if that is one."""
    try:
        return sized(translate, value)
    except Decline:
        found = {repr(scope.values.get(name)) for scope in opened}
        if len(found) != 1:
            raise
        w.fix(w.read_by(value, translate))
        try:
            return value_of(w.program, opened[0].values[name])
        except Decline:
            if isinstance(opened[0].values.get(name), Partial):
                w.program.bake(definition, name)
            raise


def call_of(
    w: Writer,
    definition: Definition,
    emitted: Emitted,
    given: dict[str, Expr],
    value: Value,
    by_name: Collection[str] = (),
) -> Built:
    """The call of a class with arguments by the spec's names, and what comes out. Some were written by name."""
    parameters = dict(emitted.parameters)
    values: dict[str, Expr] = {"in_channels": value.channels, "in_features": value.channels}
    positional: list[Expr] = []
    keywords: dict[str, Expr] = {}
    figured = w.program.by_figures(definition)
    in_place = True
    for parameter in definition.syntax.parameters:
        name = parameter.name.name
        variable = w.program.variables[name]
        if name in given:
            values[variable] = given[name]
        if variable not in parameters:
            in_place = in_place and name not in given
            continue
        if name in given:
            in_place = in_place and name not in by_name
            if in_place:
                positional.append(given[name])
            else:
                keywords[variable] = given[name]
            continue
        in_place = False
        default = parameters[variable]
        if variable in emitted.computed:
            values[variable] = tree.substitute(emitted.computed[variable], values)
        elif default is None:
            assert parameter.default is not None
            before = known(w, definition, values)
            inner = Translator(w.program, before, definition.names.get, lambda dim: _incoming(dim, value))
            keywords[variable] = values[variable] = inner(parameter.default)
        else:
            values[variable] = default
    if figured or IN_CHANNELS in emitted.fixed:
        w.fix(w.depends(value.channels))
    incoming = [value.channels] if emitted.takes_input else []
    built = tree.call(emitted.name, *incoming, *positional, **keywords)
    sized_by = value.sized.union(
        *(
            w.depends(values[w.program.variables[name]])
            for name in emitted.sized - {IN_CHANNELS}
            if w.program.variables[name] in values
        ),
        w.depends(value.channels) if IN_CHANNELS in emitted.sized else (),
    )
    if emitted.channels is None:
        w.program.ask(definition)
        return Built(built, None, sized_by)
    return Built(built, tree.substitute(emitted.channels, values), sized_by)


def known(w: Writer, definition: Definition, values: Mapping[str, Expr]) -> dict[str, Expr]:
    """The values of a definition's parameters, as far as there are any, by the spec's names."""
    names = [parameter.name.name for parameter in definition.syntax.parameters]
    return {name: values[w.program.variables[name]] for name in names if w.program.variables[name] in values}


def _incoming(dim: str, value: Value) -> Expr:
    """What a default reads of the input."""
    if dim not in ("channels", "features"):
        raise Decline(f"a default that reads in.{dim}")
    return value.channels

"""Single steps: ops by their rules, and calls of blocks."""

from __future__ import annotations

import ast as py
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cnndsl.elaborate.values import Definition, Partial
from cnndsl.ir.expansion import Scope, Step
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer, Merge, Op, registry
from cnndsl.syntax import ast
from cnndsl.syntax.traversal import within
from cnndsl_torch import tree
from cnndsl_torch.lowering import OVERWRITABLE, RULES, SIZED, Joined, Lowered, OpCall
from cnndsl_torch.text import argument_text
from cnndsl_torch.tree import Expr, Stmt
from cnndsl_torch.write.place import IN_CHANNELS, Decline, Depends, Fix, Value
from cnndsl_torch.write.reading import SIDES
from cnndsl_torch.write.result import Application, Result, result
from cnndsl_torch.write.translate import Translator, has_state, value_of
from cnndsl_torch.write.writer import Emitted, Writer

Applied = ast.Apply | ast.Merge


def is_call(w: Writer, syntax: ast.Apply, steps: Sequence[Step]) -> bool:
    """Whether a step calls a block. Raises Decline where an op is applied elsewhere."""
    calls = {step.node is None for step in steps}
    if len(calls) > 1:
        raise Decline("an op here, a block there")
    if calls:
        return calls.pop()
    name = syntax.name.name
    return w.definition.called(name) is not None or w.held.get(name) is False


def op_class(w: Writer, syntax: Applied, steps: Sequence[Step]) -> type[Op]:
    """The op of a step. Raises Decline where there are several, or none is known."""
    found = {type(step.node.op) for step in steps if step.node is not None and step.node.op is not None}
    if not found:
        held = [scope.values.get(syntax.name.name) for scope in w.scopes]
        found = {v.target for v in held if isinstance(v, Partial) and not isinstance(v.target, Definition)}
    if not found and syntax.name.name in registry:
        found = {registry[syntax.name.name]}
    if len(found) != 1:
        raise Decline("different ops at one place")
    return found.pop()


def stateful(w: Writer, syntax: ast.Step, steps: Sequence[Step] = ()) -> bool:
    """Whether an unlabelled step has a place of its own in the ``state_dict``."""
    if not isinstance(syntax, ast.Apply):
        return False
    if any(step.node is None for step in steps) or (not steps and is_call(w, syntax, steps)):
        return True
    found = {type(step.node.op) for step in steps if step.node is not None and step.node.op is not None}
    try:
        found = found or {op_class(w, syntax, steps)}
    except Decline:
        if steps:
            raise
    return any(issubclass(cls, Layer) and has_state(cls) for cls in found)


def application(w: Writer, syntax: Applied, steps: Sequence[Step], translate: Translator) -> Application:
    """An op with its arguments as they are written; one that a name holds has those of the value."""
    nodes = [step.node for step in steps if step.node is not None]
    if len(nodes) != len(steps):
        raise Decline("an op here, a block there")
    cls = op_class(w, syntax, steps)
    ops = tuple(node.op for node in nodes if node.op is not None)
    name = syntax.name.name
    held = is_held(w, name)
    try:
        before = held_arguments(w, name, cls) if held else []
        here = written(syntax, cls, [each for each in cls.args if each not in before], translate)
        given = figures(cls, ops, before) | here if held else here
    except Decline:  # Python can't say them
        given = figures(cls, ops, cls.args)
        for argument in syntax.arguments or []:
            w.fix(w.read_by(argument.value, translate))
    return Application(cls, ops, tuple(tuple(i.shape for i in node.inputs) for node in nodes), given)


def is_held(w: Writer, name: str) -> bool:
    """Whether a name may stand for what a parameter, a `let` or a loop's variable holds, and not for an op itself."""
    return name not in registry or name in w.bound


def held_arguments(w: Writer, name: str, cls: type[Op]) -> list[str]:
    """The arguments that the op which a name holds has been given. Raises Decline where they differ."""
    held = [w.partials[name]] if name in w.partials else [scope.values.get(name) for scope in w.scopes]
    given = {(*list(cls.args)[: len(each.positional)], *each.keywords) for each in held if isinstance(each, Partial)}
    if len(given) != 1:
        raise Decline("other arguments each time")
    return list(given.pop())


def figures(cls: type[Op], ops: Sequence[Op], names: Collection[str]) -> dict[str, Expr]:
    """Arguments that ops have, as values. Raises Decline where they differ, or there is no op."""
    known = [{key: value for key, value in op.values().items() if key in names} for op in ops]
    if not known or any(each != known[0] for each in known):
        raise Decline(f"the arguments of {cls.name} differ")
    return {
        key: tree.parse(argument_text(value, cls.args[key].kind))
        for key, value in known[0].items() if value != cls.args[key].default
    }  # fmt: skip


def written(syntax: Applied, cls: type[Op], names: Sequence[str], translate: Translator) -> dict[str, Expr]:
    """The arguments that a call writes, ``names`` being those that it may give by position."""
    given = {}
    for position, argument in enumerate(syntax.arguments or []):
        name = argument.name.name if argument.name else names[position]
        value = argument.value
        if isinstance(value, ast.Name) and value.name in cls.args[name].words and value.name not in translate.names:
            given[name] = tree.literal(None if value.name == "none" else value.name)
        else:
            given[name] = sized(translate, value)
    return given


def sized(translate: Translator, value: ast.Expr) -> Expr:
    """An argument; a square size as its side, which PyTorch takes for the same."""
    expr = translate(value)
    match expr:
        case py.Tuple(elts=[py.Constant(value=int(one)), py.Constant(value=int(two))]):
            return tree.literal(one) if one == two and translate.program.sizes_pass else expr
    return expr


def lower(
    w: Writer, syntax: Applied, steps: Sequence[Step], lanes: Sequence[Value], translate: Translator
) -> tuple[Lowered | Joined, Result]:
    """An op by its rule, and what comes out."""
    if syntax.name.name in w.passed and syntax.name.name in translate.names:
        return passed(syntax, steps, translate), Result(lanes[0].channels, lanes[0].sized)
    applied = application(w, syntax, steps, translate)
    behind = result(applied, lanes, w.depends)
    w.fix(behind.baked)
    return ruled(w, applied, steps, lanes[0]), behind


def passed(syntax: Applied, steps: Sequence[Step], translate: Translator) -> Lowered:
    """An op that a parameter of the class holds, which makes its module."""
    if syntax.arguments or any(step.output.shape != step.input.shape for step in steps):
        raise Decline("an op that is given more, or gives another shape")
    return Lowered(f"{tree.text(translate.names[syntax.name.name])}()")


def ruled(w: Writer, applied: Application, steps: Sequence[Step], value: Value) -> Lowered | Joined:
    """An op by its rule; what the rule needs to know as a number is constant from here on."""
    texts = {name: tree.text(expr) for name, expr in applied.given.items()}
    nodes = [step.node for step in steps if step.node is not None]
    fresh = bool(nodes) and made_before(w, steps) and all(is_fresh(w, node) for node in nodes)
    call = OpCall(applied.ops, applied.cls, applied.inputs, tree.text(value.channels), texts, fresh)
    lowered = RULES[applied.cls](call)
    for name in call.read:
        if name == SIZED:
            w.fix(value.sized)
        elif name in applied.given:
            w.fix(w.depends(applied.given[name]))
    w.helpers.update(lowered.helpers)
    return lowered


def made_before(w: Writer, steps: Sequence[Step]) -> bool:
    """Whether what these read is made, and for them alone, by an op that stands before them in the text, whatever the
    parameters are."""
    made: set[int] = set()
    for before in w.before[id(steps[0].syntax)]:
        if not isinstance(before, ast.Apply | ast.Merge) or is_held(w, before.name.name):
            return False
        nodes = [step.node for step in w.steps.get(id(before), []) if step.node is not None]
        if registry[before.name.name] not in OVERWRITABLE or any(w.program.readers[n.index] > 1 for n in nodes):
            return False
        if isinstance(before, ast.Merge) and not (len(before.lanes) > 1 and all(map(is_lane, before.lanes))):
            return False
        made.update(node.index for node in nodes)
    return all(step.node is not None and step.node.inputs[0].index in made for step in steps)


def is_lane(lane: ast.Lane | ast.LaneLoop) -> bool:
    return isinstance(lane, ast.Lane)


def is_fresh(w: Writer, node: Node) -> bool:
    """Whether what an op reads may be overwritten: nothing else reads it, its gradient neither."""
    source = node.inputs[0]
    return (
        type(source.op) in OVERWRITABLE
        and (not isinstance(source.op, Merge) or len(source.inputs) > 1)
        and w.program.readers[source.index] == 1
        and next(source.scope.calls) is next(node.scope.calls)
    )


# --- calls of blocks


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


def stateless(w: Writer, module: Expr, steps: Sequence[Step], init: list[Stmt]) -> Expr:
    """An attribute for an unlabelled module without state: the same one for the same text.

    It is made before any loop, so that all of its turns can use it.
    """
    text = tree.text(module)
    if text not in w.shared:
        local = tree.names_in(module) & (w.origins.keys() - w.top_names - w.parameter_names)
        if w.turns and local:
            raise Decline("a module of its own in each turn")
        nodes = [step.node.op.name for step in steps if step.node is not None and step.node.op is not None]
        word = text.partition("(")[0].rpartition(".")[2]
        word = nodes[0] if nodes and word not in w.parameter_names else word.lower()
        target = tree.attribute(tree.name("self"), w.attributes.new(word))
        (w.top if w.turns else init).append(tree.assign(target, module))
        w.shared[text] = target
    return w.shared[text]

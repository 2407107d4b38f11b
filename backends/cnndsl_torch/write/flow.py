"""Everything that is no plain sequence: statements of ``__init__`` and of ``forward`` side by side."""

from __future__ import annotations

import ast as py
from collections.abc import Sequence as Many
from dataclasses import replace

from cnndsl.ir.expansion import Body, Step
from cnndsl.syntax import ast
from cnndsl_torch import tree
from cnndsl_torch.lowering import Lowered
from cnndsl_torch.names import identifier
from cnndsl_torch.tree import Expr, Stmt
from cnndsl_torch.write import checking, control, lanes, running
from cnndsl_torch.write.apply import is_call, lower, stateful, stateless
from cnndsl_torch.write.at_hand import held
from cnndsl_torch.write.calls import block_call
from cnndsl_torch.write.expansions import body_of, made, nodes_of
from cnndsl_torch.write.place import IN_CHANNELS, Container, Decline, Place, Value, settled, stored
from cnndsl_torch.write.reading import periodic
from cnndsl_torch.write.sequence import Sequence, is_sequential, sequence
from cnndsl_torch.write.sequence import hint as stem
from cnndsl_torch.write.writer import Output, Results, Varying, Writer, name_of

HEAVY = 3
"""Applications after which an expression gets a variable."""


def body(w: Writer, syntax: ast.Body, bodies: Many[Body], value: Value, place: Place) -> Value:
    """Write a body into ``__init__`` and ``forward``."""
    position = 0
    for statement in syntax.statements:
        if isinstance(statement, ast.Let):
            value, place = _let(w, statement, bodies, position, value, place)
        elif isinstance(statement, ast.Chain):
            for step in statement.steps:
                zipped = [each.steps[position] for each in bodies]
                if w.root and not place.trained and only_trained(zipped):
                    code: list[Stmt] = []
                    inside = replace(place, forward=code, trained=True)
                    value = stored(_whole(w, step, zipped, value, inside), place.variable, code)
                    in_training(place.forward, code)
                else:
                    value = _whole(w, step, zipped, value, place)
                position += 1
    return value


def _whole(w: Writer, syntax: ast.Step, steps: Many[Step], value: Value, place: Place) -> Value:
    with w.inside():
        value = _step(w, syntax, steps, value, place)
    return _saved(w, syntax, steps, value, place)


def only_trained(steps: Many[Step]) -> bool:
    """Whether training alone needs what steps compute and give."""
    nodes = [node for step in steps for node in nodes_of(Body(step.input, [step]))]
    return bool(nodes) and all(each.training_only for each in (*nodes, *(step.output for step in steps)))


def _let(w: Writer, statement: ast.Let, bodies: Many[Body], position: int, value: Value,
         place: Place) -> tuple[Value, Place]:  # fmt: skip
    flows = [body.steps[position - 1].output if position else body.input for body in bodies]
    translate = w.translator(place, value.channels, [flow.shape for flow in flows], value.sized)
    if statement.value not in w.reading:
        return value, w.let(statement, place, translate, bodies)
    value, place = running.let(w, statement, place, value, flows, bodies)
    try:
        return value, w.let(statement, place, translate, bodies)
    except Decline:
        return value, place  # it differs, and is known to ``forward`` alone


def _saved(w: Writer, syntax: ast.Step, steps: Many[Step], value: Value, place: Place) -> Value:
    """Keep a result that `from` names in a variable of its own, or by its label where other turns read it."""
    if isinstance(syntax, ast.From | ast.Output):
        return value
    label = str(syntax.label) if syntax.label else ""
    wanted = {each for each in map(made, steps) if each in w.targets and each not in w.saved}
    if syntax.label is None:
        wanted -= w.across  # it is kept by its label
    if syntax.label is not None and wanted & w.across:
        return _kept_by_label(w, syntax, steps, value, place)
    unique = label in w.unique and not w.turns
    if not wanted and not unique:
        return value
    hint = stem(label if w.turns or not steps else name_of(steps[0])) if label else "kept"
    if label in w.branched and not w.turns:
        variable = w.variables.get(label) or w.locals.new(hint)
        w.variables[label] = variable
    else:
        variable = w.locals.new(hint)
    kept = stored(value, variable, place.forward)
    w.saved.update((each, kept) for each in wanted)
    if unique:
        w.named[label] = kept
    return kept


def _kept_by_label(w: Writer, syntax: ast.Step, steps: Many[Step], value: Value, place: Place) -> Value:
    """Keep a result in the dict of those that other turns read, and its channels in that of ``__init__``."""
    assert syntax.label is not None
    if w.results is None:
        w.results = Results(w.locals.new("results"), w.locals.new("channels_of"), place.container.path)
        w.origins[w.results.channels] = frozenset(p.name.name for p in w.syntax.parameters) | {IN_CHANNELS}
    results = w.results
    if tree.text(results.container) != tree.text(place.container.path):
        raise Decline("results in several scopes")
    results.texts.add(tree.text(value.channels))
    results.sized |= value.sized
    if results.relied - results.texts or (results.relied and len(results.texts) > 1):
        raise Varying
    key = w.key(syntax, steps, place, w.at(place, value, steps))
    place.init.append(tree.assign(tree.subscript(tree.name(results.channels), key), value.channels))
    value = settled(value, place)
    place.forward.append(tree.assign(tree.subscript(tree.name(results.variable), key), value.tensor))
    return value


def _step(w: Writer, syntax: ast.Step, steps: Many[Step], value: Value, place: Place) -> Value:
    if steps and id(syntax) in w.reading.steps:
        if isinstance(syntax, ast.Apply):
            value = held(value, place)
            computed = running.computed(w, syntax, steps, value, place)
            if computed is not None:
                return computed
        value = checking.checked(w, syntax, steps, value, place)
    if periodic(steps):
        value = checking.repeats(w, syntax, steps, value, place)
    match syntax:
        case ast.Apply():
            return _apply(w, syntax, steps, value, place)
        case ast.From():
            return _from(w, syntax, steps, place)
        case ast.Output():
            return _output(w, syntax, steps, value, place)
    if syntax.label is None:
        return _compound(w, syntax, steps, value, place)
    key = w.key(syntax, steps, place, w.at(place, value, steps))
    inner, bodies = (syntax.body, [step.bodies[0] for step in steps]) if isinstance(syntax, ast.Group) else (None, [])
    if inner is None and not isinstance(syntax, ast.Merge | ast.Dense):
        inner = body_of(replace(syntax, label=None))
        bodies = [Body(step.input, [step], step.output) for step in steps]
    if inner is not None and is_sequential(w, inner, bodies):
        into = Sequence.of(w, syntax, place)
        behind = sequence(w, inner, bodies, value, place, into)
        reference = _register(place, key, tree.call("nn.Sequential", *into.arguments))
        value = settled(value, place)
        return replace(behind, tensor=tree.call(reference, value.tensor), weight=1)
    position = len(place.init)
    container = Container(place.container.child(key), True, len(w.turns))
    used, place.container.used = place.container.used, True
    value = _compound(w, syntax, steps, value, replace(place, container=container))
    if container.used:
        place.init.insert(position, tree.assign(container.path, tree.call("nn.ModuleDict")))
    else:
        place.container.used = used
    return value


def _register(place: Place, key: Expr, module: Expr) -> Expr:
    reference = place.container.child(key)
    place.init.append(tree.assign(reference, module))
    return reference


def _compound(w: Writer, syntax: ast.Step, steps: Many[Step], value: Value, place: Place) -> Value:
    match syntax:
        case ast.Group():
            return body(w, syntax.body, [step.bodies[0] for step in steps], value, place)
        case ast.Merge():
            return lanes.merge(w, syntax, steps, value, place)
        case ast.If():
            return control.if_(w, syntax, steps, value, place)
        case ast.Repeat() | ast.For() | ast.Dense():
            return control.loop(w, syntax, steps, value, place)
    raise AssertionError(f"{type(syntax).__name__} is not written")


# --- ops and calls


def _apply(w: Writer, syntax: ast.Apply, steps: Many[Step], value: Value, place: Place) -> Value:
    translate = w.at(place, value, steps)
    if is_call(w, syntax, steps):
        value = settled(value, place)
        built = block_call(w, syntax, steps, value, translate)
        reference = _register(place, w.key(syntax, steps, place, translate), built.module)
        channels = built.channels if built.channels is not None else w.asked(reference, built.module)
        return Value(tree.call(reference, value.tensor), channels, 1, built.sized)
    lowered, behind = lower(w, syntax, steps, [value], translate)
    assert isinstance(lowered, Lowered)
    if not lowered.light or value.weight >= HEAVY:
        value = settled(value, place)
    has_state = stateful(w, syntax, steps)
    module = tree.parse(lowered.module)
    if syntax.label is None and not has_state:
        applied = _applied(lowered, value.tensor)
        if applied is None:
            reference = stateless(w, module, steps, place.init)
            applied = tree.call(reference, value.tensor)
    else:
        reference = _register(place, w.key(syntax, steps, place, translate), module)
        applied = tree.call(reference, value.tensor)
    return Value(applied, behind.channels, value.weight + 1, behind.sized)


def _applied(lowered: Lowered, x: Expr) -> Expr | None:
    """An op without a module of its own; None where ``forward`` would need what the constructor knows."""
    if lowered.call is None:
        return None
    template = tree.parse(lowered.call.replace("{x}", "_x"))
    if tree.names_in(template) - {"_x", "F", "torch", "self", "math"}:
        return None
    return tree.substitute(template, {"_x": x})


def _from(w: Writer, syntax: ast.From, steps: Many[Step], place: Place) -> Value:
    """What was kept. Raises Decline where expansions or turns read different things."""
    if str(syntax.target) in w.named:
        return w.named[str(syntax.target)]
    if w.results is not None and steps and all(made(step) in w.across for step in steps):
        results = w.results
        translate = w.translator(place, tree.name("_"), [])
        key = w.label(syntax.target, translate)
        same = len(results.texts) == 1 and id(w.definition.syntax) not in w.program.varying
        known = tree.parse(next(iter(results.texts)))
        if same and tree.names_in(known) <= w.parameter_names | w.top_names:
            results.relied.add(tree.text(known))
            channels = known
        else:
            channels = tree.subscript(tree.name(results.channels), key)
        return Value(tree.subscript(tree.name(results.variable), key), channels, 0, results.sized)
    found = [w.saved.get(made(step)) for step in steps]
    kinds = {(tree.text(each.tensor), tree.text(each.channels)) if each else None for each in found}
    if len(kinds) != 1 or found[0] is None:
        raise Decline("`from` names different steps")
    return replace(found[0], sized=frozenset().union(*(each.sized for each in found if each)))


def _output(w: Writer, syntax: ast.Output, steps: Many[Step], value: Value, place: Place) -> Value:
    value = settled(value, replace(place, variable="x"))
    name = syntax.name.name
    variable = w.locals.new(identifier(name))
    container, position = place.container, len(place.init)
    if syntax.opens:
        container = Container(place.container.child(tree.literal(name)), True, len(w.turns))
    code: list[Stmt] = []
    inside = replace(place, container=container, forward=code, variable=w.locals.new("y"), trained=syntax.training_only)
    inner = body(w, syntax.body, [step.bodies[0] for step in steps], value, inside)
    if container is not place.container and container.used:
        place.init.insert(position, tree.assign(container.path, tree.call("nn.ModuleDict")))
    code.append(tree.assign(tree.name(variable), inner.tensor))
    if syntax.training_only and not place.trained:
        in_training(place.forward, code)
    else:
        place.forward.extend(code)
    w.outputs.append(Output(name, variable, syntax.training_only))
    return value


TRAINING = tree.parse("self.training")


def in_training(forward: list[Stmt], code: list[Stmt]) -> None:
    """Statements that only training runs; those right behind such ones join them."""
    match forward:
        case [*_, py.If(test=test, orelse=[]) as last] if test is TRAINING:
            last.body += code
        case _:
            forward.append(tree.branch(TRAINING, code, []))

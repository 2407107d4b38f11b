"""Single steps that are ops, by their rules."""

from __future__ import annotations

import ast as py
from collections.abc import Collection, Sequence

from cnndsl.elaborate.values import Definition, Partial
from cnndsl.ir.expansion import Step
from cnndsl.ops import Layer, Op, registry
from cnndsl.syntax import ast
from cnndsl_torch import tree
from cnndsl_torch.lowering import OVERWRITABLE, RULES, SIZED, Joined, Lowered, OpCall
from cnndsl_torch.text import argument_text
from cnndsl_torch.tree import Expr, Stmt
from cnndsl_torch.write.place import Decline, Value
from cnndsl_torch.write.result import Application, Result, result
from cnndsl_torch.write.translate import Translator, has_state
from cnndsl_torch.write.writer import Writer

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
    fresh = bool(nodes) and made_before(w, steps)
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
    """Whether what these read may be overwritten: it is made for them alone, by an op that stands before them in the
    text and whose gradient does not need it, whatever the parameters are."""
    made: set[int] = set()
    for before in w.before[id(steps[0].syntax)]:
        if not isinstance(before, ast.Apply | ast.Merge) or is_held(w, before.name.name):
            return False
        nodes = [step.node for step in w.steps.get(id(before), []) if step.node is not None]
        if registry[before.name.name] not in OVERWRITABLE or any(w.program.readers[n.index] > 1 for n in nodes):
            return False
        lanes = before.lanes if isinstance(before, ast.Merge) else None
        if lanes is not None and (len(lanes) < 2 or not all(isinstance(lane, ast.Lane) for lane in lanes)):
            return False  # a single lane is joined with nothing: its value is read elsewhere, too
        made.update(node.index for node in nodes)
    return all(step.node is not None and step.node.inputs[0].index in made for step in steps)


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

"""One definition of the spec → one class."""

from __future__ import annotations

import ast as py
from dataclasses import replace
from typing import Any

from cnndsl.elaborate.labels import INPUT
from cnndsl.syntax import ast
from cnndsl.syntax.traversal import names_in
from cnndsl_torch import tree
from cnndsl_torch.initialise import initialise
from cnndsl_torch.lowering import Code
from cnndsl_torch.printer import signature, statements
from cnndsl_torch.text import docstring, type_of
from cnndsl_torch.tree import Expr, Stmt
from cnndsl_torch.write import signature as stated
from cnndsl_torch.write.apply import stateful
from cnndsl_torch.write.expansions import made, scope_steps, steps_of
from cnndsl_torch.write.flow import TRAINING
from cnndsl_torch.write.flow import body as write_body
from cnndsl_torch.write.members import through_members
from cnndsl_torch.write.parameters import parameters as parameters_of
from cnndsl_torch.write.place import IN_CHANNELS, Container, Decline, Place, Value, settled, stored
from cnndsl_torch.write.sequence import Sequence, is_sequential, sequence
from cnndsl_torch.write.unused import without, without_unused
from cnndsl_torch.write.writer import Emitted, TooDeep, Writer

LONG = 300
"""Characters up to which an expression is put into another: each of many `let` values may double it."""
DEEP = 15
"""Loops and branches inside one another; Python's compiler takes twenty loops."""


def write_class(w: Writer) -> Emitted:
    """The class of a definition.

    Raises:
        Decline: its expansions can't have one class.
        TooDeep: they can where all loops are written out.
        Fix: they can where some parameters are constants.
    """
    w.write_body = write_body
    parameters = parameters_of(w)
    channels = incoming_channels(w)
    init = w.top
    for name, default in w.computed.items():
        absent = py.Compare(tree.name(name), [py.Is()], [tree.literal(None)])
        init.append(tree.assign(tree.name(name), py.IfExp(absent, default, tree.name(name))))
    head = len(init)
    _name_dimensions(w, channels)
    syntax = w.syntax.body
    labelled = any(step.label for step in scope_steps(syntax))
    keyed = w.keyed(syntax, lambda step: stateful(w, step, w.steps.get(id(step), [])))
    value = Value(tree.name("x"), channels)
    forward: list[Stmt] | None = None
    super_init = tree.parse("super().__init__")
    if is_sequential(w, syntax, w.bodies) and (not labelled or keyed):
        base = "nn.Sequential"
        place = Place(init, [], Container(tree.name("self"), keyed), "x", w.names)
        into = Sequence(w.locals.new("layers"), labelled, place.container, init, [])
        value = sequence(w, syntax, w.bodies, value, place, into)
        init.append(tree.statement(tree.call(super_init, *into.arguments)))
        forward = _checked_sequence(w, value, place)
    else:
        base = "nn.ModuleDict" if keyed else "nn.Module"
        forward = []
        init.append(tree.statement(tree.call(super_init)))
        place = Place(init, forward, Container(tree.name("self"), keyed), "x", w.names)
        place = stated.check_input(w, value, place)
        _keep_input(w, value, forward)
        value = stated.check_result(w, write_body(w, syntax, w.bodies, value, place), place)
        _return(w, value, place)
        forward[:] = without_unused(forward)
        if keyed:
            through_members(w, init, forward)
        _declare_results(w, value.channels, forward)
    if _depth([*init, *(forward or [])]) > DEEP:
        raise TooDeep
    if w.root:
        code = Code()
        initialise(w.program.graph, base, code)
        init += py.parse("\n".join(code.lines)).body
    return _emitted(w, base, parameters, value, forward, head)


def _emitted(w: Writer, base: str, parameters: list[tuple[str, Expr | None]], value: Value,
             forward: list[Stmt] | None, head: int) -> Emitted:  # fmt: skip
    init = w.top
    asked = w.program.needs_attribute(w.definition)
    if not asked:
        read = {each.id for stmt in init[head:] for each in tree.walk(stmt)
                if isinstance(each, py.Name) and each.id in w.parameter_names}  # fmt: skip
        for name in reversed(w.computed):  # what is read by a default that is needed
            if name in read:
                read |= tree.names_in(w.computed[name])
        read |= {name for _, default in parameters if default is not None for name in tree.names_in(default)} & read
        parameters = [parameter for parameter in parameters if parameter[0] in read]
        init[:head] = [stmt for stmt in init[:head] if not isinstance(stmt, py.Assign)
                       or not isinstance(stmt.targets[0], py.Name) or stmt.targets[0].id in read]  # fmt: skip
    exported = _exported(w, value.channels, [name for name, _ in parameters])
    if not w.root and (asked or exported is None):
        if exported is None:
            w.program.ask(w.definition)
        init.append(tree.assign(tree.parse("self.out_channels"), value.channels))
    takes_input = not w.root and IN_CHANNELS not in w.fixed
    _of_any_class(init)
    own = {name for name, _ in parameters}
    used = w.program.classes_in([*init, *(forward or [])])
    w.program.clashes |= used & own
    w.program.hidden |= used & w.locals.used - own
    emitted = Emitted(w.name, parameters, exported, value.sized, w.fixed, takes_input, dict(w.computed))
    emitted.lines = _text(w, base, parameters, without_unused(init), forward)
    return emitted


def _checked_sequence(w: Writer, value: Value, place: Place) -> list[Stmt] | None:
    """``forward`` of an ``nn.Sequential``, where the sizes that its signature states need to be checked."""
    forward: list[Stmt] = []
    x = tree.name("x")
    place = stated.check_input(w, Value(x, value.channels), replace(place, forward=forward))
    layer = tree.name(w.locals.new("layer"))
    forward.append(tree.loop(layer, tree.name("self"), [tree.assign(x, tree.call(layer, x))]))
    stated.check_result(w, replace(value, tensor=x), place)
    forward = without_unused(forward)
    return [*forward, tree.returned(x)] if len(forward) > 1 else None


def _keep_input(w: Writer, value: Value, forward: list[Stmt]) -> None:
    """Keep what flows in, in a variable of its own, where `from input` asks for it."""
    wanted = {
        made(step) for body in w.bodies for step, _ in steps_of(body)
        if isinstance(step.syntax, ast.From) and str(step.syntax.target) == INPUT and step.output is body.input
    }  # fmt: skip
    if wanted:
        kept = stored(value, w.locals.new(INPUT), forward)
        w.saved |= dict.fromkeys(wanted, kept)


def incoming_channels(w: Writer) -> Expr:
    """The input's channels; of the network in terms of its parameters, where its signature states them so."""
    signature, names = w.syntax.signature, {each.name.name for each in w.syntax.parameters}
    stated = (signature.input[0].value or signature.input[0].name) if w.root and signature is not None else None
    if stated is None or not names_in(stated) & names:
        return w.channels
    place = Place(w.top, [], Container(tree.name("self"), False), "x", w.names)
    try:
        return w.translator(place, w.channels, [])(stated)
    except Decline:
        w.fix(frozenset(names_in(stated) & names))
        return w.channels


def _name_dimensions(w: Writer, channels: Expr) -> None:
    """Give the names of the signature's input their meaning: channels as tracked, sizes where all agree."""
    named = w.syntax.signature
    for position, dim in enumerate(named.input if named else ()):
        if dim.name is None or dim.name.name in w.names:
            continue
        sizes = {each.input.shape[position] for each in w.bodies if position < len(each.input.shape)}
        if position == 0:
            w.names[dim.name.name] = channels
        elif len(sizes) == 1:
            w.names[dim.name.name] = tree.literal(sizes.pop())


def _return(w: Writer, value: Value, place: Place) -> None:
    """The end of ``forward``."""
    forward = place.forward
    if not w.outputs:
        forward.append(tree.returned(_tensor(value.tensor, forward)))
        return
    value = settled(value, place)
    output = w.program.output_class
    training = TRAINING
    if all(each.training_only for each in w.outputs):
        given = tree.call(output, value.tensor, *(tree.name(each.variable) for each in w.outputs))
        match forward:
            case [*_, py.If(test=py.Attribute(attr="training"), orelse=[]) as last]:
                last.body.append(tree.returned(given))
            case _:
                forward.append(tree.branch(training, [tree.returned(given)], []))
        forward.append(tree.returned(_tensor(value.tensor, forward)))
        return
    results = [py.IfExp(training, tree.name(each.variable), tree.literal(None)) if each.training_only
               else tree.name(each.variable) for each in w.outputs]  # fmt: skip
    forward.append(tree.returned(tree.call(output, value.tensor, *results)))


def _tensor(tensor: Expr, forward: list[Stmt]) -> Expr:
    """The result, in ``x`` where type checkers don't know that it is a tensor: calling a module gives anything."""
    if is_tensor(tensor, forward):
        return tensor
    forward.append(tree.assign(tree.name("x"), tensor))
    return tree.name("x")


def is_tensor(node: Expr, forward: list[Stmt]) -> bool:
    """Whether a type checker sees that an expression behind these statements of ``forward`` is a tensor."""
    while not isinstance(node, py.Name):
        match node:
            case py.BinOp(left=left, right=inner) if is_tensor(left, forward):
                node = inner
            case py.Call(func=py.Attribute(value=inner)) | py.Subscript(value=inner):
                node = inner
            case _:
                return False
    if node.id in ("x", "F", "torch"):
        return True
    given = [each.value for stmt in forward for each in tree.walk(stmt) if isinstance(each, py.Assign)
             and isinstance(each.targets[0], py.Name) and each.targets[0].id == node.id]  # fmt: skip
    return node.id != "self" and bool(given) and all(is_tensor(each, []) for each in given)


def _of_any_class(init: list[Stmt]) -> None:
    """Modules that are asked for their channels can be of any class to a type checker."""
    asked = {
        each.value.value.id for stmt in init for each in tree.walk(stmt)
        if isinstance(each, py.Attribute) and each.attr == "out_channels" and isinstance(each.value, py.Subscript)
        and isinstance(each.value.value, py.Name)
    }  # fmt: skip
    for stmt in init:
        for each in tree.walk(stmt):
            if isinstance(each, py.AnnAssign) and isinstance(each.target, py.Name) and each.target.id in asked:
                each.annotation = tree.parse(tree.text(each.annotation).replace("nn.Module", "Any"))


def _depth(code: list[Stmt]) -> int:
    """How many loops and branches stand inside one another."""
    inner = [stmt for stmt in code if isinstance(stmt, py.If | py.For)]
    return max((1 + max(_depth(stmt.body), _depth(stmt.orelse)) for stmt in inner), default=0)


def _declare_results(w: Writer, channels: Expr, forward: list[Stmt]) -> None:
    """The dicts of results that other turns read, and of their channels where something reads them."""
    if w.results is None:
        return
    init, made = w.top, py.Dict([], [])
    forward.insert(0, tree.annotated(tree.name(w.results.variable), "dict[str, Tensor]", made))
    name = w.results.channels
    reads = [each for stmt in init for each in tree.walk(stmt) if isinstance(each, py.Name) and each.id == name]
    writes = [each for stmt in init for each in tree.walk(stmt)
              if isinstance(each, py.Assign) and tree.names_in(each.targets[0]) & {name}]  # fmt: skip
    if len(reads) > len(writes) or name in tree.names_in(channels):
        init.insert(1, tree.annotated(tree.name(name), "dict[str, int]", made))
    else:
        init[:] = without(init, writes)


def _exported(w: Writer, channels: Expr, parameters: list[str]) -> Expr | None:
    """The output's channels in terms of the parameters alone, variables put in; None where that can't be."""
    known = {*parameters, w.incoming}
    values: dict[str, Expr] = {}
    for stmt in w.top:
        match stmt:
            case py.Assign(targets=[py.Name(id=name)], value=value) if name not in known:
                values[name] = tree.substitute(value, values)
                if len(tree.text(values[name])) > LONG:
                    return None
    changed = {each.target.id for stmt in w.top for each in tree.walk(stmt)
               if isinstance(each, py.AugAssign) and isinstance(each.target, py.Name)}  # fmt: skip
    nested = [each for stmt in w.top if isinstance(stmt, py.If | py.For) for each in tree.walk(stmt)]
    changed |= {each.id for stmt in nested if isinstance(stmt, py.Assign) for each in stmt.targets
                if isinstance(each, py.Name)}  # fmt: skip
    text = tree.substitute(channels, {name: value for name, value in values.items() if name not in changed})
    return text if tree.names_in(text) <= known else None


def _text(w: Writer, base: str, parameters: list[tuple[str, Expr | None]], init: list[Stmt],
          forward: list[Stmt] | None) -> list[str]:  # fmt: skip
    lines = []
    result = "Tensor"
    if w.outputs:
        output = w.program.output_class
        only = all(each.training_only for each in w.outputs)
        fields = [f"    {each.field}: Tensor{' | None' if each.training_only and not only else ''}"
                  for each in w.outputs]  # fmt: skip
        lines += [f"class {output}(NamedTuple):", "    output: Tensor", *fields, "", ""]
        result = f"Tensor | {output}" if only else output
    takes_input = not w.root and IN_CHANNELS not in w.fixed
    lines.append(f"class {w.name}({base}):")
    if doc := w.syntax.doc or (w.program.graph.doc if w.root else None):
        lines += docstring(doc)
    arguments = ["self", *([f"{w.incoming}: int"] if takes_input else [])]
    arguments += [_argument(w, *p) for p in sorted(parameters, key=lambda p: p[1] is not None)]
    lines += signature("__init__", arguments, "None", "    ")
    lines += statements(init, "        ")
    if forward is not None:
        lines += ["", *signature("forward", ["self", "x: Tensor"], result, "    "), *statements(forward, "        ")]
    return lines


def _argument(w: Writer, variable: str, default: Expr | None) -> str:
    """A parameter with its annotation and default."""
    name = next(n for n, expr in w.names.items() if isinstance(expr, py.Name) and expr.id == variable)
    types = {type_of(scope.values[name]) for scope in w.scopes if name in scope.values}
    types |= {type_of(value) for value in _known(default)}
    types = {"float"} if types == {"float", "int"} else types
    parts = sorted({part for each in types for part in each.split(" | ")})
    if variable in w.untyped:
        parts = [part.replace("nn.Module", "Any") for part in parts]
    if any(isinstance(each, py.Subscript) and isinstance(each.value, py.Name) and each.value.id == variable
           for stmt in w.top for each in tree.walk(stmt)):  # fmt: skip
        parts = [part for part in parts if part != "int"]
    parts += ["None"] if variable in w.computed else []
    annotation = " | ".join(parts) if types and "" not in types else "Any"
    return f"{variable}: {annotation}" + ("" if default is None else f" = {tree.text(default)}")


def _known(default: Expr | None) -> list[Any]:
    """The value of a default that is a literal."""
    try:
        value = tree.value_of(default) if default is not None else None
    except ValueError:
        return []
    return [] if value is None else [value]

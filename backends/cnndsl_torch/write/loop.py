"""Loops: kept as loops where every turn is written alike, and written out turn by turn where not."""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cnndsl.elaborate.values import Definition, Partial
from cnndsl.ir.expansion import Body, Step
from cnndsl.syntax import ast
from cnndsl_torch import tree
from cnndsl_torch.names import identifier
from cnndsl_torch.tree import Expr, Stmt
from cnndsl_torch.write.place import Decline, Depends, Place, Value
from cnndsl_torch.write.translate import Translator, value_of
from cnndsl_torch.write.writer import Writer

AnyLoop = ast.Repeat | ast.For | ast.Dense | ast.LaneLoop


@dataclass(frozen=True, slots=True)
class Header:
    """What a loop goes over, in ``__init__``, and its variables as the place inside knows them."""

    syntax: AnyLoop
    target: Expr
    items: Expr
    names: Mapping[str, Expr]
    depends: Depends
    """What the number of turns, and the items, depend on."""


@dataclass(slots=True, eq=False)
class Loop:
    """The choice for one loop."""

    w: Writer
    syntax: AnyLoop
    place: Place

    def either(
        self, roll: Callable[[], Value], write_out: Callable[[], Value], undo: Callable[[], None] = lambda: None
    ) -> Value:
        """The loop rolled, or where that is declined, written out, now and whenever it is written again."""
        w = self.w
        if id(self.syntax) not in w.written_out:
            try:
                with w.attempt(self.place):
                    return roll()
            except Decline:
                undo()
                w.written_out.add(id(self.syntax))
        return write_out()


def never(w: Writer, syntax: ast.Repeat | ast.For | ast.Dense, steps: Sequence[Step], translate: Translator) -> bool:
    """Whether a loop has no turn, whatever the parameters are."""
    if not steps or any(step.bodies for step in steps):
        return False
    return not w.depends(header_items(syntax, translate)) and not w.turns


def header_items(syntax: ast.Repeat | ast.For | ast.Dense, translate: Translator) -> Expr:
    return translate(syntax.items if isinstance(syntax, ast.For) else syntax.count)


def header(w: Writer, syntax: AnyLoop, place: Place, translate: Translator) -> Header:
    """The loop's head; its variables are taken until `close`."""
    if isinstance(syntax, ast.Repeat):
        count = translate(syntax.count)
        return Header(syntax, tree.name("_"), tree.call("range", count), {}, w.depends(count))
    if isinstance(syntax, ast.Dense):
        count = translate(syntax.count)
        variable = w.locals.new(identifier(syntax.index.name)) if syntax.index is not None else "_"
        w.origins[variable] = w.depends(count)
        index: dict[str, Expr] = {syntax.index.name: tree.name(variable)} if syntax.index is not None else {}
        return Header(syntax, tree.name(variable), tree.call("range", count), index, w.depends(count))
    items = translate(syntax.items)
    variable = w.locals.new(identifier(syntax.variable.name))
    names: dict[str, Expr] = {syntax.variable.name: tree.name(variable)}
    depends = w.depends(items)
    w.origins[variable] = depends
    if syntax.index is None:
        return Header(syntax, tree.name(variable), plain_range(items), names, depends)
    position = w.locals.new(identifier(syntax.index.name))
    w.origins[position] = depends
    names[syntax.index.name] = tree.name(position)
    target = tree.paired(tree.name(position), tree.name(variable))
    return Header(syntax, target, tree.call("enumerate", items), names, depends)


def plain_range(items: Expr) -> Expr:
    """``list(range(n))`` as ``range(n)`` where it is only gone through."""
    match items:
        case py.Call(func=py.Name(id="list"), args=[py.Call(func=py.Name(id="range")) as inner]):
            return inner
    return items


def opened(w: Writer, loop: Header) -> None:
    w.turns.append((id(loop.syntax), frozenset(tree.names_in(loop.target) - {"_"})))


def closed(w: Writer, loop: Header) -> None:
    """The loop's variables are free again."""
    w.turns.pop()
    w.locals.free(tree.names_in(loop.target) - {"_"})


def rolled(w: Writer, loop: Header, write: Callable[[Value, Place], Value], value: Value, place: Place,
           alone: bool = False) -> Value:  # fmt: skip
    """A loop of ``__init__``. Where its turns change the channels, a variable carries them.

    ``alone`` says that nobody else reads a variable that carries them already.
    """
    inner: list[Stmt] = []
    opened(w, loop)
    state = w.state()
    at = replace(place, init=inner, names={**place.names, **loop.names})
    after = write(value, at)
    if not tree.same(after.channels, value.channels):
        w.restore(state)
        carried = alone and isinstance(value.channels, py.Name) and value.channels.id.startswith("channels")
        channels = value.channels if carried else w.variable("channels", value.channels, place.init)
        assert isinstance(channels, py.Name)
        w.origins[channels.id] = w.depends(value.channels) | loop.depends
        inner = []
        after = write(replace(value, channels=channels), replace(at, init=inner))
        inner += counted_on(channels, after.channels)
        w.origins[channels.id] |= w.depends(after.channels)
        settled = tree.names_in(after.channels) <= (w.parameter_names | w.top_names) - {channels.id}
        # In a loop around this one the variable goes on: else each of them would be written twice for each other.
        if len(w.turns) > 1 or not (settled and runs(loop)):
            after = replace(after, channels=channels)
        elif not carried:  # the last turn says what comes out, as any does; the variable is free again
            w.locals.free({channels.id})
    closed(w, loop)
    if inner:
        place.init.append(over(loop.target, loop.items, inner))
    sized = after.sized if after.sized == value.sized else after.sized | loop.depends
    return replace(after, sized=sized | (loop.depends if changes_size(loop, w) else frozenset()))


def runs(loop: Header) -> bool:
    """Whether a loop has a turn, whatever the parameters are."""
    match loop.items:
        case py.Call(func=py.Name(id="range"), args=[py.Constant(value=int(count))]):
            return count > 0
        case py.List(elts=[_, *_]):
            return True
    return False


def over(target: Expr, items: Expr, body: list[Stmt]) -> Stmt:
    """A loop, with ``_`` for variables that its body does not read."""
    read = {each.id for stmt in body for each in tree.walk(stmt) if isinstance(each, py.Name)}

    def named(each: Expr) -> Expr:
        return each if isinstance(each, py.Name) and each.id in read else tree.name("_")

    return tree.loop(
        tree.paired(*map(named, target.elts)) if isinstance(target, py.Tuple) else named(target), items, body
    )


def changes_size(loop: Header, w: Writer) -> bool:
    """Whether some turn of a loop changes the height or width that flow through it."""
    return id(loop.syntax) in w.resizing


def counted_on(variable: py.Name, value: Expr) -> list[Stmt]:
    """``channels += growth``, ``channels *= 2``, or an assignment; nothing where it is the same."""
    match value:
        case py.Name(id=variable.id):
            return []
        case py.BinOp(left=py.Name(id=variable.id), op=py.Add() as plus, right=more):
            return [py.AugAssign(variable, plus, more)]
        case py.BinOp(left=py.Constant() as factor, op=py.Mult() as times, right=py.Name(id=variable.id)):
            return [py.AugAssign(variable, times, factor)]
    return [tree.assign(variable, value)]


def turn_places(
    w: Writer, syntax: ast.Repeat | ast.For | ast.Dense, steps: Sequence[Step], place: Place, translate: Translator
) -> Iterator[tuple[list[Body], Place]]:
    """The turns of a loop that is written out, each with its expansions and what its variables are in it."""
    if not steps:
        raise Decline("a loop that is never reached")
    count = syntax.items if isinstance(syntax, ast.For) else syntax.count
    w.fix(w.depends(translate(count)) if not holds_steps(steps, syntax) else w.read_by(count, translate))
    for turns in turns_by_position([step.bodies for step in steps]):
        yield turns, with_variables(w, syntax, [turn.variables for turn in turns], place)


def holds_steps(steps: Sequence[Step], syntax: ast.Repeat | ast.For | ast.Dense) -> bool:
    """Whether a loop goes over steps that Python has no value for."""
    if not isinstance(syntax, ast.For):
        return False
    values = [body.variables.get(syntax.variable.name) for step in steps for body in step.bodies]
    return any(isinstance(value, Partial) and not isinstance(value.target, Definition) for value in values)


def turns_by_position(runs: Sequence[Sequence[Body]]) -> list[list[Body]]:
    """The first turns of all runs, the second turns, and so on. Raises Decline where some run has more."""
    if len({len(run) for run in runs}) > 1:
        raise Decline("another number of turns each time")
    return [list(turn) for turn in zip(*runs, strict=True)]


def with_variables(w: Writer, syntax: AnyLoop, turns: Sequence[Mapping[str, Any]], place: Place) -> Place:
    """The place inside a turn that is written out: the loop's variables are literal values."""
    if isinstance(syntax, ast.Repeat):
        return place
    variables = [syntax.index] if isinstance(syntax, ast.Dense) else [syntax.variable, syntax.index]
    for variable in variables:
        if variable is None:
            continue
        values = {repr(turn[variable.name]): turn[variable.name] for turn in turns}
        if len(values) > 1:
            raise Decline("another item each time")
        [value] = values.values()
        try:
            place = place.knowing(variable.name, value_of(w.program, value))
        except Decline:
            if not isinstance(value, Partial):
                raise
            w.partials[variable.name] = value
    return place


def known_items(w: Writer, loop: Header, init: list[Stmt]) -> Expr:
    """What a loop goes over, as ``forward`` knows it."""
    match loop.items:
        case py.Call(func=py.Name(id="range" | "enumerate") as function, args=args):
            word = "count" if function.id == "range" else "items"
            return tree.call(function, *(w.attribute_of(each, word, init) for each in args))
    return w.attribute_of(loop.items, "items", init)

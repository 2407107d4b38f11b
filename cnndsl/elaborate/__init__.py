"""AST + arguments → graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cnndsl.diagnostics.model import Diagnostic, Edit, SpecError
from cnndsl.elaborate.binding import OpBinder
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.expand import Expander
from cnndsl.elaborate.initial import initialisations
from cnndsl.elaborate.limits import Budget, Limits
from cnndsl.elaborate.members import bind_call
from cnndsl.elaborate.modules import Module, Modules
from cnndsl.elaborate.shapes import signature_shape
from cnndsl.elaborate.values import WILDCARD, Definition, Partial, Unknown, fail
from cnndsl.growing import growing
from cnndsl.ir.dims import Shape
from cnndsl.ir.dims import show as show_shape
from cnndsl.ir.expansion import Expansion, Scope
from cnndsl.ir.graph import Graph, Output, behind
from cnndsl.syntax import ast


@dataclass(slots=True)
class Elaboration:
    """A network expanded: its graph, or what is wrong with it."""

    graph: Graph | None
    diagnostics: list[Diagnostic]
    expectations: list[tuple[ast.Expect, Env]] = field(default_factory=list)
    expanded: set[int] = field(default_factory=set)
    """The texts of blocks and networks that were expanded, by identity."""


def is_template(definition: Definition) -> bool:
    """Whether a network needs arguments: it is a family, checked through its members."""
    syntax = definition.syntax
    return any(p.default is None for p in syntax.parameters)


@growing()
def elaborate(
    definition: Definition,
    arguments: Mapping[str, Any] | None = None,
    input: Shape | None = None,
    budget: Budget | None = None,
    binder: OpBinder | None = None,
    stated: bool = True,
) -> Elaboration:
    """Expand a network with arguments by name, for its default input size or the one given.

    ``stated`` is False where the caller changes what the text's own figures were stated for: ascriptions,
    like expectations, then are not checked.

    Never raises for a bad spec: the diagnostics say what is wrong, and then there is no graph.
    """
    expander = Expander(budget or Budget(Limits()), binder or OpBinder(), stated)
    syntax = definition.syntax
    assert isinstance(syntax, ast.Network)
    where = syntax.name.span
    scope = Scope("", None, where)
    try:
        keywords = {k: (v, where) for k, v in (arguments or {}).items()}
        partial = Partial(definition, (), keywords)
        size = input_shape(expander, definition, partial, input)
        flow = expander.node(None, (), size, "input", scope, where)
        body = expander.expansion(partial, definition, scope, where, flow)
        assert body.output is not None
        expander.outputs.insert(0, Output("output", body.output, False))
    except SpecError as error:
        expander.report(error, scope)
    except Unknown:
        return Elaboration(None, expander.diagnostics, expanded=expander.expanded)
    except RecursionError:
        expander.report(fail("E0601", "the spec is nested too deeply", where), scope)
    if expander.diagnostics:
        return Elaboration(None, expander.diagnostics, expanded=expander.expanded)
    doc = syntax.doc or (scope.definition.doc if scope.definition else None)
    results = {path: node for path, (node, _) in expander.names.results.items()}
    expansion = Expansion(syntax, scope, results, frozenset(expander.bound), frozenset(arguments or ()))
    graph = Graph(syntax.name.name, expander.nodes, expander.outputs, doc, origin=expansion)
    mark_training(graph)
    signature = scope.definition.signature if scope.definition is not None else None
    if signature is not None:
        graph.dimensions = tuple(d.name.name if d.name and d.value else None for d in signature.input)
    try:
        graph.initial = initialisations(graph, expander.initial, expander.evaluate)
    except SpecError as error:
        return Elaboration(None, list(error.diagnostics), expanded=expander.expanded)
    return Elaboration(graph, [], expander.expectations, expander.expanded)


def mark_training(graph: Graph) -> None:
    """Say of each node whether training alone needs it, wherever in the text it stands."""
    evaluated = behind([output.node for output in graph.outputs if not output.training_only])
    read = behind([output.node for output in graph.outputs])
    for node in graph.nodes:
        if node.index not in evaluated:
            node.training_only |= node.index in read or any(each.training_only for each in node.inputs)


def input_shape(expander: Expander, definition: Definition, partial: Partial, given: Shape | None) -> Shape:
    """The input of a network: its signature's default, or the given size where the signature allows it.

    Raises:
        SpecError: there is no signature, or the size given contradicts it.
    """
    name = definition.syntax.name
    call = bind_call(expander.evaluate, partial, definition, name.span, None)
    base, env = call.definition.syntax, call.env
    if base.signature is None:
        raise fail("E0506", f"`{name.name}` states no input", name.span,
                   help=f"`network {name.name}(…) : 3 x H=224 x W=224 -> classes`")  # fmt: skip
    known = {
        "_",
        *env,
        *(d.name.name for d in base.signature.input if d.name is not None and d.value is not None),
    }
    for dim in base.signature.input:
        if dim.name is not None and dim.value is None and dim.name.name not in known:
            raise fail("E0507", f"the input's size `{dim.name.name}` has no default", dim.span,
                       help=f"`{dim.name.name}=224`: the size for which figures are reported")  # fmt: skip
    fits = given is None or len(given) == len(base.signature.input)
    sizes = signature_shape(expander.evaluate, base.signature.input, env, given) if fits else ()
    span = base.signature.input[0].span.to(base.signature.input[-1].span)
    if given is not None and (sizes != given or min(given) < 1):
        raise fail("E0502", f"the input {show_shape(given)} does not fit the signature", span,
                   text="only dimensions with a name and default may vary")  # fmt: skip
    if WILDCARD in sizes or len(sizes) not in (1, 3):
        raise wrong_input(base.signature.input, sizes)
    return sizes


def wrong_input(dims: list[ast.Dim], sizes: tuple[Any, ...]) -> SpecError:
    """E0502 for an input of a number of dimensions that no map or features have, or of one that has no size."""
    span = dims[0].span.to(dims[-1].span)
    texts = [dim.span.text for dim in dims]
    meant: str | None = None
    help = "a size may vary where it has a name and a default: `H=224`"
    if len(dims) == 4:
        meant = " x ".join(texts[1:])
        help = f"leave out the batch: `{meant}`; three dimensions are a map"
        if sizes[0] != 1:
            help, meant = (
                f"`{meant}` if the first is the batch; three dimensions are a map, and there are no volumes",
                None,
            )
    elif len(dims) == 2:
        channels = texts[0] == texts[1] or sizes[0] not in (1, 3)
        meant = f"1 x {texts[0]} x {texts[1]}" if channels else None
        help = f"a grey image is `{meant}`" if channels else f"a map is `{texts[0]} x {texts[1]} x {texts[1]}`"
    fix = (Edit(span, meant),) if meant else ()
    return fail("E0502", "an input is channels x height x width, or features", span, help=help, fix=fix)


__all__ = [
    "Budget", "Definition", "Elaboration", "Limits", "Module", "Modules", "OpBinder", "elaborate", "is_template",
]  # fmt: skip

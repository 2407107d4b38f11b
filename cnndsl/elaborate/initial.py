"""``init`` statements: their values, and the nodes that they are about."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.evaluate import Evaluator
from cnndsl.elaborate.names import label_text
from cnndsl.elaborate.spelling import respelling
from cnndsl.elaborate.values import Unknown, fail, show
from cnndsl.ir.graph import Graph, Initialisation, Node
from cnndsl.ir.initial import INITIALISERS, Initialiser, initialiser
from cnndsl.ops import Layer, Symbol, registry
from cnndsl.source import Span
from cnndsl.syntax import ast

MAX_PROBLEMS = 100
WORDS = frozenset(word for args in INITIALISERS.values() for arg in args.values() for word in arg.words)


def initialisations(
    graph: Graph, statements: list[tuple[ast.Init, Env]], evaluate: Evaluator
) -> tuple[Initialisation, ...]:
    """What a network's ``init`` statements mean.

    Raises:
        SpecError: with everything that is wrong with them.
    """
    found: list[Initialisation] = []
    problems: list[Diagnostic] = []
    holders = Holders(graph, evaluate)
    for statement, env in statements:
        try:
            found.append(initialisation(holders, statement, env, evaluate))
        except SpecError as error:
            problems.extend(error.diagnostics)
        except Unknown:  # the budget's end, which is said already
            break
        if len(problems) >= MAX_PROBLEMS:
            break
    if problems:
        raise SpecError(problems)
    return tuple(found)


class Holders:
    """The nodes that have a tensor, by what a statement calls them; looked for once, however often they are named."""

    def __init__(self, graph: Graph, evaluate: Evaluator) -> None:
        self.graph, self.budget = graph, evaluate.budget
        self._found: dict[tuple[str, str | None], tuple[Node, ...]] = {}

    def of(self, tensor: str, name: str | None, span: Span) -> tuple[Node, ...]:
        """Those of a label or an op's name; of all convolutions and linear layers without."""
        key = tensor, name
        if key not in self._found:
            weighted = (n for n in self.graph.nodes if isinstance(n.op, Layer) and n.op.weighted)
            nodes = list(weighted) if name is None else selected(self.graph, name, span)
            self.budget.spend(len(nodes), span)
            self._found[key] = tuple(node for node in nodes if tensor in tensors(node))
        self.budget.spend(len(self._found[key]), span)
        return self._found[key]

    @cached_property
    def tensors(self) -> list[str]:
        """All that there are."""
        return sorted({tensor for node in self.graph.nodes for tensor in tensors(node)})


def initialisation(holders: Holders, statement: ast.Init, env: Env, evaluate: Evaluator) -> Initialisation:
    value = value_of(statement.value, env, evaluate)
    tensor = statement.tensor.name
    targets = [label_text(target, env, evaluate) for target in statement.targets]
    nodes: list[Node] = []
    for name, target in zip(targets, statement.targets, strict=True):
        nodes += holders.of(tensor, name, target.span)
    if not targets:
        nodes += holders.of(tensor, None, statement.span)
    if not nodes:
        known = holders.tensors
        where = f"`{', '.join(targets)}`" if targets else "this network"
        meant = respelling(tensor, statement.tensor.span, known, f"there are {', '.join(known) or 'none'}")
        raise fail("E0512", f"nothing in {where} has a tensor `{tensor}`", statement.tensor.span, **meant)
    return Initialisation(tensor, tuple(targets), tuple(nodes), value)


def tensors(node: Node) -> dict[str, Any]:
    return node.op.tensors(node.input_shape) if isinstance(node.op, Layer) else {}


def selected(graph: Graph, name: str, place: Span) -> list[Node]:
    """The nodes of a label, or all of an op. Raises SpecError (E0202) where there is neither."""
    if name in graph.expansion.results:
        return graph.inside(name)
    if name in registry:
        return [n for n in graph.nodes if n.op is not None and n.op.name == name]
    raise fail("E0202", f"no step is labelled `{name}`, and no op is called so", place,
               **respelling(name, place, [*graph.expansion.results, *registry]))  # fmt: skip


def value_of(expr: ast.Expr, env: Env, evaluate: Evaluator) -> Initialiser:
    """An initialiser: a call of one, or a number for `constant`."""
    if isinstance(expr, ast.Name) and expr.name in INITIALISERS and expr.name not in env:
        expr = ast.Call(expr, [], expr.span)
    if not isinstance(expr, ast.Call):
        value = evaluate(expr, env)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise fail("E0304", f"tensors start at a number, or by an initialiser, not {show(value)}", expr.span,
                       help="there are " + ", ".join(INITIALISERS))  # fmt: skip
        return initialiser("constant", [value], {})
    name = expr.name.name
    if name not in INITIALISERS:
        raise unknown_initialiser(expr.name)
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for argument in expr.arguments:
        given = argument.value
        word = isinstance(given, ast.Name) and given.name in WORDS
        value = Symbol(given.span.text) if word else evaluate(given, env)
        if argument.name is None:
            positional.append(value)
        else:
            keywords[argument.name.name] = value
    try:
        return initialiser(name, positional, keywords)
    except ValueError as error:
        raise fail("E0301", str(error), expr.span) from None


def unknown_initialiser(name: ast.Name) -> SpecError:
    """E0201 for an initialiser that there isn't."""
    return fail("E0201", f"there is no initialiser `{name.name}`", name.span, text="not defined",
                **respelling(name.name, name.span, INITIALISERS, "there are " + ", ".join(INITIALISERS)))  # fmt: skip

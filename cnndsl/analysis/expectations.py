"""``expect``: stated facts against found ones."""

from __future__ import annotations

from typing import Any

from cnndsl.analysis.metrics import METRICS
from cnndsl.analysis.receptive_field import receptive_field
from cnndsl.diagnostics.model import Diagnostic, Edit, SpecError
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.evaluate import ORDERING, Evaluator
from cnndsl.elaborate.limits import Budget
from cnndsl.elaborate.names import label_text
from cnndsl.elaborate.resolve_names import MAX_FOUND
from cnndsl.elaborate.resolve_steps import unknown_metric
from cnndsl.elaborate.shapes import agrees, as_shape
from cnndsl.elaborate.spelling import respelled_label
from cnndsl.elaborate.statements import MAX_SEARCHES
from cnndsl.elaborate.values import WILDCARD, Unknown, fail, show
from cnndsl.ir.dims import show as show_shape
from cnndsl.ir.graph import Graph, Node
from cnndsl.source import Span
from cnndsl.syntax import ast

SHAPES = ("shape", "receptive_field")
KNOWN = (*METRICS, *SHAPES)


def check_expectations(graph: Graph, expectations: list[tuple[ast.Expect, Env]], budget: Budget) -> list[Diagnostic]:
    """A diagnostic for each expectation that does not hold."""
    evaluate, facts = Evaluator(budget), Facts(graph, budget)
    found: list[Diagnostic] = []
    for expect, env in expectations:
        if len(found) >= MAX_FOUND:
            break
        try:
            check_one(facts, expect, env, evaluate)
        except SpecError as error:
            if expect.metric.name == "shape" and len(found) < MAX_SEARCHES:
                error = with_steps(error, graph, expect, env, evaluate)
            found.extend(error.diagnostics)
        except Unknown:
            pass
    return found


def with_steps(error: SpecError, graph: Graph, expect: ast.Expect, env: Env, evaluate: Evaluator) -> SpecError:
    """The error of a shape that is not the expected one, with the steps that may be meant otherwise."""
    if error.diagnostics[0].code != "E0510" or expect.comparison != "==" or expect.target is None:
        return error
    from cnndsl.elaborate.remedies.stated import Stated, explained

    node = result(graph, label_text(expect.target, env, evaluate), expect)
    sizes = as_shape(evaluate, expect.value, env)
    return explained(error, Stated(sizes, node, (), node.scope, expect.span, graph.nodes))


class Facts:
    """What is true of a graph, found once however often it is stated."""

    def __init__(self, graph: Graph, budget: Budget) -> None:
        self.graph, self.budget = graph, budget
        self._figures: dict[tuple[str, str | None, bool], int] = {}

    def figure(self, metric: str, path: str | None, training: bool, span: Span) -> int:
        """A metric of a named step, or of the network in evaluation or in training."""
        key = metric, path, training
        if key not in self._figures:
            nodes = self.graph.nodes if path is None else self.graph.inside(path)
            self.budget.spend(len(nodes), span)
            everything = path is not None or training
            self._figures[key] = METRICS[metric](n for n in nodes if everything or not n.training_only)
        return self._figures[key]


def check_one(facts: Facts, expect: ast.Expect, env: Env, evaluate: Evaluator) -> None:
    """Raises SpecError: the expectation fails (E0510), or its metric or label is unknown."""
    metric = expect.metric.name
    if metric not in METRICS and metric not in SHAPES:
        raise unknown_metric(expect.metric, KNOWN)
    path = label_text(expect.target, env, evaluate) if expect.target is not None else None
    node = result(facts.graph, path, expect)
    note = (f"the spec quotes it as: {expect.note}",) if expect.note else ()
    if metric in SHAPES:
        check_shape(facts, node, expect, env, evaluate, note)
        return
    value = evaluate(expect.value, env)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fail("E0304", f"`{metric}` is compared with a number", expect.value.span)
    # Parameters and multiply-adds are of everything that the network holds, training heads included,
    # as its `state_dict` is; `when training` says so for the other metrics.
    actual = facts.figure(metric, path, expect.training or metric in ("params", "macs"), expect.span)
    if expect.tolerance is not None:
        distance = 100 * abs(actual - value)
        if distance > expect.tolerance * abs(value):
            far = f", {distance / abs(value):.2f} % from {value:_}" if value else ", not 0"
            raise failed(f"`{metric}` is {actual:_}{far}", expect, note)
    elif not holds(expect.comparison, actual, value):
        fix = (Edit(expect.value.span, f"{actual:_}"),) if expect.comparison == "==" else ()
        raise failed(f"`{metric}` is {actual:_}, not {expect.comparison} {value:_}", expect, note, fix)


def holds(comparison: str, actual: Any, value: Any) -> bool:
    if comparison in ("==", "!="):
        return (actual == value) is (comparison == "==")
    return ORDERING[comparison](actual, value)


def failed(message: str, expect: ast.Expect, notes: tuple[str, ...], fix: tuple[Edit, ...] = ()) -> SpecError:
    help = f"if that is meant: `{fix[0].replacement}`" if fix else None
    return fail("E0510", message, expect.span, notes=notes, fix=fix, help=help)


def check_shape(facts: Facts, node: Node, expect: ast.Expect, env: Env, evaluate: Evaluator,
                notes: tuple[str, ...]) -> None:  # fmt: skip
    metric = expect.metric.name
    bounds = metric == "receptive_field"
    if expect.comparison not in (("==", "!=", *ORDERING) if bounds else ("==", "!=")):
        signs = "`==`, `!=` or a bound" if bounds else "`==` or `!=`"
        raise fail("E0304", f"`{metric}` is compared with {signs}", expect.span)
    actual: tuple[int, ...] = node.shape
    if bounds:
        field = receptive_field(facts.graph, node)
        if field is None:
            why = "channels that see different things were sliced, or there is more to look at than is looked at"
            raise failed("`receptive_field` is not known here", expect, (why, *notes))
        actual = field
        value = evaluate(expect.value, env)
        stated = (value, value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(stated, tuple) or len(stated) != 2:
            raise fail("E0304", f"`{metric}` is compared with a size, not {show(value)}", expect.value.span)
    else:
        stated = as_shape(evaluate, expect.value, env)
    if expect.comparison in ORDERING:
        true = all(s is WILDCARD or holds(expect.comparison, a, s) for a, s in zip(actual, stated, strict=True))
    else:
        true = agrees(stated, actual) is (expect.comparison == "==")
    if not true:
        shown = " x ".join(map(str, stated))
        fix = (Edit(expect.value.span, show_shape(actual)),) if expect.comparison == "==" else ()
        raise failed(f"`{metric}` is {show_shape(actual)}, not {expect.comparison} {shown}", expect, notes, fix)


def result(graph: Graph, path: str | None, expect: ast.Expect) -> Node:
    """The result of the step that an expectation is about."""
    if path is None:
        return graph.output
    found = graph.expansion.results.get(path)
    if found is None:
        assert expect.target is not None
        labels = [p for p in graph.expansion.results if not p.rpartition(".")[2].isdigit()]
        meant = respelled_label(path, expect.target.span, labels)
        raise fail("E0202", f"no step is labelled `{path}`", expect.target.span, **meant | {"safe": False})
    return found

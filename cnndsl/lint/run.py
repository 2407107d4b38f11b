"""The rules applied to a file."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence

from cnndsl import pipeline
from cnndsl.analysis.expectations import KNOWN as METRICS
from cnndsl.analysis.expectations import check_expectations
from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.elaborate import Budget, Module, OpBinder, elaborate, is_template
from cnndsl.elaborate.modules import unsound
from cnndsl.elaborate.resolve import resolve
from cnndsl.elaborate.statements import MAX_FOUND
from cnndsl.ir.graph import Graph
from cnndsl.lint.comments import ignores, unused, without_ignored
from cnndsl.lint.model import Rule, words
from cnndsl.lint.program import Program
from cnndsl.lint.settings import chosen
from cnndsl.lint.view import View


def lint(
    spec: pipeline.Spec,
    selected: Sequence[Rule] | None = None,
    elsewhere: Callable[[], set[str]] | None = None,
) -> list[Diagnostic]:
    """What the rules find in a file, by default those that apply to every spec.

    Where the file is wrong, it is what `check` finds, and no rule is asked. ``elsewhere`` gives the words of
    the files known to import this one.
    """
    rules = chosen() if selected is None else selected
    try:
        module = spec.module
    except SpecError:
        return spec.check()
    errors = [*module.diagnostics, *resolve(module, METRICS).found]
    program = Program(module, spec.modules.read, elsewhere)
    asked = [rule for rule in rules if type(rule).graph is not Rule.graph]
    sites: dict[tuple[str, Hashable], Diagnostic | None] = {}
    for graph in _graphs(spec, module, errors):
        if not errors:
            _look(View(graph, program), asked, sites)
    if errors:
        return pipeline.unique(errors)
    found = [each for each in sites.values() if each is not None]
    found += [each for rule in rules for each in rule.tree(program)]
    return pipeline.unique(_unless_ignored(found, module, rules))


def _look(view: View, rules: list[Rule], sites: dict[tuple[str, Hashable], Diagnostic | None]) -> None:
    for rule in rules:
        for key, finding in rule.graph(view):
            place = rule.code, key
            if finding is None:
                sites[place] = None
            else:
                sites.setdefault(place, finding)


def _graphs(spec: pipeline.Spec, module: Module, errors: list[Diagnostic]) -> Iterator[Graph]:
    """The networks that need no arguments, one after another; what is wrong with them goes to ``errors``."""
    budget, binder = Budget(spec.limits), OpBinder()
    silent = unsound(module)
    for definition in module.networks.values():
        if is_template(definition) or definition in silent:
            continue
        if len(errors) > MAX_FOUND:
            break
        result = elaborate(definition, None, None, budget, binder)
        errors.extend(result.diagnostics)
        if result.graph is not None:
            errors.extend(check_expectations(result.graph, result.expectations, budget))
            yield result.graph


def _unless_ignored(found: list[Diagnostic], module: Module, rules: Sequence[Rule]) -> list[Diagnostic]:
    comments = ignores(module.file.source)
    if not comments:
        return found
    kept = without_ignored(found, comments, {rule.code: rule.name for rule in rules})
    useless = unused(comments, words(rules), words(Rule.registry.values()))
    return [*kept, *(each for rule in rules for each in rule.comments(useless))]

"""Names without evaluation: what can be said of a definition that nothing calls.

The expansion finds the same mistakes with the same code and place where a block is called; one of each is
reported. What depends on a parameter's value is left to the expansion. Time is linear in the text.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.elaborate.labels import Labels, Scope
from cnndsl.elaborate.members import MAX_MEMBERS, base_of
from cnndsl.elaborate.modules import Module
from cnndsl.elaborate.resolve_flow import disagreement, taken
from cnndsl.elaborate.resolve_names import Names, TooMany
from cnndsl.elaborate.resolve_steps import StepResolver
from cnndsl.elaborate.spelling import respelled_label
from cnndsl.elaborate.values import Definition, fail
from cnndsl.syntax import ast


class Resolved(NamedTuple):
    """What is wrong with definitions, called or not."""

    found: list[Diagnostic]
    """Mistakes in names and arguments."""
    misfits: list[tuple[Definition, Diagnostic]]
    """Steps that take a map where features flow, or the reverse: the expansion of their definition says it better."""


def resolve(module: Module, metrics: Collection[str] = ()) -> Resolved:
    """Look at a module's own definitions. ``metrics`` are those that `expect` knows; empty: not checked.

    Definitions that use names which broken text may define are added to ``module.doubtful``.
    """
    resolver = Resolver(module, metrics)
    try:
        for definition in module.own.values():
            resolver.definition(definition)
    except TooMany:
        pass
    return Resolved(resolver.found, resolver.misfits)


class Resolver(StepResolver):
    def definition(self, definition: Definition) -> None:
        syntax = definition.syntax
        self.begin(definition)
        self.network = isinstance(syntax, ast.Network)
        self.later, self.targets, self.results = [], [], {}
        env = Names()
        for parameter in syntax.parameters:
            if parameter.default is not None:
                self.expr(parameter.default, env)
            if parameter.name.name in env.names and not self.headless:
                self.report(fail("E0203", f"`{parameter.name.name}` is defined twice", parameter.name.span))
            env.names.add(parameter.name.name)
        if isinstance(syntax, ast.Network) and syntax.base is not None:
            self.member(syntax, syntax.base, definition, env)
        else:
            self.plain(syntax, env)

    def plain(self, syntax: ast.Block | ast.Network, env: Names) -> None:
        if syntax.signature is not None:
            for dim in syntax.signature.input:
                if dim.value is not None:
                    before = len(self.found)
                    self.stated(dim.value, env)
                    self.found[before:] = [unbound(each, dim) for each in self.found[before:]]
                    env.names.update(each.span.text for each in self.found[before:])
                if dim.name is not None:
                    env.names.add(dim.name.name)
        behind = self.given[id(syntax)] = self.body(syntax.body, env, Scope(False), taken(syntax))
        if (error := disagreement(syntax, behind)) is not None and self.current is not None:
            self.misfits += [(self.current, each) for each in error.diagnostics]
        if syntax.signature is not None:
            for dim in syntax.signature.output:
                expr = dim.value or dim.name
                if expr is not None:
                    self.stated(expr, env)
        known = self.labels(syntax)
        for target in self.targets:
            if not known.may_have(target) and not self.lost(target):
                self.report(fail("E0202", f"no step above is labelled `{target}`", target.span,
                                 **respelled_label(str(target), target.span, known.literal)))  # fmt: skip
        self.expectations(known)

    def lost(self, target: ast.Label) -> bool:
        """Whether a label may stand in text that could not be read."""
        return bool(self.lost_here) or str(target).split(".")[0].split("{")[0] in self.lost_here

    def expectations(self, known: Labels | None) -> None:
        for expect, env in self.later:
            self.stated(expect.value, env)
            if expect.target is not None:
                self.label_parts(expect.target, env)
                if known is not None and not known.may_have(expect.target) and not self.lost(expect.target):
                    meant = respelled_label(str(expect.target), expect.target.span, known.literal)
                    self.report(fail("E0202", f"no step is labelled `{expect.target}`", expect.target.span,
                                     **meant | {"safe": False}))  # fmt: skip

    def member(self, syntax: ast.Network, base: ast.Call, definition: Definition, env: Names) -> None:
        target = definition.names.get(base.name.name)
        if target is None or not isinstance(target.syntax, ast.Network):
            networks = [n for n, d in definition.names.items() if isinstance(d.syntax, ast.Network)]
            self.unknown(base.name, networks, "network")
            self.arguments(base.arguments, None, env)
        else:
            around = base.span if not self.headless else syntax.span
            self.bind(target, base.arguments, env, base.span, complete=True, text=around)
        lineage = self.lineage(target)
        if not lineage or not self.module.damaged.isdisjoint(lineage):
            return  # what the family has is not known
        env.outer = inherited(lineage)
        moved = False
        for statement in syntax.body.statements:
            if isinstance(statement, ast.Let):
                self.let(statement, env)
            elif isinstance(statement, ast.Expect):
                self.expect(statement, env, Scope(False))
            elif isinstance(statement, ast.Init):
                self.init(statement, env, Scope(False))
            elif not moved and not self.skipped:
                moved = True
                self.report(fail("E0504", "a member has expectations, no steps of its own", statement.span,
                                 help="give the family's network a parameter for what differs"))  # fmt: skip
        family = lineage[-1]
        self.expectations(self.labels(family.syntax) if family.name not in self.module.doubtful else None)

    def lineage(self, definition: Definition | None) -> list[Definition]:
        """A member's base, that one's base and so on to the family's network; nothing where one is missing."""
        found: list[Definition] = []
        while definition is not None and isinstance(definition.syntax, ast.Network) and definition not in found:
            if len(found) > MAX_MEMBERS:
                break  # which the expansion tells of
            found.append(definition)
            base = base_of(definition)
            if base is None:
                return found
            definition = definition.names.get(base.name.name)
        return []


def unbound(found: Diagnostic, dim: ast.Dim) -> Diagnostic:
    """A name that a dimension's arithmetic uses and no dimension before it binds, told so."""
    if found.code != "E0201" or found.help is not None:
        return found
    name = found.span.text
    help = (
        f"a name has a size from where it stands alone: `{name}` in place of `{dim.span.text}`, and what is computed "
    )
    return replace(found, help=help + "from it in the result")


def inherited(lineage: list[Definition]) -> Names:
    """What a member's expectations see of its family: parameters, and the input's named sizes."""
    names = {p.name.name for definition in lineage for p in definition.syntax.parameters}
    signature = lineage[-1].syntax.signature
    dims = signature.input if signature is not None else []
    return Names(names | {d.name.name for d in dims if d.name is not None})

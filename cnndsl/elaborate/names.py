"""What steps are called, and which step a name means. The rule is in docs/reference/language.md, Naming.

A label, or a block call, opens a scope. An unlabelled op or call is named by its position among its
scope's steps; loops, repetitions, unlabelled groups, merges and their lanes have no name and no position.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cnndsl.diagnostics.model import Diagnostic, Edit, Label, SpecError
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.evaluate import Evaluator
from cnndsl.elaborate.labels import INPUT, Labels, labels_of, pattern
from cnndsl.elaborate.spelling import respelled_label
from cnndsl.elaborate.values import Unknown, fail, show
from cnndsl.ir.expansion import Scope
from cnndsl.ir.graph import Node
from cnndsl.source import Span
from cnndsl.syntax import ast

MAX_LABEL = 200


class Namer:
    """The names of one network's steps."""

    def __init__(self) -> None:
        self.results: dict[str, tuple[Node, Scope]] = {}
        self.places: dict[str, Span] = {}
        self.outputs: set[str] = set()
        self.joins: dict[tuple[str, str], int] = {}
        self.joined: dict[str, Node] = {}
        self.inputs: dict[str, Node] = {}
        """What flows into each block or network, by the path of its scope."""
        self.forgiven: list[re.Pattern[str]] = []
        self._labels: dict[int, Labels] = {}

    def join_path(self, scope: Scope, name: str) -> str:
        return f"{scope.path}.{name}" if scope.path else name

    def name(self, syntax: ast.Step, scope: Scope, env: Env, evaluate: Evaluator, full: bool = True) -> str:
        """Name the next step of a scope: its label, or its position. ``full`` gives the whole path.

        Raises:
            SpecError: the label is taken, or none.
        """
        scope.children += 1
        if syntax.label is None:
            return self.position(scope, full)
        name = label_text(syntax.label, env, evaluate)
        path = self.join_path(scope, name)
        self.check(name, path, syntax.label.span)
        return path if full else name

    def position(self, scope: Scope, full: bool) -> str:
        """The name of the step that was counted last, without a label."""
        name = str(scope.children - 1)
        path = self.join_path(scope, name)
        if path in self.places:  # a label in quotes
            raise position_label(name, self.places[path])
        return path if full else name

    def check(self, name: str, path: str, span: Span) -> None:
        if unfit(name):
            raise unfit_label(name, span)
        if path == INPUT:
            raise fail("E0206", "`input` can't be a label here: the network's own input has that name", span)
        if path in self.places:
            raise duplicate_label(name, span, self.places[path])
        if name.isdigit() and path in self.results:
            raise position_label(name, span)
        self.places[path] = span
        if path in self.joined:  # a label has the better right to a name than a join
            node = self.joined.pop(path)
            node.path = self.join(name, node.scope)
            self.joined[node.path] = node
            self.results[node.path] = self.results.pop(path)

    def check_output(self, name: str, span: Span) -> None:
        """Raises SpecError (E0206, E0204) for a name that can't be a field of the result beside ``output``."""
        if name == "output" or name.startswith("_"):
            message = f"`{name}` can't name an output: the main one is called `output`, and none begins with `_`"
            raise fail("E0206", message, span)
        if name in self.outputs:
            raise fail("E0204", f"the output `{name}` is named twice", span)

    def forgive(self, label: ast.Label) -> None:
        """Remember a label whose step is wrong, so that references to it stay silent."""
        self.forgiven.append(re.compile("".join(re.escape(p) if isinstance(p, str) else "[0-9]+" for p in label.parts)))

    def join(self, op: str, scope: Scope) -> str:
        """A path of its own for the join of a merge."""
        while True:
            count = self.joins[scope.path, op] = self.joins.get((scope.path, op), 0) + 1
            path = self.join_path(scope, op if count == 1 else f"{op}_{count}")
            if path not in self.places:
                return path

    def result(self, path: str, node: Node, scope: Scope) -> None:
        while scope.definition is None and scope.parent is not None:
            scope = scope.parent
        self.results[path] = (node, scope)

    def within(self, scope: Scope) -> dict[str, Node]:
        """The results of the labelled steps of a scope's definition, by their paths in it."""
        definition = next(scope.calls)
        prefix = definition.path + "." if definition.path else ""
        found = {p.removeprefix(prefix): node for p, (node, owner) in self.results.items() if owner is definition}
        return {path: node for path, node in found.items() if not path.rpartition(".")[2].isdigit()}

    def find(self, target: str, span: Span, scope: Scope) -> Node:
        """The result of the step that ``from`` names: in this scope, or one around it in the same block.

        Raises:
            SpecError: there is none, or it is inside another block.
        """
        definition = next(scope.calls)
        around: Scope | None = scope
        while around is not None:
            found = self.results.get(self.join_path(around, target))
            if found is not None:
                node, owner = found
                if owner is definition:
                    return node
                raise fail("E0205", f"`{target}` is inside a block of its own", span,
                           help="a block's inner steps are private: `from` can name the call")  # fmt: skip
            if around is definition:
                break
            around = around.parent
        if target == INPUT:
            return self.inputs[definition.path]
        if any(each.fullmatch(target.partition(".")[0]) for each in self.forgiven):
            raise Unknown
        raise self.missing(target, span, definition)

    def labels(self, definition: ast.Block | ast.Network) -> Labels:
        """The labels of a definition's text."""
        if id(definition) not in self._labels:
            self._labels[id(definition)] = labels_of(definition)
        return self._labels[id(definition)]

    def missing(self, target: str, span: Span, definition: Scope) -> SpecError:
        """E0202 for a label that no step above has in its definition."""
        message = f"no step above is labelled `{target}`"
        known = self.within(definition)
        inside = [path for path in known if path.endswith(f".{target}")]
        if inside:
            help = "a path leads to it: " + " or ".join(f"`from {path}`" for path in inside[:3])
            return fail("E0202", message, span, help=help, fix=(Edit(span, inside[0]),) if len(inside) == 1 else ())
        below = self.labels(definition.definition).find(target) if definition.definition is not None else None
        if below is not None and below.span.start < span.start:
            there = [f"`{path}`" for path in known if pattern(below).fullmatch(path)]
            if there:
                shown = " and ".join(there) if len(there) < 3 else f"{there[0]} to {there[-1]}"
                return fail("E0202", message, span, help=f"there {'is' if len(there) == 1 else 'are'} {shown}")
        elif below is not None:
            help = f"`{target}` is in line {below.span.line}, below: a step can take what is above it alone"
            return fail("E0202", message, span, labels=(Label(below.span, "below"),), help=help)
        return fail("E0202", message, span, **respelled_label(target, span, known))


def label_text(label: ast.Label, env: Env, evaluate: Evaluator) -> str:
    """A label with its indices filled in."""
    if len(label.parts) == 1 and isinstance(label.parts[0], str):
        return label.parts[0]
    parts = []
    for part in label.parts:
        if isinstance(part, str):
            parts.append(part)
            continue
        value = evaluate(part, env)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise fail(
                "E0303",
                f"an index in a label must be an integer of at least 0, not {show(value)}",
                part.span,
            )
        parts.append(str(value))
    return "".join(parts)


def unfit(name: str) -> bool:
    """Whether a label can't name a step. Targets may refuse more: see `cnndsl.backends.accepted`."""
    return name[0] == "_" or len(name) > MAX_LABEL or "." in name


class UnfitLabel(SpecError):
    """E0206: a label that can't name a step."""


class TakenLabel(SpecError):
    """E0204: a label of two steps; ``again``: of one, in another turn of a loop."""

    def __init__(self, diagnostics: Iterable[Diagnostic], again: bool) -> None:
        super().__init__(diagnostics)
        self.again = again


def unfit_label(name: str, span: Span) -> UnfitLabel:
    help: str | None = None
    fix: tuple[Edit, ...] = ()
    if "." in name:
        message = f"`{name}` can't be a label: points join the labels of a path"
    elif len(name) > MAX_LABEL:
        message = f"a label of {len(name):,} characters is too long"
    else:
        message, free = f"`{name}` can't be a label: it begins with `_`", name.lstrip("_")
        help = f"`{free}` can" if free else None
        fix = (Edit(span, free),) if free and span.text == name else ()
    return UnfitLabel([Diagnostic("E0206", message, span, help=help, fix=fix)])


def position_label(name: str, span: Span) -> SpecError:
    """E0204: a label in quotes that is the position of a step without one."""
    message = f"the label `{name}` is the name of a step without a label: the position that it has"
    return fail("E0204", message, span, help="labels that are numbers stand at their positions, counted from 0")


def duplicate_label(name: str, span: Span, first: Span, free: str | None = None) -> TakenLabel:
    """Two steps of one name; they are one step of the text if it is in a loop. ``free`` is another name."""
    labels = () if first == span else (Label(first, "first here"),)
    help, fix = (f"`{free}` is free", (Edit(span, free),)) if free else (None, ())
    taken = Diagnostic("E0204", f"the label `{name}` is used twice", span, labels=labels, help=help, fix=fix)
    return TakenLabel([taken], again=first == span)

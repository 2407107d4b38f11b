"""A shape that is stated and not the one that comes out: the step that may be meant otherwise."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from cnndsl.diagnostics.model import Edit, SpecError
from cnndsl.elaborate.remedies.arithmetic import sizes
from cnndsl.elaborate.remedies.changes import Wanted, size_text
from cnndsl.elaborate.remedies.padding import padded
from cnndsl.elaborate.remedies.parameters import parameter_trials
from cnndsl.elaborate.remedies.trials import cone, likely, trials, used_elsewhere
from cnndsl.elaborate.shapes import agrees
from cnndsl.elaborate.values import WILDCARD
from cnndsl.ir.dims import show as show_shape
from cnndsl.ir.expansion import Scope
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer
from cnndsl.source import Source, Span
from cnndsl.syntax import ast

MOST = 2
"""Options that are told, beside another figure."""


@dataclass(frozen=True)
class Stated:
    """What a text states of a node's shape. The shapes of ``confirmed`` nodes are stated too, and right."""

    sizes: Sequence[Any]
    node: Node
    confirmed: Collection[int]
    scope: Scope
    place: Span

    def fits(self, shape: tuple[int, ...]) -> bool:
        return agrees(tuple(self.sizes), shape)

    made: Sequence[Node]
    """All nodes of the network so far."""

    def tried(self, node: Node, arguments: Collection[str]) -> bool:
        """Whether a step is of the same text, and of the same call or of a block that stands nowhere else."""
        if next(node.scope.calls) is next(self.scope.calls):
            return True
        same = node.span.source is self.place.source
        return same and (node.span.source, node.span.start) not in self._elsewhere

    @cached_property
    def _elsewhere(self) -> set[tuple[Source, int]]:
        return used_elsewhere(cone(self.node, self.confirmed), self.made)

    def called(self, caller: Scope, call: ast.Apply) -> bool:
        return caller is next(self.scope.calls)

    @property
    def wanted(self) -> tuple[int, ...]:
        found = self.node.shape
        if len(found) != len(self.sizes):
            return ()
        return tuple(f if s is WILDCARD else s for s, f in zip(self.sizes, found, strict=True))


def explained(error: SpecError, stated: Stated) -> SpecError:
    """The error with the arithmetic, and the changes of steps that give what is stated before what it says itself."""
    (found,) = error.diagnostics
    nodes = cone(stated.node, stated.confirmed)
    notes = tuple(sizes(reversed(nodes)))[:2] if stated.wanted and stated.wanted[1:] != stated.node.shape[1:] else ()
    options = _options(stated, nodes)
    head = found.help is not None and not found.help.startswith(("if ", "these "))  # a step is missing, it seems
    said = [found.help] if found.help else []
    changed = [text for text, _, _ in options][:MOST]
    texts = [*said, *changed] if head else [*changed, *said]
    fix = found.fix if not (head and options) else ()
    if options and not head:
        _, edits, contradicts = options[0]
        fix = edits if len(options) == 1 and not contradicts else ()
    return SpecError([replace(found, notes=(*notes, *found.notes), help="; or ".join(texts) or None, fix=fix)])


Choice = tuple[str, tuple[Edit, ...], bool]


def _options(stated: Stated, nodes: list[Node]) -> list[Choice]:
    if not stated.wanted:
        return []
    keeping = padded(stated.node, nodes, stated.fits, stated.place)
    if keeping is not None:
        return [(keeping.text, keeping.edits, False)]
    wanted = Wanted(stated.wanted, stated.node.shape)
    found = likely([
        *trials(stated.node, nodes, stated.fits, wanted, stated.tried),
        *parameter_trials(stated.node, nodes, stated.fits, wanted, stated.called),
    ])  # fmt: skip
    return [(str(trial), trial.edits, trial.stated) for trial in found]


def headless(error: SpecError, stated: Stated, last: ast.Step | None, text: str) -> SpecError:
    """The error with the head that a network lacks whose result is stated as features, ``text`` of them."""
    found, size = stated.node.shape, stated.sizes[0]
    by = Wanted(stated.wanted, found).ratio((1, 1), True)
    if last is not None and by not in (None, (1, 1)) and stated.fits((found[0], *stated.wanted[1:])):
        assert by is not None
        return _behind(error, last, [f"upsample({size_text(by)})"], show_shape(stated.wanted))
    if last is None or len(stated.sizes) != 1 or (isinstance(stated.node.op, Layer) and stated.node.op.weighted):
        return error
    linear = [] if found[0] == size else [f"linear({text})"]
    heads = [[pool, *linear] for pool in ("global_avgpool", "flatten") if pool != "flatten" or linear]
    if len(found) == 1:
        heads = [linear]
    if not all(heads):
        return error
    return _behind(error, last, [" -> ".join(head) for head in heads], f"{size} features")


def _behind(error: SpecError, last: ast.Step, steps: list[str], gives: str) -> SpecError:
    """The error with one of these steps behind the last."""
    end = last.ascription.span.end if last.ascription is not None else last.span.end
    edit = Edit(Span(last.span.source, end, end), f" -> {steps[0]}")
    shown = "` or `".join(steps)
    (each,) = error.diagnostics
    return SpecError([replace(each, help=f"`{shown}` behind the last step gives {gives}",
                              fix=(edit,) if len(steps) == 1 else ())])  # fmt: skip

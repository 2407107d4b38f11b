"""Compile-time values, and the errors of computing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from cnndsl.diagnostics.model import Diagnostic, Edit, SpecError
from cnndsl.ops import Merge, Op, Symbol, registry
from cnndsl.source import Span
from cnndsl.syntax import ast

LONG = 200
"""Characters of a string that are shown."""


class Unknown(Exception):
    """A value depends on a mistake that was reported already: say nothing more."""


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """A block or network, with the names that its text can see."""

    syntax: ast.Block | ast.Network
    names: Mapping[str, Definition]

    @property
    def name(self) -> str:
        return self.syntax.name.name

    def called(self, name: str) -> Definition | None:
        """What a call in its body means by a name, which one of its parameters may hide."""
        return None if any(each.name.name == name for each in self.syntax.parameters) else self.names.get(name)


@dataclass(frozen=True, slots=True, eq=False)
class Partial:
    """An op or block with some of its arguments given: what a step parameter holds."""

    target: Definition | type[Op]
    positional: tuple[tuple[Any, Span], ...] = ()
    keywords: Mapping[str, tuple[Any, Span]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.target.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Partial) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self.target)

    def _parts(self) -> tuple[Any, ...]:
        given = {name: value for name, (value, _) in self.keywords.items()}
        return self.target, [value for value, _ in self.positional], given


Value: TypeAlias = Any
"""int, float, bool, str, `Symbol`, list, tuple (a size or shape), or `Partial`."""


class Wildcard:
    """``_`` in a shape: any size."""

    def __repr__(self) -> str:
        return "_"


WILDCARD = Wildcard()


def show(value: Value, depth: int = 3) -> str:
    """A value as the language writes it; long and deep lists shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Symbol):
        return str(value)
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= LONG else f'"{value[:LONG]}…"'
    if isinstance(value, list):
        items = [show(v, depth - 1) if depth else "…" for v in value[:8]] + (["…"] if len(value) > 8 else [])
        return f"[{', '.join(items)}]"
    if isinstance(value, tuple):
        return " x ".join(map(show, value)) if len(value) > 2 else "x".join(map(show, value))
    if isinstance(value, Partial):
        return f"`{value.name}`"
    return str(value)


def kind_of(value: Value) -> str:
    """The type of a value in words."""
    names: list[tuple[Any, str]] = [
        (bool, "a boolean"), (int, "an integer"), (float, "a number"), (Symbol, "a word"), (str, "a string"),
        (list, "a list"), (tuple, "a size"), (Partial, "a step"),
    ]  # fmt: skip
    return next((word for kind, word in names if isinstance(value, kind)), "a value")


def fail(code: str, message: str, span: Span, **more: Any) -> SpecError:
    """An error to raise, with one diagnostic."""
    return SpecError([Diagnostic(code, message, span, **more)])


def joins_lanes(name: str, span: Span, lanes: Sequence[str] = ()) -> SpecError:
    """E0309: a merge without lanes. ``lanes`` are steps that are given as arguments."""
    written = f"{name} {{ {' '.join(f'| {lane}' for lane in lanes or ('…', '…')).replace('| identity', '|')} }}"
    return fail("E0309", f"`{name}` joins lanes", span, text="no lanes here", help=f"`{written}`",
                fix=(Edit(span, written),) if lanes else ())  # fmt: skip


def not_a_merge(name: ast.Name) -> SpecError:
    """E0308: lanes behind a word that joins none."""
    merges = ", ".join(f"`{n}`" for n, op in registry.items() if issubclass(op, Merge))
    return fail("E0308", f"`{name.name}` does not join lanes", name.span, help=f"these do: {merges}")

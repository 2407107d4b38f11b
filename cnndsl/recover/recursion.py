"""Scopes that hold scopes of their own form, as calls of a block that calls itself."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from cnndsl.recover.generalise import NUMBERS
from cnndsl.recover.tree import Scope, is_join, name_of

LEAST = 3
"""Levels of a recursion."""


@dataclass(slots=True)
class Recursion:
    """``members`` hold members or leaves, those of the lowest level first. ``levels`` are by the scopes' ids; a leaf's
    is 1."""

    members: list[Scope]
    leaves: list[Scope]
    levels: dict[int, int]

    @property
    def scopes(self) -> Iterator[Scope]:
        yield from self.leaves
        yield from self.members


def recursions(roots: Iterable[Scope]) -> list[Recursion]:
    """The recursions below the roots."""
    forms: dict[Hashable, list[Scope]] = {}
    for scope in (scope for root in roots for scope in root.scopes()):
        forms.setdefault(_form(scope), []).append(scope)
    found = (_recursion(scopes) for form, scopes in forms.items() if len(scopes) >= LEAST - 1)
    return [each for each in found if each is not None]


def around(recursion: Recursion) -> set[int]:
    """The ids of the scopes that hold a member, but are none."""
    members = {id(scope) for scope in recursion.scopes}
    found: set[int] = set()
    for scope in recursion.scopes:
        outer = scope.parent
        while outer is not None:
            if id(outer) not in members:
                found.add(id(outer))
            outer = outer.parent
    return found


def _form(scope: Scope) -> Hashable:
    """What a scope holds, by ops and stems of labels: what is repeated once."""
    found: list[Hashable] = []
    for item in scope.items:
        what = "" if isinstance(item, Scope) else item.op.name if item.op is not None else ""
        each = what, "" if is_join(item) else _stem(name_of(item))
        if not found or found[-1] != each:
            found.append(each)
    return tuple(found)


def _stem(label: str) -> str:
    return "" if label.isdigit() else NUMBERS.sub("#", label)


def _recursion(scopes: list[Scope]) -> Recursion | None:
    members = {id(scope) for scope in scopes}
    stems = {_stem(s.name) for s in scopes if s.parent is not None and id(s.parent) in members} - {""}
    if not stems or not all(scope.whole for scope in scopes):
        return None
    inner = [item for scope in scopes for item in scope.items if isinstance(item, Scope)]
    leaves = [s for s in inner if id(s) not in members and _stem(s.name) in stems]
    if not leaves or not all(scope.whole for scope in leaves):
        return None
    levels = {id(leaf): 1 for leaf in leaves}
    for scope in scopes:  # inner ones come first
        levels[id(scope)] = 1 + max((levels.get(id(item), 0) for item in scope.items), default=0)
    if max(levels.values()) < LEAST:
        return None
    return Recursion(sorted(scopes, key=lambda scope: levels[id(scope)]), leaves, levels)

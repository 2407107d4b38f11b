"""Which scopes look alike, so that they may be calls of one block."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from cnndsl.recover.generalise import NUMBERS
from cnndsl.recover.tree import Scope, is_join, name_of

ALIKE = 0.6
"""How much of a longer signature a shorter one must have to be a form of the same."""
FORMS = 6
"""Forms of a class that a scope is compared with."""
TRIED = 50
"""Classes that a scope is compared with."""


@dataclass(slots=True, eq=False)
class Class:
    """Scopes of one form, or of forms of which one is another with parts left out."""

    number: int
    signatures: list[tuple[Hashable, ...]]
    scopes: list[Scope] = field(default_factory=list)
    below: set[int] = field(default_factory=set)
    """The classes of the scopes inside."""


def classes(roots: Iterable[Scope]) -> list[Class]:
    """The classes of all scopes below the roots, those of inner scopes first."""
    scopes = sorted(
        (scope for root in roots for scope in root.scopes()), key=lambda scope: (scope.height, _own(scope) is None)
    )
    found: list[Class] = []
    exact: dict[tuple[Hashable, ...], Class] = {}
    alike: dict[Hashable, list[Class]] = {}
    of: dict[int, Class] = {}
    for scope in scopes:
        inner = [of[id(item)] for item in scope.items if isinstance(item, Scope)]
        below = {each.number for each in inner}.union(*(each.below for each in inner))
        signature = _signature(scope, of)
        mine = exact.get(signature)
        label = _own(scope)
        marks = [*_marks(signature), *([NUMBERS.sub("#", label)] if label is not None else [])]
        buckets = [alike.setdefault(mark, []) for mark in marks]
        if mine is None or mine.number in below:
            near = (
                each
                for bucket in buckets
                for each in bucket[-TRIED:]
                if any(_alike(other, signature) for other in each.signatures[:FORMS])
            )
            mine = next((each for each in near if each.number not in below), None)
            if mine is None:
                mine = Class(len(found), [])
                found.append(mine)
            mine.signatures.append(signature)
            exact[signature] = mine
        mine.scopes.append(scope)
        for bucket in buckets:
            if mine not in bucket[-TRIED:]:
                bucket.append(mine)
        mine.below |= below
        of[id(scope)] = mine
    return _ordered(found)


def _own(scope: Scope) -> str | None:
    return scope.parent.labels[id(scope)] if scope.parent is not None else None


def _signature(scope: Scope, of: dict[int, Class]) -> tuple[Hashable, ...]:
    """Ops and labels in order, what is repeated once."""
    found: list[Hashable] = []
    for item in scope.items:
        name = "" if is_join(item) else NUMBERS.sub("#", name_of(item)) if scope.labels[id(item)] else ""
        name = "" if name == "#" else name
        what: Hashable = of[id(item)].number if isinstance(item, Scope) else item.op.name if item.op else ""
        if not found or found[-1] != (what, name):
            found.append((what, name))
    return tuple(found)


def _marks(signature: tuple[Hashable, ...]) -> list[Hashable]:
    """What signatures must share one of to be compared: the first and the last labelled item."""
    labelled = [each for each in signature if isinstance(each, tuple) and each[1]]
    return list(dict.fromkeys([labelled[-1], labelled[0]])) if labelled else []


def _alike(one: tuple[Hashable, ...], two: tuple[Hashable, ...]) -> bool:
    short, long = sorted((one, two), key=len)
    if len(short) < ALIKE * len(long) or len(short) < 2:
        return False
    rest = iter(long)
    return all(each in rest for each in short)


def _ordered(found: list[Class]) -> list[Class]:
    """Those inside others first."""
    done: set[int] = set()
    order: list[Class] = []
    for each in found:
        stack = [each]
        while stack:
            top = stack[-1]
            waiting = [n for n in top.below if n not in done and found[n] not in stack]
            if top.number in done or not waiting:
                stack.pop()
                if top.number not in done:
                    done.add(top.number)
                    order.append(top)
            else:
                stack.append(found[waiting[0]])
    return order

"""From a scope's items, with the values that they read, to steps in a row: lanes, forks and `from`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from cnndsl.ir.graph import Node
from cnndsl.ops import Merge as MergeOp
from cnndsl.recover import terms
from cnndsl.recover.terms import Body, From, Op, Step
from cnndsl.recover.tree import Item, Scope, exit_of, is_join
from cnndsl.recover.values import arguments

DEEPEST = 8
"""Lanes inside one another. What would be deeper reads its forks by `from`."""

NEAR = 16
"""Items of a first lane; behind more of them, a step with a label is read by `from`."""
PARTS = 3
"""Labelled items, scopes among them, that are not put into a lane because a later join reads what stands above them."""


class Flow:
    """The steps of one scope. ``inner`` gives the step of a scope inside it, ``name`` the text of a value for `from`.

    The order of the items is that of the text, so a join's inputs cut the items before it into lanes. The lanes fork
    at the earliest value that they share, or, with ``early``, at the scope's own input wherever that is possible.
    """

    def __init__(self, scope: Scope, items: Sequence[Item], inner: Callable[[Scope], Step],
                 name: Callable[[Node], str], early: bool = False,
                 path: Callable[[Node], str] | None = None) -> None:  # fmt: skip
        self.scope, self.items, self.inner, self.name, self.early = scope, items, inner, name, early
        self.path = path or name
        self.places = {id(exit_of(item)): number for number, item in enumerate(items)}
        self.reads: list[list[Node]] = [
            list(item.entries) if isinstance(item, Scope) else list(item.inputs) for item in items
        ]

    def steps(self, entry: Node, wanted: Node) -> list[tuple[int, Step]]:
        """The steps from one value to another, each with the number of items that are said with it."""
        return self._lane(0, len(self.items), entry, wanted, 0)

    def _lane(self, low: int, high: int, entry: Node, wanted: Node, depth: int) -> list[tuple[int, Step]]:
        found: list[tuple[int, Step]] = []
        while high > low:
            item = self.items[high - 1]
            if exit_of(item) is not wanted:
                found.append((high, From(self.name(wanted))))
                out = exit_of(item)
                assert out is not None
                wanted = out
            if isinstance(item, Scope):
                found.append((high, self.inner(item)))
                wanted, high = item.entries[0], high - 1
            elif is_join(item):
                start, fork, step = self._merge(low, high - 1, entry, item, depth)
                found.append((high, step))
                wanted, high = fork, start
            else:
                found.append((high, op_step(item, self.scope.labels[id(item)])))
                wanted, high = item.inputs[0], high - 1
        if wanted is not entry:
            found.append((low, From(self.name(wanted))))
        return found[::-1]

    def _body(self, low: int, high: int, entry: Node, wanted: Node, depth: int) -> Body:
        return tuple(step for _, step in self._lane(low, high, entry, wanted, depth))

    def _merge(self, low: int, end: int, entry: Node, join: Node, depth: int) -> tuple[int, Node, Step]:
        """A join of items ``low`` to ``end``: where its first lane begins, the value there, and the step."""
        assert isinstance(join.op, MergeOp)
        owners = self._owners(low, end, join)
        start, fork, spans = self._fork(low, end, entry, join, owners, depth)
        lanes: list[Body] = []
        for number, value in enumerate(join.inputs):
            first, last = spans.get(number, (0, 0))
            lanes.append(self._body(first, last, fork, value, depth + 1))
        lanes = self._alike(lanes, fork)
        return start, fork, terms.Merge(join.op.name, arguments(join.op), tuple(lanes))

    def _alike(self, lanes: list[Body], fork: Node) -> list[Body]:
        """Where all lanes but one begin with `from`, and with a label of one stem, that one does, too."""
        targets = [lane[0].target if lane and isinstance(lane[0], From) else None for lane in lanes]
        if len(lanes) < 2 or targets.count(None) != 1 or not lanes[targets.index(None)]:
            return lanes
        own = self.path(fork)
        stems = {re.sub(r"\d+", "#", target) for target in (*targets, own) if target is not None}
        if len(stems) > 1 or not re.search(r"\d", own):
            return lanes
        place = targets.index(None)
        return [*lanes[:place], (From(own), *lanes[place]), *lanes[place + 1 :]]

    def _owners(self, low: int, end: int, join: Node) -> list[tuple[int, int]]:
        """The lanes that end in an item of their own, with its place; the last lane's is the one before the join."""
        owners: list[tuple[int, int]] = []
        limit = end
        for number in range(len(join.inputs) - 1, -1, -1):
            place = self.places.get(id(join.inputs[number]), -1)
            if low <= place < limit and (owners or place == end - 1):
                owners.append((number, place))
                limit = place
        return owners[::-1]

    def _fork(self, low: int, end: int, entry: Node, join: Node, owners: list[tuple[int, int]],
              depth: int) -> tuple[int, Node, dict[int, tuple[int, int]]]:  # fmt: skip
        """Where the lanes begin: the earliest value that they share, such that what each reads stands above it."""
        last = exit_of(self.items[end - 1]) if end > low else entry
        assert last is not None
        while owners and depth < DEEPEST and len(join.inputs) > 1:  # a single lane is what stands above
            spans: dict[int, tuple[int, int]] = {}
            begin = owners[0][1] + 1
            for number, place in owners[1:]:
                spans[number] = (begin, place + 1)
                begin = place + 1
            read = [v for n, v in enumerate(join.inputs) if n not in spans and n != owners[0][0]]
            for first, stop in spans.values():
                read += [v for reads in self.reads[first:stop] for v in reads]
            if any(v is join.inputs[owners[0][0]] for v in read):  # it is what the others share
                owners = owners[1:]
                continue
            for place, fork in self._candidates(low, owners[0][1], entry, read):
                found = {owners[0][0]: (place + 1, owners[0][1] + 1), **spans}
                if self._above(place, join, found):
                    return place + 1, fork, found
            owners = owners[1:]  # its value is what the others share: it is the identity
        return end, last, {}

    def _candidates(self, low: int, first: int, entry: Node, read: list[Node]) -> list[tuple[int, Node]]:
        """The values that may be the fork, the earliest first, with the places of their items."""
        found: dict[int, tuple[int, Node]] = {}
        far = False
        for value in read:
            place = self.places.get(id(value), -1)
            if low <= place < first:
                if self._far(place, first):
                    far = True
                else:
                    found[id(value)] = place, value
        if self.early or not (found or far) or any(v is entry for v in read):
            found[id(entry)] = (low - 1, entry)
        return sorted(found.values(), key=lambda each: each[0])

    def _far(self, place: int, first: int) -> bool:
        """Whether a value is better read by its label: other labelled parts stand between, as in a U-Net's levels."""
        if self.scope.labels.get(id(self.items[place])) is None:
            return False
        between = self.items[place + 1 : first + 1]
        parts = sum(self.scope.labels.get(id(item)) is not None for item in between)
        return len(between) > NEAR or (parts >= PARTS and any(isinstance(item, Scope) for item in between))

    def _above(self, fork: int, join: Node, spans: dict[int, tuple[int, int]]) -> bool:
        """Whether each value that is read by `from` stands above its lane."""
        for number, value in enumerate(join.inputs):
            place = self.places.get(id(value), -1)
            if (
                number not in spans
                and place > fork
                and not any(first <= place < last and lane < number for lane, (first, last) in spans.items())
            ):
                return False
        return True


def op_step(node: Node, label: str | None) -> Step:
    assert node.op is not None
    return Op(node.op.name, arguments(node.op), label)

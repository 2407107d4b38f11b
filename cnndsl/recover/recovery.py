"""Blocks and bodies of one or several graphs, from the innermost scopes outwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from cnndsl.ir.graph import Graph, Node
from cnndsl.recover.classes import classes
from cnndsl.recover.cost import Cost
from cnndsl.recover.doubts import Doubts, Trust
from cnndsl.recover.family import Family, families
from cnndsl.recover.flow import Flow
from cnndsl.recover.form import form_of
from cnndsl.recover.inline import inlined
from cnndsl.recover.library import Entry
from cnndsl.recover.names import block_name
from cnndsl.recover.outputs import network_body
from cnndsl.recover.recursion import Recursion, around, recursions
from cnndsl.recover.recursive import RecursiveBlock
from cnndsl.recover.rolling import Roller
from cnndsl.recover.terms import OMITTED, Block, Body, Call, Group, If, Op, Step, Value, rewrite, steps_of
from cnndsl.recover.text import ENTRY
from cnndsl.recover.tree import Scope, scope_tree


class Recovery:
    def __init__(
        self, graphs: Sequence[Graph], library: Mapping[str, Entry], blocks: dict[str, Block], doubts: Doubts
    ) -> None:
        self.graphs, self.library, self.blocks, self.doubts = graphs, library, blocks, doubts
        self.roots = [scope_tree(graph) for graph in graphs]
        self.names = {graph.name for graph in graphs} | set(blocks)
        self.parameters = {name: [p.name for p in block.parameters] for name, block in blocks.items()}
        self.cost = Cost(blocks)
        self.roller = Roller(self.cost, self.parameters)
        self.owners = {id(n): s for root in self.roots for s in _all(root) for n in s.items if not isinstance(n, Scope)}
        self.steps: dict[int, Step] = {}
        self.generic: dict[int, Call] = {}
        """The calls of blocks without labels of their own, which are used where another block of the library asks."""
        self.inlined: dict[int, Step] = {}
        """Groups in the place of calls of this spec's own blocks."""
        self.own: list[Block] = []
        self._bodies: dict[tuple[int, bool, bool, bool], Body] = {}
        found = [each for each in recursions(self.roots) if self.doubts.allows_all(each.scopes)]
        late = {id(scope) for each in found for scope in each.scopes}.union(*map(around, found))
        order = classes(self.roots)
        for each in order:
            self._class([scope for scope in each.scopes if id(scope) not in late])
        for recursion in found:
            self._recursion(recursion)
        for each in order:
            self._class([scope for scope in each.scopes if id(scope) not in self.steps])
        raw = [self._network(graph, root) for graph, root in zip(graphs, self.roots, strict=True)]
        self.bodies = list(map(self.roller.body, raw))
        self.families: list[Family] = []
        if self.doubts.trust == Trust.ALL:
            self.families = families(graphs, raw, self.roller, self.cost, self.names)
        self._inline()

    def _inline(self) -> None:
        """Make blocks that are called once groups."""
        members = {place for family in self.families for place in family.members}
        kept = [place for place in range(len(self.bodies)) if place not in members]
        bodies = [self.bodies[place] for place in kept] + [family.network.body for family in self.families]
        found = inlined(bodies, self.own)
        for place, body in zip(kept, found, strict=False):
            self.bodies[place] = body
        for family, body in zip(self.families, found[len(kept) :], strict=True):
            family.network.body = body

    # --- scopes

    def _class(self, scopes: list[Scope]) -> None:
        whole = [scope for scope in scopes if scope.whole]
        for scope in scopes:
            if not scope.whole:
                self.steps[id(scope)] = self._group(scope, self._raw(scope, False))
        if not whole or self._from_library(whole):
            return
        parts = self._parts(whole)
        rest = [part for part in parts if len(parts) == 1 or not self._from_library(part)]
        if rest:
            self._blocks([scope for part in rest for scope in part])

    def _parts(self, scopes: list[Scope]) -> list[list[Scope]]:
        """The scopes of a class by what they have, whatever its figures."""
        parts: dict[object, list[Scope]] = {}
        for scope in scopes:
            parts.setdefault(tuple(map(self.roller.skeleton, self._raw(scope, False))), []).append(scope)
        return list(parts.values())

    def _group(self, scope: Scope, body: Body) -> Step:
        return Group(body, scope.name)

    def _raw(self, scope: Scope, early: bool, generic: bool = False, inlined: bool = False) -> Body:
        """The steps of a scope, nothing put together yet. ``inlined``: calls of this spec's blocks are groups."""
        key = id(scope), early, generic, inlined
        if key not in self._bodies:
            self._bodies[key] = self._flow(scope, early, generic, inlined)
        return self._bodies[key]

    def _flow(self, scope: Scope, early: bool, generic: bool, inlined: bool) -> Body:

        def inner(child: Scope) -> Step:
            step: Step | None = self.generic.get(id(child)) if generic or inlined else None
            step = step or (self.inlined.get(id(child)) if inlined else None)
            return self._embedded(step or self.steps[id(child)], scope, child)

        assert scope.exit is not None
        flow = Flow(scope, scope.items, inner, lambda value: self._name(value, scope), early,
                    lambda value: self._path(value, scope))  # fmt: skip
        return tuple(step for _, step in flow.steps(scope.entries[0], scope.exit))

    def _name(self, value: Node, scope: Scope) -> str:
        """The text of a value for `from` in a scope, below its path; from outside it with a mark in front."""
        return ENTRY if scope.entries and value is scope.entries[0] else self._path(value, scope)

    def _path(self, value: Node, scope: Scope) -> str:
        prefix = f"{scope.path}." if scope.path else ""
        path, parts = value.path, value.path.split(".")
        around = self._scopes_around(value)
        for number in range(1, len(parts)):
            outer = ".".join(parts[:number])
            owner = around.get(outer)
            if owner is not None and owner.exit is value and not f"{scope.path}.".startswith(f"{outer}."):
                path = outer
                break
        return path.removeprefix(prefix) if path.startswith(prefix) else ENTRY + path

    def _scopes_around(self, value: Node) -> dict[str, Scope]:
        scope: Scope | None = self.owners.get(id(value))
        found: dict[str, Scope] = {}
        while scope is not None:
            found[scope.path] = scope
            scope = scope.parent
        return found

    def _embedded(self, step: Step, scope: Scope, child: Scope) -> Step:
        """A child's step with its paths as they are written in its parent, and its label."""
        prefix = f"{scope.path}." if scope.path else ""

        def text(target: str) -> str:
            if not target.startswith(ENTRY):
                return target
            if target == ENTRY:
                return self._name(child.entries[0], scope)
            return target[1:].removeprefix(prefix) if target[1:].startswith(prefix) else target

        label = scope.labels[id(child)]
        if isinstance(step, Call):
            return replace(step, label=label)
        moved = rewrite(step, lambda value: value, text)
        assert isinstance(moved, Group)
        return replace(moved, label=label or moved.label)

    # --- blocks that exist already

    def _from_library(self, scopes: list[Scope]) -> bool:
        """Whether these scopes are calls of a block of the library; they then have their steps."""
        channels = [scope.entries[0].shape[0] for scope in scopes]
        ways: dict[tuple[tuple[Body, int], ...], bool] = {}
        for early, whole in product((False, True), repeat=2):
            bodies = [self._raw(scope, early, True, whole) for scope in scopes]
            ways.setdefault(tuple(zip(bodies, channels, strict=True)), early)
        doubted = {name for name, path in self.doubts.library if any(path == scope.path for scope in scopes)}
        for name, entry in self.library.items():
            if name in doubted:
                continue
            for keys, early in ways.items():
                found = self._matched(entry, keys)
                if found is None:
                    continue
                calls = {id(scope): Call(name, args) for scope, args in zip(scopes, found, strict=True)}
                steps = list(steps_of(self._raw(scopes[0], early)))
                if any(label(step) or isinstance(step, Call) for step in steps):
                    self.steps |= calls
                    return True
                self.generic |= calls
                return False
        return False

    def _matched(self, entry: Entry, keys: Sequence[tuple[Body, int]]) -> list[tuple[Value, ...]] | None:
        known: dict[tuple[Body, int], tuple[Value, ...]] = {}
        for key in dict.fromkeys(keys):
            args = entry.match(*key, {})
            if args is None:
                return None
            known[key] = args
        for place, name in enumerate(entry.defaults):  # what some calls give, others may give as well
            given = Counter(args[place] for args in known.values() if args[place] is not OMITTED)
            if entry.defaults[name] is None or len(given) != 1 or name == "stride":
                continue
            changed = {
                k: entry.match(*k, {name: next(iter(given))}) for k, args in known.items() if args[place] is OMITTED
            }
            if all(args is not None for args in changed.values()):
                known |= {k: args for k, args in changed.items() if args is not None}
        return [known[key] for key in keys]

    # --- blocks of this spec's own

    def _blocks(self, scopes: list[Scope]) -> None:
        """Make a class's scopes calls of a block, or groups where that is not shorter."""
        options = [self._form(scopes, *way) for way in product((False, True), repeat=2)]
        if len(scopes) > 1 and not any(options):
            parts = self._parts(scopes)
            if len(parts) > 1:
                for part in parts:
                    self._blocks(part)
                return
        plain = {id(scope): self._group(scope, self._raw(scope, False)) for scope in scopes}
        best = min((each for each in options if each is not None), key=lambda each: each[0], default=None)
        alone = len(scopes) == 1
        written = sum(self.cost.lines(self.roller.body((plain[id(scope)],))) for scope in scopes)
        placed = any(scope.parent is not None and scope.parent.labels[id(scope)] is None for scope in scopes)
        if best is None or (alone and not placed):
            self.steps |= plain
            return
        self.inlined |= {k: Group(self._raw(s, False), s.name) for k, s in ((id(s), s) for s in scopes)}
        lines, block, calls = best
        if not placed and lines + len(scopes) >= written:
            self.steps |= plain
            return
        labels = [scope.parent.labels[id(scope)] for scope in scopes if scope.parent is not None]
        block.name = block_name(labels, block.body, self.names)
        self.blocks[block.name] = block
        self.parameters[block.name] = [p.name for p in block.parameters]
        self.own.append(block)
        for scope, args in zip(scopes, calls, strict=True):
            self.steps[id(scope)] = Call(block.name, args)

    def _form(
        self, scopes: list[Scope], early: bool, before: bool
    ) -> tuple[int, Block, list[tuple[Value, ...]]] | None:
        """The lines of a block for these scopes, the block, and the arguments of each. ``before``: what repeats is put
        together in each scope by itself, so that they may differ in how often."""
        rolled = [self.roller.body(body) if before else body for body in (self._raw(scope, early) for scope in scopes)]
        keys = [(body, scope.entries[0].shape[0]) for body, scope in zip(rolled, scopes, strict=True)]
        variants = list(dict.fromkeys(keys))
        weights = [0] * len(variants)
        places = {key: number for number, key in enumerate(variants)}
        for key in keys:
            weights[places[key]] += 1
        bodies, channels = [body for body, _ in variants], [channels for _, channels in variants]
        forms = [form_of(bodies, channels, weights, self.parameters)]
        if forms[0] is not None and any(isinstance(step, If) for step in steps_of(forms[0][0].body)):
            forms.append(form_of(bodies, channels, weights, self.parameters, backwards=True))
        options = []
        for block, arguments in filter(None, forms):
            if self.doubts.allows(block, scopes):
                block.body = self.roller.body(block.body)
                weight = 2 + self.cost.weight(block.body) + len(block.parameters)
                options.append((weight, block, [arguments[places[key]] for key in keys]))
        return min(options, key=lambda option: option[0], default=None)

    # --- recursion

    def _recursion(self, recursion: Recursion) -> None:
        labels = [scope.parent.labels[id(scope)] for scope in recursion.members if scope.parent is not None]
        name = block_name(labels[-1:], (), self.names)
        found = RecursiveBlock(self, recursion, name).found()
        if found is None:
            self.blocks.pop(name, None)
            for scope in recursion.scopes:
                self.steps.pop(id(scope), None)
            self.forget(recursion.scopes)
            return
        block, arguments = found
        self.blocks[name] = block
        self.parameters[name] = [p.name for p in block.parameters]
        self.own.append(block)
        self.steps |= {key: Call(name, args) for key, args in arguments.items()}

    def raw(self, scope: Scope) -> Body:
        return self._raw(scope, False)

    def forget(self, scopes: Iterable[Scope]) -> None:
        """Don't keep bodies of these scopes: the steps inside have changed."""
        forgotten = {id(inner) for scope in scopes for inner in (scope, *scope.scopes())}
        self._bodies = {key: body for key, body in self._bodies.items() if key[0] not in forgotten}

    # --- networks

    def _network(self, graph: Graph, root: Scope) -> Body:
        root.entries = [graph.nodes[0]]

        def inner(child: Scope) -> Step:
            return self._embedded(self.steps[id(child)], root, child)

        return network_body(graph, root, inner, lambda value: self._name(value, root))


def label(step: Step) -> str | None:
    return step.label if isinstance(step, Op | Call | Group) and not (step.label or "").isdigit() else None


def _all(root: Scope) -> Iterator[Scope]:
    yield root
    yield from root.scopes()

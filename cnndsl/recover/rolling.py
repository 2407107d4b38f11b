"""Steps that follow each other in one form become `* n`, `for` and `dense`; lanes a loop of lanes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from cnndsl.ops import Layer, registry
from cnndsl.recover.cost import Cost
from cnndsl.recover.generalise import NUMBERS, Differs, Generaliser, Role
from cnndsl.recover.names import RESERVED
from cnndsl.recover.relations import Known, combined, filled, fraction, kind_of, line
from cnndsl.recover.terms import (
    Body,
    Call,
    Code,
    Dense,
    For,
    Group,
    Items,
    LaneLoop,
    Loop,
    Merge,
    Op,
    Output,
    Range,
    Repeat,
    Step,
    Turn,
    Value,
    loops_of,
    rewrite,
    steps_of,
)

PLAIN = re.compile(r"\^?[A-Za-z_]\w*(\{[^{}]*\}\w*)*")
LONGEST = 48
"""Steps of a repeated piece."""
INDICES = "ijkmn"
WORTH_A_LIST = 4
"""Lines that a loop over a list must save: what it says in a line was a table to be read."""
PLURAL = 3
"""Turns from which figures that differ are made a list."""


class Roller:
    def __init__(self, cost: Cost, parameters: dict[str, list[str]], plural: int = PLURAL) -> None:
        self.cost, self.parameters, self.plural = cost, parameters, plural
        self._skeletons: dict[Step, Any] = {}
        self._rolled: dict[Body, Body] = {}

    def body(self, body: Body) -> Body:
        """The body with what repeats in it put together."""
        if body not in self._rolled:
            self._rolled[body] = self._roll(body)
        return self._rolled[body]

    def _roll(self, body: Body) -> Body:
        steps = tuple(map(self._inside, body))
        steps = self._dense(steps)
        steps = self._runs(steps, lambda step: step, self._repeat)
        return self._runs(steps, self.skeleton, self._for)

    def _inside(self, step: Step) -> Step:
        if isinstance(step, Group | Output):
            return replace(step, body=self.body(step.body))
        return self._lanes(step) if isinstance(step, Merge) else step

    def skeleton(self, step: Step) -> Any:
        """What must be equal in all turns of a loop."""
        if step not in self._skeletons:
            self._skeletons[step] = rewrite(step, _blank, lambda text: NUMBERS.sub("#", text))
        return self._skeletons[step]

    # --- runs

    def _runs(self, steps: Body, key: Callable[[Step], Any], make: Callable[[Body, int, int], Body | None]) -> Body:
        """Replace runs of equal pieces, those of short pieces first."""
        period = 1
        numbers: dict[Any, int] = {}
        keys: list[int] = []
        while period <= min(LONGEST, len(steps) // 2):
            keys = keys or [numbers.setdefault(key(step), len(numbers)) for step in steps]
            found: list[Step] = []
            place, changed = 0, False
            for start, end in _regions(keys, period):
                if start < place:
                    continue
                first = self._beginning(steps, start, period, (end - start) % period)
                turns = (end - first) // period
                made = make(steps[first : first + turns * period], period, turns)
                if made is not None:
                    found += [*steps[place:first], *made]
                    place, changed = first + turns * period, True
            if not changed:
                period += 1
                continue
            steps, keys = (*found, *steps[place:]), []
            period = 1 if period > 1 else 2
        return steps

    def _beginning(self, steps: Body, start: int, period: int, slack: int) -> int:
        """Where a run begins: with a layer, if as many turns are left."""
        for first in range(start, start + slack + 1):
            step = steps[first]
            if isinstance(step, Op) and issubclass(op := registry[step.name], Layer) and op.weighted:
                return first
        return start

    def _repeat(self, steps: Body, period: int, turns: int) -> Body | None:
        piece = steps[:period]
        if any(_label(step) is not None for step in piece):
            return None
        if len(piece) == 1 and isinstance(piece[0], Repeat) and isinstance(piece[0].count, int):
            return (Repeat(piece[0].body, piece[0].count * turns),)
        return (Repeat(piece, turns),)

    def _for(self, steps: Body, period: int, turns: int) -> Body | None:
        pieces = [steps[n * period : (n + 1) * period] for n in range(turns)]
        found = self._turns(pieces)
        if found is not None and _odd_first(found[1].items):
            first, found = pieces[0], self._turns(pieces[1:])
        else:
            first = ()
        if found is None:
            return None
        body, loop = found
        made: Body = (*first, For(loop, body))
        if turns < self.plural and self.cost.lines(body) < PLURAL:
            return None
        saved = self.cost.lines(steps) - self.cost.lines(made)
        return made if saved >= (WORTH_A_LIST if isinstance(loop.items, Items) else 1) else None

    def _dense(self, steps: Body) -> Body:
        def make(run: Body, period: int, turns: int) -> Body | None:
            lanes = [step.lanes[1] for step in run if isinstance(step, Merge)]
            found = self._turns([lane for lane in lanes if not isinstance(lane, LaneLoop)], lists=False)
            if found is None:
                return None
            body, loop = found
            return (Dense(turns, loop.variable if _uses(body, loop.variable) else None, body),)

        def key(step: Step) -> Any:
            match step:
                case Merge(name="concat", lanes=((), tuple())):
                    return self.skeleton(step)
            return object()

        numbers: dict[Any, int] = {}
        keys = [numbers.setdefault(key(step), len(numbers)) for step in steps]
        found: list[Step] = []
        place = 0
        for start, end in _regions(keys, 1):
            made = make(steps[start:end], 1, end - start)
            if made is not None:
                found += [*steps[place:start], *made]
                place = end
        return (*found, *steps[place:])

    def _lanes(self, merge: Merge) -> Merge:
        """Lanes of one form at the front, in a loop."""
        lanes = tuple(lane if isinstance(lane, LaneLoop) else self.body(lane) for lane in merge.lanes)
        forms = [tuple(map(self.skeleton, lane)) if isinstance(lane, tuple) else None for lane in lanes]
        count = next((n for n, form in enumerate(forms) if form != forms[0]), len(forms))
        if count >= self.plural and lanes[0] and forms[0] is not None:
            found = self._turns([lane for lane in lanes[:count] if isinstance(lane, tuple)])
            if found is not None:
                made = Merge(merge.name, merge.args, (LaneLoop(found[1], (found[0],)), *lanes[count:]))
                plain = Merge(merge.name, merge.args, lanes)
                if self.cost.lines((made,)) < self.cost.lines((plain,)):
                    return made
        return Merge(merge.name, merge.args, lanes)

    # --- turns of a loop

    def _turns(self, pieces: Sequence[Body], lists: bool = True) -> tuple[Body, Loop] | None:
        """The body of a loop whose turns are these pieces, and its head."""
        turns = len(pieces)
        general = Generaliser(turns, False, True)
        general.parameters = self.parameters
        try:
            form = general.body(pieces, range(turns))
        except Differs:
            return None
        taken = {name for piece in pieces for name in loops_of(piece)}
        index = next(name for name in INDICES if name not in taken)
        counts = [c for c, r in zip(general.columns, general.roles, strict=True) if r.kind == "label"]
        start = counts[0][0] if counts and line(counts[0], index, counts[0][0]) == index else 0
        if any(line(c, index, start) is None for c in counts):
            return None
        if not lists:
            start = 0
        if any(unsayable(text) for text in texts_of(form)):
            return None
        solver = _Turns(index, start, turns, lists, self.plural)
        found = [solver.express(c, r) for c, r in zip(general.columns, general.roles, strict=True)]
        if any(each is None for each in found) or (len(solver.lists) > 1):
            return None
        if solver.lists:
            values, name = solver.lists[0]
            if turns < self.plural or name in taken:
                return None
            uses = start == 0 and any(index in _words(str(each)) for each in found)
            if start and counts:
                return None if not lists else self._shifted(general, form, index, name, values)
            return filled(form, found), Loop(name, values, index if uses else None)
        return filled(form, found), Loop(index, Range((start, start + turns)))

    def _shifted(
        self, general: Generaliser, form: Body, index: str, name: str, values: Items
    ) -> tuple[Body, Loop] | None:
        """With a list, the index counts from 0."""
        solver = _Turns(index, 0, len(values), True, self.plural)
        found = [solver.express(c, r) for c, r in zip(general.columns, general.roles, strict=True)]
        if any(each is None for each in found) or len(solver.lists) != 1:
            return None
        return filled(form, found), Loop(name, values, index)


class _Turns:
    """Figures as expressions of a loop's variables."""

    def __init__(self, index: str, start: int, turns: int, lists: bool, plural: int) -> None:
        self.plural = plural
        self.index, self.start, self.turns, self.may = index, start, turns, lists
        self.known: list[Known] = []
        self.lists: list[tuple[Items, str]] = []

    def express(self, column: tuple[Value, ...], role: Role) -> Value:
        if role.kind == "label":
            text = line(column, self.index, self.start)
            return None if text is None else Turn(text)
        kind = kind_of(role)
        found = combined(column, self.known, kind)
        text = found.text if found is not None else None
        if text is None and (self.turns >= self.plural or not self.may):
            text = line(column, self.index, self.start) if kind != "channels" or self.turns > PLURAL else None
            text = text or (fraction(column, self.index) if self.start == 0 else None)
        if text is not None:
            return Turn(text)
        if not self.may or not all(isinstance(value, int | float | tuple | Code) for value in column):
            return None
        name = {"out": "c", "p": "drop", "count": "n"}.get(role.name, role.name)
        name = f"{name}_" if name in RESERVED else name
        if self.lists and self.lists[0][1] == name:
            return None
        self.lists.append((Items(column), name))
        self.known.append(Known(name, column, kind))
        return Turn(name)


def _odd_first(items: Value) -> bool:
    """Whether all items but the first are equal: then the first turn is no turn."""
    return isinstance(items, Items) and len(items) > PLURAL and len(set(items[1:])) == 1


def _regions(keys: Sequence[int], period: int) -> Iterator[tuple[int, int]]:
    """Where a sequence is equal to itself a period later, for at least two turns."""
    start: int | None = None
    for place in range(len(keys) - period + 1):
        equal = place < len(keys) - period and keys[place] == keys[place + period]
        if equal and start is None:
            start = place
        elif not equal and start is not None:
            if place - start >= period:
                yield start, place + period
            start = None


def _label(step: Step) -> str | None:
    if isinstance(step, Op | Call | Group):
        return step.label
    return next(
        (inner.label for inner in steps_of((step,)) if isinstance(inner, Op | Call | Group) and inner.label), None
    )


def _blank(value: Value) -> Value:
    if isinstance(value, Range):
        return "range"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return "number" if isinstance(value, tuple) and not isinstance(value, Items) else value


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z_]\w*", text)


def unsayable(text: str) -> bool:
    """Whether a label or path would have an index in quotes."""
    return any("{" in part and not PLAIN.fullmatch(part) for part in re.split(r"\.(?![^{]*\})", text))


def texts_of(body: Body) -> list[str]:
    """All labels and paths of a body."""
    found: list[str] = []

    def text(each: str) -> str:
        found.append(each)
        return each

    for step in body:
        rewrite(step, lambda value: value, text)
    return found


def _uses(body: Body, name: str) -> bool:
    """Whether a variable stands in a body."""
    found = False

    def look(value: Any) -> Any:
        nonlocal found
        if isinstance(value, tuple):
            for each in value:
                look(each)
        if isinstance(value, Code) or (isinstance(value, str) and "{" in value):
            found = found or name in _words(value)
        return value

    for step in body:
        rewrite(step, look, look)
    return found

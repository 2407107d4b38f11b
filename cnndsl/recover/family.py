"""Networks that differ in figures alone: members of one family."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from cnndsl.ir.graph import Graph
from cnndsl.recover.cost import Cost
from cnndsl.recover.form import form_of
from cnndsl.recover.generalise import same
from cnndsl.recover.names import RESERVED
from cnndsl.recover.parameters import fresh
from cnndsl.recover.rolling import Roller
from cnndsl.recover.terms import OMITTED, Block, Body, Value


@dataclass(slots=True)
class Family:
    """The network that its members, by their place among the graphs, are with these arguments."""

    network: Block
    members: dict[int, tuple[Value, ...]]


def families(
    graphs: Sequence[Graph], bodies: Sequence[Body], roller: Roller, cost: Cost, taken: set[str]
) -> list[Family]:
    """The families among networks, whose bodies have nothing put together yet, where they save lines."""
    alike: dict[object, list[int]] = {}
    for place, graph in enumerate(graphs):
        start = tuple((each.tensor, each.targets, str(each.initialiser)) for each in graph.initial)
        alike.setdefault((graph.nodes[0].shape, graph.dimensions, len(graph.outputs), start), []).append(place)
    found = []
    for places in alike.values():
        family = _family(graphs, places, bodies, roller)
        if family is None:
            continue
        apart = sum(cost.lines(roller.body(bodies[place])) for place in places)
        if cost.lines(family.network.body) + len(places) + 2 < apart:
            family.network.name = fresh(_name([graphs[place].name for place in places]), taken)
            found.append(family)
    return found


def _family(graphs: Sequence[Graph], places: list[int], bodies: Sequence[Body], roller: Roller) -> Family | None:
    if len(places) < 2:
        return None
    nothing = [0] * len(places)  # what a network's parameters could be computed from
    form = form_of([bodies[place] for place in places], nothing, [1] * len(places), roller.parameters)
    if form is None:
        return None
    block, arguments = form
    block.body = roller.body(block.body)
    for parameter in block.parameters:
        parameter.default = OMITTED  # with a default for each, the family would be a network by itself
    return Family(block, dict(zip(places, arguments, strict=True)))


def _name(names: list[str]) -> str:
    common = "".join(letters[0] for letters in takewhile(same, zip(*names, strict=False)))
    stem = re.sub(r"[\d_]+$", "", common) or re.sub(r"\d.*", "", names[0]) or "Family"
    name = "".join(word[:1].upper() + word[1:] for word in stem.split("_"))
    return f"{name}Family" if name in RESERVED or name in names else name

"""The text of a recovered spec: what it uses, its blocks, and its networks with their signatures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cnndsl.format import laid_out
from cnndsl.ir.dims import Shape
from cnndsl.ir.graph import Graph, Initialisation
from cnndsl.ir.initial import INITIALISERS, Initialiser
from cnndsl.ops.base import REQUIRED
from cnndsl.recover import values
from cnndsl.recover.family import Family
from cnndsl.recover.terms import Block, Body, Call, Value, rewrite, steps_of
from cnndsl.recover.write import Writer, braced, parameters, path
from cnndsl.source import Source

ENTRY = "^"
"""In front of a path: from outside the scope; alone: what flows into it."""


def spec_text(
    graphs: Sequence[Graph], bodies: Sequence[Body], own: Sequence[Block], blocks: Mapping[str, Block],
    families: Sequence[Family] = (),
) -> str:  # fmt: skip
    """The formatted text of a spec with these networks. ``own`` are its blocks, in the order of the text."""
    writer = Writer({**blocks, **{family.network.name: family.network for family in families}})
    members = {place: family for family in families for place in family.members}
    alone = [body for place, body in enumerate(bodies) if place not in members]
    used = _called([*alone, *(family.network.body for family in families)], blocks)
    used |= {word for family in families for args in family.members.values() for word in _words(args) & set(blocks)}
    parts: list[str] = []
    uses = sorted(name for name in used if blocks[name].library)
    if uses:
        parts.append("use " + ", ".join(f"std.{name}" for name in uses) + "\n")
    parts += [writer.block(block) for block in own if block.name in used]
    for family in families:
        first = graphs[next(iter(family.members))]
        sizes = {graphs[place].outputs[0].node.shape for place in family.members}
        head = f"network {family.network.name}({parameters(family.network)}) : {_signature(first, sizes)}"
        parts.append(f"{head} {_body(writer, first, family.network.body)}\n")
    for place, (graph, body) in enumerate(zip(graphs, bodies, strict=True)):
        doc = f'"""{graph.doc}"""\n' if graph.doc else ""
        if place in members:
            family = members[place]
            call = writer.step(Call(family.network.name, family.members[place]))
            parts.append(f"{doc}network {graph.name} = {call if call.endswith(')') else call + '()'}\n")
            continue
        head = f"network {graph.name} : {_signature(graph, {graph.outputs[0].node.shape})}"
        parts.append(f"{doc}{head} {_body(writer, graph, body)}\n")
    return laid_out(Source("recovered.cnn", "\n".join(parts)))


def _body(writer: Writer, graph: Graph, body: Body) -> str:
    """The statements of a network, and how its tensors start."""
    lines = writer.statements(tuple(rewrite(step, lambda value: value, from_network) for step in body))
    initial = [_initial(each) for each in graph.initial]
    if initial and lines:
        lines[-1] += "\n"
    return braced([*lines, *initial])


def from_network(target: str) -> str:
    """A path at the top of a network."""
    return "input" if target in (ENTRY, f"{ENTRY}input") else target.removeprefix(ENTRY)


def _signature(graph: Graph, results: set[Shape]) -> str:
    shape, result = graph.nodes[0].shape, next(iter(results))
    names = graph.dimensions if len(graph.dimensions) == len(shape) else (None,) * len(shape)
    free = any(name is not None for name in names)
    before = " x ".join(
        str(size) if name is None else f"{name}={size}" for name, size in zip(names, shape, strict=True)
    )
    same = [len({each[place] for each in results if place < len(each)}) == 1 for place in range(len(result))]
    after = " x ".join(
        str(size) if same[place] and (place == 0 or not free) else "_" for place, size in enumerate(result)
    )
    return f"{before} -> {after}"


def _initial(each: Initialisation) -> str:
    targets = f"({', '.join(map(path, each.targets))})" if each.targets else ""
    return f"init {each.tensor}{targets} = {_initialiser(each.initialiser)}"


def _initialiser(each: Initialiser) -> str:
    if each.name == "constant":
        return values.text(each.values["value"])
    parts = []
    for key, argument in INITIALISERS[each.name].items():
        value = each.values[key]
        if argument.default is REQUIRED or value != argument.default:
            text = values.text(value)
            parts.append(text if argument.default is REQUIRED else f"{key}={text}")
    return f"{each.name}({', '.join(parts)})" if parts else each.name


def _called(bodies: Sequence[Body], blocks: Mapping[str, Block]) -> set[str]:
    """The names of all blocks that bodies call, or hand on as arguments."""
    found: set[str] = set()
    waiting = list(bodies)
    while waiting:
        for step in steps_of(waiting.pop()):
            if isinstance(step, Call):
                for name in ({step.block} | _words(step.args) & set(blocks)) - found:
                    found.add(name)
                    waiting.append(blocks[name].body)
    return found


def _words(args: Sequence[Value]) -> set[str]:
    return {word for value in args if isinstance(value, str) for word in re.findall(r"\w+", value)}

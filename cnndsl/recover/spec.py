"""From graphs to the text of a spec, verified by elaborating it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from cnndsl import std
from cnndsl.diagnostics.model import SpecError
from cnndsl.ir.graph import Graph
from cnndsl.pipeline import from_text
from cnndsl.recover.doubts import Doubts, Trust
from cnndsl.recover.library import Entry
from cnndsl.recover.plain import plain
from cnndsl.recover.recovery import Recovery
from cnndsl.recover.terms import Block, Call
from cnndsl.recover.text import spec_text
from cnndsl.recover.tree import Unsayable
from cnndsl.recover.verify import difference
from cnndsl.syntax import ast
from cnndsl.syntax.parser import parse

ATTEMPTS = 12


def recover(graphs: Sequence[Graph]) -> str:
    """The text of a spec with these networks, which share its blocks. It is formatted, passes `check`, and elaborates
    to equal graphs: ops, arguments, shapes, edges, paths, results and how tensors start.

    Of a graph it reads the nodes, the outputs, the name, the docstring, the named dimensions and how tensors start.

    Raises:
        Unsayable: the language has no text for one of them.
    """
    doubts = Doubts()
    for _ in range(ATTEMPTS):
        blocks: dict[str, Block] = {}
        entries: dict[str, Entry] = {}
        if doubts.trust < Trust.NO_LIBRARY:
            entries |= {block.name.name: Entry(block, blocks, entries) for block in library()}
        blocks |= {name: entry.block() for name, entry in entries.items()}
        recovery = Recovery(graphs, entries, blocks, doubts)
        text = spec_text(graphs, recovery.bodies, recovery.own, blocks, recovery.families)
        wrong = differences(graphs, text)
        if not wrong:
            return text
        if not blame(recovery, wrong):
            break
    text = spec_text(graphs, [plain(graph) for graph in graphs], [], {})
    wrong = differences(graphs, text)
    if wrong:
        raise Unsayable(f"no text was found for the step at `{wrong[0] or graphs[0].name}`")
    return text


def differences(graphs: Sequence[Graph], text: str) -> list[str]:
    """The first path of each graph where the text's differs; empty for what is wrong nowhere in particular."""
    spec = from_text(text, "recovered.cnn")
    found = []
    for graph in graphs:
        spec.network = graph.name
        try:
            path = difference(graph, spec.graph())
        except SpecError:
            path = ""
        if path is not None:
            found.append(path)
    return found


def blame(recovery: Recovery, wrong: Sequence[str]) -> bool:
    """Doubt the calls around the places that are wrong, or what is guessed in general; False where nothing is left."""
    doubts = recovery.doubts
    before = doubts.size()
    for path in filter(None, wrong):
        for scope in (scope for root in recovery.roots for scope in root.scopes()):
            if path.startswith(f"{scope.path}."):
                for call in (recovery.steps[id(scope)], recovery.generic.get(id(scope))):
                    if isinstance(call, Call):
                        doubts.about(scope, recovery.blocks[call.block])
    if doubts.size() == before:
        if doubts.trust == Trust.NO_LIBRARY:
            return False
        doubts.trust = Trust(doubts.trust + 1)
    return True


@cache
def library() -> tuple[ast.Block, ...]:
    """The blocks of the standard library."""
    return tuple(block for source in dict.fromkeys(std.index().values()) for block in parse(source).blocks)

"""The network's own body: its flow, and the `output` statements beside it."""

from __future__ import annotations

from collections.abc import Callable

from cnndsl.ir.graph import Graph, Node
from cnndsl.ir.graph import Output as Result
from cnndsl.recover import terms
from cnndsl.recover.flow import Flow, op_step
from cnndsl.recover.terms import Body, From, Step
from cnndsl.recover.tree import Item, Scope, exit_of, is_join


def network_body(graph: Graph, root: Scope, inner: Callable[[Scope], Step], name: Callable[[Node], str]) -> Body:
    """The steps of the network, the ``output``s where their layers stand in the text."""
    read = {id(value) for item in root.items for value in (item.entries if isinstance(item, Scope) else item.inputs)}
    apart: dict[int, Result] = {}
    for output in graph.outputs[1:]:
        for number, item in enumerate(root.items):
            alone = exit_of(item) is output.node and id(output.node) not in read
            if item.path == output.name and alone and not is_join(item):
                apart[number] = output
    kept = [n for n in range(len(root.items)) if n not in apart]
    flow = Flow(root, [root.items[n] for n in kept], inner, name)
    waiting = sorted(apart)
    body: list[Step] = []
    value: Node = graph.nodes[0]
    for said, step in flow.steps(graph.nodes[0], graph.outputs[0].node):
        place = kept[said - 1] if said else -1
        if isinstance(step, From):  # what reads the flow that it leaves stands before it
            following = kept[said] if said < len(kept) else len(root.items)
            readers = [n + 1 for n in waiting if n < following and _entry(root.items[n]) is value]
            place = max([place, *readers])
        while waiting and waiting[0] < place:
            body.append(_chain(apart[waiting[0]], root.items[waiting[0]], root, value, inner, name))
            waiting.pop(0)
        body.append(step)
        value = exit_of(root.items[kept[said - 1]]) or value if said else value
    for number in waiting:
        body.append(_chain(apart[number], root.items[number], root, graph.outputs[0].node, inner, name))
    bare = [o for o in graph.outputs[1:] if not any(o is each for each in apart.values())]
    body += [terms.Output(o.name, o.training_only, (From(name(o.node)),)) for o in bare]
    order = {o.name: n for n, o in enumerate(graph.outputs)}
    places = [n for n, step in enumerate(body) if isinstance(step, terms.Output)]
    ordered = sorted((body[n] for n in places), key=lambda step: order[step.name])  # type: ignore[union-attr]
    for place, step in zip(places, ordered, strict=True):
        body[place] = step
    return tuple(body)


def _entry(item: Item) -> Node:
    return item.entries[0] if isinstance(item, Scope) else item.inputs[0]


def _chain(result: Result, item: Item, root: Scope, value: Node, inner: Callable[[Scope], Step],
           name: Callable[[Node], str]) -> terms.Output:  # fmt: skip
    if isinstance(item, Scope):
        step = inner(item)
        said: Body = step.body if isinstance(step, terms.Group) else (terms.unlabelled(step),)
        if isinstance(step, terms.Group) and len(said) == 1:
            said = (terms.Group(said),)
    else:
        step = op_step(item, None)
        said = (step,)
    before = () if _entry(item) is value else (From(name(_entry(item))),)
    return terms.Output(result.name, result.training_only, (*before, *said))

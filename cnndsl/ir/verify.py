"""What holds of every graph, whoever made it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cnndsl.ir.dims import Shape, show
from cnndsl.ir.graph import Graph, Node
from cnndsl.ops.base import Layer, Merge, Mismatch, Violation


class Broken(ValueError):
    """A graph breaks an invariant: whatever made it has a bug. The message says which, and where."""


def verify(graph: Graph) -> None:
    """Raises Broken where an invariant of graphs does not hold."""
    for problem in problems(graph):
        raise Broken(f"the graph of {graph.name} is broken: {problem}")


def problems(graph: Graph) -> Iterator[str]:
    """Every invariant that does not hold, in words."""
    if not graph.nodes or graph.nodes[0].op is not None or graph.nodes[0].inputs:
        yield "the first node is not the input"
        return
    yield from _order(graph)
    yield from _users(graph)
    for path, count in Counter(node.path for node in graph.nodes).items():
        if count > 1 or not path:
            yield f"{count} nodes have the path `{path}`"
    for node in graph.nodes[1:]:
        yield from _rule(node)
    yield from _outputs(graph)
    yield from _initial(graph)


def _order(graph: Graph) -> Iterator[str]:
    """Nodes know their positions, and what feeds one stands before it."""
    for position, node in enumerate(graph.nodes):
        if node.index != position:
            yield f"`{node.path}` is node {position} and says {node.index}"
        for each in node.inputs:
            if each.index >= position or graph.nodes[each.index] is not each:
                yield f"`{each.path}`, which `{node.path}` reads, does not stand before it"
            if each.training_only and not node.training_only:
                yield f"`{node.path}` reads `{each.path}`, which is computed in training only"


def _users(graph: Graph) -> Iterator[str]:
    """Users are the inputs, seen from the other end."""
    readers = Counter((each, node) for node in graph.nodes for each in node.inputs)
    known = Counter((node, user) for node in graph.nodes for user in node.users)
    for node, user in (readers - known) + (known - readers):
        yield f"`{node.path}` and `{user.path}` disagree on whether one reads the other"


def _rule(node: Node) -> Iterator[str]:
    """A node's shape is what its op makes of its inputs'."""
    try:
        shape = shape_of(node)
    except (Violation, Mismatch, ValueError) as error:
        yield f"`{node.path}` can't be: {error}"
        return
    if shape != node.shape:
        yield f"`{node.path}` gives {show(shape)}, and the graph says {show(node.shape)}"


def shape_of(node: Node) -> Shape:
    """The shape that a node's op makes of its inputs.

    Raises:
        Violation, Mismatch: the op can't take them.
        ValueError: it is the input, or a layer with several inputs.
    """
    shapes = tuple(each.shape for each in node.inputs)
    if isinstance(node.op, Merge) and shapes:
        return node.op.join(shapes)
    if isinstance(node.op, Layer) and len(shapes) == 1:
        return node.op.infer(shapes[0])
    raise ValueError(f"{node.op!r} with {len(shapes)} inputs")


def _outputs(graph: Graph) -> Iterator[str]:
    """The main output is the first, is there in evaluation too, and names are unique."""
    if not graph.outputs or graph.outputs[0].name != "output" or graph.outputs[0].training_only:
        yield "the first output is not the main one"
    if len({output.name for output in graph.outputs}) < len(graph.outputs):
        yield "two outputs have one name"
    for output in graph.outputs:
        if not _inside(graph, output.node):
            yield f"the output `{output.name}` is a node of another graph"
        elif output.node.training_only and not output.training_only:
            yield f"the output `{output.name}` is computed in training only"


def _initial(graph: Graph) -> Iterator[str]:
    """What starts in some way is a tensor of the graph."""
    for each in graph.initial:
        for node in each.nodes:
            if not _inside(graph, node) or f"{node.path}.{each.tensor}" not in node.tensors():
                yield f"`init {each.tensor}` is about `{node.path}`, which has no such tensor here"


def _inside(graph: Graph, node: Node) -> bool:
    return 0 <= node.index < len(graph.nodes) and graph.nodes[node.index] is node

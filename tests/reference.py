"""torchvision as the reference, and small helpers that several test folders use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from cnndsl.elaborate import is_template
from cnndsl.ir.dims import Shape
from cnndsl.ir.graph import Graph
from cnndsl.ops import Layer
from cnndsl.pipeline import from_path, locate, zoo


@cache
def torchvision_models() -> Any:
    """``torchvision.models``. Beside a CPU build of torch its import needs one module left out."""
    sys.modules.setdefault("torchvision._meta_registrations", ModuleType("torchvision._meta_registrations"))
    import torchvision

    return torchvision.models


@cache
def zoo_names() -> tuple[str, ...]:
    """Every network of the zoo that needs no arguments."""
    names = []
    for name, path in zoo().items():
        spec = from_path(path, name)
        if not is_template(spec.definition()):
            names.append(name)
    return tuple(names)


@cache
def zoo_graph(name: str) -> Graph:
    """A zoo network's graph at its stated input."""
    return locate(name).graph()


def stated_tensors(graph: Graph) -> Iterator[tuple[str, Shape]]:
    """The names and shapes of the ``state_dict``, in order, as the ops state them."""
    for node in graph.nodes:
        if isinstance(node.op, Layer):
            tensors = {**node.op.tensors(node.input_shape), **node.op.buffers(node.input_shape)}
            for name, shape in tensors.items():
                yield f"{node.path}.{name}", tuple(shape)

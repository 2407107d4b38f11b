"""The pictures: the README's network, and an overview of each network of the zoo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import cnndsl
from cnndsl import backends
from cnndsl.cli import zoo

LARGEST = 60_000
"""Bytes of a picture in the gallery."""

FEWEST = 9
"""Boxes, input and output included, below which a picture says too little where a deeper one fits."""

HEIGHT = 420
"""Pixels of a picture on the gallery page."""

README = Path(__file__).parents[2] / "README.md"


specs = cache(zoo.specs)
"""The zoo, read once."""


def path(network: str) -> str:
    """The file of a network's picture, below `docs/`."""
    return f"images/gallery/{network}.svg"


def pictures() -> Iterator[tuple[str, bytes]]:
    """All pictures by their paths below `docs/`."""
    yield "images/small.svg", small()
    for name in specs():
        yield path(name), overview(name)


def small() -> bytes:
    """The network that the README begins with."""
    found = re.search(r"^```cnn\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError("the README has no block of `cnn`")
    return cnndsl.render(found[1])


def overview(name: str) -> bytes:
    """A small picture: the top level; where that is but a few boxes, the deepest that is still small."""
    graph = replace(specs()[name].spec, network=name).graph()
    top = backends.diagrams().render(graph, "svg", 1)
    if top.count(b'class="node"') >= FEWEST:
        return top
    deeper = (backends.diagrams().render(graph, "svg", depth) for depth in (None, 2))
    return next((picture for picture in deeper if len(picture) <= LARGEST), top)

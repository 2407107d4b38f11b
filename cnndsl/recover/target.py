"""The language itself as a target: a spec that is recovered from the graph alone."""

from __future__ import annotations

from cnndsl.backends import BackendError
from cnndsl.ir.graph import Graph


class SpecTarget:
    """What the entry point ``cnndsl.backends: cnn`` gives."""

    name = "cnn"
    endings = ("cnn",)
    heading = b"# Recovered from its graph; written by cnndsl.\n\n"

    def emit(self, graph: Graph, ending: str) -> bytes:
        """The spec. Raises BackendError where the language has no text for the graph."""
        return text_of(graph).encode()

    def note(self, graph: Graph, path: str, content: bytes) -> list[str]:
        """How long it is."""
        lines = content.removeprefix(self.heading).splitlines()
        return [f"network {graph.name}, {len(lines)} lines"]


def text_of(graph: Graph) -> str:
    """The graph as the text of a spec.

    Raises:
        BackendError: the language has none.
    """
    from cnndsl.recover.spec import recover
    from cnndsl.recover.tree import Unsayable

    try:
        return recover([graph])
    except Unsayable as error:
        raise BackendError(f"`{graph.name}` can't be written as a spec: {error}") from None


def with_text(graph: Graph) -> Graph:
    """The graph as a text makes it, for what follows a text's blocks and loops.

    Raises:
        BackendError: the language has no text for it.
    """
    if graph.origin is not None:
        return graph
    from cnndsl.pipeline import from_text

    return from_text(text_of(graph), graph.name).graph()


backend = SpecTarget()

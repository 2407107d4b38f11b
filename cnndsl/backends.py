"""Finding backends: by their entry points alone, ours in the same way as anybody's.

A backend is an object that a distribution names in the entry-point group ``cnndsl.backends``. What it can
do is said by the protocols below; a backend has the methods of at least one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from cnndsl.ir.graph import Graph

GROUP = "cnndsl.backends"
EXTRAS = {"torch": "cnndsl[torch]", "PIL": "pillow"}
"""What to install for a library that a backend of ours needs and that is not there."""


class CodeBackend(Protocol):
    """Writes a network as source, and makes it live."""

    def source(self, graph: Graph) -> str: ...

    def load(self, graph: Graph) -> Any: ...

    def class_name(self, graph: Graph) -> str: ...

    def entry(self, graph: Graph) -> str:
        """The name in the source to call for the network."""
        ...


class DiagramBackend(Protocol):
    """Draws a network."""

    formats: tuple[str, ...]

    def render(self, graph: Graph, format: str, depth: int | None = None) -> bytes: ...


class BackendError(Exception):
    """A backend can't be found or used. The message says what to do."""


class MissingLibrary(BackendError, ImportError):
    """A backend is there, and a library that it needs is not."""


def available() -> dict[str, list[EntryPoint]]:
    """The entry points of each backend name. More than one is a conflict."""
    from importlib.metadata import entry_points

    found: dict[str, dict[tuple[str, str], EntryPoint]] = {}
    for entry in entry_points(group=GROUP):
        # One distribution may be seen twice, as when a checkout lies beside its installation.
        owner = entry.dist.name if entry.dist else ""
        found.setdefault(entry.name, {}).setdefault((owner, entry.value), entry)
    return {name: [entries[key] for key in sorted(entries)] for name, entries in sorted(found.items())}


def backend(name: str) -> Any:
    """The backend of a name.

    Raises:
        BackendError: there is none or more than one, or it can't be loaded.
    """
    every = available()
    entries = every.get(name, [])
    if not entries:
        have = ", ".join(every) or "none; is cnndsl installed? `pip install -e .` in a checkout"
        raise BackendError(f"there is no backend `{name}`; installed: {have}")
    if len(entries) > 1:
        owners = " and ".join(f"{e.dist.name if e.dist else '?'} ({e.value})" for e in entries)
        raise BackendError(f"several packages provide a backend `{name}`: {owners}; uninstall all but one")
    with friendly(name):
        return entries[0].load()


@contextmanager
def friendly(name: str) -> Iterator[None]:
    """Turns a missing library of a backend into a message with the command that installs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        what = EXTRAS.get(library, library)
        raise MissingLibrary(
            f"the backend `{name}` needs {library}, which is not installed: pip install '{what}'",
            name=error.name,
        ) from error


def code() -> CodeBackend:
    """The PyTorch backend. Raises BackendError as `backend` does."""
    found: CodeBackend = backend("torch")
    return found


def diagrams() -> DiagramBackend:
    """The diagram backend. Raises BackendError as `backend` does."""
    found: DiagramBackend = backend("graphviz")
    return found

"""Targets: what a network is written as. They are found by their entry points alone, ours in the same way as anybody's.

A target is an object that a distribution names in the entry-point group ``cnndsl.backends``. What it has is said by
`Target`; one that makes networks live or draws them has the methods of `CodeBackend` or `DiagramBackend`, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from cnndsl.ir.graph import Graph

GROUP = "cnndsl.backends"
EXTRAS = {"torch": "cnndsl[torch]", "PIL": "pillow"}
"""What to install for a library that a backend of ours needs and that is not there."""


class Target(Protocol):
    """Writes a network as the content of a file.

    It may have ``libraries``, the names of modules that it imports when it is used; ``reserved``, the labels that it
    has no words for, which it is never given; ``heading``, bytes that stand
    before the content in a file, and not on standard output; and ``note(graph, path, content)``, lines that the command
    line says when a file was written. Where the content begins with the words ``written by cnndsl``, a file without
    them is kept, unless ``--force`` is given.
    """

    endings: tuple[str, ...]
    """Of the files that it writes, without the point; the first is that of a file for which none is asked."""

    def emit(self, graph: Graph, ending: str) -> bytes:
        """The file's content.

        Raises:
            SpecError: the network can't be said in it; its diagnostics name the place.
            BackendError: it can't be for another reason.
        """
        ...


class CodeBackend(Target, Protocol):
    """Writes a network as source, and makes it live."""

    def source(self, graph: Graph) -> str: ...

    def load(self, graph: Graph) -> Any: ...

    def class_name(self, graph: Graph) -> str: ...

    def entry(self, graph: Graph) -> str:
        """The name in the source to call for the network."""
        ...


class DiagramBackend(Target, Protocol):
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


def accepted(name: str, target: Target, graph: Graph) -> Graph:
    """A graph that a target can be given: none of its labels is reserved there.

    Raises:
        SpecError: E0206 for each that is.
    """
    reserved: Set[str] = getattr(target, "reserved", frozenset())
    if not reserved:
        return graph
    from cnndsl.diagnostics.model import Diagnostic, Edit, SpecError
    from cnndsl.elaborate.labels import labels_of

    found = [(part, node) for node in graph.nodes for part in node.path.split(".") if part in reserved]
    scopes = {id(node.scope): node.scope for node in graph.nodes}.values()
    texts = {id(each.definition): each.definition for scope in scopes for each in scope.calls}
    labels = [labels_of(text) for text in texts.values() if text is not None]
    # Those in branches that are not reached, too: other values of the parameters reach them.
    words = {word for word, _ in found} | {word for each in labels for word in each.literal & reserved}
    if not words:
        return graph
    places = {(label.span.start, word, label.span) for word in words for each in labels for label in each.named(word)}
    places |= {(node.span.start, word, node.span) for word, node in found if not any(node.scope.calls)}
    wrong = []
    for _, word, span in sorted(places, key=lambda each: each[:2]):
        message = f"`{word}` can't be a label for the target `{name}`, which uses the word itself"
        help, fix = (f"`{word}_` can", (Edit(span, f"{word}_"),)) if span.text == word else (None, ())
        wrong.append(Diagnostic("E0206", message, span, help=help, fix=fix))
    raise SpecError(wrong)


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


@dataclass(frozen=True, slots=True)
class Installed:
    """A target as it is found: where it is from, and what it lacks."""

    name: str
    package: str
    version: str
    endings: tuple[str, ...]
    missing: tuple[str, ...]
    """The libraries that it needs and that are not there."""
    error: str | None
    """Why it can't be used at all."""


def installed() -> list[Installed]:
    """Every target that is found, usable or not."""
    from importlib.util import find_spec

    found = []
    for name, entries in available().items():
        for entry in entries:
            package, version = (entry.dist.name, entry.dist.version) if entry.dist else ("", "")
            try:
                target = backend(name)
            except BackendError as error:
                found.append(Installed(name, package, version, (), (), str(error)))
                continue
            missing = tuple(each for each in getattr(target, "libraries", ()) if find_spec(each) is None)
            found.append(Installed(name, package, version, tuple(target.endings), missing, None))
    return found


def pictures() -> dict[str, str]:
    """The formats that some target draws, each with its name; ours come first."""
    found: dict[str, str] = {}
    for each in sorted(installed(), key=lambda each: each.name != "graphviz"):
        if each.error is None and hasattr(backend(each.name), "render"):
            found |= {ending: each.name for ending in each.endings if ending not in found}
    return found


def by_ending(ending: str) -> str:
    """The name of the target that writes files of an ending.

    Raises:
        BackendError: there is none, or more than one.
    """
    every = installed()
    names = [each.name for each in every if ending in each.endings]
    if len(names) == 1:
        return names[0]
    if names:
        shown = " and ".join(f"`{each}`" for each in names)
        raise BackendError(f"{shown} both write `.{ending}`; `--to` says which")
    known = ", ".join(f"`.{each}`" for found in every for each in found.endings)
    raise BackendError(f"no target writes `.{ending}`; there are {known}, and `--to` names a target for any file")


def code() -> CodeBackend:
    """The PyTorch backend. Raises BackendError as `backend` does."""
    found: CodeBackend = backend("torch")
    return found


def diagrams() -> DiagramBackend:
    """The diagram backend. Raises BackendError as `backend` does."""
    found: DiagramBackend = backend("graphviz")
    return found

"""A language and compiler for convolutional networks.

>>> import cnndsl
>>> model = cnndsl.load("resnet50", classes=10)      # a torch.nn.Module
>>> print(cnndsl.source("resnet50"))                 # the same as PyTorch source
>>> cnndsl.summary("resnet50").params
25557032
>>> print(cnndsl.recover("resnet50"))                # its graph as a spec
>>> for finding in cnndsl.check(Path("mine.cnn")):
...     print(finding)

A SPEC is a path (``mine.cnn``), one with a network (``mine.cnn:small``), a zoo name (``resnet50``), or a
spec's text: a string is a text where it has a line break or a brace.

Importing this package is light; each function imports what it needs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

# The modules before the functions of the same names: when they are imported again later, the names stay ours.
import cnndsl.recover
import cnndsl.source  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Sequence

    import networkx
    from torch import nn

    from cnndsl.analysis.report import Summary
    from cnndsl.backends import BackendError
    from cnndsl.diagnostics.model import Diagnostic, SpecError
    from cnndsl.pipeline import Spec, UnknownSpec
    from cnndsl.syntax.ast import File

SpecLike: TypeAlias = "str | os.PathLike[str]"
"""A path, ``path:network``, a zoo name, or a spec's text."""

_LAZY = {
    "BackendError": "cnndsl.backends",
    "Diagnostic": "cnndsl.diagnostics.model",
    "SpecError": "cnndsl.diagnostics.model",
    "Summary": "cnndsl.analysis.report",
    "UnknownSpec": "cnndsl.pipeline",
}


def load(spec: SpecLike, *, input: Sequence[int] | None = None, **params: Any) -> nn.Module:
    """The network as a live PyTorch module with fresh weights.

    ``params`` are the network's parameters: ``load("resnet50", classes=10)``. The module can be copied, pickled and
    sent to another process where cnndsl is installed (for ``torch.package``, ``extern("cnndsl_torch.**")``).

    Raises:
        SpecError: the spec is wrong.
        UnknownSpec: there is no such file, network or zoo name.
        BackendError: PyTorch is not installed (then it is an ImportError too).
    """
    from cnndsl import backends

    graph = _graph(spec, input, params)
    backend = backends.code()
    with backends.friendly("torch"):
        model: nn.Module = backend.load(backends.accepted("torch", backend, graph))
    return model


def source(spec: SpecLike, *, input: Sequence[int] | None = None, **params: Any) -> str:
    """The network as PyTorch source, which needs nothing of cnndsl. Raises as `load` does."""
    from cnndsl import backends

    backend = backends.code()
    return backend.source(backends.accepted("torch", backend, _graph(spec, input, params)))


def emit(
    spec: SpecLike, to: str, *, ending: str | None = None, input: Sequence[int] | None = None, **params: Any
) -> bytes:
    """The network as a target writes it: the content of a file. ``cnndsl backends`` lists the targets.

    ``ending`` is one of the target's file endings, by default its first. Raises as `load` does, and ValueError where
    the target writes no such file.
    """
    from cnndsl import backends

    target = backends.backend(to)
    if ending is not None and ending not in target.endings:
        raise ValueError(f"`{to}` writes {', '.join(target.endings)}, not {ending!r}")
    graph = _graph(spec, input, params)
    with backends.friendly(to):
        content: bytes = target.emit(backends.accepted(to, target, graph), ending or target.endings[0])
    return content


def recover(*specs: SpecLike, input: tuple[int, ...] | None = None, **params: Any) -> str:
    """Networks as the text of one spec, recovered from their graphs alone: nothing of the texts they come from is used.

    Networks that are given together share blocks. Each is elaborated again and compared: the text's graphs are equal.
    Raises as `load` does.
    """
    from cnndsl.recover.spec import recover as recovered

    return recovered([_graph(spec, input, params) for spec in specs])


def render(
    spec: SpecLike,
    format: str = "svg",
    *,
    depth: int | None = None,
    input: Sequence[int] | None = None,
    **params: Any,
) -> bytes:
    """The network as a diagram: ``svg``, ``png``, ``pdf`` or ``dot``.

    Scopes below ``depth`` are one box each. Raises as `load` does.
    """
    from cnndsl import backends
    from cnndsl.arguments import scope_depth

    depth = scope_depth(depth)
    return backends.diagrams().render(_graph(spec, input, params), format, depth)


def summary(spec: SpecLike, *, depth: int | None = None, input: Sequence[int] | None = None, **params: Any) -> Summary:
    """The network in exact figures: parameters, multiply-adds, and every layer. Raises as `load` does."""
    from cnndsl.analysis.report import summarize
    from cnndsl.arguments import scope_depth

    depth = scope_depth(depth)
    return summarize(_graph(spec, input, params), depth)


def graph(spec: SpecLike, *, input: Sequence[int] | None = None, **params: Any) -> networkx.MultiDiGraph[str]:
    """The data flow as a networkx graph: ops by their paths, with shapes and figures. Raises as `load` does.

    ``networkx.dominance.immediate_dominators(graph("resnet50"), "input")`` finds where all paths meet;
    `cnndsl.analysis.exchange` says what nodes and edges carry.
    """
    from cnndsl.analysis.exchange import to_networkx

    return to_networkx(_graph(spec, input, params))


def check(spec: SpecLike) -> list[Diagnostic]:
    """Everything that is wrong with a spec: with its text, its names, and each of its networks.

    A wrong spec raises nothing, nor does a file that can't be read. Raises UnknownSpec where a string is
    neither a spec's text nor the name of one.
    """
    from cnndsl.diagnostics.model import SpecError

    try:
        return _spec(spec).check()
    except SpecError as error:
        return list(error.diagnostics)


def parse(spec: SpecLike) -> File:
    """The syntax tree of a spec; nothing is evaluated. Raises SpecError where the text is no spec."""
    return _spec(spec).module.file


def zoo() -> list[str]:
    """The names of the networks that come with this package, each of them a SPEC."""
    from cnndsl import pipeline

    return list(pipeline.zoo())


def _spec(spec: SpecLike) -> Spec:
    from cnndsl import pipeline

    if not isinstance(spec, str | os.PathLike) or not isinstance(os.fspath(spec), str):
        from cnndsl.arguments import shown

        raise TypeError(f"a spec can't be {shown(spec)}: it is a path, the name of a zoo network, or a spec's text")
    if isinstance(spec, str):
        text = "\n" in spec or "{" in spec
        return pipeline.from_text(spec) if text else pipeline.locate(spec)
    return pipeline.from_path(Path(spec))


def _graph(spec: SpecLike, input: Sequence[int] | None, params: dict[str, Any]) -> Any:
    from cnndsl.arguments import from_python, input_shape

    found, shape = _spec(spec), input_shape(input)
    return found.graph(from_python(found, params) if params else None, shape)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from cnndsl.version import version

        return version()
    if name in _LAZY:
        from importlib import import_module

        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'cnndsl' has no attribute {name!r}")


if TYPE_CHECKING:
    __version__: str

__all__ = [
    "BackendError",
    "Diagnostic",
    "SpecError",
    "Summary",
    "UnknownSpec",
    "__version__",
    "check",
    "emit",
    "graph",
    "load",
    "parse",
    "recover",
    "render",
    "source",
    "summary",
    "zoo",
]

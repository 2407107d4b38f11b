"""Emitted source, executed as a Python module: tracebacks show its lines, `inspect` and TorchScript find its classes.

Its objects carry the source where they are pickled, so that they can be read in a process that never loaded the
spec, if cnndsl is installed there. A source is executed once while models of it live; of those that have none left
the last ``KEPT`` stay, so that thousands of loads don't fill the memory.
"""

from __future__ import annotations

import hashlib
import linecache
import sys
from types import ModuleType
from typing import Any
from weakref import WeakSet

KEPT = 64

_models: dict[str, WeakSet[Any]] = {}
"""The models of each Python module that was executed, the oldest module first."""


def execute(source: str, entry: str) -> Any:
    """Run the source as a module of its own name and build the network. The same source is run once."""
    module = executed(source, entry)
    model = getattr(module, entry)()
    _models[module.__name__].add(model)
    return model


def executed(source: str, entry: str) -> ModuleType:
    """The source as a Python module."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    name = f"cnndsl_emitted_{entry.lower()}_{digest}"
    module = sys.modules.get(name)
    if module is None:
        forget()
        filename = f"<cnndsl {entry} {digest}>"
        module = ModuleType(name)
        module.__file__ = filename
        code = compile(source, filename, "exec")
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        sys.modules[name] = module
        try:
            exec(code, module.__dict__)  # our own emitted text; names and strings of the spec are data in it
        except BaseException:
            del sys.modules[name], linecache.cache[filename]
            raise
        _models[name] = WeakSet()
        carry_source(module, source, entry)
    return module


def carry_source(module: ModuleType, source: str, entry: str) -> None:
    """Make what the module's classes are pickled as say the source, where another process has no such module."""

    def reduce(self: Any, protocol: Any) -> Any:
        cls = type(self)
        reduced: tuple[Any, ...] = tuple(object.__reduce_ex__(self, max(int(protocol), 2)))
        how, given, *state = reduced
        if cls.__module__ != module.__name__:  # a subclass of the user's own
            return how, given, *state
        return revive, (source, entry, cls.__name__, *given[1:]), *state

    for each in vars(module).values():
        if isinstance(each, type) and each.__module__ == module.__name__:
            cls: Any = each
            cls.__reduce_ex__ = reduce


def revive(source: str, entry: str, name: str, *given: Any) -> Any:
    """An object of a class of the source, whose state is still to come: what unpickling and copying call."""
    module = executed(source, entry)
    cls = getattr(module, name)
    made = cls.__new__(cls, *given)
    if not isinstance(made, tuple):
        _models[module.__name__].add(made)
    return made


def forget() -> None:
    """Leave out the oldest modules of which no model is left."""
    unused = [name for name, models in _models.items() if not models]
    for name in unused[: len(unused) - KEPT + 1]:
        module = sys.modules.pop(name)
        linecache.cache.pop(str(module.__file__), None)
        del _models[name]

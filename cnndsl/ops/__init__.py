"""The primitive ops. Every module of this folder is imported, so that its ops are registered."""

from importlib import import_module
from pkgutil import iter_modules

from cnndsl.ops.base import Arg, Layer, Merge, Mismatch, Op, Violation
from cnndsl.ops.kinds import Symbol

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

registry = Op.registry

__all__ = ["Arg", "Layer", "Merge", "Mismatch", "Op", "Symbol", "Violation", "registry"]

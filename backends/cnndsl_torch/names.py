"""Names of the spec in Python: themselves, unless Python or the emitted code uses the word."""

from __future__ import annotations

import keyword
from collections.abc import Collection

from cnndsl.syntax import ast
from cnndsl_torch.modules import names as helpers

IMPORTED = frozenset(
    ["nn", "torch", "F", "math", "partial", "Any", "Callable", "OrderedDict", "NamedTuple", "Tensor", "annotations"]
)
"""Names that emitted files may import."""
TAKEN = IMPORTED.union(
    helpers(),
    ["_", "self", "x", "module", "path", "tensor", "layers", "channels", "in_channels", "in_features", "super", "range",
     "len", "sum", "min", "max", "abs", "round", "list", "str", "dict", "int", "float", "bool", "isinstance",
     "enumerate"],
)  # fmt: skip
"""Names that the emitted functions use themselves."""


def identifier(name: str) -> str:
    """A spec's name as a Python variable: itself, unless Python or the emitted code uses the word.

    Within a class Python renames what begins with two underscores.
    """
    if name.startswith("__"):
        name = "_" + name.lstrip("_")
    return f"{name}_" if keyword.iskeyword(name) or name in TAKEN else name


def variables_of(names: Collection[str]) -> dict[str, str]:
    """Each name's Python variable: itself where it can be, and no two the same."""
    found = {name: name for name in names if identifier(name) == name}
    for name in sorted(set(names) - found.keys()):
        found[name] = unused(identifier(name), set(found.values()))
    return found


def unused(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name


def class_name(syntax: ast.Block | ast.Network) -> str:
    """``alexnet_paper`` → ``AlexnetPaper``; a name that begins with a capital stays."""
    name = syntax.name.name
    words = name if name[:1].isupper() else "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    return words if words.isidentifier() else type(syntax).__name__ + words

"""Names of the spec in Python: themselves, unless Python or the emitted code uses the word."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection

from cnndsl.syntax import ast
from cnndsl_torch.modules import names as helpers

IMPORTED = frozenset(
    ["nn", "torch", "F", "math", "partial", "Any", "Callable", "OrderedDict", "NamedTuple", "Tensor", "annotations"]
)
"""Names that emitted files may import."""
RESERVED = frozenset(
    [*keyword.kwlist,
     "T_destination", "add_module", "append", "apply", "bfloat16", "buffers", "call_super_init", "children",
     "clear", "compile", "cpu", "cuda", "double", "dump_patches", "eval", "extend", "extra_repr", "float",
     "forward", "get_buffer", "get_extra_state", "get_parameter", "get_submodule", "half", "insert", "ipu",
     "items", "keys", "load_state_dict", "modules", "mtia", "named_buffers", "named_children", "named_modules",
     "named_parameters", "parameters", "pop", "register_backward_hook", "register_buffer",
     "register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook",
     "register_full_backward_pre_hook", "register_load_state_dict_post_hook",
     "register_load_state_dict_pre_hook", "register_module", "register_parameter",
     "register_state_dict_post_hook", "register_state_dict_pre_hook", "requires_grad_", "set_extra_state",
     "set_submodule", "share_memory", "state_dict", "to", "to_empty", "train", "training", "type", "update",
     "values", "xpu", "zero_grad", "out_channels"]
)  # fmt: skip
"""What no label can be, since labels become attributes: words of Python, names that PyTorch's modules use themselves,
and what emitted classes have beside their layers."""
TAKEN = IMPORTED.union(
    helpers(),
    ["_", "self", "x", "module", "path", "tensor", "layers", "channels", "in_channels", "in_features", "super", "range",
     "len", "sum", "min", "max", "abs", "round", "list", "str", "dict", "int", "float", "bool", "isinstance",
     "enumerate"],
)  # fmt: skip
"""Names that the emitted functions use themselves."""


def is_name(text: str) -> bool:
    """Whether Python reads a text as a name, and as this one: it takes some other letters for each other (NFKC)."""
    return text.isascii() and text.isidentifier()


def word(text: str) -> str:
    """A text, as of a label in quotes, as a name."""
    name = re.sub(r"\W", "_", text, flags=re.ASCII)
    return name if is_name(name) else f"x{name}"


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

"""The head of an emitted file: what it is, and what it imports."""

from __future__ import annotations

from ast import Name
from ast import parse as parse_python

from cnndsl.ir.graph import Graph
from cnndsl_torch import tree

FROM = {
    "collections": ["OrderedDict"], "collections.abc": ["Callable"], "functools": ["partial"],
    "typing": ["Any", "NamedTuple"], "torch": ["Tensor", "nn"],
}  # fmt: skip
"""What emitted files import from where, if they use it."""


def header(graph: Graph, body: str) -> str:
    """The module docstring and the imports that the body needs."""
    from cnndsl import __version__

    title = f"{graph.name}, written by cnndsl {__version__} from {graph.expansion.network.span.source.name}."
    lines = [f'"""{escape(title)}"""', "", "from __future__ import annotations", ""]
    if "torch._assert(" in body:  # PyTorch's own tracing and exporting know it; it has no annotations
        lines[1:1] = ["", "# mypy: allow-untyped-calls"]
    used = {node.id for node in tree.walk(parse_python(body)) if isinstance(node, Name)}
    standard = ["import math"] if "math" in used else []
    for module, names in FROM.items():
        if module == "torch":
            lines += [*standard, ""] if standard else []
            lines.append("import torch" if "torch" in used else "")
            lines += ["import torch.nn.functional as F"] if "F" in used else []
            standard = lines
        if found := [name for name in names if name in used or name == "nn"]:
            standard.append(f"from {module} import {', '.join(found)}")
    text = "\n".join(line for i, line in enumerate(lines) if line or (i and lines[i - 1]))
    return f"{text}\n\n\n{body}"


def escape(text: str) -> str:
    safe = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in safe)

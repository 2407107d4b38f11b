"""Pieces of Python text: values, annotations, docstrings."""

from __future__ import annotations

from typing import Any

from cnndsl.elaborate.values import Partial
from cnndsl.ops.kinds import Many
from cnndsl_torch import tree


def literal(value: Any) -> str:
    """A plain value; a square size as its side."""
    return tree.text(tree.literal(value))


def fold(text: str) -> str:
    """An expression with integer arithmetic on literals done, and no needless parentheses."""
    return tree.text(tree.folded(tree.parse(text)))


def argument_text(value: Any, kind: Any) -> str:
    """An op's canonical value as text; a list, which is kept as a tuple, as a list."""
    return literal(list(value)) if isinstance(kind, Many) else literal(value)


def type_of(value: Any) -> str:
    """A parameter's annotation for a value; empty where there is none worth writing."""
    if isinstance(value, Partial):
        return "Callable[..., nn.Module]"
    if isinstance(value, list):
        kinds = {type_of(v) for v in value}
        return f"list[{kinds.pop()}]" if len(kinds) == 1 and "" not in kinds else "list[Any]"
    if isinstance(value, tuple):
        return "int | tuple[int, int]" if len(value) == 2 else f"tuple[{', '.join(['int'] * len(value))}]"
    return {bool: "bool", int: "int", float: "float", str: "str"}.get(type(value), "")


def docstring(doc: str) -> list[str]:
    """A spec's docstring as data: nothing in it can end the literal."""
    safe = doc.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    safe = "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in safe)
    if safe.endswith('"'):
        safe = safe[:-1] + '\\"'
    first, *rest = safe.split("\n")
    if not rest:
        return [f'    """{first}"""', ""]
    return [f'    """{first}', *(f"    {line}".rstrip() for line in rest), '    """', ""]

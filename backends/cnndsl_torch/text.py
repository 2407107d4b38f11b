"""Pieces of Python text: annotations, docstrings, and tidying of what was written."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from cnndsl.elaborate.values import Partial
from cnndsl.ops.kinds import Many
from cnndsl_torch.python import literal


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


def plain_range(items: str) -> str:
    """``list(range(n))`` as ``range(n)`` where it is only gone through."""
    return items[len("list(") : -1] if items.startswith("list(range(") else items


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


def without_unused(lines: list[str]) -> list[str]:
    """Without assignments to local variables that nothing reads."""
    read = [names_read(line) for line in lines]
    readers = Counter(name for names in read for name in names)
    assigned: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        if match := re.fullmatch(r" *([A-Za-z_]\w*) \+?= .*", line):
            assigned.setdefault(match[1], []).append(index)
    unused: set[int] = set()
    queue = list(assigned)
    while queue:
        name = queue.pop()
        for index in assigned[name]:
            if index in unused or readers[name] > (name in read[index]):
                continue
            unused.add(index)
            for other in read[index]:
                readers[other] -= 1
                if readers[other] <= 1 and other in assigned:
                    queue.append(other)
    return with_bodies([line for index, line in enumerate(lines) if index not in unused])


def names_read(line: str) -> set[str]:
    """The variables that a line reads (assigning one, or counting it on, is not reading)."""
    own = re.fullmatch(r" *\w+ \+?= (.*)", line)
    return set(re.findall(r"(?<![\w.])[A-Za-z_]\w*\b(?! ?=[^=])", own[1] if own else line))


def with_bodies(lines: list[str]) -> list[str]:
    """``pass`` where a header lost all of its lines; an empty ``else`` goes."""
    result: list[str] = []
    for index, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        following = lines[index + 1] if index + 1 < len(lines) else ""
        inner = len(following) - len(following.lstrip()) if following else -1
        if line.endswith(":") and inner <= indent:
            if line.strip() != "else:":
                result += [line, " " * (indent + 4) + "pass"]
            continue
        result.append(line)
    return result

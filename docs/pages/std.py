"""The reference of the standard blocks."""

from __future__ import annotations

from itertools import groupby

from cnndsl import std
from cnndsl.syntax import ast
from cnndsl.syntax.parser import parse
from docs.pages.markdown import anchor, fence, page, table

INTRODUCTION = """
Composites, written in the language itself. A file names those that it uses:

```text
use std.ConvBnRelu, std.Bottleneck
```

`cnndsl ops NAME` shows the definition of one.
"""


def pages() -> dict[str, str]:
    found = [(std.index()[name].name.removeprefix("std/"), block(name)) for name in std.index()]
    files = {name: [each for _, each in items] for name, items in groupby(found, key=lambda item: item[0])}
    contents = table(
        ("file", "blocks"),
        [(f"`{name}`", ", ".join(anchor(b.name.name) for b in blocks)) for name, blocks in files.items()],
    )
    parts = [INTRODUCTION, contents]
    for name, blocks in files.items():
        parts.append(f"## {name}")
        parts.append((parse(std.index()[blocks[0].name.name]).doc or "").strip())
        parts.append(f"Source: [`cnndsl/std/{name}`](../../cnndsl/std/{name})")
        parts += map(section, blocks)
    return {"reference/std.md": page("Standard blocks", "the files in `cnndsl/std/`", *parts)}


def block(name: str) -> ast.Block:
    return next(each for each in parse(std.index()[name]).blocks if each.name.name == name)


def section(block: ast.Block) -> str:
    signature = block.span.text[: block.body.span.start - block.span.start].strip()
    return "\n\n".join([f"### {block.name.name}", fence("text", signature), (block.doc or "").strip()])

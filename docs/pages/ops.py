"""The reference of all ops."""

from __future__ import annotations

import inspect
from itertools import groupby

from cnndsl.analysis.written import value_text
from cnndsl.ir.dims import show
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer, Op, registry
from cnndsl.ops.base import REQUIRED, Arg
from cnndsl.pipeline import from_text
from docs.pages.markdown import anchor, cell, code, fence, page, table

INTRODUCTION = """
The primitives of the language. Each is called by its name, with its arguments in this order or by keyword;
`none` and the words in the column *takes* are written without quotes. A size is `3` or `3x5`, height first.
The examples are run by the tests, on the input that is named with them.

Blocks that are composed of these are in [std](std.md). `cnndsl ops` lists all, `cnndsl ops NAME` shows one.
"""


def pages() -> dict[str, str]:
    ordered = sorted(registry.values(), key=lambda op: op.family)
    families = {family: list(ops) for family, ops in groupby(ordered, key=lambda op: op.family)}
    contents = table(
        ("family", "ops"),
        [(family, ", ".join(anchor(op.name) for op in ops)) for family, ops in families.items()],
    )
    parts = [INTRODUCTION, contents]
    for family, ops in families.items():
        parts.append(f"## {family.capitalize()}")
        parts += map(section, ops)
    return {"reference/ops.md": page("Ops", "the classes in `cnndsl/ops/`", *parts)}


def section(op: type[Op]) -> str:
    shape = show(op.example_input)
    parts = [f"### {op.name}", fence("text", signature(op)), inspect.getdoc(op) or ""]
    if op.args:
        rows = [
            (code(a.name), code(default(a)) or "required", cell(a.kind.describe()), cell(a.doc))
            for a in op.args.values()
        ]
        parts.append(table(("argument", "default", "takes", "what"), rows))
    if issubclass(op, Layer) and op.weighted:
        parts.append("Counts as a layer of the network's depth.")
    parts.append(f"For example, on {shape}:")
    parts.append(fence(f"cnn fragment={shape.replace(' ', '')}", op.example))
    parts.append(facts(op))
    return "\n\n".join(parts)


def default(argument: Arg) -> str:
    return "" if argument.default is REQUIRED else value_text(argument.default, argument.kind, short=True)


def signature(op: type[Op]) -> str:
    given = [a.name if a.default is REQUIRED else f"{a.name}={default(a)}" for a in op.args.values()]
    return f"{op.name}({', '.join(given)})" if given else op.name


def facts(op: type[Op]) -> str:
    """What the example comes to: the output, the tensors of the ``state_dict``, the multiply-adds."""
    node = example(op)
    lines = [f"- output: {show(node.shape)}"]
    if isinstance(node.op, Layer):
        x = node.input_shape
        groups = (("trained", node.op.tensors(x)), ("kept", node.op.buffers(x)))
        for word, tensors in groups:
            if tensors:
                shapes = ", ".join(f"`{name}` {show(t) if t else 'a number'}" for name, t in tensors.items())
                lines.append(f"- {word}: {shapes}")
        if node.macs:
            lines.append(f"- multiply-adds: {node.macs:,}")
    return "\n".join(lines)


def example(op: type[Op]) -> Node:
    """The op in its own example."""
    text = f"network example : {show(op.example_input)} -> 1 {{\n{op.example}\nflatten\nlinear(1)\n}}\n"
    return next(node for node in from_text(text).graph().nodes if type(node.op) is op)

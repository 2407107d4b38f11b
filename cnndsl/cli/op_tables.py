"""Ops and standard blocks as tables."""

from __future__ import annotations

import inspect

from rich.padding import Padding
from rich.text import Text

from cnndsl import std
from cnndsl.analysis.written import value_text
from cnndsl.cli.tables import Columns, text
from cnndsl.cli.terminal import console
from cnndsl.ops import Op, registry
from cnndsl.ops.base import REQUIRED
from cnndsl.syntax import ast
from cnndsl.syntax.parser import parse


def show_all() -> None:
    made = Columns(("op", "arguments", "what"), folds=("arguments", "what"))
    family = ""
    for op in sorted(registry.values(), key=lambda op: op.family):
        if op.family != family:
            if family:
                made.add_section()
            made.row(text(op.family, "dim italic"), "", "")
        family = op.family
        made.row(text(op.name, "bold"), text(", ".join(op.args)), text(summary(op)))
    blocks = [_block(name) for name in std.index()]
    if blocks:
        made.add_section()
        made.row(text("standard blocks", "dim italic"), "", text("`use std.NAME`", "dim italic"))
    for block in sorted(blocks, key=lambda b: b.name.name):
        what = (block.doc or "").partition("\n")[0]
        made.row(text(block.name.name, "bold"), text(", ".join(p.name.name for p in block.parameters)), text(what))
    console().print("", made, "", sep="\n")


def summary(op: type[Op]) -> str:
    """The first line of an op's documentation."""
    return (inspect.getdoc(op) or "").partition("\n")[0]


def show_op(op: type[Op]) -> None:
    out = console()
    out.print(text(op.name, "bold"), text(f"  {op.family}", "dim"))
    out.print(_indented(inspect.getdoc(op) or ""))
    if op.args:
        made = Columns(("argument", "default", "takes", "what"), folds=("takes", "what"))
        for argument in op.args.values():
            default = "" if argument.default is REQUIRED else value_text(argument.default, argument.kind, short=True)
            made.row(
                text(argument.name, "bold"), text(default), text(argument.kind.describe()), text(argument.doc)
            )  # fmt: skip
        out.print("", made, "", sep="\n")
    out.print(text("for example  ", "bold") + text(op.example))


def show_block(name: str) -> None:
    out, block = console(), _block(name)
    out.print(text(f"std.{name}", "bold"), text(f"  {block.span}", "dim"))
    if block.doc:
        out.print(_indented(block.doc))
    out.print(_indented(block.span.text))
    out.print(text("\nto use it  ", "bold") + text(f"use std.{name}"))


def _block(name: str) -> ast.Block:
    return next(b for b in parse(std.index()[name]).blocks if b.name.name == name)


def _indented(doc: str) -> Padding:
    return Padding(Text("\n").join(text(line) for line in doc.split("\n")), (1, 0, 0, 2))

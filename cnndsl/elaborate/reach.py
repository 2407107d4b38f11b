"""Definitions that a file does not see, but could: those of ``std``, and what its imports import in turn."""

from __future__ import annotations

import posixpath
import re

from cnndsl import std
from cnndsl.diagnostics.model import Edit
from cnndsl.elaborate.modules import Module
from cnndsl.source import Span
from cnndsl.syntax import ast

FAR = 10_000
"""How far below a name is looked for."""
LEAD = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")


def out_of_reach(name: str, module: Module, text: Span) -> tuple[str, tuple[Edit, ...]] | None:
    """The help and repair for a name that is defined further down, which is ``text``, in a file beyond those that are
    imported, or in ``std``."""
    if name in std.index():
        statement = f"use std.{name}"
        return f"the standard library has it: `{statement}`", added(module.file, statement)
    here = re.compile(rf"[ \t]*let[ \t]+{name}[ \t]*=").search(
        text.source.text, text.start, min(text.end, text.start + FAR)
    )
    if here is not None and name.isidentifier():
        line = text.source.text.count("\n", 0, here.end()) + 1
        return f"it is named in line {line}, below: move that `let` up", ()
    for seen in module.names.values():
        definition = seen.names.get(name)
        file = definition.syntax.span.source.name if definition is not None else ""
        if file and not file.startswith("std/"):
            path = posixpath.relpath(file, posixpath.dirname(module.file.source.name) or ".")
            statement = f'import "{path}"'
            return f"an import brings no names of further files: `{statement}` has it", added(module.file, statement)
    return None


def added(file: ast.File, statement: str) -> tuple[Edit, ...]:
    """The edit that adds a statement to the head of a file; none where it might part a docstring from what it is of."""
    ends = [each.span.end for each in file.imports] + [each.span.end for each in file.uses]
    if ends:
        return (Edit(Span(file.source, max(ends), max(ends)), f"\n{statement}"),)
    lead = LEAD.match(file.source.text)
    at = lead.end() if lead else 0
    return () if file.doc is not None else (Edit(Span(file.source, at, at), f"{statement}\n\n"),)

"""Parse tree → AST, definitions and the file."""

from __future__ import annotations

import re
from typing import Any

from lark import Token

from cnndsl.syntax import ast
from cnndsl.syntax.build_expressions import Items, unquote
from cnndsl.syntax.build_steps import StepBuilder

BLANK = re.compile(r"\n[ \t\r]*\n")


class Builder(StepBuilder):
    def parameters(self, children: list[Any]) -> Items:
        return self._items(children)

    def parameter(self, children: list[Any]) -> ast.Parameter:
        default = children[2] if len(children) > 2 else None
        return ast.Parameter(self._name(children[0]), default, self._span(children))

    def named_dim(self, children: list[Any]) -> ast.Dim:
        return ast.Dim(self._name(children[0]), children[2], self._span(children))

    def dim(self, children: list[Any]) -> ast.Dim:
        value = children[0]
        if isinstance(value, ast.Name):
            return ast.Dim(value, None, value.span)
        return ast.Dim(None, value, value.span)

    def dims(self, children: list[Any]) -> Items:
        return self._items(children)

    def signature(self, children: list[Any]) -> ast.Signature:
        before, after = self._nodes(children)
        return ast.Signature(list(before), list(after), before.span.to(after.span))

    def block(self, children: list[Any]) -> ast.Block:
        for child in children:
            if isinstance(child, Token) and child.type == "ERROR":
                self._skipped(child)
        return ast.Block(
            self._name(children[1]),
            list(self._one(children, Items) or []),
            self._one(children, ast.Signature),
            children[-1],
            None,
            self._span(children),
        )

    def network(self, children: list[Any]) -> ast.Network:
        block = self.block(children)
        return ast.Network(block.name, block.parameters, block.signature, None, block.body, None, block.span)

    def member_base(self, children: list[Any]) -> ast.Call:
        return ast.Call(self._name(children[0]), self._one(children, Items) or [], self._span(children))

    def member(self, children: list[Any]) -> ast.Network:
        base = self._one(children, ast.Call)
        body = self._one(children, ast.Body) or ast.Body([], base.span)
        parameters = list(self._one(children, Items) or [])
        name = self._name(children[1])
        return ast.Network(name, parameters, None, base, body, None, self._span(children))

    def import_(self, children: list[Any]) -> ast.Import:
        return ast.Import(unquote(children[1]), self._span(children))

    def std_name(self, children: list[Any]) -> ast.Name:
        return ast.Name("".join(children), self._span(children))

    def use(self, children: list[Any]) -> Items:
        items = Items(ast.Use(c, c.span) for c in children if isinstance(c, ast.Name))
        items.span = self._span(children)
        return items

    def start(self, children: list[Any]) -> ast.File:
        file = ast.File(self.source, None, [], [], [], [])
        doc: Token | None = None
        for child in children:
            if isinstance(child, Token):
                if child.type == "DOCSTRING":
                    self._file_doc(file, doc)
                    doc = child
                elif child.type == "ERROR":
                    self._skipped(child)
                    doc = None
                elif doc is not None and BLANK.search(child) and _empty(file):
                    self._file_doc(file, doc)
                    doc = None
                continue
            if isinstance(child, ast.Block | ast.Network):
                child.doc = docstring(doc) if doc else None
                (file.blocks if isinstance(child, ast.Block) else file.networks).append(child)  # type: ignore[arg-type]
            else:
                self._file_doc(file, doc)
                if isinstance(child, ast.Import):
                    file.imports.append(child)
                else:
                    file.uses.extend(child)
            doc = None
        self._file_doc(file, doc)
        first = [network for network in file.networks if network.base is None] or file.networks
        if len(first) == 1 and first[0].doc is None:
            first[0].doc = file.doc
        file.broken = self.skipped
        return file

    def _file_doc(self, file: ast.File, doc: Token | None) -> None:
        """A docstring that is no definition's is the file's, if it stands first."""
        if doc is None:
            return
        if not _empty(file):
            self.problem("E0105", "this docstring belongs to no definition", self._span([doc]),
                         help="put it directly before a `block` or `network`, or use `#`")  # fmt: skip
            return
        file.doc = docstring(doc)


def _empty(file: ast.File) -> bool:
    """Whether nothing of a file was read before."""
    return file.doc is None and not (file.imports or file.uses or file.blocks or file.networks)


def docstring(token: Token) -> str:
    """A docstring's text without its quotes and its common indentation."""
    lines = token[3:-3].expandtabs().splitlines() or [""]
    indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(indents, default=0)
    return "\n".join([lines[0].strip(), *(line[margin:].rstrip() for line in lines[1:])]).strip()

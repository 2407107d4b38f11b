"""The names that a file can see: its own definitions, those of its imports, and what it uses of ``std``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cnndsl import std
from cnndsl.diagnostics.model import Diagnostic, Edit, Label, SpecError
from cnndsl.elaborate.values import Definition, fail, suggestion
from cnndsl.ops import registry
from cnndsl.source import Source
from cnndsl.syntax import ast
from cnndsl.syntax.parser import parse

MAX_IMPORT_DEPTH = 16
MAX_FILES = 200

Reader = Callable[[Source, ast.Import], Source]
"""Finds an imported file. Raises SpecError where it may not or can't be read."""


@dataclass(slots=True)
class Module:
    """A file, and everything that its text can name."""

    file: ast.File
    names: dict[str, Definition] = field(default_factory=dict)
    own: dict[str, Definition] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def networks(self) -> dict[str, Definition]:
        return {n: d for n, d in self.own.items() if isinstance(d.syntax, ast.Network)}


class Modules:
    """Loads files and what they import, each once."""

    def __init__(self, read: Reader) -> None:
        self.read = read
        self.loaded: dict[str, Module] = {}
        self.loading: list[str] = []

    def load(self, source: Source) -> Module:
        """The module of a source.

        Raises:
            SpecError: the text is no spec. What is wrong with its imports and names is in ``diagnostics``.
        """
        if source.name in self.loaded:
            return self.loaded[source.name]
        self.loading.append(source.name)
        try:
            module = self.loaded[source.name] = Module(parse(source))
            for use in module.file.uses:
                self._collect(module, lambda use=use: self._use(module, use))
            for statement in module.file.imports:
                self._collect(module, lambda statement=statement: self._import(module, statement))
            for definition in module.file.definitions:
                self._collect(module, lambda definition=definition: self._define(module, definition))
        finally:
            self.loading.pop()
        return module

    def _collect(self, module: Module, action: Callable[[], None]) -> None:
        try:
            action()
        except SpecError as error:
            module.diagnostics.extend(error.diagnostics)

    def _define(self, module: Module, syntax: ast.Block | ast.Network) -> None:
        name = syntax.name
        definition = Definition(syntax, module.names)
        if name.name in module.own:
            first = module.own[name.name].syntax.name.span
            raise fail("E0203", f"`{name.name}` is defined twice", name.span, labels=(Label(first, "first here"),))
        if name.name in registry:
            raise fail("E0203", f"`{name.name}` is an op: a definition can't take its name", name.span)
        self._add(module, name.name, definition, name)
        module.own[name.name] = definition

    def _add(self, module: Module, name: str, definition: Definition, place: ast.Name | ast.Import) -> None:
        if name in module.names and module.names[name] is not definition:
            other = module.names[name].syntax.name.span
            raise fail("E0203", f"`{name}` is imported from elsewhere as well", place.span,
                       labels=(Label(other, "the other one"),))  # fmt: skip
        module.names[name] = definition

    def _use(self, module: Module, use: ast.Use) -> None:
        library, _, name = use.name.name.partition(".")
        if library != "std":
            raise fail("E0701", f"there is no library `{library}`", use.span, help=f"`use std.{name}`",
                       fix=(Edit(use.span, f"std.{name}"),))  # fmt: skip
        source = std.index().get(name)
        if source is None:
            near = suggestion(name, std.index())
            raise fail("E0201", f"`std` has no block `{name}`", use.span,
                       help=f"did you mean `std.{near}`?" if near else None)  # fmt: skip
        self._add(module, name, self.load(source).own[name], use.name)

    def _import(self, module: Module, statement: ast.Import) -> None:
        source = self.read(module.file.source, statement)
        if source.name in self.loading:
            cycle = " → ".join([*self.loading[self.loading.index(source.name) :], source.name])
            raise fail("E0703", "these files import each other", statement.span, notes=(cycle,))
        if len(self.loading) >= MAX_IMPORT_DEPTH or len(self.loaded) >= MAX_FILES:
            raise fail("E0603", f"more than {MAX_IMPORT_DEPTH} imports inside one another or {MAX_FILES} files",
                       statement.span)  # fmt: skip
        imported = self.load(source)
        if imported.diagnostics:
            raise SpecError(imported.diagnostics)
        for name, definition in imported.own.items():
            self._add(module, name, definition, statement)

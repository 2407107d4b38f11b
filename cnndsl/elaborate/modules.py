"""The names that a file can see: its own definitions, those of its imports, and what it uses of ``std``."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from cnndsl import std
from cnndsl.diagnostics.model import Diagnostic, Edit, Label, SpecError
from cnndsl.elaborate.spelling import guess, respelling
from cnndsl.elaborate.values import Definition, fail
from cnndsl.ops import registry
from cnndsl.source import Source
from cnndsl.syntax import ast
from cnndsl.syntax.errors import MAX_BYTES, MAX_WORDS, words
from cnndsl.syntax.parser import parse_tolerant

MAX_IMPORT_DEPTH = 16
MAX_FILES = 200
MAX_HEADS = 50
MAX_FOUND = 100
"""Mistakes that are told of a file and its imports before its names are looked at."""

Parser = Callable[[Source], tuple[ast.File, list[Diagnostic]]]
Reader = Callable[[Source, ast.Import], Source]
"""Finds an imported file. Raises SpecError where it may not or can't be read."""


@dataclass(slots=True)
class Module:
    """A file, and everything that its text can name."""

    file: ast.File
    names: dict[str, Definition] = field(default_factory=dict)
    own: dict[str, Definition] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    syntax: list[Diagnostic] = field(default_factory=list)
    """What is wrong with the text itself; ``diagnostics`` has it too."""
    damaged: set[Definition] = field(default_factory=set)
    """Definitions of which text is missing, or whose file has mistakes: nothing is concluded from them. All files of
    a spec share the set."""
    doubtful: set[str] = field(default_factory=set)
    """Own definitions that use names which only missing text can define."""
    lost: set[str] = field(default_factory=set)
    """Names that missing text may define."""
    heads: list[str] = field(default_factory=list)
    """Heads of definitions that have mistakes: the name may be another."""
    imported: set[str] = field(default_factory=set)
    """Files."""
    open: bool = False
    """Whether it can't be known which names are missing."""

    @property
    def networks(self) -> dict[str, Definition]:
        return {n: d for n, d in self.own.items() if isinstance(d.syntax, ast.Network)}


def unsound(module: Module) -> set[Definition]:
    """The definitions that are damaged or use, themselves or by others, one that is.

    A definition's text says which names it may use: that is enough, and cheap where all is well.
    """
    found = module.damaged | {module.own[name] for name in module.doubtful}
    if not found:
        return found
    users: dict[Definition, list[Definition]] = {}
    seen, queue = set(module.names.values()), list(module.names.values())
    while queue:
        definition = queue.pop()
        words = set(re.findall(r"[A-Za-z_]\w*", definition.syntax.span.text))
        for used in (definition.names[word] for word in words if word in definition.names):
            users.setdefault(used, []).append(definition)
            if used not in seen:
                seen.add(used)
                queue.append(used)
    queue = list(found)
    while queue:
        for user in users.get(queue.pop(), ()):
            if user not in found:
                found.add(user)
                queue.append(user)
    return found


class Modules:
    """Loads files and what they import, each once."""

    def __init__(self, read: Reader, parse: Parser = parse_tolerant) -> None:
        self.read, self.parse = read, parse
        self.damaged: set[Definition] = set()
        self.characters, self.words = 0, 0
        self.loaded: dict[str, Module] = {}
        self.loading: list[str] = []
        self.cut: set[tuple[str, int]] = set()
        """Definitions, by file and start, that end too early."""

    def load(self, source: Source) -> Module:
        """The module of a source.

        What is wrong with the text, its imports and names is in ``diagnostics``.
        """
        if source.name in self.loaded:
            return self.loaded[source.name]
        self.loading.append(source.name)
        try:
            file, found = self.parse(source)
            if found:
                from cnndsl.elaborate.foreign import worded  # only where there is a mistake

                found = [worded(each) for each in found]
            module = Module(file, diagnostics=list(found), syntax=found, damaged=self.damaged)
            self.loaded[source.name] = module
            self._gaps(module)
            for use in module.file.uses:
                self._collect(module, partial(self._use, module, use))
            for statement in module.file.imports:
                self._collect(module, partial(self._import, module, statement))
            for definition in module.file.definitions:
                self._collect(module, partial(self._define, module, definition))
        finally:
            self.loading.pop()
        return module

    def _collect(self, module: Module, action: Callable[[], None]) -> None:
        try:
            action()
        except SpecError as error:
            self._tell(module, error.diagnostics)

    def _tell(self, module: Module, found: Sequence[Diagnostic]) -> None:
        module.diagnostics.extend(found[: max(0, MAX_FOUND - len(module.diagnostics))])

    def _gaps(self, module: Module) -> None:
        """What text that could not be read may define, outside of the definitions."""
        known = module.file.definitions
        definitions = [d.span for d in known]
        ends = [d.end for d in definitions]
        for gap in module.file.broken:
            index = bisect_right(ends, gap.start)
            if index < len(definitions) and definitions[index].start <= gap.start:
                head = known[index].body.span.start
                if gap.start < head and len(module.heads) < MAX_HEADS:
                    module.heads.append(gap.source.text[definitions[index].start : head][:1000])
                continue
            if index:  # a brace too early makes the rest of a definition stand outside
                self.cut.add((module.file.source.name, definitions[index - 1].start))
            words = re.findall(r"[A-Za-z_]\w*", gap.text)
            module.lost.update(words)
            module.open = module.open or not words or not {"block", "network", "import"}.isdisjoint(words)

    def _define(self, module: Module, syntax: ast.Block | ast.Network) -> None:
        name = syntax.name
        definition = Definition(syntax, module.names)
        if name.name in module.own:
            first = module.own[name.name].syntax.name.span
            raise fail("E0203", f"`{name.name}` is defined twice", name.span, labels=(Label(first, "first here"),))
        if name.name in registry:
            raise fail("E0203", f"`{name.name}` is an op: a definition can't take its name", name.span)
        module.own[name.name] = definition
        imported = module.names.get(name.name)
        module.names[name.name] = definition  # also where the name is taken: the calls in this file mean this one
        if imported is not None:
            other = imported.syntax.name.span
            raise fail("E0203", f"`{name.name}` is imported from elsewhere as well", name.span,
                       labels=(Label(other, "the other one"),),
                       help="give this one another name, or leave the import out")  # fmt: skip
        gaps = module.file.broken
        start, end = syntax.span.start, syntax.span.end
        if (module.file.source.name, start) in self.cut or any(start <= gap.start < end for gap in gaps):
            module.damaged.add(definition)

    def _add(self, module: Module, name: str, definition: Definition, place: ast.Name | ast.Import) -> None:
        if name in module.names and module.names[name] is not definition:
            other = module.names[name].syntax.name.span
            raise fail("E0203", f"`{name}` is imported from elsewhere as well", place.span,
                       labels=(Label(other, "the other one"),))  # fmt: skip
        module.names[name] = definition

    def _use(self, module: Module, use: ast.Use) -> None:
        library, _, name = use.name.name.partition(".")
        if library != "std":
            module.lost.add(name)
            fix = (Edit(use.span, f"std.{name}"),) if name in std.index() else ()
            raise fail("E0701", f"there is no library `{library}`", use.span, help=f"`use std.{name}`", fix=fix)
        source = std.index().get(name)
        if source is None:
            module.lost |= {name, *guess(name, std.index()).names}
            known = [f"std.{each}" for each in std.index()]
            raise fail("E0201", f"`std` has no block `{name}`", use.span,
                       **respelling(use.name.name, use.span, known))  # fmt: skip
        self._add(module, name, self.load(source).own[name], use.name)

    def _import(self, module: Module, statement: ast.Import) -> None:
        module.open, before = True, module.open  # until it is known which names it brings
        if len(module.diagnostics) >= MAX_FOUND or self._full:
            return
        source = self.read(module.file.source, statement)
        if source.name in module.imported:
            module.open = before
            return
        module.imported.add(source.name)
        if source.name in self.loading:
            cycle = " → ".join([*self.loading[self.loading.index(source.name) :], source.name])
            raise fail("E0703", "these files import each other", statement.span, notes=(cycle,))
        if len(self.loading) >= MAX_IMPORT_DEPTH or len(self.loaded) >= MAX_FILES:
            raise fail("E0603", f"more than {MAX_IMPORT_DEPTH} imports inside one another or {MAX_FILES} files",
                       statement.span)  # fmt: skip
        if source.name not in self.loaded:
            self._take(source, statement)
        imported = self.load(source)
        module.open = before or bool(imported.syntax)
        if imported.diagnostics:
            module.damaged.update(imported.own.values())
        for name, definition in imported.own.items():
            self._collect(module, partial(self._add, module, name, definition, statement))
        self._tell(module, imported.diagnostics)

    @property
    def _full(self) -> bool:
        return self.characters > MAX_BYTES or self.words > MAX_WORDS

    def _take(self, source: Source, statement: ast.Import) -> None:
        """Raises SpecError (E0603) where a file is more than a spec may have, with what is loaded."""
        if not self.words:
            main = next(iter(self.loaded.values())).file.source
            self.characters, self.words = len(main.text), words(main.text)
        self.characters += len(source.text)
        self.words += words(source.text)
        if self._full:
            raise fail("E0603", f"a spec with all that it imports has more than {MAX_BYTES:,} characters"
                       f" or {MAX_WORDS:,} words and signs", statement.span)  # fmt: skip

"""A file as the rules see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from cnndsl.diagnostics.model import SpecError
from cnndsl.elaborate import Module
from cnndsl.elaborate.modules import Reader
from cnndsl.elaborate.values import Definition
from cnndsl.lint.names import Usage, usage_of
from cnndsl.syntax import ast


class Program:
    """A file without mistakes, and what several rules ask about it."""

    def __init__(self, module: Module, read: Reader, elsewhere: Callable[[], set[str]] | None) -> None:
        self.module = module
        self.read = read
        self._elsewhere = elsewhere

    @property
    def file(self) -> ast.File:
        return self.module.file

    @cached_property
    def usages(self) -> dict[str, Usage]:
        """The names of each definition of the file, by its own name."""
        return {name: usage_of(definition.syntax) for name, definition in self.module.own.items()}

    @cached_property
    def used(self) -> set[str]:
        """The names from outside that some definition uses."""
        return set().union(*(usage.used for usage in self.usages.values()))

    @cached_property
    def values(self) -> set[str]:
        """The names that some definition gives to another."""
        return set().union(*(usage.values for usage in self.usages.values()))

    @cached_property
    def elsewhere(self) -> set[str]:
        """The words of the files known to import this one."""
        return self._elsewhere() if self._elsewhere else set()

    def imported(self, statement: ast.Import) -> set[str] | None:
        """The names that an import brings; None where that is not known."""
        try:
            source = self.read(self.file.source, statement)
        except SpecError:
            return None
        names = self.module.names.items()
        return {name for name, d in names if d.syntax.span.source.name == source.name}

    def family(self, definition: Definition) -> Iterator[Definition]:
        """A network, the family that it is a member of, and so on."""
        current: Definition | None = definition
        while current is not None:
            yield current
            syntax = current.syntax
            base = syntax.base if isinstance(syntax, ast.Network) else None
            current = current.names.get(base.name.name) if base else None

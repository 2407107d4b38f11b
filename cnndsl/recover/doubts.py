"""What a recovered text is not trusted in, since it turned out wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from cnndsl.recover.terms import Block, If, steps_of
from cnndsl.recover.tree import Scope


class Trust(IntEnum):
    """How much is guessed where it is not known which guess was wrong. Each level leaves out more."""

    ALL = 0
    NO_CONDITIONS = 1
    NO_BLOCKS = 2
    NO_LIBRARY = 3


@dataclass(slots=True)
class Doubts:
    """By the paths of scopes: the blocks of the library that they are no calls of, and those that are written out."""

    library: set[tuple[str, str]] = field(default_factory=set)
    plain: set[str] = field(default_factory=set)
    trust: Trust = Trust.ALL

    def about(self, scope: Scope, block: Block) -> None:
        """Don't make this scope a call of this block again."""
        if block.library:
            self.library.add((block.name, scope.path))
        else:
            self.plain.add(scope.path)

    def size(self) -> int:
        return len(self.library) + len(self.plain) + self.trust

    def allows_all(self, scopes: Iterable[Scope]) -> bool:
        """Whether scopes may be calls of a block that has conditions."""
        return self.trust < Trust.NO_CONDITIONS and not any(scope.path in self.plain for scope in scopes)

    def allows(self, block: Block, scopes: Sequence[Scope]) -> bool:
        """Whether scopes may be calls of a block of this spec's own."""
        if self.trust >= Trust.NO_BLOCKS or any(scope.path in self.plain for scope in scopes):
            return False
        conditional = any(isinstance(step, If) for step in steps_of(block.body))
        return not (conditional and self.trust >= Trust.NO_CONDITIONS)

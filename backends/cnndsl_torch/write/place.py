"""What the writing of a class keeps at hand: the flowing value, where statements go, where children live."""

from __future__ import annotations

import ast as py
import keyword
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from cnndsl_torch import tree
from cnndsl_torch.names import is_name, word
from cnndsl_torch.tree import Expr, Stmt

IN_CHANNELS = "in"
"""Stands for the channels of a class's input among the parameters that something depends on."""

Depends = frozenset[str]
"""Parameters of the class whose value decides something, `IN_CHANNELS` among them."""
NOTHING: Depends = frozenset()


class Decline(Exception):
    """Something can't be written so that it holds for every expansion, or for every turn: a loop around it is written
    out turn by turn, or expansions get classes of their own."""


class Anew(Exception):
    """The whole file must be written again: something was learned that other classes of it must know."""


class Fix(Exception):
    """Something can't be written for other values of some parameters: they are constants of the class."""

    def __init__(self, parameters: Depends) -> None:
        super().__init__(", ".join(sorted(parameters)))
        self.parameters = parameters


@dataclass(frozen=True, slots=True)
class Value:
    """The flowing value: an expression of ``forward``, and its channels as one of ``__init__``.

    ``weight`` counts what the expression applies already: it is given a variable before it grows dense.
    ``sized`` is what its height and width depend on beside those of the class's input.
    """

    tensor: Expr
    channels: Expr
    weight: int = 0
    sized: Depends = NOTHING


@dataclass(slots=True)
class Names:
    """Variables of one function, each used once; those of a loop are free again behind it."""

    used: set[str]
    counts: dict[str, int] = field(default_factory=dict)
    """For a hint, the number below which all are taken."""

    def new(self, hint: str) -> str:
        hint = f"{hint}_" if hint in ("l", "O", "I") else word(hint)  # which linters take for digits
        count = self.counts.get(hint, 1)
        while (name := hint if count == 1 else f"{hint}{count}") in self.used or keyword.iskeyword(name):
            count += 1
        self.used.add(name)
        self.counts[hint] = count + 1
        return name

    def __copy__(self) -> Names:
        return Names(set(self.used), dict(self.counts))

    def free(self, names: Collection[str]) -> None:
        self.used.difference_update(names)
        self.counts.clear()


@dataclass(slots=True, eq=False)
class Container:
    """Where the children of a scope are registered: attributes of the class, or keys of an ``nn.ModuleDict``."""

    path: Expr
    keyed: bool
    depth: int = 0
    """How many loops are around it."""
    used: bool = False
    shifted: Depends = NOTHING
    """What the positions of its further children depend on."""

    def child(self, key: Expr) -> Expr:
        """A child by its name, a string or f-string."""
        self.used = True
        literal = getattr(key, "value", None)
        own = isinstance(self.path, py.Name) and isinstance(literal, str) and is_name(literal)
        if isinstance(literal, str) and (own or not self.keyed):
            return tree.attribute(self.path, literal)
        return tree.subscript(self.path, key)


@dataclass(frozen=True, slots=True)
class Measured:
    """A height or width, or what is computed from such, in ``forward``."""

    expr: Expr
    number: int | float | None
    """What it is in all expansions; None where it differs."""
    depends: Depends = NOTHING
    """The parameters that it depends on as well."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is being written."""

    init: list[Stmt]
    forward: list[Stmt]
    container: Container
    variable: str
    """The variable of ``forward`` that the flow may overwrite."""
    names: Mapping[str, Expr] = field(default_factory=dict)
    """What the names of the spec are in ``__init__``."""
    sizes: Mapping[str, Measured] = field(default_factory=dict)
    """What those are in ``forward`` that stand for heights and widths."""
    trained: bool = False
    """Whether only training runs the statements of ``forward`` that are written here."""

    def knowing(self, name: str, value: Expr) -> Place:
        return replace(self, names={**self.names, name: value})

    def measuring(self, name: str, measured: Measured) -> Place:
        return replace(self, sizes={**self.sizes, name: measured})

    def inside(self, init: list[Stmt], forward: list[Stmt]) -> Place:
        return replace(self, init=init, forward=forward)


def stored(value: Value, variable: str, forward: list[Stmt]) -> Value:
    """The value in a variable."""
    if isinstance(value.tensor, py.Name) and value.tensor.id == variable:
        return value
    target = tree.name(variable)
    forward.append(tree.assign(target, value.tensor))
    return replace(value, tensor=target, weight=0)


def settled(value: Value, place: Place) -> Value:
    """The value in some variable: the one it is in, or the place's."""
    simple = isinstance(value.tensor, py.Name) or not value.weight
    return value if simple else stored(value, place.variable, place.forward)

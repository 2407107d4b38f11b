"""What names stand for at a place: the values of a body, then those around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cnndsl.elaborate.values import Definition, Value


class Env:
    """Values by name: those of one body, then those around it."""

    __slots__ = ("definitions", "outer", "values")

    def __init__(self, definitions: Mapping[str, Definition], outer: Env | None = None) -> None:
        self.definitions = definitions
        self.outer = outer
        self.values: dict[str, Value] = {}

    def inner(self) -> Env:
        return Env(self.definitions, self)

    def find(self, name: str, default: Value = None) -> Value:
        """The value of a name. (`Mapping.get` would raise and catch a KeyError for each op's name.)"""
        env: Env | None = self
        while env is not None:
            if name in env.values:
                return env.values[name]
            env = env.outer
        return default

    def __getitem__(self, name: str) -> Value:
        value = self.find(name, KeyError)
        if value is KeyError:
            raise KeyError(name)
        return value

    def __setitem__(self, name: str, value: Value) -> None:
        self.values[name] = value

    def redefine(self, name: str, value: Value) -> None:
        """Give a name another value where it is defined: what a mistake in it is meant to be."""
        env: Env | None = self
        while env is not None and name not in env.values:
            env = env.outer
        if env is not None:
            env.values[name] = value

    def __iter__(self) -> Iterator[str]:
        env: Env | None = self
        while env is not None:
            yield from env.values
            env = env.outer

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name, KeyError) is not KeyError

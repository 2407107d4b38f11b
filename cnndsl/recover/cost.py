"""The one measure by which a text is better than another: its lines, and then its length."""

from __future__ import annotations

from cnndsl.recover.terms import Block, Body, From, If, steps_of
from cnndsl.recover.write import Writer

WIDTH = 110
"""Characters of a line, as a rough guess of where the formatter breaks it."""


class Cost:
    """Lines of bodies as they are printed, kept by body."""

    def __init__(self, blocks: dict[str, Block]) -> None:
        self.writer = Writer(blocks)
        self._known: dict[Body, int] = {}

    def lines(self, body: Body) -> int:
        if body not in self._known:
            text = "\n".join(self.writer.statements(body))
            self._known[body] = sum(1 + len(line) // WIDTH for line in text.split("\n")) if body else 0
        return self._known[body]

    def weight(self, body: Body) -> int:
        """Lines, and one for each condition and `from`: they send the reader elsewhere."""
        return self.lines(body) + sum(isinstance(step, If | From) for step in steps_of(body))

"""How large a spec may become, so that none can hang or exhaust the machine that checks it."""

from __future__ import annotations

from dataclasses import dataclass

from cnndsl.diagnostics.model import SpecError
from cnndsl.elaborate.values import Unknown, fail
from cnndsl.source import Span

TURN = 15
"""The steps that a body counts for by itself, each time that it is expanded: what it costs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one file's elaboration. A caller who trusts a spec may raise them."""

    nodes: int = 100_000
    """Ops of one network after expansion."""
    steps: int = 2_000_000
    """Statements expanded and values computed, over all of a file; a call, lane or turn counts `TURN`."""
    depth: int = 48
    """Block calls inside one another."""
    items: int = 100_000
    """Items of one list, those of the lists inside it included."""
    integer: int = 10**18
    """The largest absolute value of an integer."""


class Budget:
    """What is left of the limits while a file is elaborated."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.steps = limits.steps
        self.empty = False

    def spend(self, steps: int, span: Span) -> None:
        """Raises SpecError (E0603) when nothing is left, then Unknown: it is said once."""
        self.steps -= steps
        if self.steps < 0:
            if self.empty:
                raise Unknown
            self.empty = True
            raise self.exceeded("steps", "this spec expands to", self.limits.steps, "steps", span)

    def exceeded(self, limit: str, what: str, value: int, unit: str, span: Span) -> SpecError:
        return fail("E0603", f"{what} more than {value:,} {unit}", span,
                    help=f"the limit guards against runaway specs; raise it with `--limit {limit}=N`")  # fmt: skip

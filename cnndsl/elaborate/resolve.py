"""Names without evaluation: what can be said of a block that nothing calls.

The expansion finds the same mistakes with the same code and place where a block is called; one of each is
reported.
"""

from __future__ import annotations

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.elaborate.modules import Module


def resolve(module: Module) -> list[Diagnostic]:
    """Mistakes in names."""
    return []

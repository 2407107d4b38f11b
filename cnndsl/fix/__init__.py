"""Repairs that diagnostics bring, made to texts in memory, as far as they help.

Nothing here reads or writes a file, or knows what is looked for: that is the caller's ``find``.
"""

from cnndsl.fix.engine import Find, Repaired, repair
from cnndsl.fix.patience import Patience

__all__ = ["Find", "Patience", "Repaired", "repair"]

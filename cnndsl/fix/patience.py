"""How long repairs are tried: a text at the compiler's limits takes seconds to check once.

The time is the processor's, so that it does not depend on what else runs.
"""

from __future__ import annotations

import time


class Patience:
    """Some tries, in some seconds. ``ended`` says that one more was wanted."""

    def __init__(self, seconds: float, tries: int = 100) -> None:
        self.end = time.process_time() + seconds
        self.tries = tries
        self.ended = False

    def another(self) -> bool:
        """Whether to try once more."""
        self.tries -= 1
        self.ended = self.ended or self.tries < 0 or time.process_time() > self.end
        return not self.ended

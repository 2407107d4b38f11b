"""How the cost of a job grows with its size."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

ATTEMPTS = 5


def assert_linear(job: Callable[[int], Callable[[], object]], small: int, times: int, slack: float = 2.5) -> None:
    """A job ``times`` as large as ``small`` takes at most ``slack`` times the time that a linear one takes.

    ``job(size)`` prepares the work of that size, which is then timed: in this process's own time, with the
    garbage of other tests out of the way. A busy machine can make one measurement long and none short, so
    the least of a few counts, and one good attempt is proof.
    """
    job(small)()
    ratios = []
    for _ in range(ATTEMPTS):
        one = min(_seconds(job(small)) for _ in range(3))
        ratios.append(_seconds(job(small * times)) / one)
        if ratios[-1] < slack * times:
            return
    raise AssertionError(f"{times} times the size took {', '.join(f'{r:.0f}' for r in ratios)} times the time")


def _seconds(work: Callable[[], object]) -> float:
    gc.freeze()
    try:
        start = time.process_time()
        work()
        return time.process_time() - start
    finally:
        gc.unfreeze()

"""Fuzz for a given time: ``python -m tests.fuzz.run 60 [seed]``. A text that breaks anything is printed.

Each text is checked in this process, under an alarm; exits with 1 if any took long or ended in a traceback.
"""

from __future__ import annotations

import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from types import FrameType

from cnndsl.pipeline import from_text
from tests.fuzz import sources

LONGEST = 10


class Slow(BaseException):
    """A text took too long."""


def alarm(_signal: int, _frame: FrameType | None) -> None:
    raise Slow


def texts(chance: random.Random) -> list[Callable[[], str]]:
    def spec() -> str:
        return chance.choice(sources.zoo())[1]

    def edit() -> str:
        text = spec()
        return chance.choice([*sources.edited(text, chance.randrange(len(sources.tokens(text))))])[1]

    return [
        lambda: sources.sequence(chance),
        lambda: sources.mutated(spec(), chance),
        lambda: sources.renumbered(spec(), chance),
        lambda: spec()[: chance.randrange(5000)],
        lambda: chance.randbytes(chance.randrange(2000)).decode("utf-8", "replace"),
        edit,
    ]


def main(seconds: float, seed: int) -> int:
    chance = random.Random(seed)
    signal.signal(signal.SIGALRM, alarm)
    end, count, broken, worst = time.monotonic() + seconds, 0, 0, 0.0
    makers = texts(chance)
    while time.monotonic() < end:
        text = chance.choice(makers)()
        start = time.monotonic()
        signal.alarm(LONGEST)
        try:
            from_text(text, "fuzz.cnn", sources.folder()).check()
        except (Exception, Slow):
            broken += 1
            print(f"--- seed {seed}, text {count}:\n{text}\n")
            traceback.print_exc(limit=-6)
        signal.alarm(0)
        worst = max(worst, time.monotonic() - start)
        count += 1
    print(f"{count} texts, {broken} broken, the slowest {worst:.2f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))

"""One stage under atheris, which keeps the texts that reach new code: ``python -m tests.fuzz.target STAGE …``.

The other arguments are libFuzzer's. `run.py` starts this.
"""

from __future__ import annotations

import random
import sys

import atheris

with atheris.instrument_imports(include=["cnndsl", "cnndsl_torch"], enable_loader_override=False):
    import cnndsl_torch.write.program  # noqa: F401  (loaded by its entry point otherwise, and not instrumented)
    from tests.fuzz import sources
    from tests.fuzz.stages import STAGES


def main(stage: str, arguments: list[str]) -> None:
    holds = STAGES[stage]

    def test(data: bytes) -> None:
        holds(data.decode("utf-8", "replace"))

    def mutate(data: bytes, size: int, seed: int) -> bytes:
        """Mostly by the language's own words; libFuzzer's changes of bytes do the rest."""
        chance = random.Random(seed)
        if chance.random() < 0.1:
            return bytes(atheris.Mutate(data, size))
        changed = sources.mutated(data.decode("utf-8", "replace"), chance)
        return changed.encode("utf-8", "replace")[:size]

    atheris.Setup([sys.argv[0], *arguments], test, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

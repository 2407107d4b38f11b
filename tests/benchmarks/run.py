"""Measures speed, as ratios of medians in one run, and writes `docs/performance.md`.

    python tests/benchmarks/run.py [--runs N] [--no-write]

Each comparison runs its two sides in turn, A B A B …, so that a machine whose speed drifts, drifts for both.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PEER = (
    "import sys, types;"
    "sys.modules['torchvision._meta_registrations'] = types.ModuleType('torchvision._meta_registrations');"
    "import torchvision, torchinfo;"
    "torchinfo.summary(torchvision.models.resnet152(), (1, 3, 224, 224), verbose=0)"
)
"""What people run today to learn shapes and parameters: build the model, and let torchinfo go through it."""

Row = tuple[str, str, str]


def process(*command: str) -> float:
    """The wall time of a whole process, in seconds. Bytecode may be cached, as on a user's machine."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, env=environment, capture_output=True)
    return time.perf_counter() - started


def paired(runs: int, ours: Callable[[], float], other: Callable[[], float]) -> tuple[float, float, float]:
    """Medians of both, and the median ratio other / ours, pair by pair after one warm-up."""
    ours(), other()
    pairs = [(ours(), other()) for _ in range(runs)]
    a, b = (statistics.median(side) for side in zip(*pairs, strict=True))
    return a, b, statistics.median(y / x for x, y in pairs)


def check_against_peer(runs: int) -> list[Row]:
    cnndsl = str(Path(sys.executable).with_name("cnndsl"))
    rows = []
    for how, options in (("nothing cached", ("--no-cache",)), ("an unchanged file", ())):
        a, b, ratio = paired(
            runs,
            lambda options=options: process(cnndsl, "check", "specs/resnet.cnn", *options),  # type: ignore[misc]
            lambda: process(sys.executable, "-c", PEER),
        )
        what = f"`cnndsl check specs/resnet.cnn`, 12 networks, {how}, against torchvision + torchinfo on resnet152"
        rows.append((what, f"{1000 * a:.0f} ms against {1000 * b:.0f} ms", f"{ratio:.1f} times faster"))
    return rows


def whole_zoo(runs: int) -> Row:
    from cnndsl.pipeline import from_path

    def once() -> float:
        started = time.perf_counter()
        for path in sorted((ROOT / "specs").glob("*.cnn")):
            assert not from_path(path).check()
        return time.perf_counter() - started

    once()
    seconds = statistics.median(once() for _ in range(runs))
    count = len(list((ROOT / "specs").glob("*.cnn")))
    return "the whole zoo checked in one process", f"{count} files in {seconds:.2f} s", ""


def layers(count: int) -> float:
    """Seconds to check a network of so many layers."""
    from cnndsl.pipeline import from_text

    text = (
        "block Unit(c) { add { | conv1: conv(c, 3x3, pad=1, bias=false) -> bn1: bn -> relu "
        "-> conv2: conv(c, 3x3, pad=1, bias=false) -> bn2: bn | }\n relu }\n"
        f"network deep : 8 x 32 x 32 -> 10 {{ Unit(8) * {count // 7}\n global_avgpool -> linear(10) }}"
    )
    started = time.perf_counter()
    assert from_text(text).check() == []
    return time.perf_counter() - started


def scaling(runs: int) -> list[Row]:
    layers(1_000)
    small, large, ratio = paired(runs, lambda: layers(1_000) / 1_000, lambda: layers(100_000) / 100_000)
    return [
        ("cost of a layer, a network of 100,000 against one of 1,000",
         f"{1e6 * large:.1f} µs against {1e6 * small:.1f} µs", f"{ratio:.2f} times"),
        ("layers checked a second", f"{1 / large:,.0f}", ""),
    ]  # fmt: skip


def generated_against_reference(runs: int) -> list[Row]:
    """Forward and backward of the emitted modules against torchvision's, on this machine's processor."""
    import torch

    import cnndsl
    from tests.reference import torchvision_models

    rows = []
    for name in ("resnet18", "densenet121", "googlenet", "squeezenet1_1"):
        options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
        models = [cnndsl.load(name), getattr(torchvision_models(), name)(weights=None, **options)]
        image = torch.randn(4, 3, 128, 128)

        def step(model: torch.nn.Module, image: torch.Tensor = image) -> float:
            started = time.perf_counter()
            model.train()(image).sum().backward()
            return time.perf_counter() - started

        _, _, ratio = paired(2 * runs, lambda: step(models[0]), lambda: step(models[1]))  # noqa: B023 - called at once
        rows.append(
            (f"forward + backward of {name}, emitted module against torchvision's", "", f"{ratio:.2f} times as fast")
        )
    return rows


def machine() -> str:
    import torch

    model = platform.processor() or platform.machine()
    return (f"Python {platform.python_version()}, torch {torch.__version__}, {os.cpu_count()} cores of {model}, "
            f"{platform.system()}; a shared machine, so the ratios are what to read.")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    rows = [*check_against_peer(options.runs), whole_zoo(options.runs), *scaling(options.runs)]
    rows += generated_against_reference(options.runs)
    table = ["| what | measured | ratio |", "| --- | --- | --- |", *(f"| {a} | {b} | {c} |" for a, b, c in rows)]
    text = "# Performance\n\nWritten by `make bench`.\n\n" + machine() + "\n\n" + "\n".join(table) + "\n"
    print(text)
    if not options.no_write:
        (ROOT / "docs" / "performance.md").write_text(text)


if __name__ == "__main__":
    main()

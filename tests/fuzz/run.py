"""Coverage-guided fuzzing of each stage: ``python -m tests.fuzz.run SECONDS [STAGE]``; exits with 1 for a finding.

A finding is a text that breaks one of `stages`, takes more than 30 seconds or 1 GB. It is kept in build/fuzz/found/;
``python -m tests.fuzz.run FILE STAGE`` runs it again. What reached new code is kept in build/fuzz/ for the next run.
Each run is another one, unless FUZZ_SEED is set to a number.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

from tests.fuzz import sources
from tests.fuzz.stages import STAGES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "fuzz"
BOUNDS = ["-timeout=30", "-rss_limit_mb=1024", "-max_len=3000", "-print_final_stats=1", "-verbosity=1"]
SEED = os.environ.get("FUZZ_SEED", "0")
"""0 is libFuzzer's word for one that it draws."""


def fuzz(stage: str, seconds: int) -> bool:
    """Whether nothing was found."""
    corpus, found = FOLDER / stage, FOLDER / "found"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(sources.seeds()):
        (corpus / f"seed-{number}").write_text(text, "utf-8")
    command = [sys.executable, "-m", "tests.fuzz.target", stage, *BOUNDS, f"-seed={SEED}", f"-max_total_time={seconds}"]
    command += [f"-artifact_prefix={found}/{stage}-", str(corpus)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    count = re.search(r"number_of_executed_units: *(\d+)", done.stderr)
    if done.returncode or not count:
        said = [line for line in done.stderr.splitlines() if not line.startswith(("INFO:", "WARNING:", "stat::", "#"))]
        print(done.stdout[-3000:], *said[-60:], sep="\n")
        for path in re.findall(r"Test unit written to (\S+)", done.stderr):
            print(f"{stage}: a finding; again with: {sys.executable} -m tests.fuzz.run {path} {stage}")
        return False
    print(f"{stage}: {count[1]} texts in {seconds} s, nothing found")
    return True


def main(what: str, *stages: str) -> int:
    if not what.isdigit():
        for stage in stages:
            STAGES[stage](Path(what).read_bytes().decode("utf-8", "replace"))
        return 0
    if importlib.util.find_spec("atheris") is None:
        system = f"{platform.system()} {platform.machine()}"
        if system == "Linux x86_64":
            print("fuzzing needs atheris, which is not installed: nothing was fuzzed")
            return 1
        print(f"fuzzing needs atheris, which has no wheel for {system}: nothing was fuzzed")
        return 0
    chosen = stages or tuple(STAGES)
    each = max(1, int(what) // len(chosen))
    sound = [fuzz(stage, each) for stage in chosen]
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""Writes the pages and pictures of `docs/` that are made from the code, and the parse tables, as `make docs` runs it.

    python docs/generate.py [--check]

With ``--check`` it writes nothing, names what is out of date, and exits with 1 if anything is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from cnndsl.syntax.grammar import tables  # noqa: E402
from docs.pages import pictures, texts  # noqa: E402

DOCS = ROOT / "docs"
OWNED = ("reference/diagnostics/*.md", "reference/schemas/*.json", "images/gallery/*.svg")
"""Where everything is generated: a file that is no longer made is removed."""


def files() -> Iterator[tuple[str, bytes]]:
    """Everything that is generated: paths below `docs/` with their content, the same at each run."""
    for path, text in texts().items():
        yield path, text.encode()
    yield from pictures()
    yield "../cnndsl/syntax/tables.json", tables()


def stale(made: set[str]) -> list[Path]:
    """Files that were generated once and are no more."""
    found = [path for pattern in OWNED for path in DOCS.glob(pattern)]
    return sorted(path for path in found if path.relative_to(DOCS).as_posix() not in made)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the generated documentation.")
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    check = parser.parse_args().check
    made: set[str] = set()
    changed: list[Path] = []
    for name, content in files():
        made.add(name)
        path = DOCS / name
        if not path.is_file() or path.read_bytes() != content:
            changed.append(path)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    for path in stale(made):
        changed.append(path)
        if not check:
            path.unlink()
    for path in changed:
        print(f"{'out of date' if check else 'written'}: {path.relative_to(ROOT).as_posix()}")
    print(f"{len(changed):,} of {len(made):,} generated files {'are out of date' if check else 'changed'}")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())

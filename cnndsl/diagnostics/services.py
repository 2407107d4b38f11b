"""What services that show findings beside the code need of them: the repository's paths, and what stays the same."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256

from cnndsl.diagnostics.model import Diagnostic


def place(name: str) -> str:
    """A file's path in its repository, with `/`; in the current folder where there is none.

    A name that is no file's, as ``<stdin>`` and those inside the package, stays as it is.
    """
    if not os.path.exists(name):
        return name
    path = os.path.abspath(name)
    root = _repository(os.path.dirname(path)) or os.getcwd()
    inside = path.startswith(os.path.join(root, ""))
    return (os.path.relpath(path, root) if inside else path).replace(os.sep, "/")


@cache
def _repository(folder: str) -> str | None:
    if os.path.exists(os.path.join(folder, ".git")):
        return folder
    above = os.path.dirname(folder)
    return None if above == folder else _repository(above)


def fingerprints(found: Iterable[Diagnostic]) -> Iterator[str]:
    """Of each finding a text that stays the same when lines above it come or go.

    It is made of the code, the file, the line's text, and which of its like it is.
    """
    occurrences: Counter[str] = Counter()
    for each in found:
        source = each.span.source
        key = f"{each.code} {place(source.name)} {source.line(each.span.line).strip()}"
        occurrences[key] += 1
        yield sha256(f"{key} {occurrences[key]}".encode("utf-8", "replace")).hexdigest()[:32]

"""What services that show findings beside the code need of them: the repository's paths, and what stays the same."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from typing import Any

from cnndsl.diagnostics.drawing.cells import visible
from cnndsl.diagnostics.model import Diagnostic


def place(name: str) -> str:
    """A file's path in its repository, with `/`; in the current folder where there is none.

    A name that is no file's, as ``<stdin>`` and those inside the package, stays as it is.
    """
    if not os.path.exists(name):
        return name
    path = os.path.abspath(name)
    try:
        root = _repository(os.path.dirname(path)) or os.getcwd()
    except FileNotFoundError:  # the current folder was deleted
        return path
    return path.removeprefix(os.path.join(root, "")).replace(os.sep, "/")


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


def to_json(value: Any) -> str:
    """JSON in ASCII, which no stream's encoding spoils and no terminal obeys.

    Half a pair of surrogates, as in the name of a file that is not UTF-8, is no text to many readers: it is spelled.
    """
    return re.sub(r"[^ -~\n]+", _escaped, json.dumps(value, indent=2, ensure_ascii=False)) + "\n"


def _escaped(match: re.Match[str]) -> str:
    text = re.sub("[\ud800-\udfff]", lambda half: visible(half[0]), match[0])
    return json.dumps(text)[1:-1].replace("\x7f", "\\u007f")

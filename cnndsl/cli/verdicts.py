"""What is known of specs that did not change: one that was right is not checked again.

In the user's cache folder lies a small JSON file for each spec that nothing was wrong with. It holds while the spec,
all that it imports, the compiler with its standard library, and the limits are what they were: byte for byte, by their
hashes. An entry that is missing, damaged or another version's is no answer, and is replaced. Entries are written by
way of a neighbour, so that processes never see half of one.

This is on the way of every `check`. It imports next to nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.syntax.errors import MAX_BYTES

if TYPE_CHECKING:
    from cnndsl.diagnostics.model import Diagnostic
    from cnndsl.elaborate import Limits

PACKAGE = os.path.dirname(os.path.dirname(__file__))
NO_COMPILER = {"__pycache__", "_zoo", "cli", "drawing", "fix", "format", "lint", "lsp", "pages", "renderers"}
"""Folders of the package that no verdict depends on."""
MOST = 20_000
"""Entries, of 4 KiB each on most disks: those of files that are gone would pile up."""
MARK = b"\xef\xbb\xbf"


class Outcome(NamedTuple):
    """What checking a spec gave."""

    name: str
    """What diagnostics call its file."""
    networks: int
    found: tuple[Diagnostic, ...] = ()


class Import(NamedTuple):
    """A file that a spec read."""

    asked: str
    """Where the import statement leads, as it is written."""
    file: str
    """The file that this was."""
    digest: str


def digest(data: bytes) -> str:
    """Of a file's content. A byte order mark is no content."""
    return sha256(data.removeprefix(MARK)).hexdigest()


class Verdicts:
    """The cache, for checks with the same limits."""

    def __init__(self, limits: Limits | None) -> None:
        folder = _folder()
        self.folder = folder and os.path.join(folder, "cnndsl", "checked")
        self.version = _compiler() + (f" {limits}" if limits else "")

    def recall(self, path: str) -> Outcome | None:
        """The outcome of a file that is known to be right, else None."""
        entry = self._entry(path)
        if entry is None or not os.path.exists(entry):
            return None
        import json

        try:
            with open(entry, "rb") as file:
                version, content, networks, imports = json.loads(file.read())
            if version != self.version or not isinstance(networks, int) or _digest_of(path) != content:
                return None
            for asked, name, imported in imports:
                if os.path.realpath(asked) != name or _digest_of(name) != imported:
                    return None
        except (OSError, ValueError, TypeError, RecursionError):
            return None
        return Outcome(shown(path), networks)

    def keep(self, path: str, content: str, networks: int, imports: Iterable[Import]) -> None:
        """Remember that a file with this content is right. What can't be written is not remembered."""
        entry = self._entry(path)
        if entry is None:
            return
        import json
        from tempfile import mkstemp

        data = json.dumps([self.version, content, networks, list(imports)]).encode()
        try:
            folder = os.path.dirname(entry)
            os.makedirs(folder, mode=0o700, exist_ok=True)
            handle, name = mkstemp(dir=folder, prefix=".")
        except OSError:
            return
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(name, entry)
        except BaseException as error:
            if os.path.exists(name):
                os.unlink(name)
            if not isinstance(error, OSError):
                raise

    def tidy(self) -> None:
        """Where there are too many entries, forget the older half."""
        if self.folder is None:
            return
        try:
            with os.scandir(self.folder) as entries:
                found = list(entries)
            if len(found) > MOST:
                for each in sorted(found, key=lambda entry: entry.stat().st_mtime)[: len(found) // 2]:
                    os.unlink(each)
        except OSError:  # as where another process tidies, too
            return

    def _entry(self, path: str) -> str | None:
        """Where a file's verdict is kept. Its path and not its content names it: old ones do not pile up."""
        if self.folder is None or not path.endswith(".cnn"):
            return None
        return os.path.join(self.folder, sha256(os.fsencode(absolute(path))).hexdigest()[:32] + ".json")


def absolute(path: str) -> str:
    """The path from the root. It is not normalised: `a/../b` is not `b` where `a` is a link."""
    return path if os.path.isabs(path) else os.path.join(os.getcwd(), path)


def shown(path: str) -> str:
    """What diagnostics call a file."""
    from pathlib import PurePath

    return PurePath(path).as_posix()


def _digest_of(path: str) -> str | None:
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    return digest(data) if len(data) <= MAX_BYTES else None


def _folder() -> str | None:
    """The folder for caches, as `cnndsl.syntax.parser` has it."""
    given = os.environ.get("CNNDSL_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    home = given or os.path.join(os.path.expanduser("~"), ".cache")
    return home if not home.startswith("~") else None


@cache
def _compiler() -> str:
    """The compiler's version, to the letter: installed metadata would take longer to read than its text does."""
    found = sha256(repr(sys.version_info).encode())
    for folder, folders, names in os.walk(PACKAGE):
        folders[:] = sorted(set(folders) - NO_COMPILER)
        for name in sorted(names):
            with open(os.path.join(folder, name), "rb") as file:
                found.update(f"{name}\0".encode() + file.read())
    return found.hexdigest()

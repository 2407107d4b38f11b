"""What is known of specs that did not change: one that was right is not checked again.

In a folder that is the user's alone lies a small JSON file for each spec that nothing was wrong with. It holds while
the spec, all that it imports, the compiler with its standard library, and the limits are what they were: byte for byte,
by their hashes. An entry that is missing, damaged or another version's is no answer, and is replaced.

This is on the way of every `check`. It imports next to nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.cli.own_folder import OwnFolder, regular
from cnndsl.syntax.errors import MAX_BYTES

if TYPE_CHECKING:
    from cnndsl.diagnostics.model import Diagnostic
    from cnndsl.elaborate import Limits

PACKAGE = os.path.dirname(os.path.dirname(__file__))
NO_COMPILER = {"__pycache__", "_zoo", "cli", "drawing", "fix", "format", "lint", "lsp", "pages", "renderers"}
"""Folders of the package that no verdict depends on."""
MOST = 20_000
"""Entries, of 4 KiB each on most disks: those of files that are gone would pile up."""
LARGEST = 1_000_000
"""Bytes of an entry: with all imports that a spec may have."""
SPEC = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
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
        self.folder = _folder()
        self.version = _compiler() + (f" {limits}" if limits else "")

    def recall(self, path: str) -> Outcome | None:
        """The outcome of a file that is known to be right, else None."""
        entry = self._entry(path)
        if self.folder is None or entry is None:
            return None
        try:
            with OwnFolder(self.folder) as folder:
                data = folder.read(entry, LARGEST)
            import json

            version, content, networks, imports = json.loads(data)
            text = _content(path)
            if version != self.version or digest(text) != content:
                return None
            # No more than there can be: what is read here may be anything.
            if type(networks) is not int or not 0 <= networks <= text.count(b"network"):
                return None
            for asked, name, imported in imports:
                if os.path.realpath(asked) != name or digest(_content(name)) != imported:
                    return None
        except (OSError, ValueError, TypeError, RecursionError):
            return None
        return Outcome(shown(path), networks)

    def keep(self, path: str, content: str, networks: int, imports: Iterable[Import]) -> None:
        """Remember that a file with this content is right. What can't be written is not remembered."""
        entry = self._entry(path)
        if self.folder is None or entry is None:
            return
        import json

        data = json.dumps([self.version, content, networks, list(imports)]).encode()
        try:
            with OwnFolder(self.folder, make=True) as folder:
                folder.write(entry, data)
        except OSError:
            pass

    def tidy(self) -> None:
        """Where there are too many entries, forget the older half."""
        if self.folder is None:
            return
        try:
            with OwnFolder(self.folder) as folder:
                found = folder.files()
                if len(found) > MOST:
                    for _, name in sorted(found)[: len(found) // 2]:
                        folder.remove(name)
        except OSError:  # as where another process tidies, too
            return

    def _entry(self, path: str) -> str | None:
        """The name of a file's verdict. Its path and not its content makes it: old ones do not pile up."""
        if not path.endswith(".cnn"):
            return None
        try:
            place = absolute(path)
        except OSError:  # the working directory is gone
            return None
        return sha256(os.fsencode(place)).hexdigest()[:32] + ".json"


def absolute(path: str) -> str:
    """The path from the root. It is not normalised: `a/../b` is not `b` where `a` is a link."""
    return path if os.path.isabs(path) else os.path.join(os.getcwd(), path)


def shown(path: str) -> str:
    """What diagnostics call a file."""
    from pathlib import PurePath

    return PurePath(path).as_posix()


def _content(path: str) -> bytes:
    """Of a spec. Raises OSError, ValueError: none is there."""
    return regular(os.open(path, SPEC), MAX_BYTES)


def _folder() -> str | None:
    """Our folder among the user's caches. As XDG has it, a relative path is as good as none."""
    home = os.environ.get("HOME") != "" and os.path.join(os.path.expanduser("~"), ".cache")
    given = (os.environ.get("CNNDSL_CACHE_DIR"), os.environ.get("XDG_CACHE_HOME"), home)
    place = next((path for path in given if path and os.path.isabs(path)), None)
    return place and os.path.join(place, "cnndsl")


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

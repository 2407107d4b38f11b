"""The only place that reads the file system: specs, what they import, and the zoo."""

from __future__ import annotations

import os
import posixpath
import re
from functools import cache
from itertools import islice
from os.path import islink, join, realpath
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cnndsl.diagnostics.model import Diagnostic, Edit, SpecError
from cnndsl.source import Source, Span
from cnndsl.syntax.errors import MAX_BYTES

if TYPE_CHECKING:
    from cnndsl.syntax import ast


def read(path: Path, name: str | None = None) -> Source:
    """A spec's source. ``name`` is what diagnostics call it, the path by default.

    Raises:
        SpecError: the file can't be read, is too large or is not UTF-8.
    """
    source = Source(name or path.as_posix(), "")
    try:
        if path.is_dir():
            os.scandir(path).close()  # raises where it may not be looked into
            raise _unreadable(source, "is a folder")
        if not path.is_file():
            raise _unreadable(source, "does not exist or is no regular file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise _unreadable(source, f"is larger than {MAX_BYTES:,} bytes", "E0602")
        return Source(source.name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _unreadable(source, f"is not UTF-8 text (byte {error.start})") from None
    except (OSError, ValueError) as error:
        raise _unreadable(source, f"can't be read: {getattr(error, 'strerror', None) or error}") from None


def _unreadable(source: Source, what: str, code: str = "E0702") -> SpecError:
    return SpecError([Diagnostic(code, f"{source.name} {what}", Span(source, 0, 0))])


MAX_LISTED = 1000
"""Names in a folder among which a misspelled one is looked for."""


def _renamed(statement: ast.Import, name: str) -> tuple[Edit, ...]:
    """The edit that puts another file name into an import."""
    start = statement.span.text.find(statement.path)
    path = posixpath.join(posixpath.dirname(statement.path), name)
    if start < 0:
        return ()
    at = statement.span.start + start
    return (Edit(Span(statement.span.source, at, at + len(statement.path)), path),)


class Importer:
    """Reads imports of a spec: relative paths to ``.cnn`` files inside the spec's own folder tree."""

    def __init__(self, folder: Path, shown: str = "") -> None:
        self.folder = folder
        self.found: dict[Path, Source | SpecError] = {}
        """What was read, or why not: each file once, however often it is imported."""
        self.shown = shown

    def __call__(self, source: Source, statement: ast.Import) -> Source:
        path, span = statement.path, statement.span
        if "\\" in path or "\0" in path or not path.endswith(".cnn") or Path(path).is_absolute():
            message = "an import is a relative path to a `.cnn` file, with `/`"
            help = f"did you mean `{path}.cnn`?" if re.fullmatch(r"\w[\w/-]*", path) else None
            fix = _renamed(statement, f"{posixpath.basename(path)}.cnn") if help else ()
            raise SpecError([Diagnostic("E0702", message, span, help=help, fix=fix)])
        base = Path(source.name).parent if source.name != "<stdin>" else Path()
        relative = base.relative_to(self.shown) if self.shown else base
        try:
            root = Path(realpath(self.folder))
        except OSError as error:  # the current folder was deleted
            raise SpecError([Diagnostic("E0702", f"{path} can't be read: {error.strerror}", span)]) from None
        target = Path(realpath(root / relative / path))
        if not target.is_relative_to(root):
            message = f"`{path}` leads out of the spec's folder"
            raise SpecError([Diagnostic("E0704", message, span, help="a spec reads only files below its own folder")])
        name = (Path(self.shown) / target.relative_to(root)).as_posix()
        if target not in self.found:
            try:
                self.found[target] = read(target, name)
            except SpecError as error:
                self.found[target] = error
        found = self.found[target]
        if isinstance(found, Source):
            return found
        near = self.near(target)
        fix = () if near is None else _renamed(statement, near)
        help = f"did you mean `{posixpath.join(posixpath.dirname(path), near)}`?" if near else None
        raise SpecError([Diagnostic(d.code, d.message, span, help=help, fix=fix) for d in found.diagnostics])

    def near(self, target: Path) -> str | None:
        """The name of a spec beside a missing one that was probably meant."""
        from difflib import get_close_matches

        try:
            if target.exists():
                return None
            names = [each.name for each in islice(os.scandir(target.parent), MAX_LISTED) if each.name.endswith(".cnn")]
        except OSError:  # no folder, or one that can't be looked into
            return None
        stems = {name.removesuffix(".cnn"): name for name in names}  # the ending is no likeness
        return next((stems[each] for each in get_close_matches(target.stem, stems, n=1)), None)


@cache
def zoo_folder() -> Path:
    """The zoo: packaged as ``cnndsl/_zoo``; in a checkout, ``specs/``."""
    # Not importlib.resources: its import takes as long as checking a spec.
    package = Path(__file__).parent
    packaged = package / "_zoo"
    return packaged if packaged.is_dir() else package.parent / "specs"


class Found(NamedTuple):
    """What a folder stands for."""

    specs: list[Path]
    """Sorted. A folder below that can't be looked into is among them: reading it says why."""
    outside: list[Path]
    """Links that lead out of the folder: what is behind them is somebody else's."""


def find(root: Path) -> Found:
    """Every ``.cnn`` file below a folder, but for hidden folders and virtual environments.

    Links to folders are not followed: what they lead to is found in its own place.
    """
    found = Found([], [])
    real = realpath(root)

    def unreadable(error: OSError) -> None:
        found.specs.append(Path(error.filename))

    waiting = [os.fspath(root)]
    while waiting:
        # A folder at a time: the walk of Python 3.11 goes down by recursion, and folders may be deeper than that can.
        for folder, folders, names in islice(os.walk(waiting.pop(), onerror=unreadable), 1):
            below = [join(folder, name) for name in folders if not name.startswith(".")]
            below = [path for path in below if not os.path.exists(join(path, "pyvenv.cfg"))]
            specs = [join(folder, name) for name in names if name.endswith(".cnn")]
            outside = {path for path in (*specs, *below) if _leads_out(path, real)}
            found.specs.extend(Path(path) for path in specs if path not in outside)
            found.outside.extend(map(Path, sorted(outside)))
            waiting += (path for path in below if not islink(path))
    found.specs.sort()
    return found


def _leads_out(path: str, folder: str) -> bool:
    return islink(path) and not join(realpath(path), "").startswith(join(folder, ""))

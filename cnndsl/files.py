"""The only place that reads the file system: specs, what they import, and the zoo."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cnndsl.diagnostics.model import Diagnostic, SpecError
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
        if not path.is_file():
            raise _unreadable(source, "is a folder" if path.is_dir() else "does not exist or is no regular file")
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


class Importer:
    """Reads imports of a spec: relative paths to ``.cnn`` files inside the spec's own folder tree."""

    def __init__(self, folder: Path, shown: str = "") -> None:
        self.root = folder.resolve()
        self.shown = shown

    def __call__(self, source: Source, statement: ast.Import) -> Source:
        path, span = statement.path, statement.span
        if "\\" in path or "\0" in path or not path.endswith(".cnn") or Path(path).is_absolute():
            raise SpecError([Diagnostic("E0702", "an import is a relative path to a `.cnn` file, with `/`", span)])
        base = Path(source.name).parent if source.name != "<stdin>" else Path()
        relative = base.relative_to(self.shown) if self.shown else base
        target = (self.root / relative / path).resolve()
        if not target.is_relative_to(self.root):
            message = f"`{path}` leads out of the spec's folder"
            raise SpecError([Diagnostic("E0704", message, span, help="a spec reads only files below its own folder")])
        name = (Path(self.shown) / target.relative_to(self.root)).as_posix()
        try:
            return read(target, name)
        except SpecError as error:
            raise SpecError([Diagnostic(d.code, d.message, span) for d in error.diagnostics]) from None


@cache
def zoo_folder() -> Path:
    """The zoo: packaged as ``cnndsl/_zoo``; in a checkout, ``specs/``."""
    # Not importlib.resources: its import takes as long as checking a spec.
    package = Path(__file__).parent
    packaged = package / "_zoo"
    return packaged if packaged.is_dir() else package.parent / "specs"


def find(paths: list[Path]) -> list[Path]:
    """The specs among files and folders: a folder stands for every ``.cnn`` file below it, sorted.

    What lies in hidden folders and in virtual environments is somebody else's.
    """
    found: list[Path] = []
    for path in paths:
        found.extend(sorted(_below(path)) if path.is_dir() else [path])
    return list(dict.fromkeys(found))


def _below(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = [
            each
            for each in folders
            if not each.startswith(".") and not os.path.exists(os.path.join(folder, each, "pyvenv.cfg"))
        ]
        yield from (Path(folder, name) for name in names if name.endswith(".cnn"))

"""A folder that no other user can read or write, for what is kept from one run to the next."""

from __future__ import annotations

import os
from contextlib import suppress
from stat import S_ISREG
from types import TracebackType
from typing import Any, Self

POSIX = os.name == "posix"
"""Where it isn't, folders have no mode, and a user's are protected by other means."""
PRIVATE = 0o700
READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class OwnFolder:
    """The folder, opened: what becomes of its path meanwhile has no say in it.

    Raises:
        OSError: there is none, or it is a link, another user's, or open to others. With ``make`` it is made.
    """

    def __init__(self, path: str, make: bool = False) -> None:
        self.path = path
        self.handle: int | None = None
        if make:
            os.makedirs(os.path.dirname(path), PRIVATE, exist_ok=True)
            with suppress(FileExistsError):
                os.mkdir(path, PRIVATE)
        if POSIX:
            self.handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            found = os.fstat(self.handle)
            if found.st_uid != os.geteuid() or found.st_mode & 0o777 != PRIVATE:
                self.__exit__()
                raise PermissionError(f"{path} is not the user's alone")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.handle is not None:
            os.close(self.handle)

    def read(self, name: str, most: int) -> bytes:
        """A file's content. Raises OSError: it is no regular file, or has more than ``most`` bytes."""
        return regular(os.open(self._at(name), READ, **self._in("dir_fd")), most)

    def write(self, name: str, data: bytes) -> None:
        """Put a file in its place as a whole, by way of a neighbour. Raises OSError."""
        new = f".{os.getpid()}-{name}"
        handle = os.open(self._at(new), WRITE, 0o600, **self._in("dir_fd"))
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(self._at(new), self._at(name), **self._in("src_dir_fd", "dst_dir_fd"))
        except BaseException:
            self.remove(new)
            raise

    def remove(self, name: str) -> None:
        os.unlink(self._at(name), **self._in("dir_fd"))

    def files(self) -> list[tuple[float, str]]:
        """When each file was last changed, and its name."""
        with os.scandir(self.path if self.handle is None else self.handle) as entries:
            found = [entry for entry in entries if entry.is_file(follow_symlinks=False)]
            return [(entry.stat(follow_symlinks=False).st_mtime, entry.name) for entry in found]

    def _at(self, name: str) -> str:
        return os.path.join(self.path, name) if self.handle is None else name

    def _in(self, *arguments: str) -> dict[str, Any]:
        return {} if self.handle is None else dict.fromkeys(arguments, self.handle)


def regular(handle: int, most: int) -> bytes:
    """The content of an opened file, which is closed. Raises OSError: it is no regular file, or larger."""
    if not S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError("no regular file")
    with os.fdopen(handle, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(f"more than {most} bytes")
    return data

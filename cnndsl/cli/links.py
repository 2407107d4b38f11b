"""Links that a folder may hold, which anybody may have made. What they lead to is not meant by who names them."""

from __future__ import annotations

import os

from cnndsl.cli.failure import Refusal


def readable(path: str) -> None:
    """A file's name, which a shell may have found for `*.cnn`, must not show a file from elsewhere.

    Raises:
        Refusal: it is a link below the current folder that leads out of it.
    """
    if os.path.islink(path) and _leads_out(path):
        real = os.path.realpath(path)
        raise Refusal(f"`{path}` leads by a link out of the current folder, to `{real}`: name the file itself")


def writable(path: str) -> None:
    """What a repository calls `out.svg` may be a link to a file of another's, and so may a folder on the way to it.

    Folders above the current one, and elsewhere, are as the user has them.

    Raises:
        Refusal: the path is a link, or lies below the current folder and leads out of it.
    """
    if not device(path) and (os.path.islink(path) or _leads_out(path)):
        real = os.path.realpath(path)
        raise Refusal(f"`{path}` leads by a link to `{real}`: nothing is written through one; name the file itself")


def device(path: str) -> bool:
    """Whether this is the system's name of an open file or a device, as `/dev/stdout`: often a link."""
    return os.path.abspath(path).startswith(("/dev/", "/proc/"))


def _leads_out(path: str) -> bool:
    try:
        here = os.path.join(os.getcwd(), "")
    except FileNotFoundError:  # it was deleted: nothing is below it
        return False
    return os.path.abspath(path).startswith(here) and not os.path.realpath(path).startswith(here)

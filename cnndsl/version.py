"""The package's version."""

from __future__ import annotations


def version() -> str:
    """What the installed distribution says. Reading that takes as long as a check: ask late."""
    from importlib import metadata

    try:
        return metadata.version("cnndsl")
    except metadata.PackageNotFoundError:  # a checkout that is not installed
        return "0+unknown"

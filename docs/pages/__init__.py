"""The generated pages, one module each: ``pages()`` gives its files by their paths below `docs/`."""

from __future__ import annotations

from docs.pages import cli, diagnostics, gallery, ops, schemas, std
from docs.pages.figures import pictures

MODULES = (ops, std, cli, diagnostics, gallery, schemas)


def texts() -> dict[str, str]:
    """All pages that are text, by path."""
    return {path: text for module in MODULES for path, text in module.pages().items()}


__all__ = ["pictures", "texts"]

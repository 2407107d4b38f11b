"""The generated pages are what `make docs` would write, and links lead somewhere."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from cnndsl.ops import registry
from cnndsl.syntax.grammar import GRAMMAR, TABLES, grammar, tables
from docs.generate import DOCS, ROOT, stale
from docs.pages import figures, texts

made = cache(texts)
"""The pages as they would be written now."""

PAGES = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
LINK = re.compile(r"\[[^\]\n]*\]\((?P<target>[^)\s]+)\)|(?:href|src)=\"(?P<attribute>[^\"]+)\"")
ASIDE = re.compile(r"^( *)(```+).*?^\1\2$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
"""Code, in which brackets are no links."""


def test_pages_are_up_to_date() -> None:
    outdated = [name for name, text in made().items() if _read(DOCS / name) != text]
    assert not outdated, "`make docs` writes them anew"


def test_parse_tables_are_up_to_date() -> None:
    assert TABLES.read_bytes() == tables(), "`make docs` writes them anew"


def test_tables_of_another_lark_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lark.__version__", "1.99.0")
    assert not hasattr(grammar(), "source_grammar")
    assert grammar.__wrapped__().source_grammar == GRAMMAR.read_text("utf-8")


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


@pytest.mark.parametrize("name", ["lenet5", "vgg16", "densenet121", "resnet50"])
def test_pictures_are_up_to_date(name: str) -> None:
    assert (DOCS / figures.path(name)).read_bytes() == figures.overview(name), "`make docs` draws them anew"


def test_picture_of_the_readme_is_up_to_date() -> None:
    assert (DOCS / "images/small.svg").read_bytes() == figures.small(), "`make docs` draws it anew"


@pytest.mark.slow
def test_all_pictures_are_up_to_date() -> None:
    outdated = [name for name, content in figures.pictures() if (DOCS / name).read_bytes() != content]
    assert not outdated, "`make docs` draws them anew"


def test_there_is_a_picture_a_network_and_nothing_else() -> None:
    assert stale({*made(), *map(figures.path, figures.specs())}) == []
    sizes = [(DOCS / figures.path(name)).stat().st_size for name in figures.specs()]
    assert max(sizes) <= figures.LARGEST
    assert sum(sizes) < 6_000_000


def test_the_reference_is_complete() -> None:
    headings = re.findall(r"^### (\w+)$", made()["reference/ops.md"], re.MULTILINE)
    assert sorted(headings) == sorted(registry)


def test_nothing_names_this_machine() -> None:
    """A path, or a class that Python shows by its address."""
    for name, text in made().items():
        assert str(ROOT) not in text, name
        assert " object at 0x" not in text, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links(page: Path) -> None:
    text = ASIDE.sub("", page.read_text("utf-8"))
    for match in LINK.finditer(text):
        target, _, fragment = (match["target"] or match["attribute"]).partition("#")
        if re.match(r"\w+:", target):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.is_relative_to(ROOT), f"{target} leads out of the repository"
        assert file.exists(), f"{target} does not exist"
        if fragment and file.suffix == ".md":
            assert fragment in anchors(file), f"{target}#{fragment}: there is no such heading"


@cache
def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    lines = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}

"""The limits that the documentation states are those of the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from unicodedata import digit

import pytest

from cnndsl.elaborate.limits import Limits
from cnndsl.elaborate.members import MAX_MEMBERS
from cnndsl.elaborate.modules import MAX_FILES, MAX_IMPORT_DEPTH
from cnndsl.syntax import errors

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("limits.md", "reference/language.md")
FIXED = {
    "characters of a spec, with all that it imports; words and signs": (errors.MAX_BYTES, errors.MAX_WORDS),
    "a file: bytes; words and signs": (errors.MAX_BYTES, errors.MAX_WORDS),
    "a spec with all that it imports: characters; words and signs": (errors.MAX_BYTES, errors.MAX_WORDS),
    "members on top of one another": (MAX_MEMBERS,),
    "nesting of brackets": (errors.MAX_NESTING,),
    "brackets inside one another": (errors.MAX_NESTING,),
    "`else if`, indices or signs in a row": (errors.MAX_CHAIN,),
    "digits of a number": (errors.MAX_DIGITS,),
    "characters of a name": (errors.MAX_NAME,),
    "characters of a name or label": (errors.MAX_NAME,),
    "imports inside one another; files": (MAX_IMPORT_DEPTH, MAX_FILES),
    "imports inside one another; files in all": (MAX_IMPORT_DEPTH, MAX_FILES),
    "mistakes after which a text is not read on, a network not expanded, a file's next network not looked at": (
        errors.MAX_MISTAKES,
    ),
}


def rows(page: str) -> Iterator[list[str]]:
    """The cells of the table whose first column is headed "limit"."""
    table = re.search(
        r"^\| limit \| value \|.*\n\|[- |]+\n((?:\|.*\n)+)", (DOCS / page).read_text("utf-8"), re.MULTILINE
    )
    assert table is not None
    for line in table[1].splitlines():
        yield [cell.strip() for cell in line.strip("|").split("|")]


def numbers(text: str) -> tuple[int, ...]:
    """Of `4,000,000`, `1 MiB`, `10¹⁸`, `16; 200`."""
    found = []
    for number, power, unit in re.findall(r"([\d,]*\d)([⁰¹²³⁴-⁹]*)( MiB)?", text):
        value = int(number.replace(",", ""))
        found.append(value ** int("".join(str(digit(each)) for each in power) or 1) * (1 << 20 if unit else 1))
    return tuple(found)


@pytest.mark.parametrize("page", PAGES)
def test_limits_are_the_codes(page: str) -> None:
    raised = set()
    for what, value, *more in rows(page):
        name = re.search(r"`(?:--limit )?(\w+)(?:=N)?`$", more[-1])
        if name is None or not hasattr(Limits(), name[1]):
            assert numbers(value) == FIXED[what], what
        else:
            raised.add(name[1])
            assert numbers(value) == (getattr(Limits(), name[1]),), what
    assert raised == set(Limits.__dataclass_fields__)

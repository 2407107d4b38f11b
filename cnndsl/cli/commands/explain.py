"""``cnndsl explain``."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from cnndsl.cli.failure import unknown
from cnndsl.cli.options import Color

PANEL = "Reference"
NEEDS = False


def run(
    code: Annotated[
        str | None,
        typer.Argument(metavar="[CODE]", help="A diagnostic's code, as `E0402`; none lists them.", show_default=False),
    ] = None,
    color: Color = "auto",
) -> None:
    """Explain a diagnostic: what it means, a wrong example, and the repaired one.

    - `cnndsl explain`
    - `cnndsl explain E0402`
    """
    from cnndsl.cli.pages import show_code, show_codes
    from cnndsl.cli.rule_pages import named, show_one
    from cnndsl.diagnostics.codes import CODES

    if code is None:
        show_codes(CODES)
    elif code.upper() in CODES:
        show_code(code.upper(), CODES[code.upper()])
    elif rule := named(code):
        show_one(rule)
    else:
        # What has the form of a code is hardly another one misspelled.
        known = () if re.fullmatch(r"[EW]\d{4}", code) else CODES
        raise unknown("there is no code", code, known, "explain")

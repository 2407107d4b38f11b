"""``cnndsl explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from cnndsl.cli.failure import Refusal
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
    from cnndsl.diagnostics.codes import CODES
    from cnndsl.elaborate.values import suggestion

    if code is None:
        show_codes(CODES)
        return
    known = code.upper()
    if known.startswith("W"):
        from cnndsl.cli.commands import rule

        rule.run(known, color=color)
        return
    if known not in CODES:
        near = suggestion(known, CODES)
        raise Refusal(f"there is no code `{code}`" + (f"; did you mean `{near}`?" if near else ""))
    show_code(known, CODES[known])

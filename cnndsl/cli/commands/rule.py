"""``cnndsl rule``."""

from __future__ import annotations

from typing import Annotated

import typer

from cnndsl.cli.failure import Refusal
from cnndsl.cli.options import Color

PANEL = "Reference"
NEEDS = False


def run(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="A rule's name or code; none lists them.", show_default=False),
    ] = None,
    color: Color = "auto",
) -> None:
    """List the rules of `cnndsl lint`, or explain one.

    - `cnndsl rule`
    - `cnndsl rule conv-bias-before-norm`
    - `cnndsl rule W0205`
    """
    from cnndsl.cli import rule_pages
    from cnndsl.elaborate.values import suggestion
    from cnndsl.lint import rules

    if name is None:
        rule_pages.show_all()
        return
    known = {key: rule for rule in rules() for key in (rule.name, rule.code)}
    wanted = name.upper() if name.upper() in known else name.lower().replace("_", "-")
    if wanted not in known:
        near = suggestion(wanted, known)
        raise Refusal(f"there is no rule `{name}`" + (f"; did you mean `{near}`?" if near else ""))
    rule_pages.show_one(known[wanted])

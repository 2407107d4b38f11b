"""``cnndsl rule``."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from cnndsl.cli.failure import Refusal, unknown
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
    from cnndsl.cli.rule_pages import named, show_all, show_one
    from cnndsl.lint import rules

    if name is None:
        show_all()
    elif rule := named(name):
        show_one(rule)
    elif re.fullmatch(r"[eE]\d{4}", name):
        raise Refusal(f"`{name}` is no rule; `cnndsl explain {name}` explains an error")
    else:
        known = [key for rule in rules() for key in (rule.name, rule.code)]
        raise unknown("there is no rule", name, known, "rule")

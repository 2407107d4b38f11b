"""The linter's rules on the terminal."""

from __future__ import annotations

from rich.markdown import Markdown
from rich.padding import Padding

from cnndsl.cli.pages import show_example
from cnndsl.cli.tables import Columns, text
from cnndsl.cli.terminal import console, say
from cnndsl.lint import Rule, rules

OFF = "shared specs alone"
REPAIRS = {"safe": "`--fix` repairs some findings", "unsafe": "`--fix --unsafe-fixes` repairs some findings"}


def show_all() -> None:
    made = Columns(("code", "rule", "fix", "what"), folds=("what",))
    for rule in rules():
        what = rule.summary + ("" if rule.default else f" ({OFF})")
        made.row(text(rule.code), text(rule.name, "bold"), text(rule.fixes or ""), text(what))
    console().print("", made, "", sep="\n")
    say("`cnndsl rule NAME` explains one")


def named(name: str) -> Rule | None:
    """The rule of a name or code, in whatever case and with whatever hyphens it is written."""
    wanted = name.lower().replace("_", "-")
    return next((rule for rule in rules() if wanted in (rule.name, rule.code.lower())), None)


def show_one(rule: Rule) -> None:
    out = console()
    notes = [*([REPAIRS[rule.fixes]] if rule.fixes else []),
             *([] if rule.default else [f"applies to {OFF}, unless it is selected"])]  # fmt: skip
    out.print(text(f"{rule.code}: {rule.name}", "bold"), *(text("  " + note, "dim") for note in notes))
    out.print(Padding(Markdown(rule.prose), (1, 0, 0, 0)))
    show_example(out, "example", rule.example, "red")
    show_example(out, "use instead", rule.instead, "green")

"""``cnndsl backends``."""

from __future__ import annotations

from cnndsl.cli.options import Color

PANEL = "Reference"
NEEDS = False


def run(color: Color = "auto") -> None:
    """List the targets that networks can be written as: what is installed, what each writes, and what it lacks.

    - `cnndsl backends`
    """
    from cnndsl import backends
    from cnndsl.cli.tables import Columns, text
    from cnndsl.cli.terminal import console

    made = Columns(("target", "writes", "from", "lacks"), folds=("lacks",))
    for each in backends.installed():
        lacks = each.error or ", ".join(each.missing)
        made.row(
            text(each.name, "bold"), text(", ".join(f".{ending}" for ending in each.endings)),
            text(f"{each.package} {each.version}"), text(lacks, "red" if lacks else ""),
        )  # fmt: skip
    console().print("", made, "", sep="\n")

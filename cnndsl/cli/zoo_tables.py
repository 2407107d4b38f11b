"""The zoo as tables."""

from __future__ import annotations

from rich.padding import Padding
from rich.text import Text

from cnndsl.arguments import parameters
from cnndsl.cli.tables import Columns, escape, text
from cnndsl.cli.terminal import console
from cnndsl.cli.zoo import Entry, lineage
from cnndsl.elaborate.values import Definition
from cnndsl.ir.dims import show as shown

HEADS = ("network", "family", "year", "input", "params", "macs", "what")


def show(entries: list[Entry]) -> None:
    made = Columns(HEADS, right=("params", "macs"), folds=("what",))
    family = ""
    for each in entries:
        if family and each.family != family:
            made.add_section()
        family = each.family
        made.row(
            text(each.name, "bold"), text(each.family), str(each.year or ""), shown(tuple(each.input)),
            f"{each.params:,}", f"{each.macs:,}", text(each.doc, "dim"),
        )  # fmt: skip
    out = console()
    made.cut_last(out.width)
    out.print("", made, "", sep="\n")


def markdown(entries: list[Entry]) -> str:
    lines = [f"| {' | '.join(HEADS)} |", "| --- | --- | --- | --- | ---: | ---: | --- |"]
    for each in entries:
        facts = (each.family, each.year or "", shown(tuple(each.input)), f"{each.params:,}", f"{each.macs:,}")
        lines.append(f"| `{each.name}` | {' | '.join(map(str, facts))} | {escape(each.doc)} |")
    return "\n".join(lines) + "\n"


def show_one(entry: Entry, definition: Definition) -> None:
    out = console()
    out.print(text(f"{entry.name} : {shown(tuple(entry.input))} -> {shown(tuple(entry.output))}", "bold"))
    out.print(text(f"{entry.params:,} parameters, {entry.macs:,} multiply-adds for one image"))
    docs = dict.fromkeys(doc for doc in (definition.syntax.doc, entry.doc, entry.paper) if doc)
    for doc in docs:
        if not any(doc != other and other.startswith(doc) for other in docs):
            out.print(Padding(Text("\n").join(text(line) for line in doc.split("\n")), (1, 0, 0, 2)))
    given = parameters(definition)
    if given:
        out.print(Text("\nparameters", style="bold"))
        for name, default in given.items():
            out.print(text(f"  {name}" + (f" = {default}" if default else "")))
    out.print(Text("\ntext", style="bold"))
    for each in lineage(definition):
        for line in each.syntax.span.text.split("\n"):
            out.print(text(f"  {line}" if line else ""), soft_wrap=True)
        out.print()
    out.print(Text("use", style="bold"))
    for command in ("summary", "compile", "render"):
        out.print(text(f"  cnndsl {command} {entry.name}"))
    out.print(text(f'  cnndsl.load("{entry.name}")'))

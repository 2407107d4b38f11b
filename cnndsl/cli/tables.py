"""Tables for people and for documents."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from cnndsl.analysis.report import Layer, Summary
from cnndsl.cli.terminal import console
from cnndsl.cli.words import size
from cnndsl.diagnostics.drawing.cells import visible, width
from cnndsl.ir.dims import show

GAP = 3
"""Cells between two columns."""
HEADS = ("layer", "op", "output", "params", "macs", "line")


class Columns(Table):
    """A table without lines between its rows, whose columns keep their width but for those that fold."""

    def __init__(self, heads: Sequence[str], right: Sequence[str] = (), folds: Sequence[str] = ()) -> None:
        super().__init__(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
        self.folds = folds
        for head in heads:
            fixed = head not in folds
            self.add_column(
                head,
                justify="right" if head in right else "left",
                no_wrap=fixed,
                min_width=len(head) if fixed else None,
            )

    def row(self, *cells: str | Text, style: str = "") -> None:
        for column, cell in zip(self.columns, cells, strict=True):
            if column.header not in self.folds:
                size = cell.cell_len if isinstance(cell, Text) else width(cell)
                column.min_width = max(column.min_width or 0, size)
        self.add_row(*cells, style=style)

    def cut_last(self, room: int) -> None:
        """Let the last column have what the others leave of a line, and no more."""
        taken = sum((column.min_width or 0) + GAP for column in self.columns[:-1])
        last = self.columns[-1]
        last.no_wrap, last.overflow, last.max_width = True, "ellipsis", max(12, room - taken)


def text(value: str, style: str = "") -> Text:
    """A cell. What comes from a spec is shown as it is: no markup, no escape sequence."""
    return Text(visible(value), style=style)


def figure(value: int) -> str:
    """A count; nothing for none, so that the columns show where the weight is."""
    return f"{value:,}" if value else ""


def facts(report: Summary) -> list[tuple[str, str]]:
    """The figures of the whole network."""
    found = [
        ("parameters", f"{report.params:,} ({size(4 * report.params)} in float32)"),
        ("multiply-adds", f"{report.macs_evaluation:,} for one image"),
    ]
    if report.macs != report.macs_evaluation:
        found.append(("in training", f"{report.macs:,} with its heads"))
    field = " x ".join(f"{side:,}" for side in report.receptive_field or ()) or "not known"
    return [
        *found,
        ("depth", f"{report.depth} weighted layers"),
        ("activations", f"{size(report.memory_bytes)} for one image in float32"),
        ("receptive field", field),
    ]


def title(report: Summary) -> str:
    results = [show(tuple(report.output)), *(f"{o.name} {show(tuple(o.shape))}" for o in report.outputs[1:])]
    return f"{report.network} : {show(tuple(report.input))} -> {', '.join(results)}"


def _op(layer: Layer) -> str:
    if layer.ops > 1 or layer.op == "group":
        return f"{layer.op}, {layer.ops} ops"
    return f"{layer.op}({layer.arguments})" if layer.arguments else layer.op


def print_summary(report: Summary) -> None:
    out = console()
    out.print(text(title(report), "bold"), text(f"  {report.file}:{report.line}", "dim"))
    rows = Columns(HEADS, right=("params", "macs", "line"), folds=("layer", "op"))
    for layer in report.layers:
        style = "dim" if not layer.params and layer.ops == 1 else ""
        rows.row(
            text(layer.path), text(_op(layer)), text(show(tuple(layer.output))), figure(layer.params),
            figure(layer.macs), str(layer.line), style=style,
        )  # fmt: skip
    out.print("", rows, "", sep="\n")
    for name, value in facts(report):
        out.print(Text(f"{name:<17}", style="bold") + Text(value))


def summary_markdown(report: Summary) -> str:
    """A document: a heading, the figures, a table."""
    lines = [f"# {escape(title(report))}", ""]
    lines += [f"- {name}: {value}" for name, value in facts(report)]
    lines += ["", f"| {' | '.join(HEADS)} |", "| --- | --- | --- | ---: | ---: | ---: |"]
    for layer in report.layers:
        cells = (
            layer.path,
            _op(layer),
            show(tuple(layer.output)),
            figure(layer.params),
            figure(layer.macs),
            layer.line,
        )
        lines.append(f"| {' | '.join(escape(str(cell)) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def escape(cell: str) -> str:
    """A cell of a Markdown table: what it says, and nothing that Markdown reads."""
    return visible(cell).replace("\\", "\\\\").replace("|", "\\|").replace("_", "\\_").replace("<", "&lt;")

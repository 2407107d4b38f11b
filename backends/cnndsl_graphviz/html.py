"""Graphviz's HTML-like labels. Whatever comes from a spec passes through `text`."""

from __future__ import annotations

import re
from html import escape

from cnndsl.ir.graph import Node
from cnndsl_graphviz.figure import POINTWISE, SEPARATOR, Box, Folded
from cnndsl_graphviz.style import FAINT, FOLDED, INK, tint
from cnndsl_graphviz.words import count_text, op_text, path_in, shape_text, totals_text

LEFT = 'ALIGN="LEFT"'
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(value: str, *, size: float = 10, color: str = INK, bold: bool = False) -> str:
    """Escaped text in a font. Characters that XML can't hold become replacement characters.

    Graphviz takes ``\\N`` and the like for a name in HTML-like labels too, so a backslash is doubled.
    """
    shown = escape(_FORBIDDEN.sub("\ufffd", value)).replace("\\", "\\\\") or " "
    shown = f"<B>{shown}</B>" if bold else shown
    return f'<FONT POINT-SIZE="{size:g}" COLOR="{color}">{shown}</FONT>'


def _cell(content: str, attributes: str = "") -> str:
    return f"<TD{' ' + attributes if attributes else ''}>{content}</TD>"


def _table(rows: list[str], line: str, fill: str, *, dashed: bool, border: float = 1) -> str:
    style = ' STYLE="dashed"' if dashed else ""
    return (
        f'<<TABLE BORDER="{border:g}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"'
        f' COLOR="{line}" BGCOLOR="{fill}"{style}>' + "".join(f"<TR>{row}</TR>" for row in rows) + "</TABLE>>"
    )


def box(box: Box) -> str:
    """A table: the scope's title, a row an op, and what comes out."""
    rows = []
    if box.title:
        rows.append(_cell(text(box.title, size=8, color=FAINT, bold=True), 'COLSPAN="2" ALIGN="LEFT"'))
    for node in box.rows:
        assert node.op is not None
        fill = f'BGCOLOR="{tint(node.op.family).fill}" ALIGN="LEFT"'
        name = text(path_in(node.path, node.scope.path), size=8, color=FAINT)
        rows.append(_cell(name, fill) + _cell(text(op_text(node.op)), fill))
    if line := _footer(box.rows):
        rows.append(_cell(text(line, size=8), 'COLSPAN="2" ALIGN="LEFT"'))
    family = head(box.rows).op
    assert family is not None
    return _table(rows, tint(family.family).line, "#ffffff", dashed=box.rows[0].training_only)


def head(rows: list[Node]) -> Node:
    """The row that a box is about: the first with most parameters."""
    return max(rows, key=lambda node: node.params)


def _footer(rows: list[Node]) -> str:
    params = sum(node.params for node in rows)
    if not params and all(node.op is not None and node.op.family in POINTWISE for node in rows):
        return ""
    shape = shape_text(rows[-1].shape)
    return f"{shape}  |  {count_text(params)} params" if params else shape


def heading(title: str) -> str:
    """A cluster's label, at its left. As wide again is left free: there the flow comes in."""
    name, _, block = title.partition(SEPARATOR)
    free = f'<TD WIDTH="{5 * max(len(name), len(block))}"></TD>'
    first = _cell(text(name, size=9, bold=True), LEFT) + free
    rows = [first, _cell(text(block, size=8), LEFT)] if block else [first]
    table = "".join(f"<TR>{row}</TR>" for row in rows)
    return f'<<TABLE BORDER="0" CELLPADDING="0" CELLSPACING="0">{table}</TABLE>>'


def folded(part: Folded) -> str:
    """A box with a scope's totals."""
    params, macs = sum(n.params for n in part.nodes), sum(n.macs for n in part.nodes)
    shapes = f"{shape_text(part.input)} → {shape_text(part.output)} "
    rows = [_cell(text(part.title, bold=True), LEFT)]
    for line in (shapes, totals_text(params, macs), part.contents):
        if line:
            rows.append(_cell(text(line, size=8), LEFT))
    dashed = all(node.training_only for node in part.nodes)
    return _table(rows, FOLDED.line, FOLDED.fill, dashed=dashed, border=2)

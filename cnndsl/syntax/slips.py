"""Rules for `explain`: single signs that are wrong, missing or one too many."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax.situation import Finding, Situation


def stated_shape(s: Situation) -> Finding | None:
    """``conv(16, 3x3) : 16 x 30 x 30``, or without any sign."""
    if "ASCRIBE" not in s.accepts or s.bracket_is("LPAR", "LSQB"):
        return None
    if s.token == "COLON" and re.match(r":[ \t]*[0-9_(]", s.rest):
        found = Diagnostic(
            "E0102", "a step's shape is stated with `::`", s.span(), fix=(Edit(s.span(), "::"),), safe=True
        )
        return Finding(found, (("ASCRIBE", "::"),), s.at + 1)
    if s.token == "NUMBER" and s.source.text[s.previous_end - 1] in ")}":
        place = Span(s.source, s.previous_end, s.previous_end)
        sure = re.match(r"[0-9_]+[ \t]*x", s.rest) is not None
        found = Diagnostic("E0102", "`::` is missing before a shape", s.span(), fix=(Edit(place, " ::"),), safe=sure)
        return Finding(found, (("ASCRIBE", "::"),))
    return None


def upper_x(s: Situation) -> Finding | None:
    """``3X3``."""
    match = re.match(r"X([0-9]+)\b", s.rest)
    if match is None or not s.before[-1:].isdigit():
        return None
    span = Span(s.source, s.at, s.at + 1)
    found = Diagnostic("E0110", "a size is written with a small `x`", span, fix=(Edit(span, "x"),), safe=True)
    tokens = (("X", "x"), ("NUMBER", match[1])) if "X" in s.accepts else ()
    return Finding(found, tokens, s.at + match.end())


def slice_(s: Situation) -> Finding | None:
    """``w[0:2]``."""
    if s.token not in ("COLON", "LABEL") or not s.bracket_is("LSQB") or "index" not in s.inside():
        return None
    match = re.search(r"(\w+)\[[ \t]*(\w*)[ \t]*$", s.before)
    end = re.match(r":?[ \t]*(\w*)", s.rest[len(s.word) - 1 :] if s.token == "COLON" else s.rest)
    name = match[1] if match else "w"
    first, last = match[2] if match else "", end[1] if end and s.token == "COLON" else ""
    items = ", ".join(filter(None, (first if first != "0" else None, last or f"len({name})")))
    help = f"write the shorter list out, or go over indices: `for i in range({items}) {{ … {name}[i] … }}`"
    return Finding(Diagnostic("E0110", "a list has no slices", s.span(), help=help))


def doubled_comma(s: Situation) -> Finding | None:
    """``conv(16, , 3x3)``."""
    if s.token != "COMMA" or "COMMA" in s.accepts or s.source.text[s.previous_end - 1] != ",":
        return None
    end = s.at + 1 + len(s.rest[1:]) - len(s.rest[1:].lstrip(" \t"))
    message = f"nothing stands between two `,`{s.inside()}"
    found = Diagnostic("E0102", message, s.span(), help="write what is missing, or one `,`")
    return Finding(found, (("", ""),), end)


def dangling_arrow(s: Situation) -> Finding | None:
    """``conv(16, 3x3) ->`` and no step."""
    if s.token not in ("ASCRIBE", "RBRACE", "BAR") or "NAME" not in s.accepts:
        return None
    end = s.previous_end
    if not s.source.text.endswith("->", 0, end):
        return None
    before = len(s.source.text[: end - 2].rstrip())
    shape = s.token == "ASCRIBE"  # it belongs to the step before
    edit = Edit(Span(s.source, before, s.at if shape else end), " " if shape else "")
    found = Diagnostic(
        "E0102",
        "no step follows this `->`",
        Span(s.source, end - 2, end),
        fix=(edit,),
        help="write the step, or remove the arrow",
    )
    return Finding(found)

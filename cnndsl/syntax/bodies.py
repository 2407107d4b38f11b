"""Rules for `explain`: bodies that begin and end with words, and what stands in them elsewhere."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax.pieces import FAR
from cnndsl.syntax.situation import Finding, Situation
from cnndsl.syntax.swaps import keyword

WORDED = re.compile(r"(then|do|begin)\b[ \t]*")

ENDS = re.compile(r"(?:end|endif|endfor|end[ \t]+if|end[ \t]+for|fi|done|od)[ \t]*(?=\n|$)")


def worded_body(s: Situation) -> Finding | None:
    """``if c then a else b``, ``for … do`` with its ``end``, and ``if (c) relu``."""
    text = s.source.text
    if "LBRACE" not in s.accepts or keyword(s) not in ("IF", "FOR") or (s.place != "head" and "ELSE" in s.accepts):
        return None
    word = WORDED.match(text, s.at, s.stop)
    start = word.end() if word else s.at
    rest = text[start : s.stop].split("#")[0].rstrip()
    if rest and s.token != "_NL":
        if not re.match(r"[A-Za-z_]", rest) or "{" in rest:
            return None
        then, other, otherwise = (
            re.split(r"\b(else)\b", rest, maxsplit=1) if re.search(r"\belse\b", rest) else (rest, "", "")
        )
        meant = f"{{ {then.strip()} }}" + (f" else {{ {otherwise.strip()} }}" if other else "")
        span = Span(s.source, s.at, start + len(rest))
        return Finding(
            Diagnostic(
                "E0113",
                f"`{{` is missing{s.inside()}",
                s.span(),
                "a body stands in braces",
                help=f"it is written `{meant}`",
                fix=(Edit(span, meant),),
            )
        )
    if word is None and s.token != "_NL":
        return None
    end, line = None, re.compile(r"\n[ \t]*([^\n]*)")
    for match in line.finditer(text, s.stop, s.stop + FAR):
        if ENDS.match(match[1]):
            end = match
            break
        if match[1].startswith(("network ", "block ", "}")):
            break
    if end is None:
        return None
    span = (
        Span(s.source, s.previous_end, s.begin + len(text[s.begin : s.stop].split("#")[0].rstrip()))
        if word
        else Span(s.source, s.previous_end, s.previous_end)
    )
    fix = (Edit(span, " {"), Edit(Span(s.source, end.start(1), end.end(1)), "}"))
    found = Diagnostic(
        "E0113",
        f"`{{` is missing{s.inside()}",
        s.span() if word else span,
        "a body stands in braces",
        help=f"it begins with `{{` and ends with `}}`, where `{end[1].strip()}` is",
        fix=fix,
    )
    return Finding(found)


def otherwise(s: Situation) -> Finding | None:
    """``elif``, ``elseif``."""
    begun = len(s.before) - len(s.before.lstrip()) + s.begin
    match = re.match(r"(?:elif|elseif|elsif)\b", s.rest) if "ELSE" in s.accepts else None
    if (
        match is None
        and (own := re.compile(r"(?:elif|elseif|elsif)\b").match(s.source.text, begun))
        and s.place != "file"
    ):
        span = Span(s.source, begun, own.end())
        return Finding(
            Diagnostic(
                "E0111",
                f"`{own[0]}` is not a word of the language",
                span,
                help="it is written `else if`",
                fix=(Edit(span, "else if"),),
                safe=True,
            )
        )
    if match is None:
        return None
    span = s.span(end=s.at + match.end())
    found = Diagnostic(
        "E0111",
        f"`{match[0]}` is not a word of the language",
        span,
        help="it is written `else if`",
        fix=(Edit(span, "else if"),),
        safe=True,
    )
    space = re.compile(r"[ \t]*").match(s.source.text, s.at + match.end())
    return Finding(
        found, (("ELSE", "else"), ("IF", "if")) if "ELSE" in s.accepts else (), space.end() if space else None
    )


def docstring(s: Situation) -> Finding | None:
    '''``"""…"""`` in a body.'''
    text = s.source.text
    if not text.startswith('"""', s.at) or not {"DENSE", "_NL"} & s.accepts or s.place == "file":
        return None
    end = text.find('"""', s.at + 3, s.at + 2000)
    if end < 0:
        return None
    span = Span(s.source, s.at, end + 3)
    lines = text[s.at + 3 : end].strip().split("\n")
    meant = f"\n{text[s.begin : s.at] if not s.before.strip() else ''}".join(
        f"# {line.strip()}".rstrip() for line in lines
    )
    found = Diagnostic(
        "E0102",
        "a docstring stands before a definition",
        s.span(end=s.at + 3),
        help="within a body write a comment: `# …`",
        fix=(Edit(span, meant),),
        safe=True,
    )
    return Finding(found, (("", ""),), end + 3)

"""Rules for `explain`: brackets, strings and docstrings that lack an end, or have one too many."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Diagnostic, Edit, Label
from cnndsl.source import Span
from cnndsl.syntax import habits, skip
from cnndsl.syntax.pieces import FAR
from cnndsl.syntax.situation import CLOSED_BY, Finding, Situation
from cnndsl.syntax.words import STEP_STARTS

CLOSING = {"(": ")", "[": "]", "{": "}"}
SIGNS = {"LPAR": "(", "LSQB": "[", "LBRACE": "{", "LABEL_OPEN": "{"}
LINE_STARTS = {"_NL", "RBRACE", "BAR", "ARROW", "$END", "DOCSTRING"}


def unclosed_text(s: Situation) -> Finding | None:
    """A string or docstring without its end."""
    text = s.source.text
    if not text.startswith('"', s.at) or (text.startswith('"""', s.at) and s.token == "DOCSTRING"):
        return None
    if text.startswith('"""', s.at):
        if '"""' in text[s.at + 3 :]:
            return None
        return Finding(
            Diagnostic(
                "E0106",
                "this docstring is never closed",
                s.span(end=s.at + 3),
                help='a docstring ends with `"""`',
            )
        )
    if s.token == "STRING":
        return None
    return Finding(
        Diagnostic(
            "E0106",
            "this string is never closed",
            s.span(end=s.line_end),
            'no `"` on this line',
            help="a string ends on the line on which it begins",
        )
    )


def unclosed_bracket(s: Situation) -> Finding | None:
    """A bracket that is open where it can't be any more."""
    bracket = s.bracket()
    if bracket is None or s.token not in LINE_STARTS | {"LBRACE"}:
        return None
    text = s.source.text
    opening = SIGNS[bracket.type]
    start = (bracket.start_pos or 0) + (len(bracket) - 1 if bracket.type == "LABEL_OPEN" else 0)
    closing = CLOSED_BY[bracket.type]
    if s.token == "LBRACE" and (opening == "{" or closing not in s.accepts):
        return None
    if opening == "{":
        after_line = bool(s.values) and getattr(s.values[-1], "type", "") == "_NL"
        if s.token != "$END" or not (closing in s.accepts or after_line):
            return None
        start = suspect(text, start, s.at)
    elif s.token in ("_NL", "DOCSTRING") and skip.closes(text, s.at, 1):
        return None
    end = s.previous_end
    span = Span(s.source, start, start + 1)
    there = Span(s.source, end, end)
    fits = closing in s.accepts
    fix = (Edit(there, CLOSING[opening]),) if fits and s.token in ("_NL", "ARROW", "LBRACE") else ()
    what = f"this `{opening}` is never closed"
    where = "the end of the file" if s.at >= len(text.rstrip()) else "this"
    labels = (Label(there, f"`{CLOSING[opening]}` is expected before {where}"),) if end < len(text) else ()
    insert = ((closing, CLOSING[opening]),) if fits and s.token != "$END" else ()
    return Finding(Diagnostic("E0103", what, span, "opened here", labels, fix=fix, safe=bool(fix)), insert)


def suspect(text: str, start: int, end: int) -> int:
    """The brace that is probably open: the first whose closing brace begins a line less far in than its own.

    The parser only knows that the outermost one is.
    """
    stack: list[tuple[int, int]] = []
    for match in skip.TOKENS.finditer(text, start, end):
        if match[0] not in ("{", "}"):
            continue
        at = match.start()
        line = text.rfind("\n", 0, at) + 1
        head = text[line:at]
        indent = len(head) - len(head.lstrip())
        if match[0] == "{":
            stack.append((at, indent))
        elif stack:
            opened, own = stack.pop()
            if not head.strip() and indent < own:
                return opened
    return start


def surplus(s: Situation) -> Finding | None:
    """A closing bracket without its opening one, or one of another kind."""
    if s.word not in (")", "]", "}"):
        return None
    bracket = s.bracket()
    if bracket is not None and bracket.type in CLOSED_BY and not (s.word == ")" and bracket.type == "LBRACE"):
        opening = SIGNS[bracket.type]
        if CLOSING[opening] == s.word or opening == "{":
            return None if CLOSING[opening] == s.word else _surplus(s)
        opened = Span(s.source, bracket.start_pos or 0, (bracket.start_pos or 0) + 1)
        message = f"`{s.word}` can't close `{opening}`"
        fix = (Edit(s.span(), CLOSING[opening]),) if CLOSED_BY[bracket.type] in s.accepts else ()
        insert = ((CLOSED_BY[bracket.type], CLOSING[opening]),) if fix else ()
        return Finding(
            Diagnostic(
                "E0104",
                message,
                s.span(),
                labels=(Label(opened, "opened here"),),
                fix=fix,
                safe=bool(fix),
                help=f"`{CLOSING[opening]}` closes it",
            ),
            insert,
            s.at + 1,
        )
    return _surplus(s)


def _surplus(s: Situation) -> Finding:
    found = Diagnostic(
        "E0104",
        f"this `{s.word}` closes nothing",
        s.span(),
        "nothing of its kind is open",
        fix=(Edit(s.span(), ""),),
    )
    return Finding(found, (), s.at + 1)


def missing_brace(s: Situation) -> Finding | None:
    """A body or lanes without ``{``."""
    last = s.values[-1] if s.values else None
    if s.token == "_NL" and getattr(last, "type", "") == "COLON" and s.place == "definition":
        span = s.span(s.previous_end - 1, s.previous_end)
        head = re.match(r"network[ \t]+(\w+)", s.source.text[s.source.text.rfind("\n", 0, s.previous_end) + 1 :])
        if head is not None:
            help = f"a network states its input and result: `network {head[1]} : 3 x 224 x 224 -> 1000 {{ … }}`"
            return Finding(Diagnostic("E0113", "a body stands in braces", span, "`{` goes here", help=help))
        return Finding(
            Diagnostic(
                "E0113",
                "a body stands in braces",
                span,
                "`{` goes here",
                fix=(Edit(span, " {"), *indented_body(s)),
                help="blocks are closed with `}`; indentation has no meaning",
            )
        )
    if "LBRACE" not in s.accepts or "NAME" in s.accepts:
        return None
    end = s.previous_end
    place = Span(s.source, end, end)
    if "ARROW" in s.accepts or "RPAR" in s.accepts or "COMMA" in s.accepts:
        return None
    if s.token == "COLON" and s.rest[1:].strip() == "":
        found = Diagnostic(
            "E0113",
            "a body stands in braces",
            s.span(),
            "`{` goes here",
            fix=(Edit(s.span(), " {"), *indented_body(s)),
            help="blocks are closed with `}`; indentation has no meaning",
        )
        return Finding(found, (("LBRACE", "{"),), s.at + 1)
    if s.token in ("_NL", "$END") or (s.token in STEP_STARTS and s.place != "definition"):
        found = Diagnostic(
            "E0113",
            f"`{{` is missing{s.inside()}",
            place if s.token == "_NL" else s.span(),
            "a body stands in braces",
            fix=(Edit(place, " {"), *indented_body(s)),
        )
        insert = (("LBRACE", "{"),) if s.token != "_NL" or skip.indented(s.source.text, s.at) else ()
        return Finding(found, insert)
    return None


def indented_body(s: Situation) -> tuple[Edit, ...]:
    """The edits that close a body which is told by its indentation, and those of the `else:` behind it."""
    text, edits = s.source.text, []
    line = text.rfind("\n", 0, s.previous_end) + 1
    indent = re.match(r"[ \t]*", text[line : s.previous_end])
    margin = indent[0] if indent else ""
    at = text.find("\n", s.previous_end)
    while at >= 0 and (end := _indented(text, at, len(margin))) is not None:
        behind = re.compile(r"\s*?\n([ \t]*)(\}|else[ \t]*(:))?").match(text, end)
        own = behind is not None and behind[1] == margin
        if own and behind is not None and behind[2] == "}":
            break
        edits.append(Edit(Span(s.source, end, end), f"\n{margin}}}"))
        if not own or behind is None or behind[3] is None:
            break
        edits.append(Edit(Span(s.source, behind.start(3), behind.end(3)), " {"))
        at = text.find("\n", behind.end())
    return tuple(edits)


def _indented(text: str, at: int, depth: int) -> int | None:
    """The end of the lines from a line break on that stand further in."""
    end = None
    for match in re.compile(r"\n([ \t]*)([^\n]*)").finditer(text, at, at + FAR):
        if match[2] and len(match[1]) <= depth:
            break
        end = match.end() if match[2] else end
    return end


def missing_bar(s: Situation) -> Finding | None:
    """Lanes without their bars, or with commas between them."""
    bracket = s.bracket()
    if bracket is None or bracket.type != "LBRACE":
        return None
    if s.accepts == {"FOR"}:
        start = bracket.start_pos or 0
        return Finding(
            Diagnostic(
                "E0103",
                "the braces of this merge are never closed",
                Span(s.source, start, start + 1),
                "opened here",
                (Label(s.span(), "this is no lane"),),
            )
        )
    opened = Span(s.source, bracket.start_pos or 0, (bracket.start_pos or 0) + 1)
    before = s.source.text[max(0, s.previous_end - 200) : s.previous_end]
    if s.token == "BAR" and "NAME" not in s.accepts and habits.MERGE.search(before):
        place = Span(s.source, s.previous_end, s.previous_end)
        return Finding(
            Diagnostic(
                "E0113",
                "the lanes of a merge stand in braces",
                s.span(),
                fix=(Edit(place, " {"),),
                help="`concat { | … | … }`",
            )
        )
    line = s.source.text[s.source.text.rfind("\n", 0, opened.start) + 1 : opened.start].strip()
    outer = sum(1 for _, token in s.tokens() if token.type == "BAR")
    if s.token == "BAR" and "BAR" not in s.accepts and outer and re.match(r"for\b", line):
        return Finding(
            Diagnostic(
                "E0112",
                "lanes that a `for` makes stand before the other lanes",
                s.span(),
                labels=(Label(opened, "this loop comes after a lane"),),
                help="move the loop to the top of the merge: `concat { for r in rates { | … } | … }`",
            )
        )
    above = re.search(r"(\w+)([ \t]*(?:#[^\n]*)?\n\s*)$", s.source.text[max(0, opened.start - 200) : opened.start])
    if s.token == "BAR" and above and habits.MERGE.search(above[1]):
        place = Span(s.source, opened.start - len(above[2]), opened.start)
        found = Diagnostic(
            "E0113",
            f"`{{` is missing behind `{above[1]}`",
            opened,
            "it stands on the next line",
            help="a `{` stands on the line of the word that it belongs to",
            fix=(Edit(place, " "),),
        )
        return Finding(found)
    if s.token == "BAR" and "BAR" not in s.accepts and ("NAME" in s.accepts or "LBRACE" not in s.accepts):
        return Finding(
            Diagnostic(
                "E0112",
                "`|` begins a lane, and this is no merge",
                s.span(),
                labels=(Label(opened, "a word that joins is missing before this"),),
                help="lanes follow a word that joins: `concat { | … | … }`, `add { | … | … }`; `->` joins steps",
            )
        )
    if s.token == "COMMA" and "BAR" in s.accepts:
        span, after = s.span(), skip.sign(s.source.text, s.at + 1, "")
        bar = s.source.text.startswith("|", after)
        fix = (Edit(span, "" if bar else " |"),)
        found = Diagnostic("E0112", "lanes begin with `|`; no `,` stands between them", span, fix=fix, safe=bar)
        return Finding(found, (("", ""),) if bar else (("BAR", "|"),), after)
    return None

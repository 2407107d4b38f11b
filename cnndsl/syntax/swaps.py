"""Rules for `explain`: a sign or word that stands for another, where only one can be meant."""

from __future__ import annotations

import re
from collections.abc import Callable

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax.pieces import parts
from cnndsl.syntax.situation import Finding, Situation

Place = Callable[[Situation], bool]


def keyword(s: Situation) -> str:
    """The word that began what is being written here: LET, EXPECT, IF or what else."""
    return next((t.type for _, t in s.tokens() if t.type in ("LET", "EXPECT", "IF", "FOR", "LBRACE", "BAR")), "")


def let(s: Situation) -> bool:
    return keyword(s) == "LET" and "ASSIGN" in s.accepts


def expect(s: Situation) -> bool:
    return keyword(s) == "EXPECT" and "WITHIN" in s.accepts


def value(s: Situation) -> bool:
    return bool({"PLUS", "COMPARE"} & s.accepts)


def condition(s: Situation) -> bool:
    return keyword(s) == "IF" and "NAME" not in s.accepts


def argument(s: Situation) -> bool:
    return s.bracket_is("LPAR", "LSQB") and value(s)


def body(s: Situation) -> bool:
    return "LBRACE" in s.accepts


def figure(s: Situation) -> bool:
    return s.bracket_is("LPAR") and value(s) and re.search(r"\d[ \t]*$", s.before) is not None


def steps(s: Situation) -> bool:
    return "ARROW" in s.accepts and not s.bracket_is("LPAR", "LSQB")


SWAPS: list[tuple[str, Place, str, str]] = [
    (r":(?!:)(?![^\n]*=)|<-|:=|to\b|be\b", let, "=", "a `let` gives its value behind `=`"),
    (r"(?=[\d\"\[-])", let, "= ", "a `let` gives its value behind `=`"),
    (r"is\b|equals\b|:(?!:)", expect, "==", "a fact is compared by `==`"),
    (r"~=+|≈|~|about\b|around\b", expect, "within 1% of", "a rough figure is within some per cent: `within 1% of`"),
    (r"of[ \t]+([A-Za-z_][\w.{}]*)", expect, r"(\1)", "the step that is meant stands in parentheses"),
    (r"is\b(?![ \t]+not)", condition, "==", "`==` compares"),
    (r"is[ \t]+not\b", condition, "!=", "`!=` compares"),
    (r"&(?!&)", condition, "and", "conditions are joined by `and`"),
    (r"\|(?!\|)", condition, "or", "conditions are joined by `or`"),
    (r"(?:then|do)\b[ \t]*(?=\{)", body, "", "a body stands in braces, with no word before them"),
    (r"mod\b", value, "%", "the remainder is `%`"),
    (r"div\b", value, "//", "`//` divides integers"),
    (r"by\b", argument, "x", "a size is written with `x`"),
    (r":(?=[ \t]*\d)", figure, "x", "a size is written with `x`"),
    (r"-(?=[ \t]+[A-Za-z_{])", steps, "->", "steps are joined by `->`"),
]  # fmt: skip
"""What is written, where it stands, what is meant, and why."""


KINDS = {
    "=": "ASSIGN", "==": "COMPARE", "!=": "COMPARE", "and": "AND", "or": "OR", "%": "PERCENT", "x": "X",
    "//": "DOUBLE_SLASH", "->": "ARROW",
}  # fmt: skip
"""The tokens that what is meant stands for."""

DOUBLED = (
    ("<>", "!=", "`!=` compares"), ("===", "==", "`==` compares"), ("!==", "!=", "`!=` compares"),
    ("=>", "=", "an argument by keyword is written with `=`"), ("=<", "<=", "`<=` compares"),
    ("->->", "->", "no step stands between these arrows"),
)  # fmt: skip
"""Signs of which the last part is read as a token of its own."""


def swapped(s: Situation) -> Finding | None:
    """A sign of the table."""
    for pattern, place, meant, why in SWAPS:
        match = re.compile(pattern).match(s.source.text, s.at, s.stop)
        if match is None or not place(s):
            continue
        written = match.expand(meant)
        span = Span(s.source, s.at, max(match.end(), s.at))
        gap = re.compile(r"[ \t]*").match(s.source.text, match.end())
        found = Diagnostic(
            "E0101" if not s.token else "E0112" if s.token == "BAR" else "E0102",
            why,
            s.span(),
            help=f"it is written `{written.strip()}`" if written.strip() else f"leave `{match[0].strip()}` out",
            fix=(Edit(span, written),),
            safe=written in KINDS,
        )
        kind = KINDS.get(written, "")
        insert = ((kind, written),) if kind in s.accepts else ()
        return Finding(found, insert if match[0] else (), gap.end() if gap else match.end())
    return None


def doubled(s: Situation) -> Finding | None:
    """``<>``, ``===``, ``=>`` for an argument, and a doubled arrow."""
    text, at = s.source.text, s.at
    before = len(text[:at].rstrip())
    for sign, meant, why in DOUBLED:
        start = before - (len(sign) - len(s.word))
        if (
            s.word
            and sign.endswith(s.word)
            and re.sub(r"\s", "", text[max(0, start - 3) : at + len(s.word)]).endswith(sign)
        ):
            first = text.rfind(sign[: len(sign) - len(s.word)], 0, at)
            span = Span(s.source, first, at + len(s.word))
            if "\n" in span.text:
                return None
            return Finding(
                Diagnostic("E0102", why, s.span(), help=f"it is written `{meant}`", fix=(Edit(span, meant),), safe=True)
            )
    return None


def compared(s: Situation) -> Finding | None:
    """``5 < n < 20`` and ``n in [1, 2]``."""
    text = s.source.text
    start = max(text.rfind("if", s.begin, s.at) + 2, s.begin)
    start += len(text[start : s.at]) - len(text[start : s.at].lstrip(" ("))
    if s.token == "IN" and (match := re.match(r"in[ \t]*[\[(]([^\[\]()\n]*)[\])]", s.rest)) and value(s):
        name = text[start : s.at].strip()
        meant = " or ".join(f"{name} == {each}" for each in parts(match[1]))
        why, end = "`in` is no comparison", s.at + match.end()
    elif s.token == "COMPARE" and keyword(s) == "IF" and (last := re.search(r"([\w.]+)[ \t]*$", text[start : s.at])):
        match = re.match(r"(<=|>=|==|<|>)[ \t]*([\w.]+)", s.rest)
        if match is None:
            return None
        meant = f"{text[start : s.at].rstrip()} and {last[1]} {match[1]} {match[2]}"
        why, end = "a comparison has two sides", s.at + match.end()
    else:
        return None
    fix = (Edit(Span(s.source, start, end), meant),)
    return Finding(Diagnostic("E0102", why, s.span(), help=f"it is written `{meant}`", fix=fix, safe=True))


def grouped(s: Situation) -> Finding | None:
    """``98,442``."""
    match = re.search(r"(\d{1,3})$", s.before)
    rest = re.match(r"((?:,\d{3})+)(?!\d)", s.rest)
    if s.token != "COMMA" or match is None or rest is None or s.bracket_is("LPAR", "LSQB"):
        return None
    meant = (match[1] + rest[1]).replace(",", "_")
    span = Span(s.source, s.at - len(match[1]), s.at + rest.end())
    found = Diagnostic(
        "E0102",
        "digits are grouped by `_`",
        s.span(),
        help=f"it is written `{meant}`",
        fix=(Edit(span, meant),),
        safe=True,
    )
    return Finding(found)

"""Rules for `explain`: statements as other languages write them."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax.chains import EMPTY
from cnndsl.syntax.pieces import parts
from cnndsl.syntax.situation import Finding, Situation

LET = re.compile(
    r"(?:const|var|auto|final|val|int|float|size_t|let[ \t]+mut|local|global|set|def|define)[ \t]+"
    r"(\w+)[ \t]*=(?!=)"
)

TYPED = re.compile(r"let[ \t]+\w+([ \t]*:[ \t]*\w+(?:\[\w+\])?[ \t]*)=(?!=)")

TUPLE = re.compile(r"(?:let[ \t]+)?(\w+(?:[ \t]*,[ \t]*\w+)+)[ \t]*=[ \t]*([^\n#]+)")

NAMED = re.compile(r"(\w+)[ \t]*:=[ \t]*(?=(\d|\[|in\.)?)")

CHAIN = re.compile(r"let[ \t]+(\w+)[ \t]*=[ \t]*(\w[^\n#]+)")


def variable(s: Situation) -> Finding | None:
    """``const c = 32``, ``let c: int = 32`` and ``let a, b = 16, 32``."""
    text, start = s.source.text, len(s.before) - len(s.before.lstrip()) + s.begin
    if (match := LET.match(text, start, s.stop)) and s.at <= match.end():
        meant = f"let {match[1]} ="
        return written(s, Span(s.source, start, match.end()), meant, f"a value is named by `let`: `let {match[1]} = …`")
    if (match := TYPED.match(text, start, s.stop)) and match.start(1) <= s.at < match.end(1):
        edit = Span(s.source, match.start(1), match.end(1))
        return written(s, edit, " ", "values have no declared type: leave it out")
    if (match := NAMED.match(text, start, s.stop)) and match.start() < s.at < match.end() and s.word == "=":
        meant = f"let {match[1]} = " if match[2] else f"{match[1]}: "
        return written(
            s, Span(s.source, start, match.end()), meant, f"it is written `{meant.strip()} …`", safe=bool(match[2])
        )
    if s.token == "ARROW" and (match := CHAIN.match(text, start, s.stop)):
        meant = f"{match[1]}: {{ {match[2].strip()} }}"
        found = Diagnostic(
            "E0102",
            "steps in a row are no value",
            s.span(),
            help=f"where they run they stand by themselves, `{meant}`; to be used more than once they are a `block`",
        )
        return Finding(found)
    match = TUPLE.match(text, start, s.stop)
    if s.token == "COMMA" and match is not None and match.start(1) <= s.at < match.end(1):
        names, values = parts(match[1]), parts(match[2].strip())
        indent = text[s.begin : start]
        if len(names) == len(values) and not indent.strip():
            meant = f"\n{indent}".join(f"let {n} = {v}" for n, v in zip(names, values, strict=True))
            span = Span(s.source, start, start + len(match[0].rstrip()))
            return written(
                s,
                span,
                meant,
                "each `let` names one value: "
                + ", ".join(f"`let {n} = {v}`" for n, v in zip(names, values, strict=True)),
            )
    return None


def written(s: Situation, span: Span, meant: str, help: str, safe: bool = True) -> Finding:
    """The finding that a statement begins otherwise here."""
    message, fix = "this is no statement of the language", (Edit(span, meant),)
    return Finding(Diagnostic("E0102", message, s.span(), help=help, fix=fix, safe=safe))


RETURN = re.compile(r"return\b[ \t]*([^\n#]*)")


def returned(s: Situation) -> Finding | None:
    """``return x`` and ``return relu``."""
    start, text = len(s.before) - len(s.before.lstrip()) + s.begin, s.source.text
    match = RETURN.match(text, start, s.stop)
    if match is None or re.search(r"[.=]|\)\(", match[1]) or s.place == "file":
        return None
    span = Span(s.source, start, start + len("return"))
    value = match[1].strip().rstrip(";")
    alone = not value or EMPTY.fullmatch(value) is not None
    end = start + len(match[0].rstrip()) if alone else match.start(1)
    found = Diagnostic(
        "E0111",
        "there is no `return`",
        span,
        fix=(Edit(Span(s.source, start, end), ""),),
        help="leave it out: a body gives the result of its last step",
    )
    return Finding(found)


def dashes(s: Situation) -> Finding | None:
    """``-- a comment`` of SQL or Lua, ``% a comment`` of LaTeX or MATLAB."""
    match = re.match(r"--+(?![->])(?=[ \t]*[A-Za-z])|%+(?=[ \t]*[A-Za-z])", s.rest)
    if match is None or not ({"DENSE", "_NL"} & s.accepts or s.place == "file") or s.bracket_is("LPAR", "LSQB"):
        return None
    if (match[0][0] == "%" and "PERCENT" in s.accepts) or s.rest[match.end() :].find("->") >= 0:
        return None
    span = Span(s.source, s.at, s.at + match.end())
    found = Diagnostic("E0110", "a comment begins with `#`", span, fix=(Edit(span, "#"),))
    return Finding(found, (("", ""),), s.stop)


def output(s: Situation) -> Finding | None:
    """``output linear(10)``, and ``output aux = …``."""
    start = s.begin + len(s.before) - len(s.before.lstrip())
    if s.token == "ASSIGN" and "COLON" in s.accepts and s.before.lstrip().startswith("output"):
        found = Diagnostic(
            "E0108", "the name of an `output` ends in `:`", s.span(), fix=(Edit(s.span(), ":"),), safe=True
        )
        return Finding(found, (("COLON", ":"),), s.at + 1 + len(s.rest[1:]) - len(s.rest[1:].lstrip(" \t")))
    match = re.compile(r"output[ \t]+(?=\w+[ \t]*(?:\(|->|$))").match(s.source.text, start, s.stop)
    if match is None or "COLON" not in s.accepts or s.place == "file":
        return None
    steps = s.source.text[match.end() : s.stop].strip()
    help = f"the last step gives the network's result by itself: `{steps}`; another result is `output aux: {steps}`"
    return Finding(Diagnostic("E0102", "an `output` has a name", s.span(), help=help))


WORDS = re.compile(
    r"(foreach|for[ \t]+each|forall)[ \t]+"
    r"|(new|await|yield|call|apply|then|do|and|also|run)[ \t]+(?=[A-Za-z_]\w*[ \t]*[({])"
)

PLACEHOLDER = re.compile(r"…|\.\.\.")


def surplus_word(s: Situation) -> Finding | None:
    """``foreach``, ``new Unit(16)``, and ``…`` where steps are to be written."""
    text = s.source.text
    if PLACEHOLDER.match(text, s.at):
        code = "E0101" if not s.token else "E0102"
        return Finding(
            Diagnostic(
                code,
                "nothing is left out of a network",
                s.span(end=s.at + 1),
                help="write the steps, or an empty body, `{ }`, for now",
            )
        )
    start = step_begin(s)
    match = WORDS.match(text, start, s.stop)
    if match is None or not start <= s.at <= match.end() or s.token not in ("NAME", "IN", "LABEL"):
        return None
    meant = "for " if match[1] else ""
    help = "it is written `for`" if match[1] else f"leave `{match[2]}` out"
    message = f"`{(match[1] or match[2])}` is not a word of the language"
    return Finding(
        Diagnostic("E0107", message, s.span(), help=help, fix=(Edit(Span(s.source, start, match.end()), meant),))
    )


def step_begin(s: Situation) -> int:
    """Where the step begins whose second word this is."""
    match = re.search(r"(?:foreach|for[ \t]+each|\w+)[ \t]+$", s.before)
    return s.at - len(match[0]) if match else s.at

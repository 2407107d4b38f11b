"""Rules for `explain`: loops and repetitions as other languages write them."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax.pieces import closing, parts
from cnndsl.syntax.situation import Finding, Situation

COUNTED = re.compile(
    r"for\s*\(\s*(?:(?:int|let|var|auto|size_t)\s+)?(\w+)\s*=\s*(\w+)\s*;\s*\1\s*(<=?|!=)\s*([^;{}]+?)\s*;"
    r"\s*(?:\+\+\1|\1\s*\+\+|\1\s*\+=\s*(\w+)|\1\s*=\s*\1\s*\+\s*(\w+))\s*\)"
)
"""``for (i = 0; i < 3; i++)``: variable, first, comparison, bound, steps."""
EACH = re.compile(r"for\s*(?:\(\s*)?(?:(?:const|let|var|auto|int)\s+)?(\w+)\s*(?:\bin\b|\bof\b|:)\s*([^{}\n]*?)\s*$")
ENUMERATED = re.compile(r"for\s*\(?\s*(\w+)\s*,\s*\(?\s*(\w+)\s*\)?\s+in\s+enumerate\(")
ZIPPED = re.compile(r"for\s*\(?\s*(\w+)\s*,\s*(\w+)\s*\)?\s+in\s+zip\(")
SEVERAL = re.compile(r"for\s*\(?\s*\w+\s*,")
DOTS = re.compile(r"for\s*\(?\s*(\w+)\s+in\s+(\w+)\s*(\.\.[.=<]?)\s*(\w+)\)?\s*$")
TUPLE = re.compile(r"for\s+(\w+)\s+in\s+\(([^(){}]*,[^(){}]*)\)\s*$")
TO = re.compile(r"for\s*\(?\s*(\w+)\s*(?:=|from)\s*(\d+)\s*(?::|to|,|\.\.)\s*(\d+)\s*\)?\s*$")

TIMES = re.compile(r"(?:repeat|loop|times|for|do|stack|rep)[ \t]*\(?[ \t]*(\w+)[ \t]*\)?[ \t]*(?:times[ \t]*)?\{")
"""``repeat 3 {``."""
FACTOR = re.compile(r"(\w+)[ \t]*(?:\*|x|×)[ \t]*(?=[A-Za-z_{])")
"""``3 * {``, which stands behind the step here."""


def head(s: Situation) -> Finding | None:
    """The head of a ``for``."""
    start = next((t.start_pos or 0 for _, t in s.tokens() if t.type in ("FOR", "LBRACE")), s.at)
    if not s.source.text.startswith("for", start) or s.place not in ("head", "lanes", "statement", "argument"):
        return None
    stop = min(x for x in (s.source.text.find("{", start) % (1 << 60), s.stop))
    text = s.source.text[start:stop].rstrip().rstrip(":")
    found = _counted(text) or _several(s, start, text) or _each(text)
    if found is None:
        return None
    message, help, meant = found
    whole = Span(s.source, start, start + len(text))
    fix = (Edit(whole, meant),) if isinstance(meant, str) else meant
    listed = TUPLE.fullmatch(text)
    span = s.span() if listed is None else s.span(start + listed.start(2) - 1, start + listed.end(2) + 1)
    safe = isinstance(meant, str) and TO.fullmatch(text) is None
    return Finding(Diagnostic("E0102", message, span, help=help, fix=fix, safe=safe))


Meant = tuple[str, str, "str | tuple[Edit, ...]"]
"""Message, help, and the head as it is written here, or the edits."""


def _counted(text: str) -> Meant | None:
    message = "a `for` goes over a list"
    if match := COUNTED.fullmatch(text):
        name, first, sign, bound, *steps = match.groups()
        stop = bound if sign != "<=" else str(int(bound) + 1) if bound.isdigit() else f"{bound} + 1"
        step = next((each for each in steps if each not in (None, "1")), None)
        ends = stop if first == "0" and step is None else ", ".join(filter(None, (first, stop, step)))
        meant = f"for {name} in range({ends})"
        return message, f"it is written `{meant}`", meant
    if match := DOTS.fullmatch(text):
        name, first, sign, last = match.groups()
        start = "" if first == "0" else f"{first}, "
        before = f"for {name} in range({start}{last})"
        through = f"for {name} in range({start}{int(last) + 1 if last.isdigit() else f'{last} + 1'})"
        if sign in ("..=", "..."):
            return message, f"it is written `{through}`", through
        if sign == "..<":
            return message, f"it is written `{before}`", before
        return message, f"`{before}` ends before {last}, `{through}` with it", ()
    if match := TO.fullmatch(text):
        name, first, last = match.groups()
        meant = f"for {name} in range({first}, {int(last) + 1})"
        return message, f"it is written `{meant}`: the end is not part of it", meant
    return None


def _several(s: Situation, start: int, text: str) -> Meant | None:
    message = "a `for` has one variable; its position follows behind `as`"
    if match := ENUMERATED.match(text):
        end = closing(text, match.end() - 1)
        if end is not None and len(inner := parts(text[match.end() : end - 1])) == 1:
            meant = f"for {match[2]} in {inner[0]} as {match[1]}"
            return message, f"it is written `{meant}`", meant
    if match := ZIPPED.match(text):
        end = closing(text, match.end() - 1)
        lists = parts(text[match.end() : end - 1]) if end is not None else []
        brace = s.source.text.find("{", start, start + len(text) + 3)
        index = next((name for name in "ijkn" if not re.search(rf"\b{name}\b", s.source.text)), None)
        if len(lists) == 2 and brace > 0 and index is not None:
            meant = f"for {match[1]} in {lists[0]} as {index}"
            second = f"let {match[2]} = {lists[1]}[{index}]"
            edits = (
                Edit(Span(s.source, start, start + len(text)), meant),
                Edit(Span(s.source, brace + 1, brace + 1), f" {second}\n"),
            )
            return message, f"it is written `{meant}`, and `{second}` in the body", edits
    if SEVERAL.match(text):
        return message, "go over pairs: `for p in [[16, 1], [32, 2]] { … }`, and write `p[0]` and `p[1]`", ()
    return None


def _each(text: str) -> Meant | None:
    if match := TUPLE.fullmatch(text):
        meant = f"for {match[1]} in [{match[2].strip().rstrip(',')}]"
        return "a list stands in square brackets", f"it is written `{meant}`", meant
    match = EACH.fullmatch(text[:-1] if text.startswith("for") and re.match(r"for\s*\(", text) else text)
    if match is None or (text.endswith(")") and not re.match(r"for\s*\(", text) and " in " in text):
        return None
    meant = f"for {match[1]} in {match[2]}"
    if meant == text or not match[2]:
        return None
    return "the head of a `for` stands without parentheses", f"it is written `{meant}`", meant


def times(s: Situation) -> Finding | None:
    """``repeat 3 { … }``, ``3 * { … }`` and ``conv(64, 3x3) x 3``."""
    text, start = (
        s.source.text,
        s.start if s.place != "lanes" else s.begin + len(s.before) - len(s.before.lstrip()),
    )
    match = TIMES.match(text, start)
    if (match is not None and match.start() <= s.at <= match.end() + 1) or _inside(s, match):
        assert match is not None
        end = closing(text, match.end() - 1)
        fix = (
            ()
            if end is None
            else (Edit(Span(s.source, start, match.end() - 1), ""), Edit(Span(s.source, end, end), f" * {match[1]}"))
        )
        span = Span(s.source, start, start + len(re.match(r"\w+", text[start:])[0]))  # type: ignore[index]
        found = Diagnostic(
            "E0102",
            f"a repetition stands behind its body: `{{ … }} * {match[1]}`",
            s.span() if s.token in ("NUMBER", "NAME") else span,
            help=f"in a loop steps can have labels of their own: `for i in range({match[1]}) {{ … }}`",
            fix=fix,
        )
        return Finding(found)
    factor = FACTOR.match(text, s.at)
    if s.token == "NUMBER" and factor is not None and {"NAME", "LBRACE"} & s.accepts and s.place != "argument":
        end = _step_end(text, factor.end())
        message = f"a repetition stands behind its step: `… * {factor[1]}`"
        fix = (Edit(Span(s.source, s.at, factor.end()), ""), Edit(Span(s.source, end, end), f" * {factor[1]}"))
        return Finding(
            Diagnostic(
                "E0102",
                message,
                s.span(),
                help=f"it is written `{text[factor.end() : end]} * {factor[1]}`"
                if "\n" not in text[factor.end() : end]
                else None,
                fix=fix,
            )
        )
    if s.token == "X" and "STAR" in s.accepts and "ARROW" in s.accepts and re.match(r"x[ \t]*\w+", s.rest):
        found = Diagnostic("E0102", "steps are repeated with `*`", s.span(), fix=(Edit(s.span(), "*"),))
        return Finding(found, (("STAR", "*"),), s.at + 1 + len(s.rest[1:]) - len(s.rest[1:].lstrip()))
    return None


def _inside(s: Situation, match: re.Match[str] | None) -> bool:
    """Whether what is wrong is the first word in the braces."""
    return match is not None and not s.source.text[match.end() : s.at].strip() and s.at >= match.end()


def _step_end(text: str, start: int) -> int:
    """The end of the step that begins there."""
    name = re.compile(r"\w*[ \t]*").match(text, start)
    end = name.end() if name else start
    while text[end : end + 1] in ("(", "{"):
        end = closing(text, end) or len(text)
    return len(text[:end].rstrip())


def comprehension(s: Situation) -> Finding | None:
    """``[16 * i for i in range(3)]``."""
    if s.token != "FOR" or not s.bracket_is("LSQB", "LPAR"):
        return None
    return Finding(
        Diagnostic(
            "E0102",
            "a list is written out",
            s.span(),
            help="`[16, 32, 64]`, or the loop computes each item: `for i in range(3) { … 16 * (i + 1) … }`",
        )
    )

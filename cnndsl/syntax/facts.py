"""Rules for `explain`: expectations as they are written in mathematics, and of steps without a label."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.syntax.situation import Finding, Situation

FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
AMOUNT = r"[0-9][\w.]*(?:[ \t]*x[ \t]*[\w.]+)*"
SIGN = r"<=|>=|==|!=|<|>"
METRIC = r"[a-z_]+(?:\([^()\n]*\))?(?:[ \t]+when[ \t]+training)?"
TURNED = re.compile(rf"({AMOUNT})[ \t]*({SIGN})[ \t]*({METRIC})(?:[ \t]*({SIGN})[ \t]*({AMOUNT}))?(?=[ \t]*(?:#|$))")


def turned(s: Situation) -> Finding | None:
    """``expect 30 <= params <= 40``, ``expect 40 == params``."""
    if not re.search(r"(?:^|\{)[ \t]*expect[ \t]+$", s.before) or (match := TURNED.match(s.rest)) is None:
        return None
    low, sign, metric, more, high = match.groups()
    facts = [f"{metric} {FLIPPED[sign]} {low}", *([f"{metric} {more} {high}"] if more else [])]
    span = s.span(end=s.at + match.end())
    indent = s.before[: -len(s.before.lstrip())]
    message = "an expectation has the metric first, and one bound" if more else "an expectation has the metric first"
    edit = Edit(span, f"\n{indent}expect ".join(facts))
    return Finding(Diagnostic("E0102", message, span, help=" and ".join(f"`expect {f}`" for f in facts), fix=(edit,)))


def between(s: Situation) -> Finding | None:
    """``expect params >= 30 <= 40``, and ``… and params <= 40``."""
    match = re.search(rf"(?:^|\{{)[ \t]*expect[ \t]+({METRIC})[ \t]*(?:{SIGN})[ \t]*{AMOUNT}[ \t]*$", s.before)
    more = re.match(rf"(?:(?:and|&&|,)[ \t]*(?:{METRIC}[ \t]*)?)?({SIGN})[ \t]*({AMOUNT})", s.rest)
    if match is None or more is None:
        return None
    fact, end = f"expect {match[1]} {more[1]} {more[2]}", s.previous_end
    indent = s.before[: len(s.before) - len(s.before.lstrip())]
    span = s.span(end=s.at + more.end())
    edit = Edit(s.span(end, s.at + more.end()), f"\n{indent}{fact}")
    return Finding(
        Diagnostic("E0102", "an expectation has one bound", span, help=f"another one: `{fact}`", fix=(edit,))
    )


def unlabelled(s: Situation) -> Finding | None:
    """``expect params(0)``."""
    match = re.search(r"(?:^|\{)[ \t]*expect[ \t]+([a-z_]+)\([ \t]*$", s.before)
    if match is None or s.token != "NUMBER":
        return None
    help = f"label the step, `stem: conv(…)`, and name it: `{match[1]}(stem)`"
    return Finding(Diagnostic("E0102", "an expectation names a step by its label", s.span(), help=help))


RULES = (turned, between, unlabelled)

"""Rules for `explain`: expressions as other languages write them."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax.situation import Finding, Situation

CONDITION = re.compile(r"([^?\n]*?)\?([^:?\n]*):([^?\n,()]*)")
IF_BEHIND = re.compile(r"if\b([^\n]*?)\belse\b([^\n,()]*)")
POWER = re.compile(r"(\*\*|\^)[ \t]*(\w+(?:\.\d+)?|\([^()\n]*\))")
OPERAND = re.compile(r"(?:(?<![\w.])(?:in\.)?\w+(?:\.\d+)?|\([^()\n]*\))[ \t]*$")
LARGEST = 10**18


def conditional(s: Situation) -> Finding | None:
    """``c > 8 ? 32 : 64`` of C, and ``32 if c > 8 else 64`` of Python."""
    text, start = s.source.text, value_start(s)
    if s.word == "?" and (match := CONDITION.match(text, start, s.stop)) and match.end(1) <= s.at:
        condition, then, otherwise = (part.strip() for part in match.groups())
        end, message = match.end(), "`?:` is no operator of the language"
        code, span = "E0101", Span(s.source, s.at, s.at + 1)
    elif s.token == "IF" and start < s.at and (match := IF_BEHIND.match(text, s.at, s.stop)):
        then = text[start : s.at].strip()
        condition, otherwise = match[1].strip(), match[2].strip()
        end, message = match.end(), "an `if` that is a value begins with its condition"
        code, span = "E0107", s.span()
    else:
        return None
    otherwise = otherwise.split("#")[0].rstrip()
    if not (condition and then and otherwise):
        return None
    if condition.startswith("(") and condition.endswith(")") and condition.count("(") == 1:
        condition = condition[1:-1]
    condition = re.sub(r"[ \t]*(&&|\|\|)[ \t]*", lambda sign: " and " if sign[1] == "&&" else " or ", condition)
    meant = f"if {condition} {{ {then} }} else {{ {otherwise} }}"
    end = len(text[: text.find(otherwise, span.end) + len(otherwise)])
    found = Diagnostic(
        code, message, span, help=f"it is written `{meant}`", fix=(Edit(Span(s.source, start, end), meant),), safe=True
    )
    return Finding(found)


def value_start(s: Situation) -> int:
    """Where the value begins that is written here: behind the last `=`, bracket or comma that is open."""
    text, depth = s.source.text, 0
    for at in range(s.at - 1, max(s.begin - 1, s.at - 1000), -1):
        sign = text[at]
        if sign in ")]}":
            depth += 1
        elif sign in "([{":
            if depth == 0:
                break
            depth -= 1
        elif depth == 0 and (sign == "," or (sign == "=" and text[at - 1] not in "=<>!" and text[at + 1] != "=")):
            break
    else:
        at = s.begin - 1
    return at + 1 + len(text[at + 1 : s.at]) - len(text[at + 1 : s.at].lstrip())


def power(s: Situation) -> Finding | None:
    """``2 ** 3`` and ``2 ^ 3``."""
    at = s.at - 1 if s.word == "*" and s.source.text[s.at - 1 : s.at] == "*" else s.at
    text = s.source.text
    match = POWER.match(text, at, s.stop)
    if match is None or (match[1] == "^" and s.bracket_is("LBRACE") and not s.before.strip()):
        return None
    span = Span(s.source, at, at + len(match[1]))
    if {"STAR", "ARROW"} <= s.accepts and not s.bracket_is("LPAR", "LSQB"):
        return Finding(Diagnostic("E0110", "steps are repeated with `*`", span, fix=(Edit(span, " * "),)))
    base = OPERAND.search(text, s.begin, at)
    meant = _product(base[0].strip(), match[2]) if base else None
    help = "write the values out: `for c in [8, 16, 32] { … }` in place of `8 * 2 ** i`"
    if base is None or meant is None:
        return Finding(Diagnostic("E0110", "there is no power operator", span, help=help))
    whole = Span(s.source, base.start(), match.end())
    if re.search(r"[(,=][ \t]*$", text[s.begin : base.start()]) and re.match(
        r"[ \t]*(?:[),\n]|$)", text[match.end() :]
    ):
        meant = re.sub(r"^\((.*)\)$", r"\1", meant)
    fix = (Edit(whole, meant),)
    return Finding(Diagnostic("E0110", "there is no power operator", span, help=f"it is written `{meant}`", fix=fix))


def _product(base: str, exponent: str) -> str | None:
    """A power with a figure as exponent, without the operator."""
    if exponent in ("0.5", "(0.5)", "(1/2)"):
        return f"sqrt({base.strip('()') if base.startswith('(') else base})"
    if not exponent.isdigit() or not 1 <= int(exponent) <= 60:
        return None
    if base.isdigit():
        value = int(base) ** int(exponent)
        return str(value) if value <= LARGEST else None
    return f"({' * '.join([base] * int(exponent))})" if int(exponent) <= 4 else None


def percent(s: Situation) -> Finding | None:
    """``dropout(50%)``."""
    match = re.search(r"(\d+(?:\.\d+)?)[ \t]*%[ \t]*$", s.source.text[s.begin : s.previous_end])
    if match is None or s.token not in ("RPAR", "COMMA", "_NL", "RBRACE"):
        return None
    span = Span(s.source, s.begin + match.start(), s.begin + match.end())
    meant = f"{float(match[1]) / 100:g}"
    found = Diagnostic(
        "E0102",
        "`%` is the remainder of a division",
        s.span(),
        help=f"{match[1]} % are `{meant}`",
        fix=(Edit(span, meant),),
    )
    return Finding(found)


SHAPE = re.compile(
    r"(?:x|in|inputs?|self|y|out)\.(?:shape\[(-?\d)\]|size\((-?\d)\)|(?:in_)?(channels|height|width|features))"
)
DIMS = {"1": "channels", "-3": "channels", "2": "height", "-2": "height", "3": "width", "-1": "width"}
FUNCTION = re.compile(r"(?:math|np|numpy|torch|tf|jnp|Math)\.(?=(?:min|max|abs|floor|ceil|round|sqrt|sum)\()")


def dotted(s: Situation) -> Finding | None:
    """``x.shape[1]``, ``input.channels`` and ``math.ceil(…)``."""
    if s.word not in (".", "(", "["):
        return None
    text = s.source.text
    word = re.search(r"[A-Za-z_][\w.]*$", s.before)
    start = s.at - len(word[0]) if word else s.at
    if match := FUNCTION.match(text, start, s.stop):
        span = Span(s.source, start, match.end())
        return Finding(
            Diagnostic(
                "E0102",
                "functions are written by their bare names",
                s.span(),
                help=f"leave `{match[0]}` out",
                fix=(Edit(span, ""),),
            )
        )
    match = SHAPE.match(text, start, s.stop)
    if match is None:
        return None
    dim = match[3] or DIMS.get(match[1] or match[2])
    help = f"it is written `in.{dim}`" if dim else "it has `in.channels`, `in.height` and `in.width`, or `in.features`"
    fix = (Edit(Span(s.source, start, match.end()), f"in.{dim}"),) if dim else ()
    return Finding(Diagnostic("E0102", "the shape of what flows in is `in`", s.span(), help=help, fix=fix))


LENGTH = re.compile(r"([A-Za-z_]\w*)\.(?:length|len|size|count)\b(?:\(\))?")


def length(s: Situation) -> Finding | None:
    """``widths.length``."""
    word = re.search(r"[A-Za-z_]\w*$", s.before)
    match = LENGTH.match(s.source.text, s.at - len(word[0]), s.stop) if word and s.word == "." else None
    if match is None or match[1] in ("in", "self"):
        return None
    meant = f"len({match[1]})"
    found = Diagnostic(
        "E0102",
        "`len` counts the items of a list",
        s.span(),
        help=f"it is written `{meant}`",
        fix=(Edit(Span(s.source, match.start(), match.end()), meant),),
        safe=True,
    )
    return Finding(found)

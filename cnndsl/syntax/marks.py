"""Rules for `explain`: labels, what refers to them, stated shapes and facts."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax.chains import step_start
from cnndsl.syntax.pieces import parts
from cnndsl.syntax.situation import Finding, Situation
from cnndsl.syntax.statements import written

STRING_LABEL = re.compile(r"f?\"([A-Za-z_][\w{}+ -]*)\"[ \t]*:(?!:)|f?'([A-Za-z_][\w{}+ -]*)'[ \t]*:(?!:)")

INDEXED = re.compile(
    r"(?P<name>[A-Za-z_]\w*)(?:\$\{?(\w+)\}?|%(\w+)|\[(\w+)\]|\{\{(\w+)\}\})[ \t]*:(?!:)"
    r"|\"(?P<quoted>[A-Za-z_]\w*)\"[ \t]*\+[ \t]*(?:str\()?(\w+)\)?[ \t]*:(?!:)"
)

DASHED = re.compile(r"((?!self\b|this\b)[A-Za-z_]\w*(?:[-.]\w+)+)[ \t]*:(?!:)|(\d\w*)[ \t]*:(?!:)")


def quoted(s: Situation) -> Finding | None:
    """``"conv1": conv(64, 3x3)`` and ``relu as act``."""
    text = s.source.text
    at = s.at - 1 if s.token == "STRING" and text[s.at - 1 : s.at] == "f" else s.at
    if {"DENSE", "LPAR"} & s.accepts and (match := STRING_LABEL.match(text, at, s.stop)):
        name = match[1] or match[2]
        return written(s, Span(s.source, at, match.end()), f"{name}:", f"a label stands without quotes: `{name}: …`")
    if (
        s.token == "AS"
        and s.source.text[s.previous_end - 1] != "}"
        and "ARROW" in s.accepts
        and (match := re.match(r"as[ \t]+(\w+)", s.rest))
    ):
        step = step_start(s)
        fix = (
            Edit(Span(s.source, step, step), f"{match[1]}: "),
            Edit(Span(s.source, s.previous_end, s.at + match.end()), ""),
        )
        found = Diagnostic(
            "E0102",
            "a label stands before its step",
            s.span(),
            fix=fix,
            help=f"it is written `{match[1]}: {text[step : s.previous_end]}`",
        )
        return Finding(found)
    return None


def label(s: Situation) -> Finding | None:
    """``stage$i:``, ``stage[i]:`` for ``stage{i}:``, and labels with a space, a dash or a digit first."""
    text = s.source.text
    if (
        s.token == "LABEL"
        and "ARROW" in s.accepts
        and (first := re.search(r"(?:^|[|{>])[ \t]*([a-z]\w*)[ \t]+$", s.before))
    ):
        from cnndsl.ops import registry

        word = re.match(r"(\w+)[ \t]*:", s.rest)
        if first[1] not in (*registry, "lambda") and word is not None:
            span = Span(s.source, s.at - len(s.before) + first.start(1), s.at + word.end())
            meant = f"{first[1]}_{word[1]}:"
            return Finding(
                Diagnostic(
                    "E0107", "a label is one word", s.span(), help=f"it is written `{meant}`", fix=(Edit(span, meant),)
                )
            )
    start = re.search(r"[\w\"$%{\[.-]*$", text[s.begin : s.at])
    begun = s.at - len(start[0]) if start else s.at
    for at in range(begun, s.at + 1):
        match = INDEXED.match(text, at, s.stop)
        if match is not None and match.end() >= s.at:
            index = next(
                each
                for name, each in zip("-abcdef", match.groups(), strict=False)
                if each and each not in (match["name"], match["quoted"])
            )
            meant = f"{match['name'] or match['quoted']}{{{index}}}:"
            break
        match = DASHED.match(text, at, s.stop)
        if match is not None and match.end() >= s.at and re.search(r"(?:^|[{|>])[ \t]*$", text[s.begin : at]):
            meant = re.sub(r"\W", "_", match[1]) + ":" if match[1] else f"step{match[2]}:"
            break
    else:
        return None
    if s.bracket_is("LPAR", "LSQB") or s.place in ("file", "definition"):
        return None
    code = "E0101" if not s.token else "E0102"
    found = Diagnostic(
        code,
        "a label is a name, with indices in braces",
        s.span(),
        help=f"it is written `{meant}`",
        fix=(Edit(Span(s.source, at, match.end()), meant),),
    )
    return Finding(found)


SHAPE = re.compile(r"[ \t]*(?:\(([^()\n]*)\)|((?:[\w/* ]+,)+[\w/* ]+))")


def shape(s: Situation) -> Finding | None:
    """``:: (32, 30, 30)``, ``-> 32 x 30 x 30``, and ``::`` on a line of its own."""
    text = s.source.text
    mark = text.rfind("::", s.begin, s.at)
    match = SHAPE.match(text, mark + 2, s.stop) if mark >= 0 and s.token == "COMMA" else None
    if match is not None and match.start() <= s.at < match.end():
        meant = " x ".join(parts(match[1] or match[2]))
        span = Span(s.source, mark + 2, len(text[: match.end()].rstrip()))
        return Finding(
            Diagnostic(
                "E0102",
                "a shape is written with `x`",
                s.span(),
                help=f"it is written `{meant}`",
                fix=(Edit(span, f" {meant}"),),
            )
        )
    if s.token == "NUMBER" and re.match(r"\w+(?:[ \t]*x[ \t]*\w+){1,2}[ \t]*(?:#.*)?$", s.rest):
        end = s.previous_end
        if text.endswith("->", 0, end):
            span = Span(s.source, len(text[: end - 2].rstrip()), s.at)
            found = Diagnostic(
                "E0102",
                "a step's shape is stated with `::`",
                s.span(),
                help="it is written `::`",
                fix=(Edit(span, " :: "),),
            )
            return Finding(found)
    if s.token == "ASCRIBE" and s.begin and not s.before.strip() and "ASCRIBE" not in s.accepts:
        line = text[text.rfind("\n", 0, s.begin - 1) + 1 : s.begin - 1]
        if line.strip() and not line.strip().startswith("#") and not line.split("#")[0].rstrip().endswith("->"):
            code = line.split("#")[0].rstrip()
            end = s.begin - 1 - len(line) + len(code)
            shape = text[s.at : s.stop].split("#")[0].rstrip()
            fix = (Edit(Span(s.source, end, end), f" {shape}"), Edit(Span(s.source, s.at, s.at + len(shape)), ""))
            found = Diagnostic(
                "E0102", "`::` stands on the line of its step", s.span(), help=f"`{code.strip()} {shape}`", fix=fix
            )
            return Finding(found)
    return None


def reference(s: Situation) -> Finding | None:
    """``from(stem)``, ``from "stem"``, ``*stem`` and ``@stem``."""
    text = s.source.text
    match = re.compile(r"from[ \t]*[(\"'][ \t]*([A-Za-z_][\w.{}]*)[ \t]*[)\"']").search(text, s.begin, s.stop)
    if match is None or not match.start() < s.at < match.end():
        match = re.compile(r"[*@&$]([A-Za-z_][\w.]*)").match(text, s.at, s.stop)
        if match is None or not {"FROM"} <= s.accepts or s.bracket_is("LPAR", "LSQB"):
            return None
    meant = f"from {match[1]}"
    code = "E0101" if not s.token else "E0102"
    found = Diagnostic(
        code,
        "an earlier step is named by `from` and its label",
        s.span(),
        help=f"it is written `{meant}`",
        fix=(Edit(Span(s.source, match.start(), match.end()), meant),),
    )
    return Finding(found)


METRICS = r"(params|macs|depth|memory|shape|receptive_field)"

DOTTED = re.compile(rf"([A-Za-z_][\w.]*)\.{METRICS}\b")

RANGE = re.compile(rf"expect[ \t]+([\w.]+)[ \t]*(<=?)[ \t]*{METRICS}(\([^()\n]*\))?[ \t]*(<=?)[ \t]*([\w.]+)")


def fact(s: Situation) -> Finding | None:
    """``expect stem.params == 10`` and ``expect 30 <= params <= 40``."""
    text, start = s.source.text, s.begin + len(s.before) - len(s.before.lstrip())
    if not text.startswith("expect", start):
        return None
    dotted = DOTTED.match(text, start + 7, s.stop)
    if dotted is not None and s.word == "." and s.at < dotted.end():
        meant, span = f"{dotted[2]}({dotted[1]})", Span(s.source, dotted.start(), dotted.end())
        help = f"it is written `{meant}`"
    elif between := RANGE.match(text, start, s.stop):
        low, first, metric, target, last, high = between.groups()
        name = metric + (target or "")
        facts = [f"expect {name} {first.replace('<', '>')} {low}", f"expect {name} {last} {high}"]
        meant, span = f"\n{text[s.begin : start]}".join(facts), Span(s.source, start, between.end())
        help = f"each bound is a fact of its own: `{facts[0]}`, `{facts[1]}`"
    else:
        return None
    return Finding(
        Diagnostic("E0102", "a fact begins with what it is about", s.span(), help=help, fix=(Edit(span, meant),))
    )

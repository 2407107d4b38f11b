"""Rules for `explain`: steps and calls as other languages write and join them."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax.lanes import joins
from cnndsl.syntax.pieces import FAR, closing, parts
from cnndsl.syntax.situation import Finding, Situation

EMPTY = re.compile(r"x\d?|y|h|out|in|inputs?|identity|shortcut|residual|skip")
"""What the input of a residual block is called elsewhere."""


def step_start(s: Situation) -> int:
    """The beginning of the step that ends here."""
    text = s.source.text
    start = max(s.start, s.begin) if s.place in ("statement", "lanes") else s.begin
    arrow = text.rfind("->", start, s.at)
    start = max(start, arrow + 2) if arrow >= 0 else start
    bar = text.rfind("|", start, s.at)
    start = max(start, bar + 1) if bar >= 0 else start
    return start + len(text[start : s.at]) - len(text[start : s.at].lstrip())


def joined(s: Situation) -> Finding | None:
    """Steps that are joined by another sign: ``.``, ``,``, ``>``, ``+``; and a layer that is called with the flow."""
    text = s.source.text
    if "ARROW" not in s.accepts or s.bracket_is("LPAR", "LSQB"):
        return None
    spaced = re.compile(r"[ \t]*")
    if s.word == "." and text[s.at - 1] == ")" and re.match(r"\.[A-Za-z_]", s.rest):
        return _arrow(s, Span(s.source, s.at, s.at + 1), s.at + 1)
    if s.token == "COMMA" and "BAR" not in s.accepts and re.match(r",[ \t]*(?:#[^\n]*)?$", s.rest):
        places = [s.at]
        for line in re.compile(r"\n([^\n{}]*?)(,?)[ \t]*(?=\n)").finditer(text, s.line_end, s.line_end + FAR):
            if not line[2]:
                break
            places.append(line.start(2))
        found = Diagnostic(
            "E0102",
            "no `,` stands between steps",
            s.span(),
            help="steps stand on lines of their own, or are joined by `->`",
            fix=tuple(Edit(Span(s.source, at, at + 1), "") for at in places),
        )
        return Finding(found)
    if s.token == "COMMA" and re.match(r",[ \t]*[A-Za-z_{]", s.rest):
        behind = spaced.match(text, s.at + 1)
        return _arrow(
            s, Span(s.source, s.previous_end, behind.end() if behind else s.at + 1), behind.end() if behind else s.at
        )
    if s.token in ("COMPARE", "MINUS") and (match := re.match(r"(?:-[ \t]*>|--+>|>)[ \t]*(?=[A-Za-z_{])", s.rest)):
        return _arrow(s, Span(s.source, s.previous_end, s.at + match.end()), s.at + match.end())
    if (
        s.token == "LPAR"
        and (match := re.match(r"\((?:x\d?|y|h|out|inputs?|net)?\)", s.rest))
        and text[s.at - 1] == ")"
    ):
        start = step_start(s)
        span = Span(s.source, start, s.at + match.end())
        found = Diagnostic(
            "E0102",
            "what flows in is never given",
            s.span(),
            fix=(Edit(span, text[start : s.at]),),
            help=f"leave `{match[0]}` out",
        )
        return Finding(found, (("", ""),), s.at + match.end())
    if s.token == "PLUS" and s.rest.startswith("++"):
        return Finding(
            Diagnostic(
                "E0102",
                "`++` joins no steps",
                s.span(),
                help="one after another they are joined by `->`; side by side, `concat { | … | … }`",
            )
        )
    if s.token == "PLUS":
        start, end = step_start(s), _chain_end(text, s.at)
        lanes = ["" if EMPTY.fullmatch(each) else each for each in _summands(text[start:end])]
        meant = "add { | " + " | ".join(lanes) + " }" if "\n" not in text[start:end] else ""
        fix = (Edit(Span(s.source, start, end), " ".join(meant.split())),) if meant else ()
        return Finding(
            Diagnostic(
                "E0102",
                "steps are added by `add`",
                s.span(),
                fix=fix,
                help=f"it is written `{' '.join(meant.split())}`" if meant else "`add { | … | … }`",
            )
        )
    return None


def _arrow(s: Situation, span: Span, resume: int) -> Finding:
    found = Diagnostic("E0102", "steps are joined by `->`", s.span(), fix=(Edit(span, " -> "),), safe=True)
    return Finding(found, (("ARROW", "->"),), resume)


def _chain_end(text: str, at: int) -> int:
    """The end of the steps that go on here, on this line."""
    match = re.compile(r"(?:[^\n(){}|#-]|-(?!>)|\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\))*").match(text, at)
    return len(text[: match.end()].rstrip()) if match else at


def _summands(text: str) -> list[str]:
    found, depth, start = [], 0, 0
    for index, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "+" and depth == 0:
            found.append(text[start:index].strip())
            start = index + 1
    return [*found, text[start:].strip()]


FROM_BEFORE = re.compile(r"from[ \t]+-1\b[ \t]*(?:->)?[ \t]*")


def source_of(s: Situation) -> Finding | None:
    """``from -1`` and ``from -4``, as in a YOLO configuration, and ``relu <- conv(…)``."""
    text = s.source.text
    match = FROM_BEFORE.search(text, s.begin, s.stop) if s.token == "MINUS" else None
    if match is not None and match.start() < s.at < match.end():
        found = Diagnostic(
            "E0102",
            "`from` names a step by its label",
            s.span(),
            help="what the step before gives flows on by itself: leave `from -1` out",
            fix=(Edit(Span(s.source, match.start(), match.end()), ""),),
        )
        return Finding(found)
    if s.token == "MINUS" and re.search(r"\bfrom[ \t]+$", s.before):
        help = "give the step a label, `route: conv(64, 3x3)`, and name it: `from route`"
        return Finding(Diagnostic("E0102", "`from` names a step by its label", s.span(), help=help))
    if s.token == "COMPARE" and (arrow := re.match(r"<-+[ \t]*([^\n<#]+)", s.rest)) and "ARROW" in s.accepts:
        start, then = step_start(s), arrow[1].strip()
        meant = f"{then} -> {text[start : s.previous_end]}"
        span = Span(s.source, start, s.at + arrow.start(1) + len(arrow[1].rstrip()))
        found = Diagnostic(
            "E0102",
            "steps stand in the order of the flow",
            s.span(),
            help=f"it is written `{meant}`",
            fix=(Edit(span, meant),),
        )
        return Finding(found)
    return None


def keras_dense(s: Situation) -> Finding | None:
    """``dense(10)``, which is a loop here."""
    place = next(((i, t) for i, t in s.tokens() if t.type in ("DENSE", "LBRACE")), None)
    if place is None or place[1].type != "DENSE" or s.token == "LBRACE" or s.place != "head":
        return None
    start, text = place[1].start_pos or 0, s.source.text
    match = re.compile(r"dense[ \t]*\(").match(text, start)
    end = closing(text, match.end() - 1) if match else None
    if match is None or end is None:
        return None
    given = parts(text[match.end() : end - 1])
    if given and re.compile(r"[ \t]*\{").match(text, end):
        found = Diagnostic(
            "E0102",
            "`dense` has a number of turns and nothing else",
            s.span(),
            help=f"it is written `dense {given[0]} {{ … }}`",
            fix=(Edit(Span(s.source, match.end() - 1, end), f" {given[0]}"),),
        )
        return Finding(found)
    whole = f"linear({given[0]})" if len(given) == 1 and "=" not in given[0] else None
    fix = (Edit(Span(s.source, start, end), whole),) if whole else ()
    help = f"a layer of all features is `{whole or 'linear(10)'}`"
    found = Diagnostic("E0102", "`dense` repeats a body: `dense 6 { … }`", s.span(start, start + 5), help=help, fix=fix)
    tokens = (("LBRACE", "{"), ("RBRACE", "}")) if s.at >= end else ()
    return Finding(found, tokens)


def item(s: Situation) -> Finding | None:
    """``acts[0]`` as a step."""
    match = re.search(r"([A-Za-z_]\w*)[ \t]*$", s.before)
    end = closing(s.source.text, s.at) if s.token == "LSQB" else None
    if match is None or end is None or not {"LPAR", "ARROW"} <= s.accepts or s.bracket_is("LPAR", "LSQB"):
        return None
    start = s.at - len(match[0])
    index = s.source.text[s.at + 1 : end - 1].strip()
    name = f"{match[1]}_{index}" if index.isdigit() else f"{match[1]}_item"
    indent = len(s.before) - len(s.before.lstrip())
    at = s.begin + indent
    value = s.source.text[start:end]
    edits = (
        Edit(Span(s.source, at, at), f"let {name} = {value}\n{s.before[:indent]}"),
        Edit(Span(s.source, start, end), name),
    )
    found = Diagnostic(
        "E0102",
        "a step is a name",
        s.span(),
        help=f"name the item: `let {name} = {value}`, then `{name}`",
        fix=edits if s.before[indent : indent + 1] not in ("|", "}") else (),
    )
    return Finding(found)


def brackets_of(s: Situation) -> Finding | None:
    """``conv<32, 3x3>`` and ``conv[32, 3x3]`` for ``conv(32, 3x3)``."""
    text = s.source.text
    name = re.search(r"([A-Za-z_]\w*)[ \t]*$", s.before)
    if name is None or "LPAR" not in s.accepts or s.word not in ("<", "["):
        return None
    if s.word == "<":
        match = re.match(r"<([^<>\n]*)>(?:\(([^()\n]*)\))?", s.rest)
        if match is None:
            return None
        inner, end = ", ".join(filter(None, (match[1], match[2]))), s.at + match.end()
    else:
        close = closing(text, s.at)
        inner = text[s.at + 1 : close - 1].strip() if close is not None else ""
        listed = any(f"{before}{name[1]}" in text for before in ("let ", "for ", "(", ", "))
        if close is None or not inner or ("," not in inner and listed):
            return None
        end = close

    lanes = parts(inner)
    merge = s.word == "[" and len(lanes) > 1 and joins(name[1], False) and name[1].islower() and "(" in inner
    meant = f" {{ {' '.join(f'| {lane}' for lane in lanes)} }}" if merge else f"({inner})"
    span = Span(s.source, s.previous_end, end)
    what = "lanes stand in braces" if merge else f"the arguments of `{name[1]}` stand in parentheses"
    shown = " ".join(f"{name[1]}{meant}".split())
    return Finding(Diagnostic("E0102", what, s.span(), help=f"it is written `{shown}`", fix=(Edit(span, meant),)))


def from_given(s: Situation) -> Finding | None:
    """``concat(from enc1, up1)``."""
    text = s.source.text
    head = re.search(r"([A-Za-z_]\w*)[ \t]*\([^()\n]*\bfrom[ \t]+$", s.before)
    start = s.begin + head.end(1) if head is not None else s.at
    close = closing(text, text.index("(", start)) if head is not None and joins(head[1], True) else None
    if head is None or close is None:
        return None
    given = parts(text[text.index("(", start) + 1 : close - 1])
    lanes = [f"from {each}" if re.search(rf"\b{re.escape(each)}[ \t]*:", text) else each for each in given]
    meant = f" {{ {' '.join(f'| {lane}' for lane in lanes)} }}"
    help, fix = f"it is written `{head[1]}{meant}`", (Edit(Span(s.source, start, close), meant),)
    span = s.span(s.previous_end - len("from"), s.previous_end)
    return Finding(Diagnostic("E0112", "lanes stand in braces", span, help=help, fix=fix))

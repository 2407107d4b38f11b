"""Rules for `explain`: lanes without bars, and braces behind a word that joins none."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax.pieces import closing
from cnndsl.syntax.situation import Finding, Situation
from cnndsl.syntax.words import STEP_STARTS

SEQUENCES = re.compile(
    r"(?:nn\.)?(?:sequential|sequence|seq|chain|body|group|steps|layers?|features|stage\d?|model)", re.I
)

PARALLEL = re.compile(r"(?:parallel|branch(?:es)?|split|fork|lanes|paths)", re.I)

RESIDUALS = re.compile(r"(?:residual|skip|shortcut|res|resblock|sum|plus)", re.I)


def lanes(s: Situation) -> Finding | None:
    """Lanes without their bars, and what is no merge but has braces."""
    bracket = s.bracket()
    if bracket is None or bracket.type != "LBRACE" or not s.accepts >= {"BAR", "RBRACE"} or "ARROW" in s.accepts:
        return None
    if s.token not in STEP_STARTS:
        return None
    text, start = s.source.text, bracket.start_pos or 0
    end = closing(text, start)
    head = re.search(r"(\w+)[ \t]*(\([^()\n]*\))?[ \t]*$", text[max(0, start - 200) : start])
    name = head[1] if head else ""
    starts = _statements(text, s.at, end - 1) if end is not None else []
    pieces = _pieces(text[s.at : end - 1]) if end is not None else []
    before = start - len(head[0]) if head else start
    if name and not joins(name, head is not None and head[2] is not None):
        return Finding(_no_merge(s, name, before, start, end, starts))
    if len(pieces) > 1 and name and end is not None:
        meant = f"{{ {' '.join(f'| {each}' for each in pieces)} }}"
        found = Diagnostic(
            "E0112",
            "a lane begins with `|`",
            s.span(),
            help=f"it is written `{name} {meant}`",
            fix=(Edit(Span(s.source, start, end), meant),),
        )
        return Finding(found)
    if len(starts) == 1:
        step = " ".join(text[s.at : (end or s.stop) - 1].split())
        found = Diagnostic(
            "E0112",
            "a lane begins with `|`",
            s.span(),
            help=f"with the input as the other lane: `{name} {{ | {step} | }}`; steps by themselves need no `{name}`",
        )
    else:
        bars = tuple(Edit(Span(s.source, at, at), "| ") for at in starts or [s.at])
        shown = " ".join(f"| {line}" for line in _shown(text, starts))
        help = f"one bar a lane: `{name} {{ {shown} }}`" if 0 < len(shown) < 100 else f"`{name} {{ | … | … }}`"
        found = Diagnostic("E0112", "a lane begins with `|`", s.span(), help=help, fix=bars)
    return Finding(found, (("BAR", "|"),))


def _statements(text: str, start: int, end: int) -> list[int]:
    """Where the statements begin between a merge's braces."""
    found, at, depth = [start], start, 0
    while (line := text.find("\n", at, end)) >= 0:
        depth += sum((sign in "([{") - (sign in ")]}") for sign in text[at:line])
        match = re.compile(r"[ \t]*(?=[A-Za-z_{])(?!else\b)").match(text, line + 1, end)
        if depth == 0 and match is not None and not text.endswith("->", at, len(text[at:line].rstrip()) + at):
            found.append(match.end())
        at = line + 1
    return found


def _pieces(text: str) -> list[str]:
    """Lanes on one line or several, with other signs between them."""
    found, depth, start = [], 0, 0
    for index, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0 and (sign in ",;&|" or (sign == "/" and text[index - 1 : index + 2] == " / ")):
            found.append(text[start:index])
            start = index + 1
    pieces = [" ".join(each.split()) for each in [*found, text[start:]]]
    return pieces if ("#" not in text and "\n" not in text.strip()) or found else []


def _shown(text: str, starts: list[int]) -> list[str]:
    lines = []
    for at in starts:
        end = text.find("\n", at)
        lines.append(text[at : len(text) if end < 0 else end].split("#")[0].strip())
    return lines


def joins(name: str, called: bool) -> bool:
    """Whether lanes may follow this word: it is a merge, or a parameter that may hold one."""
    from cnndsl.ops import Merge, registry

    if name in registry:
        return issubclass(registry[name], Merge)
    return not (called or any(kind.fullmatch(name) for kind in (SEQUENCES, RESIDUALS, PARALLEL)))


def _no_merge(s: Situation, name: str, before: int, start: int, end: int | None, starts: list[int]) -> Diagnostic:
    text = s.source.text
    inner = text[start + 1 : end - 1].strip() if end is not None else ""
    if SEQUENCES.fullmatch(name):
        fix: tuple[Edit, ...] = (Edit(Span(s.source, before, start), ""),)
        return Diagnostic(
            "E0112",
            f"steps follow one another without `{name}`",
            s.span(),
            fix=fix,
            help=f"a group is braces alone, `{{ … }}`, and may have a label: `{name.lower()}: {{ … }}`",
        )
    defined = f"block {name}" in text
    if PARALLEL.fullmatch(name) and end is not None and not defined:
        behind = re.compile(r"[ \t]*->[ \t]*(concat|add|mul|mean|max)\b").match(text, end)
        word = behind[1] if behind else ""
        edits = (
            Edit(Span(s.source, before, start), f"{word} "),
            *(Edit(Span(s.source, at, at), "| ") for at in starts),
            Edit(Span(s.source, end, behind.end() if behind else end), ""),
        )
        return Diagnostic(
            "E0112",
            f"`{name}` does not say how lanes are joined",
            s.span(),
            fix=edits if word else (),
            help=f"lanes stand behind the word that joins them: `{word or 'concat'} {{ | … | … }}`",
        )
    if RESIDUALS.fullmatch(name) and not defined and end is not None:
        fix = (
            Edit(Span(s.source, before, start), "add "),
            Edit(Span(s.source, s.at, s.at), "| "),
            Edit(Span(s.source, end - 1, end - 1), "| "),
        )
        shown = f"add {{ | {' '.join(inner.split())} | }}" if "\n" not in inner else "add { | … | }"
        return Diagnostic(
            "E0112",
            f"`{name}` does not join lanes",
            s.span(),
            fix=fix,
            help=f"the input is added by an empty lane: `{shown}`",
        )
    call = text[before:start].rstrip()
    return Diagnostic(
        "E0112",
        f"`{name}` takes no body",
        s.span(),
        help=f"what follows it stands behind it: `{call} -> {' '.join(inner.split())}`"
        if inner and "\n" not in inner
        else f"steps follow behind it: `{call} -> …`",
    )

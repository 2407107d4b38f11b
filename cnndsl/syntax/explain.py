"""A syntax error in words: what was being written, what was expected, what the usual slip is.

Each rule looks at the situation and gives a finding if it is the case it knows; the first one counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cnndsl.diagnostics.model import Diagnostic, Edit, Label
from cnndsl.source import Span
from cnndsl.syntax import (
    bodies,
    brackets,
    chains,
    configs,
    expressions,
    facts,
    habits,
    heads,
    lanes,
    loops,
    marks,
    skip,
    slips,
    statements,
    swaps,
)
from cnndsl.syntax.situation import Finding, Situation
from cnndsl.syntax.words import OPERAND_STARTS, STEP_STARTS, expectation


def explain(s: Situation) -> Finding:
    for rule in RULES:
        finding = rule(s)
        if finding is not None:
            return finding
    return unexpected(s)


def missing_else(s: Situation) -> Finding | None:
    """An ``if`` that is a value, without its ``else``."""
    if s.accepts - {"ERROR"} != {"ELSE"}:
        return None
    end = s.previous_end
    return Finding(
        Diagnostic(
            "E0102",
            "an `if` that is a value needs its `else`",
            Span(s.source, end - 1, end),
            "`else { … }` goes here",
            help="where the condition is false it would have no value",
        ),
        (("ELSE", "else"), ("LBRACE", "{"), ("NUMBER", "1"), ("RBRACE", "}")),
    )


def missing_comma(s: Situation) -> Finding | None:
    bracket = s.bracket()
    if "COMMA" not in s.accepts or s.token not in OPERAND_STARTS | {"LABEL"}:
        return None
    if bracket is None or bracket.type not in ("LPAR", "LSQB") or s.word in habits.OPERATOR_WORDS:
        return None
    end = s.previous_end
    place = Span(s.source, end, end)
    return Finding(
        Diagnostic(
            "E0109",
            f"`,` is missing before `{s.word}`{s.inside()}",
            s.span(),
            labels=(Label(place, "here"),),
            fix=(Edit(place, ","),),
            safe=re.match(r"\w+[ \t]*=(?!=)|[0-9]+[ \t]*x", s.rest) is not None,
        ),
        (("COMMA", ","),),
    )


def missing_arrow(s: Situation) -> Finding | None:
    """Two steps on one line."""
    if "ARROW" not in s.accepts or s.token not in STEP_STARTS - {"LBRACE"} or s.bracket_is("LPAR", "LSQB"):
        return None
    end = s.previous_end
    place = Span(s.source, end, end)
    if s.word == "_":
        return Finding(
            Diagnostic("E0102", "`::` is missing before a shape", s.span(), fix=(Edit(place, " ::"),), safe=True),
            (("ASCRIBE", "::"),),
        )
    return Finding(
        Diagnostic(
            "E0107",
            f"`->` is missing before `{s.word}`",
            s.span(),
            fix=(Edit(place, " ->"),),
            safe=next((token.type for _, token in s.tokens() if token.type in ("BAR", "LBRACE")), "") != "BAR",
            help="steps on one line are joined by `->`",
        ),
        (("ARROW", "->"),),
    )


def missing_line(s: Situation) -> Finding | None:
    """Two statements on one line."""
    starts = {"LET", "EXPECT", "INIT", "OUTPUT"} | (set() if "ARROW" in s.accepts else STEP_STARTS - {"LBRACE"})
    if "_NL" not in s.accepts or s.token not in starts or s.place == "file":
        return None
    place = Span(s.source, s.previous_end, s.previous_end)
    return Finding(
        Diagnostic(
            "E0107",
            f"a line break is missing before `{s.word}`",
            s.span(),
            fix=(Edit(place, "\n"),),
            safe=True,
            help="statements stand on lines of their own",
        ),
        (("_NL", "\n"),),
    )


def missing_base(s: Situation) -> Finding | None:
    """``network resnet50 ResNet(…)``."""
    network = next((t for _, t in s.tokens() if t.type in ("NETWORK", "BLOCK", "LBRACE")), None)
    if network is None or network.type != "NETWORK" or "ASSIGN" not in s.accepts or s.token != "NAME":
        return None
    if s.bracket() is not None:
        return None
    place = Span(s.source, s.previous_end, s.previous_end)
    return Finding(
        Diagnostic(
            "E0102",
            f"`=` or `:` is missing before `{s.word}`",
            s.span(),
            fix=(Edit(place, " ="),),
            safe=re.match(r"\w+[ \t]*\(", s.rest) is not None,
            help="`network N = Family(…)`, or `network N : 3 x 224 x 224 -> 1000 { … }`",
        ),
        (("ASSIGN", "="),),
    )


def missing_parentheses(s: Situation) -> Finding | None:
    """``conv 64, 3x3``."""
    if "LPAR" not in s.accepts or s.token not in ("NUMBER", "STRING", "LSQB", "TRUE", "FALSE"):
        return None
    name = next((str(t) for _, t in s.tokens() if t.type == "NAME"), "conv")
    match = re.match(r"[^\n{}|#:;>()]*(?:\([^\n()]*\)[^\n{}|#:;>()]*)*", s.rest)
    given = (match[0] if match else "").removesuffix("-").strip()
    span = Span(s.source, s.previous_end, s.at + len(given))
    if "," not in given and re.fullmatch(r"[\w=.x\" \t]+", given):
        given = ", ".join(given.split())
    fix = (Edit(span, f"({given})"),) if given else ()
    message = f"the arguments of `{name}` stand in parentheses"
    return Finding(Diagnostic("E0102", message, s.span(), help=f"`{name}({given or '…'})`", fix=fix))


def equals(s: Situation) -> Finding | None:
    """``=`` for ``==``, ``==`` for ``=``, and ``=`` for ``:``."""
    text, span = s.source.text, s.span()
    head = next((t.type for _, t in s.tokens() if t.type in ("LET", "EXPECT", "IF", "LBRACE", "BAR", "BLOCK")), "")
    if s.token == "ASSIGN":
        if "COMPARE" in s.accepts and head in ("EXPECT", "IF"):
            return Finding(
                Diagnostic("E0108", "`=` gives a value; `==` compares", span, fix=(Edit(span, "=="),), safe=True),
                (("COMPARE", "=="),),
                skip.sign(text, s.at + 1, ""),
            )
        last = s.values[-1] if s.values else None
        if s.place == "statement" and getattr(last, "type", "") == "NAME" and "ARROW" in s.accepts:
            return Finding(
                Diagnostic(
                    "E0108",
                    f"`{last} = …` is neither a `let` nor a label",
                    span,
                    help=f"a value: `let {last} = …`; a name for a step: `{last}: …`",
                )
            )
    if s.token == "COMPARE" and s.word == "==" and "ASSIGN" in s.accepts:
        return Finding(
            Diagnostic("E0108", "`==` compares; `=` gives a value", span, fix=(Edit(span, "="),), safe=True),
            (("ASSIGN", "="),),
            skip.sign(text, s.at + 2, ""),
        )
    return None


def outside(s: Situation) -> Finding | None:
    """Steps that stand in no definition."""
    if s.place != "file" or not s.accepts >= {"BLOCK", "NETWORK"} or not re.match(r"\w", s.word):
        return None
    return Finding(
        Diagnostic(
            "E0102",
            f"`{s.word}` stands outside of any block or network",
            s.span(),
            help="a `}` above may be one too many"
            if s.before[:1].isspace()
            else "a file holds definitions: `network N : 3 x 224 x 224 -> 1000 { … }`",
        )
    )


def unexpected(s: Situation) -> Finding:
    """Anything else: what would fit here."""
    at_end = s.token == "$END" or not s.word
    text = s.source.text
    found = "the end of the file" if s.at >= len(text.rstrip()) else "the next definition" if at_end else f"`{s.word}`"
    if s.token == "_NL":
        found = "the end of the line"
    if not s.token:
        return Finding(Diagnostic("E0101", f"`{s.word or text[s.at]}` has no meaning here", s.span()))
    span = Span(s.source, s.previous_end, s.previous_end) if at_end or s.token == "_NL" else s.span()
    return Finding(Diagnostic("E0102", f"expected {expectation(s.accepts)}{s.inside()}, found {found}", span))


RULES: tuple[Callable[[Situation], Finding | None], ...] = (
    heads.python_import,
    heads.imports,
    heads.keyword,
    heads.equals_body,
    heads.named_shapes,
    heads.name,
    bodies.docstring,
    marks.quoted,
    marks.label,
    marks.reference,
    *facts.RULES,
    marks.fact,
    statements.surplus_word,
    brackets.unclosed_text,
    swaps.swapped,
    habits.character,
    expressions.conditional,
    expressions.power,
    configs.darknet,
    configs.rows,
    configs.fields,
    bodies.otherwise,
    statements.returned,
    chains.source_of,
    statements.dashes,
    chains.brackets_of,
    chains.item,
    swaps.doubled,
    swaps.compared,
    swaps.grouped,
    marks.shape,
    bodies.worded_body,
    statements.output,
    expressions.dotted,
    expressions.length,
    chains.keras_dense,
    statements.variable,
    loops.head,
    loops.times,
    loops.comprehension,
    heads.parameter,
    heads.signature,
    heads.brace_below,
    habits.construct,
    habits.operator,
    chains.joined,
    lanes.lanes,
    expressions.percent,
    slips.slice_,
    slips.upper_x,
    slips.doubled_comma,
    slips.stated_shape,
    slips.dangling_arrow,
    missing_else,
    equals,
    brackets.unclosed_bracket,
    brackets.surplus,
    missing_comma,
    brackets.missing_bar,
    missing_base,
    brackets.missing_brace,
    missing_line,
    missing_arrow,
    missing_parentheses,
    outside,
)

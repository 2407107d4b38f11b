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
    """Two steps on one line, or a label without its colon."""
    if "ARROW" not in s.accepts or s.token not in STEP_STARTS - {"LBRACE"} or s.bracket_is("LPAR", "LSQB"):
        return None
    end = s.previous_end
    place = Span(s.source, end, end)
    if s.word == "_":
        return Finding(
            Diagnostic("E0102", "`::` is missing before a shape", s.span(), fix=(Edit(place, " ::"),), safe=True),
            (("ASCRIBE", "::"),),
        )
    if (label := re.search(r"(?:^|[{|])[ \t]*([a-z_]\w*)[ \t]+$", s.before)) and not _known(label[1], s.source.text):
        found = Diagnostic(
            "E0108",
            f"`:` is missing behind `{label[1]}`",
            s.span(),
            labels=(Label(place, "here"),),
            help=f"a name for a step: `{label[1]}: {s.word}`",
            fix=(Edit(place, ":"),),
        )
        return Finding(found)
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


def _known(name: str, text: str) -> bool:
    """Whether a name may be that of a step: of an op, or one that the text defines."""
    from cnndsl.ops import registry

    return name in registry or re.search(rf"(?:\b(?:block|network|let|for)[ \t]+|[(,]\s*){name}\b", text) is not None


def factor(s: Situation) -> Finding | None:
    """``4c`` for ``4 * c``."""
    match = re.search(r"(?<![\w.])[0-9][0-9_.]*$", s.before)
    if match is None or s.token not in ("NAME", "IN", "DIM") or not re.match(r"[A-Za-z_]", s.word):
        return None
    meant = f"{match[0]} * {s.word}"
    place = Span(s.source, s.at, s.at)
    found = Diagnostic("E0102", "a product is written with `*`", s.span(), help=f"it is written `{meant}`",
                       fix=(Edit(place, " * "),))  # fmt: skip
    return Finding(found, (("STAR", "*"),) if "STAR" in s.accepts else ())


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


def member(s: Situation) -> Finding | None:
    """``network resnet50 : ResNet([3, 4, 6, 3])``."""
    match = re.match(r"(network[ \t]+\w+)([ \t]*:[ \t]*)([A-Za-z_]\w*[ \t]*\(.*\))[ \t]*$", s.before.rstrip())
    if match is None or s.token not in ("LBRACE", "_NL") or "ARROW" not in s.accepts:
        return None
    colon = Span(s.source, s.begin + match.start(2), s.begin + match.end(2))
    place = s.span(colon.start + colon.text.index(":"), colon.start + colon.text.index(":") + 1)
    message, help = "a member of a family follows `=`", f"it is written `{match[1]} = {match[3]}`"
    return Finding(Diagnostic("E0108", message, place, help=help, fix=(Edit(colon, " = "),)))  # fmt: skip


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
    """Steps that stand in no definition, and a docstring in single quotes."""
    if s.place == "file" and s.token == "STRING" and not s.before.strip() and s.rest.strip() == s.word:
        span, meant = s.span(), f'""{s.word}""'
        found = Diagnostic("E0102", "a docstring stands in triple quotes", span, help=f"it is written `{meant}`",
                           fix=(Edit(span, meant),))  # fmt: skip
        return Finding(found)
    if s.place != "file" or not s.accepts >= {"BLOCK", "NETWORK"} or not re.match(r"\w", s.word):
        return None
    if (match := re.match(r"(\w+)[ \t]*=[ \t]*[A-Z]\w*[ \t]*\(", s.rest)) is not None and not s.before.strip():
        help, fix = f"a member of a family: `network {match[1]} = …`", (Edit(Span(s.source, s.at, s.at), "network "),)
        return Finding(
            Diagnostic("E0102", f"`{s.word}` stands outside of any block or network", s.span(), help=help, fix=fix)
        )
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
    heads.used,
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
    chains.from_given,
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
    factor,
    missing_comma,
    brackets.missing_bar,
    member,
    missing_base,
    brackets.missing_brace,
    missing_line,
    missing_arrow,
    missing_parentheses,
    outside,
)

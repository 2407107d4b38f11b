"""Terminals of the grammar in words."""

from __future__ import annotations

import re

WORD = re.compile(r'[A-Za-z_]\w{0,60}|[0-9][\w.]{0,30}|"[^"\n]{0,60}"?|->|==|!=|<=|>=|//|\*\*|&&|\|\||::|\S')

WORDS = {
    "NAME": "a name", "NUMBER": "a number", "STRING": "a string", "_NL": "a line break", "ARROW": "`->`",
    "LBRACE": "`{`", "RBRACE": "`}`", "LPAR": "`(`", "RPAR": "`)`", "LSQB": "`[`", "RSQB": "`]`",
    "COMMA": "`,`", "BAR": "`|`", "COLON": "`:`", "ASSIGN": "`=`", "COMPARE": "a comparison",
    "$END": "the end", "ASCRIBE": "`::`", "LABEL": "a label", "QUOTED_LABEL": "a label",
    "DOCSTRING": "a docstring", "DOT": "`.`",
    "X": "`x`", "STAR": "`*`", "LABEL_CLOSE": "`}:`", "LABEL_MIDDLE": "`}`", "INDEX_CLOSE": "`}`",
    "INTEGER": "a number", "PERCENT": "`%`",
}  # fmt: skip
OPERATORS = {"PLUS", "MINUS", "STAR", "SLASH", "DOUBLE_SLASH", "PERCENT", "X", "COMPARE", "AND", "OR", "LSQB"}
STEP_STARTS = {"NAME", "LABEL", "QUOTED_LABEL", "LABEL_OPEN", "LBRACE", "FOR", "DENSE", "IF", "FROM"}
STATEMENT_STARTS = {"LET", "OUTPUT", "EXPECT", "INIT"}
OPERAND_STARTS = {"NAME", "NUMBER", "STRING", "LPAR", "LSQB", "TRUE", "FALSE", "IN", "IF", "MINUS", "NOT"}
DEFINITION_STARTS = {"BLOCK", "NETWORK", "IMPORT", "USE", "DOCSTRING"}


def expectation(accepted: frozenset[str]) -> str:
    """Terminals in words; the many ways to begin or to go on are put together, the unlikely left out."""
    rest = set(accepted) - {"ERROR"}
    words = []
    if rest >= DEFINITION_STARTS:
        words.append("a `block` or `network`")
        rest -= DEFINITION_STARTS | {"$END", "_NL"}
    if rest >= {"FOR", "DENSE", "FROM"}:
        words.append("a statement" if rest >= STATEMENT_STARTS else "a step")
        rest -= STEP_STARTS | STATEMENT_STARTS
    if rest >= {"NUMBER", "LPAR", "LSQB"}:
        words.append("a value")
        rest -= OPERAND_STARTS
    if "ARROW" in rest:
        words.append("`->`")
        rest -= {"ARROW", "STAR", "ASCRIBE", "LPAR", "LBRACE", "LSQB", "DOT", "ELSE"}
    if len(rest & OPERATORS) > 3:
        rest -= OPERATORS | {"LPAR"} if rest - OPERATORS else set()
    words += sorted({WORDS.get(each, f"`{each.lower()}`") for each in rest})
    if len(words) > 1 and "a line break" in words:
        words.remove("a line break")
        words.append("a line break")
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1] if words else "nothing more"

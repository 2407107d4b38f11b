"""A syntax error in words: what was being written, what was expected, what the usual slip is."""

from __future__ import annotations

from lark.exceptions import UnexpectedToken

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.source import Source, Span

WORDS = {
    "NAME": "a name", "NUMBER": "a number", "STRING": "a string", "_NL": "a line break", "ARROW": "`->`",
    "LBRACE": "`{`", "RBRACE": "`}`", "LPAR": "`(`", "RPAR": "`)`", "LSQB": "`[`", "RSQB": "`]`",
    "COMMA": "`,`", "BAR": "`|`", "COLON": "`:`", "ASSIGN": "`=`", "COMPARE": "a comparison", "$END": "the end",
    "ASCRIBE": "`::`", "LABEL": "a label", "DOCSTRING": "a docstring", "DOT": "`.`", "X": "`x`", "STAR": "`*`",
}  # fmt: skip
STEP_STARTS = {"NAME", "LABEL", "LBRACE", "FOR", "DENSE", "IF", "FROM"}
OPERAND_STARTS = {"NAME", "NUMBER", "STRING", "LPAR", "LSQB"}
OPERATORS = {"PLUS", "MINUS", "STAR", "SLASH", "DOUBLE_SLASH", "PERCENT", "X", "COMPARE", "AND", "OR", "LSQB"}


def expectation(accepted: set[str]) -> str:
    """A set of terminals in words, the many ways to begin a step or a value put together."""
    words = []
    rest = set(accepted) - {"LABEL_OPEN"}
    if rest >= STEP_STARTS - {"LBRACE"}:
        words.append("a step")
        rest -= STEP_STARTS | {"LET", "OUTPUT", "EXPECT"}
    if rest >= OPERAND_STARTS:
        words.append("a value")
        rest -= OPERAND_STARTS | {"MINUS", "NOT", "TRUE", "FALSE", "IN", "IF"}
    if rest - OPERATORS:
        rest -= OPERATORS
    words += sorted(WORDS.get(each, f"`{each.lower()}`") for each in rest)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1] if words else "nothing"


def explain(source: Source, error: UnexpectedToken) -> Diagnostic:
    token = error.token
    text = source.text
    start = min(token.start_pos or 0, len(text)) if token.type != "$END" else len(text.rstrip())
    end = min(token.end_pos or start, len(text)) if token.type != "$END" else start
    while start < end and text[start] in " \t\r\n":
        start += 1
    shown = text[start:end].split("\n")[0].strip()
    span = Span(source, start, start + max(len(shown), 0))
    expected = expectation(set(error.accepts or error.expected))
    found = f"`{shown}`" if shown else "the end of the file" if token.type == "$END" else "a line break"
    return Diagnostic("E0102", f"expected {expected}, found {found}", span)

"""What the parser knows at a mistake: where it is, what is open, what would fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lark import Token

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.source import Source, Span

CLOSED_BY = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE", "LABEL_OPEN": "LABEL_CLOSE"}
SHOWN = 40
SEEN = 1000
"""Characters of a line before and behind a mistake that are looked at."""


@dataclass(slots=True)
class Finding:
    """What is wrong, and how to go on without losing text, where that is clear.

    ``insert`` are tokens to supply (kind and text), then reading goes on at ``resume``, or where it stopped.
    """

    diagnostic: Diagnostic
    insert: tuple[tuple[str, str], ...] = ()
    resume: int | None = None


@dataclass
class Situation:
    source: Source
    at: int
    """Where the text stops making sense."""
    token: str
    """The kind of token there, ``$END`` at the end of what is open, "" where no token begins."""
    accepts: frozenset[str]
    values: list[Any]
    """The parser's stack: trees of what is complete, tokens of what is not."""
    start: int
    """Where the innermost construct begins that is given up if nothing helps."""
    place: str

    @cached_property
    def line_end(self) -> int:
        end = self.source.text.find("\n", self.at)
        return len(self.source.text) if end < 0 else end

    @cached_property
    def line_start(self) -> int:
        return self.source.text.rfind("\n", 0, self.at) + 1

    @property
    def begin(self) -> int:
        """Where the line begins, or what is looked at of a very long one: rules take no more time than that needs."""
        return max(self.line_start, self.at - SEEN)

    @property
    def stop(self) -> int:
        """Where the line ends, or what is looked at of a very long one."""
        return min(self.line_end, self.at + SEEN)

    @property
    def rest(self) -> str:
        """The line from here on, at most a thousand characters of it."""
        return self.source.text[self.at : self.stop]

    @property
    def before(self) -> str:
        """The line up to here, at most a thousand characters of it."""
        return self.source.text[self.begin : self.at]

    @cached_property
    def word(self) -> str:
        """The word or sign here."""
        from cnndsl.syntax.words import WORD

        match = WORD.match(self.source.text, self.at)
        return match[0] if match else ""

    def span(self, start: int | None = None, end: int | None = None) -> Span:
        """A place; by default that of the word here."""
        start = self.at if start is None else start
        return Span(self.source, start, max(start, self.at + len(self.word) if end is None else end))

    @property
    def previous_end(self) -> int:
        """The end of the text before this place."""
        text = self.source.text
        end = self.at
        while end > 0 and text[end - 1] in " \t\r\n":
            end -= 1
        return end

    def tokens(self) -> Iterator[tuple[int, Token]]:
        """The open tokens on the stack, innermost first."""
        for index in range(len(self.values) - 1, -1, -1):
            if isinstance(self.values[index], Token):
                yield index, self.values[index]

    def brackets(self) -> Iterator[tuple[int, Token]]:
        """The open brackets on the stack, innermost first."""
        closed = 0
        for index, token in self.tokens():
            if token.type in CLOSED_BY.values():
                closed += 1
            elif token.type in CLOSED_BY:
                if closed:
                    closed -= 1
                else:
                    yield index, token

    def bracket(self) -> Token | None:
        return next((token for _, token in self.brackets()), None)

    def bracket_is(self, *kinds: str) -> bool:
        bracket = self.bracket()
        return bracket is not None and bracket.type in kinds

    def inside(self) -> str:
        """What is being written, in words: "in the arguments of `conv`"."""
        closed = 0
        for index, token in self.tokens():
            before = self.values[index - 1] if index else None
            closed += token.type in ("RPAR", "RSQB")
            if token.type in ("LPAR", "LSQB") and closed:
                closed -= 1
                continue
            match token.type:
                case "LPAR" if isinstance(before, Token) and before.type == "NAME":
                    head = self.values[index - 2] if index > 1 else None
                    defined = isinstance(head, Token) and head.type in ("BLOCK", "NETWORK")
                    return f" in the {'parameters' if defined else 'arguments'} of `{before}`"
                case "LPAR":
                    return " in parentheses"
                case "LSQB":
                    return " in a list" if isinstance(before, Token) else " in an index"
                case "LET" | "EXPECT" | "INIT" | "OUTPUT" | "FOR" | "IF" | "DENSE" | "FROM" | "IMPORT" | "USE":
                    if any(isinstance(v, Token) and v.type == "LBRACE" for v in self.values[index:]):
                        continue
                    return f" in `{token.strip()} …`"
                case "BLOCK" | "NETWORK":
                    return f" in the head of a {token}"
                case "LBRACE" | "RBRACE" | "BAR":
                    return ""
        return ""

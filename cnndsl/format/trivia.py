"""What the separators of the grammar swallow: line breaks and comments around their sign."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lark import Token

SPACE = re.compile(r"([ \t\r]+)|(\n)|#([^\n]*)\n")
SIGNS = {
    "ARROW": "->", "COMMA": ",", "LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]", "LBRACE": "{",
    "RBRACE": "}", "BAR": "|", "ELSE": "else", "ASSIGN": "=", "PLUS": "+", "MINUS": "-", "STAR": "*",
    "DOUBLE_SLASH": "//", "SLASH": "/", "PERCENT": "%", "_NL": "",
}  # fmt: skip
COMPARISON = re.compile(r"[=!<>]=|[<>]")


@dataclass(slots=True)
class Comment:
    text: str
    own: bool
    """Whether it has a line of its own; else it ends the line of what comes before it."""
    blank: bool = False
    """Whether a blank line comes before it."""


@dataclass(slots=True)
class Trivia:
    comments: list[Comment] = field(default_factory=list)
    newline: bool = False
    blank: bool = False
    """Whether it ends in a blank line."""

    def __add__(self, other: Trivia) -> Trivia:
        """Both, one after the other."""
        if self.newline:
            for comment in other.comments:
                comment.own = True
        both = [*self.comments, *other.comments]
        return Trivia(both, self.newline or other.newline, self.blank or other.blank)


def split(token: Token) -> tuple[Trivia, str, Trivia]:
    """What comes before a token's sign, the sign, and what comes behind it."""
    before, at = _trivia(token, 0)
    if token.type == "COMPARE":
        match = COMPARISON.match(token, at)
        sign = match[0] if match else ""
    else:
        sign = SIGNS.get(token.type, token[at:])
    after, _ = _trivia(token, at + len(sign))
    return before, sign, after


def _trivia(text: str, at: int) -> tuple[Trivia, int]:
    found = Trivia()
    breaks = 0
    while match := SPACE.match(text, at):
        at = match.end()
        if match[2]:
            breaks += 1
        elif match[3] is not None:
            blank = breaks > (0 if found.comments else 1)
            found.comments.append(Comment("#" + match[3].rstrip(" \t\r"), found.newline, blank))
            breaks = 0
        found.newline = found.newline or not match[1]
    found.blank = breaks > (0 if found.comments else 1)
    return found, at

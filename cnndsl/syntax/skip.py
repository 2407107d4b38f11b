"""Where reading can go on behind a mistake: plain text search, since the grammar has no say here."""

from __future__ import annotations

import re

from cnndsl.syntax.quoted import COMMENT, QUOTED

GAP = re.compile(r"(?:[ \t\r\n]*#[^\n]*\n)*[ \t\r\n]*")
DEFINITION = re.compile(
    r"(?:block|network)[ \t]+\w|import[ \t]*\"|use[ \t]+\w+[ \t]*\.|\"\"\""
    r"|[ \t]+(?:block|network)[ \t]+[A-Za-z_]\w*[ \t]*[(:={]"
)
"""How a line begins that can't be inside a definition."""
TOKENS = re.compile(rf"{QUOTED}|{COMMENT}|->|[(\[{{)\]}}|\n,]")
STATEMENT = re.compile(r"[ \t]*(?:(?:let|expect|init|output|if|for|dense|from)\b|\w+[ \t]*:(?!:)|\w+[ \t]*(?:\n|\())")
CONTINUES = re.compile(r"->|else\b|::|[\[(),\]\"0-9=+*/%<>.-]")
FAR = 1000
"""How far to look for a closing bracket that may be missing."""
BODY = 4000
"""The same for the brace of a body."""


def sign(text: str, start: int, kind: str) -> int:
    """Where a token really begins, behind the space and comments that it swallowed."""
    match = GAP.match(text, start)
    return match.end() if match and kind != "_NL" else start


def definition(text: str, at: int) -> int | None:
    """The start of the line around ``at``, if a definition or import begins there."""
    start = text.rfind("\n", 0, at) + 1
    if not DEFINITION.match(text, start):
        return None
    return start + len(text[start:at]) - len(text[start:at].lstrip())


def next_definition(text: str, at: int) -> int:
    """The next line that begins a definition or import, or the end."""
    start = text.find("\n", at) + 1
    while start:
        if DEFINITION.match(text, start):
            return start
        start = text.find("\n", start) + 1
    return len(text)


def continues(text: str, at: int) -> bool:
    """Whether the line behind this line break belongs to the statement before it: none can begin like that."""
    match = GAP.match(text, at)
    return match is not None and CONTINUES.match(text, match.end()) is not None


def indented(text: str, at: int) -> bool:
    """Whether a body without a brace seems to follow: the next line is further in, or has text at all."""
    match = GAP.match(text, at)
    if match is None or match.end() >= len(text):
        return False
    start = text.rfind("\n", 0, match.end()) + 1
    line = text.rfind("\n", 0, at) + 1
    return match.end() - start > len(text[line:at]) - len(text[line:at].lstrip())


def closes(text: str, at: int, depth: int) -> bool:
    """Whether open round and square brackets are closed soon, so that the next lines belong to them."""
    for match in TOKENS.finditer(text, at, min(at + FAR, len(text))):
        sign = match[0]
        if sign in ("(", "["):
            depth += 1
        elif sign in (")", "]"):
            depth -= 1
            if depth == 0:
                return True
        elif sign in ("{", "}", "|", "->") or (sign == "\n" and STATEMENT.match(text, match.end())):
            return False
    return False


def braced(text: str, at: int) -> bool:
    """Whether a closing brace is there for a body that begins here, and is not too long."""
    depth = 1
    for match in TOKENS.finditer(text, at, min(next_definition(text, at), at + BODY)):
        depth += (match[0] == "{") - (match[0] == "}")
        if not depth:
            return True
    return False


def end(text: str, at: int, kind: str, brackets: list[str], lane: bool) -> int | None:
    """Where a construct ends in which a mistake was found at ``at``; None if that can't be said.

    ``brackets`` are open, inside the construct.
    """
    if kind == "file":
        return next_definition(text, at)
    if kind == "argument":
        return _argument_end(text, at, len(brackets))
    if kind == "definition":
        return _definition_head_end(text, at, len(brackets))
    open_ = list(brackets)
    for match in TOKENS.finditer(text, at):
        sign, place = match[0], match.start()
        if sign == "\n":
            if kind == "lanes":
                pass
            elif kind == "head":
                return None
            elif not open_:
                if not continues(text, match.end()):
                    return place
            elif "{" not in open_ and not closes(text, match.end(), len(open_)):
                return place
            if DEFINITION.match(text, match.end()):
                return place
        elif sign in ("(", "[", "{"):
            if sign == "{" and kind == "head":
                return place
            open_.append(sign)
        elif sign == "}":
            while open_ and open_[-1] != "{":
                open_.pop()
            if not open_:
                return place if kind in ("statement", "lanes") else None
            open_.pop()
        elif sign in (")", "]"):
            if open_ and open_[-1] != "{":
                open_.pop()
        elif sign == "|" and lane and not open_:
            return place
        elif sign == "->":
            while open_ and open_[-1] != "{":
                open_.pop()
    return None if kind == "head" else len(text)


def _behind_gap(text: str, at: int) -> int:
    match = GAP.match(text, at)
    return match.end() if match else at


def _definition_head_end(text: str, at: int, depth: int) -> int:
    """The brace of the body, or the end of a member's arguments; failing these, the end of the line."""
    line_end = len(text)
    for match in TOKENS.finditer(text, at, min(at + FAR, len(text))):
        sign, place = match[0], match.start()
        if sign == "{":
            return place
        if sign in ("}", "|"):
            break
        depth = max(0, depth + (sign in ("(", "[")) - (sign in (")", "]")))
        if sign == "\n":
            line_end = min(line_end, place)
            goes_on = depth or text[at:place].rstrip().endswith(("=", "->", ",", "x", ":"))
            if not goes_on or DEFINITION.match(text, _behind_gap(text, place)):
                return place
    return line_end


def _argument_end(text: str, at: int, depth: int) -> int | None:
    for match in TOKENS.finditer(text, at, min(at + FAR, len(text))):
        sign = match[0]
        if sign in ("(", "["):
            depth += 1
        elif sign in (")", "]"):
            if depth == 0:
                return match.start() if sign == ")" else None
            depth -= 1
        elif sign == "," and depth == 0:
            return match.start()
        elif sign in ("{", "}", "|", "->") or (sign == "\n" and not closes(text, match.end(), depth + 1)):
            return None
    return None

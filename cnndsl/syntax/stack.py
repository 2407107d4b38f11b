"""The parser's stack: what is open on it, and the places from which reading can go on behind a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

from lark import Lark, Token
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_interactive_parser import InteractiveParser

from cnndsl.syntax import ast
from cnndsl.syntax.build import Builder

OPENING = {"LPAR": "(", "LSQB": "[", "LBRACE": "{", "LABEL_OPEN": "{", "LABEL_MIDDLE": "{"}
CLOSING = {"RPAR", "RSQB", "RBRACE", "LABEL_CLOSE", "INDEX_CLOSE"}
HEADS = {
    "IF": "head",
    "FOR": "head",
    "DENSE": "head",
    "NAME": "definition",
    "LPAR": "argument",
    "COMMA": "argument",
}


@dataclass(slots=True)
class Place:
    """A state of the parser's stack in which ERROR can stand."""

    index: int
    kind: str
    """statement, lanes, head, definition, argument or file."""


class Stack:
    """A run of Lark's LALR parser over a text, with a builder that makes the tree on the way.

    So no nesting can exhaust Python's stack, and what was read before a mistake is kept.
    """

    def __init__(self, grammar: Lark, text: str, builder: Builder) -> None:
        self.parser: InteractiveParser = grammar.parse_interactive(text)
        self.state = self.parser.parser_state
        conf = copy(self.state.parse_conf)
        conf.callbacks = grammar._parse_tree_builder.create_callback(builder)  # type: ignore[no-untyped-call]
        self.state.parse_conf = conf

    def tokens(self) -> Iterator[Token]:
        """The tokens from here on. Raises UnexpectedInput where there is none."""
        return self.parser.lexer_thread.lex(self.state)  # type: ignore[no-untyped-call, no-any-return]

    @property
    def values(self) -> list[Any]:
        """Trees of what is complete, tokens of what is not."""
        return self.state.value_stack

    def accepts(self) -> frozenset[str]:
        """The tokens that can come next."""
        return frozenset(self.parser.accepts())  # type: ignore[no-untyped-call]

    def end(self, size: int) -> ast.File:
        """The tree of the whole text, which has this length. Raises UnexpectedToken where something is missing."""
        file: ast.File = self.state.feed_token(Token("$END", "", size, end_pos=size), True)
        return file

    def go_to(self, offset: int) -> None:
        """Read on from another place in the text."""
        state = self.parser.lexer_thread.state
        assert state is not None
        state.line_ctr.char_pos = offset

    def feed(self, kind: str, start: int, value: str = "", end: int | None = None) -> None:
        self.state.feed_token(Token(kind, value, start, end_pos=start if end is None else end))

    def places(self) -> list[Place]:
        """Where ERROR can stand, innermost first."""
        states, stack, values = self.state.parse_conf.states, self.state.state_stack, self.state.value_stack
        found = []
        depth, bodies = 0, False
        if "ERROR" in self.accepts() and states[stack[-1]]["ERROR"][0] is not Shift:
            return [Place(len(stack) - 1, "file")]
        for index in range(len(stack) - 1, -1, -1):
            above = values[index] if index < len(values) else None
            if isinstance(above, Token):
                depth += (above.type in CLOSING) - (above.type in OPENING and depth > 0)
            bodies = bodies or isinstance(above, ast.Body) or getattr(above, "type", "") == "LBRACE"
            known = states[stack[index]]
            if depth or known.get("ERROR", (None,))[0] is not Shift:
                continue
            before = values[index - 1] if index else None
            if "BLOCK" in known:
                kind = "file"
            elif "LET" in known:
                kind = "statement"
            else:
                kind = HEADS.get(before.type, "lanes") if isinstance(before, Token) else "lanes"
            if bodies and kind in ("head", "definition"):
                continue
            found.append(Place(index, kind))
        return found

    def pop(self, place: Place) -> tuple[int | None, list[str]]:
        """Go back to a place. Returns where the text that is given up begins, and its open brackets."""
        values = self.state.value_stack
        popped = values[place.index :]
        del values[place.index :], self.state.state_stack[place.index + 1 :]
        return start_of(popped[0]) if popped else None, opened(popped)

    def in_lane(self, place: Place) -> bool:
        for value in reversed(self.state.value_stack[: place.index]):
            if isinstance(value, Token) and value.type in ("BAR", "LBRACE"):
                return value.type == "BAR" or place.kind == "lanes"
        return False


def opened(values: list[Any]) -> list[str]:
    return [OPENING[v.type] for v in values if isinstance(v, Token) and v.type in OPENING]


def start_of(value: Any) -> int | None:
    """Where something on the stack begins."""
    if isinstance(value, Token):
        lead = len(value) - len(value.lstrip(" \t\r\n")) if value.type not in ("_NL",) else 0
        return (value.start_pos or 0) + lead
    span = getattr(value, "span", None)
    if span is not None:
        return int(span.start)
    children = getattr(value, "children", value if isinstance(value, list) else [])
    return start_of(children[0]) if children else None

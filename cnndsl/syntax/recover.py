"""Runs the parser over a text, and gets it past mistakes.

At a mistake `explain` says what is wrong and perhaps which token is missing; then that token is supplied and
nothing is lost. Otherwise the parser goes back to the innermost place where the grammar knows ERROR (a
statement, a lane, an argument, the head of a loop or definition, the file itself), takes the text up to the
end of that construct as one ERROR, and goes on behind it. Each character is skipped at most once.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedInput, UnexpectedToken
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_interactive_parser import InteractiveParser

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.source import Source, Span
from cnndsl.syntax import ast, skip
from cnndsl.syntax.build import Builder
from cnndsl.syntax.explain import explain
from cnndsl.syntax.situation import Situation, start_of

MAX_MISTAKES = 100
OPENING = {"LPAR": "(", "LSQB": "[", "LBRACE": "{", "LABEL_OPEN": "{", "LABEL_MIDDLE": "{"}
CERTAIN = {"E0108", "E0110"}
"""Slips after whose repair the rest of the line can be trusted."""
BRACES = {"E0103", "E0104", "E0106", "E0112", "E0113"}
CLOSING = {"RPAR", "RSQB", "RBRACE", "LABEL_CLOSE"}
HEADS = {"IF": "head", "FOR": "head", "DENSE": "head", "NAME": "definition", "LPAR": "argument", "COMMA": "argument"}


@dataclass(slots=True)
class Place:
    """A state of the parser's stack in which ERROR can stand."""

    index: int
    kind: str
    """statement, lanes, head, definition, argument or file."""


class Recovery:
    """One parse. ``found`` holds the mistakes."""

    def __init__(self, source: Source, grammar: Lark) -> None:
        self.source = source
        self.text = source.text
        self.builder = Builder(source)
        self.found: list[Diagnostic] = []
        self.parser: InteractiveParser = grammar.parse_interactive(self.text)
        self.state = self.parser.parser_state
        # The tree is built while parsing, by the builder's methods, so that no nesting can exhaust the stack.
        conf = copy(self.state.parse_conf)
        conf.callbacks = grammar._parse_tree_builder.create_callback(self.builder)
        self.state.parse_conf = conf
        self.reported = -1
        self.junk = False
        self.stuck = (-1, 0)
        self.repair = False

    def run(self) -> ast.File:
        while True:
            try:
                for token in self.parser.lexer_thread.lex(self.state):
                    self.state.feed_token(token)
                return self.end()
            except UnexpectedInput as error:
                self.recover(error)

    def end(self) -> ast.File:
        size = len(self.text)
        file: ast.File = self.state.feed_token(Token("$END", "", size, end_pos=size), True)
        return file

    def recover(self, error: UnexpectedInput) -> None:
        token = error.token if isinstance(error, UnexpectedToken) else None
        at = skip.sign(self.text, token.start_pos or 0, token.type) if token else error.pos_in_stream or 0
        at = min(at, len(self.text))
        boundary = skip.definition(self.text, at)
        if boundary is not None and boundary != self.stuck[0] and not self.heads(boundary):
            at = boundary
        else:
            boundary = None
        if token is not None and token.type == "$END":
            at = boundary = len(self.text)
        count = self.stuck[1] + 1 if self.stuck[0] == at else 0
        self.stuck = (at, count)
        self.report(self.situation(at, token, boundary is not None), boundary is not None, count)
        if len(self.found) >= MAX_MISTAKES:
            at = boundary = len(self.text)
        if boundary is None:
            resume = at + 1 if count > 2 else at
            if count or not self.repair:
                self.panic(resume)
        else:
            self.close(boundary)

    def heads(self, start: int) -> bool:
        """Whether what is being read is the definition or import that begins there."""
        heads = ("BLOCK", "NETWORK", "IMPORT", "USE")
        return any(isinstance(v, Token) and v.type in heads and v.start_pos == start for v in self.state.value_stack)

    # --- saying it

    def situation(self, at: int, token: Token | None, boundary: bool) -> Situation:
        accepts = frozenset(self.parser.accepts()) - {"ERROR"}
        place = self.places()[0]
        values = self.state.value_stack
        popped = values[place.index :]
        start = start_of(popped[0]) if popped and not boundary else at
        kind = token.type if token is not None and not boundary else "$END" if boundary else ""
        return Situation(self.source, at, kind, accepts, values, min(start, at), place.kind)

    def report(self, situation: Situation, boundary: bool, count: int) -> None:
        """Explain the mistake, unless it is a consequence of the one before it."""
        self.repair = False
        finding = explain(situation)
        place = self.source.position(situation.at)[0]
        again = place == self.reported or self.consequence(situation, boundary)
        if situation.place == "file" and not boundary:
            self.junk = True
        self.reported = place
        if again or count or self.same_merge(finding.diagnostic):
            return
        self.found.append(finding.diagnostic)
        if finding.diagnostic.code in CERTAIN and finding.insert:
            self.reported = -1
        if finding.insert and not boundary:
            self.supply(finding.insert, situation.at if finding.resume is None else finding.resume, situation.at)

    def consequence(self, situation: Situation, boundary: bool) -> bool:
        """Whether a mistake at the file's level comes from one inside the definition before it."""
        if boundary:
            return self.known(situation.previous_end)
        if situation.place != "file":
            return False
        inner = situation.before[:1].isspace() or situation.word in ("}", ")", "]")
        return self.junk or (inner and self.known(situation.at, True))

    def same_merge(self, diagnostic: Diagnostic) -> bool:
        """Whether another lane of the same braces was reported."""
        if diagnostic.code != "E0112" or not diagnostic.labels:
            return False
        place = diagnostic.labels[0].span.start
        return any(d.labels and d.labels[0].span.start == place for d in self.found if d.code == "E0112")

    def known(self, end: int, whatever: bool = False) -> bool:
        """Whether it was said already why a definition has no end: a brace was amiss, or its last line is."""
        start = max(self.text.rfind("\nblock ", 0, end), self.text.rfind("\nnetwork ", 0, end))
        here = [d for d in self.found if d.span.start >= start]
        return whatever and bool(here) or any(d.code in BRACES for d in here) or any(d.span.end >= end - 1 for d in here)

    def supply(self, tokens: tuple[tuple[str, str], ...], resume: int, at: int) -> None:
        """Feed tokens that are missing, and go on."""
        try:
            for kind, value in tokens:
                if kind:
                    self.feed(kind, at, value)
        except UnexpectedToken:
            return
        self.repair = True
        self.parser.lexer_thread.state.line_ctr.char_pos = resume

    # --- going on

    def feed(self, kind: str, start: int, value: str = "", end: int | None = None) -> None:
        self.state.feed_token(Token(kind, value, start, end_pos=start if end is None else end))

    def places(self) -> list[Place]:
        """Where ERROR can stand, innermost first."""
        states, stack, values = self.state.parse_conf.states, self.state.state_stack, self.state.value_stack
        found = []
        depth, bodies = 0, False
        if "ERROR" in self.parser.accepts() and states[stack[-1]]["ERROR"][0] is not Shift:
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

    def panic(self, at: int) -> None:
        """Skip what can't be read."""
        values = self.state.value_stack
        for place in self.places():
            brackets = opened(values[place.index :])
            resume = skip.end(self.text, at, place.kind, brackets, self.in_lane(place))
            if resume is not None:
                break
        start, _ = self.pop(place)
        start = at if start is None else min(start, at)
        self.feed("ERROR", start, self.text[start:resume], resume)
        if place.kind == "definition" and not self.text.startswith("{", resume):
            self.feed("LBRACE", resume, "{")
            if not skip.indented(self.text, resume):
                self.feed("RBRACE", resume, "}")
        self.parser.lexer_thread.state.line_ctr.char_pos = resume
        if place.kind != "file":
            self.junk = False

    def in_lane(self, place: Place) -> bool:
        for value in reversed(self.state.value_stack[: place.index]):
            if isinstance(value, Token) and value.type in ("BAR", "LBRACE"):
                return value.type == "BAR" or place.kind == "lanes"
        return False

    def close(self, at: int) -> None:
        """Close everything that is open, before the next definition or at the end of the file."""
        stop = len(self.text[:at].rstrip())
        while "$END" not in (accepts := self.parser.accepts()):
            place = self.places()[0]
            if place.kind == "file":
                start, _ = self.pop(place)
                if start is not None:
                    self.feed("ERROR", min(start, stop), "", stop)
                break
            if "RBRACE" not in accepts:
                start, _ = self.pop(place)
                self.feed("ERROR", stop if start is None else min(start, stop), "", stop)
                if place.kind in ("head", "definition"):
                    self.feed("LBRACE", stop, "{")
                elif place.kind == "argument":
                    self.feed("RPAR", stop, ")")
                    continue
            self.builder.skipped.append(Span(self.source, max(stop - 1, 0), stop))
            self.feed("RBRACE", stop, "}")
        self.junk = False
        self.parser.lexer_thread.state.line_ctr.char_pos = at


def opened(values: list[Any]) -> list[str]:
    return [OPENING[v.type] for v in values if isinstance(v, Token) and v.type in OPENING]

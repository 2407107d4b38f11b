"""Runs the parser over a text, and gets it past mistakes.

At a mistake `explain` says what is wrong and perhaps which token is missing; then that token is supplied and
nothing is lost. Otherwise the parser goes back to the innermost place where the grammar knows ERROR (a
statement, a lane, an argument, the head of a loop or definition, the file itself), takes the text up to the
end of that construct as one ERROR, and goes on behind it. Each character is skipped at most once.
"""

from __future__ import annotations

from lark import Lark, Token
from lark.exceptions import UnexpectedInput, UnexpectedToken

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.source import Source, Span
from cnndsl.syntax import ast, skip
from cnndsl.syntax.build import Builder
from cnndsl.syntax.errors import MAX_MISTAKES
from cnndsl.syntax.explain import explain
from cnndsl.syntax.situation import Situation
from cnndsl.syntax.stack import Stack, opened, start_of

CERTAIN = {"E0108", "E0110"}
"""Slips after whose repair the rest of the line can be trusted."""
BRACES = {"E0103", "E0104", "E0106", "E0112", "E0113"}


class Recovery:
    """One parse. ``found`` holds the mistakes."""

    def __init__(self, source: Source, grammar: Lark) -> None:
        self.source = source
        self.text = source.text
        self.builder = Builder(source)
        self.found: list[Diagnostic] = []
        self.stack = Stack(grammar, self.text, self.builder)
        self.reported = -1
        self.junk = False
        self.mistakes = 0
        self.stuck = (-1, 0)
        self.repair = False

    def run(self) -> ast.File:
        while True:
            try:
                for token in self.stack.tokens():
                    self.stack.state.feed_token(token)
                return self.stack.end(len(self.text))
            except UnexpectedInput as error:
                self.recover(error)

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
        self.mistakes += 1
        if len(self.found) >= MAX_MISTAKES or self.mistakes >= 10 * MAX_MISTAKES:
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
        return any(isinstance(v, Token) and v.type in heads and v.start_pos == start for v in self.stack.values)

    # --- saying it

    def situation(self, at: int, token: Token | None, boundary: bool) -> Situation:
        accepts = self.stack.accepts() - {"ERROR"}
        place = self.stack.places()[0]
        values = self.stack.values
        popped = values[place.index :]
        begun = start_of(popped[0]) if popped and not boundary else None
        start = at if begun is None else begun
        kind = token.type if token is not None and not boundary else "$END" if boundary else ""
        return Situation(self.source, at, kind, accepts, values, min(start, at), place.kind)

    def report(self, situation: Situation, boundary: bool, count: int) -> None:
        """Explain the mistake, unless it is a consequence of the one before it."""
        self.repair = False
        finding = explain(situation)
        place = self.source.position(situation.at)[0]
        again = place == self.reported or self.consequence(situation, boundary) or self.repaired(situation.at)
        if situation.place == "file" and not boundary:
            self.junk = True
        self.reported = place
        if again or count or self.same_merge(finding.diagnostic):
            if self.repaired(situation.at) and finding.insert:
                self.supply(finding.insert, situation.at if finding.resume is None else finding.resume, situation.at)
            return
        self.found.append(finding.diagnostic)
        if finding.diagnostic.code in CERTAIN and finding.insert:
            self.reported = -1
        if finding.insert and not boundary:
            self.supply(finding.insert, situation.at if finding.resume is None else finding.resume, situation.at)

    def consequence(self, situation: Situation, boundary: bool) -> bool:
        """Whether a mistake at the file's level comes from one inside the definition before it."""
        if boundary:
            bracket = situation.bracket()
            if bracket is not None and not self.text.startswith(bracket.strip()[:1], bracket.start_pos or 0):
                return bracket.type == "LBRACE"  # it was supplied, and what is missing was said
            return self.known(situation.previous_end)
        if situation.place != "file":
            return False
        inner = situation.before[:1].isspace() or situation.word in ("}", ")", "]")
        return self.junk or (inner and self.known(situation.at, True))

    def repaired(self, at: int) -> bool:
        """Whether a repair that is offered already changes the text here."""
        edits = [edit.span for found in self.found[-5:] for edit in found.fix]
        return any(span.start <= at < span.end or span.start < at == span.end for span in edits)

    def same_merge(self, diagnostic: Diagnostic) -> bool:
        """Whether another lane of the same braces was reported."""
        if diagnostic.code != "E0112" or not diagnostic.labels:
            return False
        if self.found and self.found[-1].code == "E0113" and self.found[-1].span.text == "|":
            return True
        place = diagnostic.labels[0].span.start
        return any(d.labels and d.labels[0].span.start == place for d in self.found if d.code == "E0112")

    def known(self, end: int, whatever: bool = False) -> bool:
        """Whether it was said already why a definition has no end: a brace was amiss, or its last line is."""
        start = max(self.text.rfind("\nblock ", 0, end), self.text.rfind("\nnetwork ", 0, end))
        here = [d for d in self.found if d.span.start >= start]
        return (
            (whatever and bool(here)) or any(d.code in BRACES for d in here) or any(d.span.end >= end - 1 for d in here)
        )

    def supply(self, tokens: tuple[tuple[str, str], ...], resume: int, at: int) -> None:
        """Feed tokens that are missing, and go on."""
        try:
            for kind, value in tokens:
                if kind:
                    self.stack.feed(kind, at, value)
        except UnexpectedToken:
            return
        self.repair = True
        if self.text[resume : resume + 1] == "\n" and "_NL" not in self.stack.accepts():
            resume = skip.sign(self.text, resume, "")
        self.stack.go_to(resume)

    # --- going on

    def panic(self, at: int) -> None:
        """Skip what can't be read."""
        values = self.stack.values
        for place in self.stack.places():
            brackets = opened(values[place.index :])
            found = skip.end(self.text, at, place.kind, brackets, self.stack.in_lane(place))
            if found is not None:
                break
        resume = len(self.text) if found is None else found
        start, _ = self.stack.pop(place)
        start = at if start is None else min(start, at)
        self.stack.feed("ERROR", start, self.text[start:resume], resume)
        if place.kind == "definition" and not self.text.startswith("{", resume):
            self.stack.feed("LBRACE", resume, "{")
            if not skip.indented(self.text, resume):
                self.stack.feed("RBRACE", resume, "}")
        self.stack.go_to(resume)
        if place.kind != "file":
            self.junk = False

    def close(self, at: int) -> None:
        """Close everything that is open, before the next definition or at the end of the file."""
        stop = len(self.text[:at].rstrip())
        while "$END" not in (accepts := self.stack.accepts()):
            place = self.stack.places()[0]
            if place.kind == "file":
                start, _ = self.stack.pop(place)
                if start is not None:
                    self.stack.feed("ERROR", min(start, stop), "", stop)
                break
            last = self.stack.values[-1]
            if "RBRACE" not in accepts or (isinstance(last, Token) and (last.start_pos or 0) >= at):
                start, _ = self.stack.pop(place)
                self.stack.feed("ERROR", stop if start is None else min(start, stop), "", stop)
                if place.kind in ("head", "definition"):
                    self.stack.feed("LBRACE", stop, "{")
                elif place.kind == "argument":
                    self.stack.feed("RPAR", stop, ")")
                    continue
            self.builder.skipped.append(Span(self.source, max(stop - 1, 0), stop))
            self.stack.feed("RBRACE", stop, "}")
        self.junk = False
        self.stack.go_to(at)

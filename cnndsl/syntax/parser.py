"""Text → AST."""

from __future__ import annotations

import re

from lark.exceptions import UnexpectedInput

from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.growing import growing
from cnndsl.source import Source, Span
from cnndsl.syntax import ast
from cnndsl.syntax.build import Builder
from cnndsl.syntax.errors import MAX_BYTES, MAX_NESTING, MAX_WORDS, problem, words
from cnndsl.syntax.grammar import grammar
from cnndsl.syntax.quoted import COMMENT, QUOTED
from cnndsl.syntax.stack import Stack


def parse(source: Source) -> ast.File:
    """Parse a spec.

    Raises:
        SpecError: the text is no spec, or too large; with a diagnostic for each mistake.
    """
    file, found = parse_tolerant(source)
    if found:
        raise SpecError(found)
    return file


@growing()
def parse_tolerant(source: Source) -> tuple[ast.File, list[Diagnostic]]:
    """What can be read of a text, and the mistakes in it. `ast.File.broken` says which text is missing."""
    try:
        _check_limits(source)
    except SpecError as error:
        everything = Span(source, 0, len(source.text))
        return ast.File(source, None, [], [], [], [], broken=[everything]), list(error.diagnostics)
    text = source.text if source.text.endswith("\n") else source.text + "\n"
    whole = Source(source.name, text) if text != source.text else source
    builder, found = Builder(whole), []
    file = _sound(builder)
    if file is None:
        # What gets past mistakes and words them is loaded where there are some: it delays every start.
        from cnndsl.syntax.recover import Recovery

        recovery = Recovery(whole, grammar())
        file, builder, found = recovery.run(), recovery.builder, recovery.found
    file.broken += [Span(source, d.span.start, max(d.span.end, d.span.start + 1)) for d in found]
    found = [*found, *builder.problems]
    return file, sorted(found, key=lambda d: d.span.start)


def _sound(builder: Builder) -> ast.File | None:
    """The tree of a text, or None where there is a mistake in it."""
    stack = Stack(grammar(), builder.source.text, builder)
    try:
        for token in stack.tokens():
            stack.state.feed_token(token)
        return stack.end(len(builder.source.text))
    except UnexpectedInput:
        return None


def _at(source: Source, offset: int | None) -> Span:
    start = min(offset or 0, len(source.text))
    return Span(source, start, min(start + 1, len(source.text)))


_BRACKETS = re.compile(rf"{QUOTED}|{COMMENT}|[(\[{{)\]}}]")


def _check_limits(source: Source) -> None:
    if len(source.text) > MAX_BYTES:
        raise problem(
            "E0602",
            f"a spec of {len(source.text):,} characters is too large",
            Span(source, 0, 0),
            help=f"it may have {MAX_BYTES:,}, with all that it imports: repeat by `for`, `*` and blocks",
        )
    if (count := words(source.text)) > MAX_WORDS:
        raise problem(
            "E0602",
            f"a spec of {count:,} words and signs is too large",
            Span(source, 0, 0),
            help=f"it may have {MAX_WORDS:,}, with all that it imports: repeat by `for`, `*` and blocks",
        )
    if "\0" in source.text:
        at = source.text.index("\0")
        raise problem("E0101", "a NUL character can't be part of a spec", _at(source, at))
    depth = 0
    for match in _BRACKETS.finditer(source.text):
        sign = match[0]
        if sign in "([{":
            depth += 1
            if depth > MAX_NESTING:
                raise problem(
                    "E0601",
                    "brackets are nested too deeply",
                    Span(source, match.start(), match.end()),
                    help=f"at most {MAX_NESTING} levels; name an inner part with `block`",
                )
        elif sign in ")]}":
            depth -= 1


__all__ = ["parse", "parse_tolerant"]

"""One style for specs. Text in, text out: no comment, number, string or docstring is changed."""

from __future__ import annotations

from cnndsl.format.definitions import file
from cnndsl.format.same import difference
from cnndsl.format.writer import Writer
from cnndsl.growing import growing
from cnndsl.source import Source, Span
from cnndsl.syntax.errors import MAX_BYTES, problem
from cnndsl.syntax.grammar import grammar
from cnndsl.syntax.parser import parse


@growing()
def format_source(source: Source) -> str:
    """The spec in the one style. Formatting the result again changes nothing.

    Raises:
        SpecError: the text is no spec, or would be too large for one: indentation can be most of it.
    """
    before = parse(source)
    result = laid_out(source)
    if len(result) > MAX_BYTES:
        raise problem(
            "E0602",
            f"formatted, this spec would have {len(result):,} characters",
            Span(source, 0, 0),
            help=f"a file may have {MAX_BYTES:,}; `block` names an inner part, which then stands less far in",
        )
    wrong = result != source.text and difference(before, Source(source.name, result))
    if wrong:
        raise AssertionError(f"formatting {source.name} would change its {wrong}")
    return result


@growing()
def laid_out(source: Source) -> str:
    """The spec in the one style, for a text that is known to be one and whose result is checked by the caller."""
    text = source.text if source.text.endswith("\n") else source.text + "\n"
    tree = grammar().parse(text)
    out = Writer()
    file(tree).put(out, 0)
    return out.text()


__all__ = ["format_source", "laid_out"]

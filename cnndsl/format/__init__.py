"""One style for specs. Text in, text out: no comment, number, string or docstring is changed."""

from __future__ import annotations

from cnndsl.format.definitions import file
from cnndsl.format.same import difference
from cnndsl.format.writer import Writer
from cnndsl.growing import growing
from cnndsl.source import Source
from cnndsl.syntax.grammar import grammar
from cnndsl.syntax.parser import parse


@growing()
def format_source(source: Source) -> str:
    """The spec in the one style. Formatting the result again changes nothing.

    Raises:
        SpecError: the text is no spec.
    """
    before = parse(source)
    text = source.text if source.text.endswith("\n") else source.text + "\n"
    tree = grammar().parse(text)
    out = Writer()
    file(tree).put(out, 0)
    result = out.text()
    wrong = result != source.text and difference(before, Source(source.name, result))
    if wrong:
        raise AssertionError(f"formatting {source.name} would change its {wrong}")
    return result


__all__ = ["format_source"]

"""What was probably meant by a value of the wrong kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cnndsl.diagnostics.model import Edit
from cnndsl.elaborate import pasted
from cnndsl.elaborate.spelling import suggestion
from cnndsl.elaborate.values import Value, show
from cnndsl.ops import Op
from cnndsl.ops.kinds import Integer, Size
from cnndsl.source import Span

Fix = tuple[tuple[Edit, ...], str | None]
"""Edits, and the help that says what they do."""


def rewritten(text: str, meant: str) -> bool:
    """Whether a value is the same one, written as the language writes it: `[3, 3]`, `"3x3"`, `"same"` or `64 / 2`."""
    return re.fullmatch(r"[0-9]+ */ *[0-9]+", text) is not None or re.sub(r"[\s\"[\]]", "", text).replace(
        ",", "x"
    ) == meant.replace(" ", "")


def meant_value(cls: type[Op], name: str, value: Value, span: Span, bound: Mapping[str, tuple[Any, Span]]) -> Fix:
    """What was probably meant by a value of the wrong kind, where it is one thing, and the help."""
    fix = misplaced(cls, name, value, bound)
    if fix is None:
        meant, help = by_itself(cls, name, value, span)
        fix = (Edit(span, meant),) if meant else (), help
    if fix[1] is None:
        given = [(key, each.text) for key, (_, each) in bound.items()]
        meant = pasted.translated_value(cls, name, span.text, *pasted.window(cls, given))
        start = re.search(rf"\b{name}[ \t]*=[ \t]*$", span.source.text[max(0, span.start - 80) : span.start])
        if meant is not None and start is not None:
            whole = Span(span.source, span.start - len(start[0]), span.end)
            return (Edit(whole, meant),), f"it is written `{meant}` here"
        if name == "pad" and "same" not in cls.args[name].words and show(value).strip('"').lower() == "same":
            return (), "a pool pads by a number on both sides, `pad=1`, or rounds up, `round=ceil`"
    return fix


def misplaced(cls: type[Op], name: str, value: Value, bound: Mapping[str, tuple[Any, Span]]) -> Fix | None:
    """Arguments in another order than ours."""
    span = bound[name][1]
    size, span_size = bound.get("size", (None, span))
    if name == "out" and isinstance(value, tuple) and type(size) is int:
        return (Edit(span, span_size.text), Edit(span_size, span.text)), (
            f"the number of channels comes first: `{span_size.text}, {span.text}`"
        )
    if name == "bias" and type(value) is int and value > 1 and "out" in bound:
        first = bound["out"][1]
        whole = Span(span.source, first.start, span.end)
        alone = re.fullmatch(r"[^,=]*,[^,=]*", whole.text) is not None and first.start < span.start
        help = f"what comes in is known and never given: `{cls.name}({value})`"
        return (Edit(whole, span.text),) if alone else (), help
    if name == "eps" and type(value) is int and value > 1:
        text = span.source.text
        call = text[: span.start].endswith(f"{cls.name}(") and text.startswith(")", span.end)
        whole = Span(span.source, span.start - 1, span.end + 1)
        return (Edit(whole, ""),) if call else (), f"the channels are known and never given: `{cls.name}`"
    if isinstance(value, str) and value.lower() in ("same", "valid") and name != "pad" and "pad" in cls.args:
        pad = (
            "same" if value.lower() == "same" and "same" in cls.args["pad"].words else "0" if value[0] in "vV" else None
        )
        free = pad is not None and "pad" not in bound
        return (Edit(span, f"pad={pad}"),) if free else (), f"it is written `pad={pad}` here" if free else None
    return None


def by_itself(cls: type[Op], name: str, value: Value, span: Span) -> tuple[str | None, str | None]:
    """What can stand in the value's place, and the help."""
    words, kind, text = cls.args[name].words, cls.args[name].kind, span.text
    if isinstance(value, float) and value == value // 1 and isinstance(kind, Integer | Size):
        if text.count("/") == 1:
            return text.replace("/", "//"), "`//` divides integers"
        return f"round({text})", f"`round({text})` is an integer"
    if isinstance(value, float) and value > 0 and isinstance(kind, Integer | Size) and _halved(text):
        return text.replace("/", "//"), f"`//` divides integers, and rounds down: {value // 1:.0f} here"
    if isinstance(value, list) and len(value) == 2 and isinstance(kind, Size):
        meant = f"{show(value[0])}x{show(value[1])}"
        return meant if re.fullmatch(r"[0-9]+x[0-9]+", meant) else None, f"a size is written `{meant}`"
    if isinstance(value, list) and len(value) == 4 and isinstance(kind, Size) and value[:2] == value[2:]:
        meant = "x".join(show(each) for each in dict.fromkeys(value[:2]))
        return meant, f"both sides are padded alike: `{meant}`"
    if isinstance(value, str) and isinstance(kind, Size) and re.fullmatch(r"[0-9]+(x[0-9]+)?", value):
        return value, f"a size is written without quotes: `{value}`"
    if isinstance(value, str) and isinstance(kind, Integer) and re.fullmatch("[0-9]+", value):
        return value, f"a number is written without quotes: `{value}`"
    if isinstance(kind, Integer) and re.fullmatch("0x[0-9a-fA-F]+", text):
        return str(int(text, 16)), f"numbers are decimal: `{int(text, 16)}`"
    if isinstance(value, str) and words and (near := suggestion(value, words)):
        return near, f"did you mean `{near}`, without quotes?"
    if isinstance(value, float) and isinstance(kind, Integer) and value >= 1 and re.search(r"[a-z]", text):
        return f"round({text})", f"`round({text})` is {round(value)}"
    if value == 0 and "//" in text:
        return f"max({text}, 1)", f"`max({text}, 1)` gives 1"
    if name == "p" and isinstance(value, int | float) and 1 < value < 100:
        return f"{value / 100:g}" if text == show(value) else None, f"{show(value)} % are `{value / 100:g}`"
    return None, None


def _halved(text: str) -> bool:
    """Whether a value is one name or product, divided once by a number: rounding down is what is meant."""
    return re.fullmatch(r"[\w. *]*[A-Za-z_][\w. *]*/[ ]*[0-9]+", text) is not None

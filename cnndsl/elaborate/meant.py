"""What was probably meant by a value of the wrong kind."""

from __future__ import annotations

import re

from cnndsl.elaborate.spelling import suggestion
from cnndsl.elaborate.values import Value, show
from cnndsl.ops import Op
from cnndsl.ops.kinds import Integer, Size
from cnndsl.source import Span


def rewritten(text: str, meant: str) -> bool:
    """Whether a value is the same one, written as the language writes it: `[3, 3]`, `"3x3"`, `"same"` or `64 / 2`."""
    return re.fullmatch(r"[0-9]+ */ *[0-9]+", text) is not None or re.sub(r"[\s\"[\]]", "", text).replace(
        ",", "x"
    ) == meant.replace(" ", "")


def meant_value(cls: type[Op], name: str, value: Value, span: Span) -> tuple[str | None, str | None]:
    """What was probably meant by a value of the wrong kind, if it can stand there, and the help."""
    words, kind, text = cls.args[name].words, cls.args[name].kind, span.text
    if isinstance(value, float) and value == value // 1 and isinstance(kind, Integer | Size):
        if text.count("/") == 1:
            return text.replace("/", "//"), "`//` divides integers"
        return f"round({text})", f"`round({text})` is an integer"
    if isinstance(value, list) and len(value) == 2 and isinstance(kind, Size):
        meant = f"{show(value[0])}x{show(value[1])}"
        return meant if re.fullmatch(r"[0-9]+x[0-9]+", meant) else None, f"a size is written `{meant}`"
    if isinstance(value, str) and isinstance(kind, Size) and re.fullmatch(r"[0-9]+(x[0-9]+)?", value):
        return value, f"a size is written without quotes: `{value}`"
    if isinstance(value, str) and words:
        near = suggestion(value, words)
        return near, f"did you mean `{near}`, without quotes?" if near else None
    if value == 0 and "//" in text:
        return None, f"`max({text}, 1)` is at least 1"
    if name == "bias" and isinstance(value, int) and not isinstance(value, bool):
        return None, f"what comes in is known and never given: `{cls.name}({value})`"
    if name == "eps" and isinstance(value, int) and not isinstance(value, bool):
        return None, f"the channels are known and never given: `{cls.name}`"
    if name == "p" and isinstance(value, int | float) and 1 < value < 100:
        return f"{value / 100:g}" if text == show(value) else None, f"{show(value)} % are `{value / 100:g}`"
    return None, None

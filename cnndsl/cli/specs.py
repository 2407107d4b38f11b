"""What a user's SPEC, --input and --limit mean."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress

from cnndsl import pipeline
from cnndsl.cli.failure import Refusal
from cnndsl.cli.links import readable
from cnndsl.cli.targets import STDIN as STDIN
from cnndsl.elaborate import Limits
from cnndsl.elaborate.spelling import suggestion
from cnndsl.ir.dims import Shape
from cnndsl.ir.graph import Graph
from cnndsl.syntax.errors import MAX_BYTES
from cnndsl.syntax.parsed import Parsed

PARSED = Parsed()
"""What this run has read: files that many specs import, above all."""


def open_spec(text: str, limits: Limits | None = None) -> pipeline.Spec:
    """What SPEC means.

    Raises:
        Refusal, UnknownSpec: there is no such thing.
        SpecError: it can't be read.
    """
    if text == STDIN:
        return _shared(pipeline.from_text(stdin(), "<stdin>", limits=limits))
    path = file_of(text)
    if (path.endswith(".cnn") or "/" in text) and not os.path.lexists(path):
        raise Refusal(f"there is no file `{path}`")
    readable(path)
    if os.path.isdir(path) and text not in pipeline.zoo():
        with suppress(OSError):  # it may not be looked into: that is told of below
            os.scandir(path).close()
            raise Refusal(f"`{path}` is a folder; a spec is one file")
    return _shared(pipeline.locate(text, limits))


def _shared(spec: pipeline.Spec) -> pipeline.Spec:
    """The spec, which shares with the others of this run what is read of its imports."""
    spec.modules.parse = PARSED
    return spec


def file_of(text: str) -> str:
    """The file in `file.cnn:network`; what is none stays as it is."""
    return re.sub(r"(?<=\.cnn):\w+$", "", text)


def stdin() -> str:
    if sys.stdin is None:  # as `<&-` leaves it
        raise Refusal("standard input is closed")
    try:
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:  # a folder, for example
        raise Refusal(f"standard input can't be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise Refusal(f"standard input is larger than {MAX_BYTES:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(f"standard input is not UTF-8 text (byte {error.start})") from None


def graph(text: str, input: str | None = None, given: list[str] | None = None) -> Graph:
    """The checked graph of a SPEC with the user's input size and parameters."""
    from cnndsl.arguments import from_texts

    spec = open_spec(text)
    values = from_texts(spec, given) if given else None
    return spec.graph(values, shape(input) if input else None)


def shape(text: str) -> Shape:
    """``3x320x320`` or ``3 x 320 x 320``."""
    sizes = [size.strip() for size in re.split("[x×]", text)]
    if len(sizes) not in (1, 3) or not all(re.fullmatch(r"\d{1,9}", size) and int(size) for size in sizes):
        raise Refusal(f"`--input {text}` is no shape: write channels x height x width, as `3x320x320`")
    return tuple(map(int, sizes))


def limits(given: list[str] | None) -> Limits:
    """The default limits with the user's own."""
    from dataclasses import fields, replace

    changes = {}
    known = [field.name for field in fields(Limits)]
    for text in given or []:
        name, _, value = text.partition("=")
        digits = value.replace("_", "")
        if name not in known:
            near = suggestion(name, known)
            raise Refusal(
                f"there is no limit `{name}`; " + (f"did you mean `{near}`?" if near else f"there are {known}")
            )
        if not digits.isdecimal() or len(digits) > 18 or not int(digits):
            raise Refusal(f"`--limit {text}`: a limit is a positive integer, as `{name}=1_000_000`")
        changes[name] = int(digits)
    return replace(Limits(), **changes)

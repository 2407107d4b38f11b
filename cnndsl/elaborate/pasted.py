"""Calls pasted from PyTorch, Keras or Caffe, translated whole where nothing of them is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnndsl.diagnostics.model import Edit
from cnndsl.elaborate import habits
from cnndsl.ops import registry
from cnndsl.ops.base import REQUIRED
from cnndsl.source import Span
from cnndsl.syntax import ast

TAKES_INPUT = {"Conv2d": 6, "ConvTranspose2d": 5, "Linear": 3, "BatchNorm2d": 1}
"""Whose first argument is what comes in, and how many positional ones there are in our order, that one included."""

POSITIONAL = {"Conv2D": 3, "MaxPool2d": 4, "AvgPool2d": 3, "MaxPooling2D": 2, "AveragePooling2D": 2, "MaxPool2D": 2,
              "Dense": 1, "Dropout": 1, "Dropout2d": 1, "LeakyReLU": 1, "ELU": 1, "Flatten": 0, "ReLU": 0,
              "Sigmoid": 0, "Tanh": 0, "SiLU": 0, "GELU": 0, "Softmax": 0, "Convolution": 0,
              "InnerProduct": 0, "AdaptiveAvgPool2d": 1}  # fmt: skip
"""How many positional arguments have our order. Ops whose defaults differ, as Keras's batch norm, are not here."""

UNUSED = {*habits.KNOWN, "inplace", "dim", "axis"}
"""Arguments that say nothing here."""


def translated(step: ast.Apply) -> tuple[Edit, ...]:
    """The edits that write a pasted call in the language; none where something can't be said."""
    name = step.name.name
    meant = habits.OPS.get(name)
    if meant not in registry or name not in TAKES_INPUT | POSITIONAL:
        return ()
    given = step.arguments or []
    if name in ("Softmax", "Dense") and any(a.name is None and not isinstance(a.value, ast.Literal) for a in given):
        return ()
    try:
        parts = list(_arguments(name, meant, given))
    except KeyError:
        return ()
    names = list(registry[meant].args)
    keys = {part.partition("=")[0] if "=" in part else names[i] for i, part in enumerate(parts)}
    if any(a.default is REQUIRED and key not in keys for key, a in registry[meant].args.items()):
        return ()
    call = f"{meant}({', '.join(parts)})" if parts else meant
    end = _end(step)
    return (Edit(Span(step.span.source, step.name.span.start, end), call),) if end else ()


def _end(step: ast.Apply) -> int | None:
    """The end of a call with its parentheses; None where a comment would be lost."""
    text = step.span.text
    return None if "#" in text or "\n" in text else step.span.end


def _arguments(name: str, meant: str, given: list[ast.Argument]) -> Iterator[str]:
    """The arguments in the language. Raises KeyError where one has no counterpart."""
    known = list(registry[meant].args)
    positional = [a for a in given if a.name is None]
    if len(positional) > (TAKES_INPUT | POSITIONAL)[name]:
        raise KeyError(name)
    takes_input = name in TAKES_INPUT and not any(a.name and a.name.name in habits.KNOWN for a in given)
    for argument in positional[1 if takes_input else 0 :]:
        yield _value(argument.value)
    for argument in given:
        if argument.name is None or argument.name.name in UNUSED:
            continue
        key = habits.ARGUMENTS.get(argument.name.name, argument.name.name)
        if key not in known or key == "round":
            raise KeyError(key)
        yield f"{key}={_value(argument.value)}"


def _value(value: ast.Expr) -> str:
    text = value.span.text
    if isinstance(value, ast.Name):
        return habits.WORDS.get(value.name, text)
    if text in ('"same"', '"SAME"'):
        return "same"
    if text in ('"valid"', '"VALID"'):
        return "0"
    if re.match(r'"', text):
        raise KeyError(text)
    return text

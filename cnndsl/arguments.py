"""Arguments from outside a spec: what a user or a Python caller gives for a network's parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isfinite
from operator import index
from typing import Any

from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.elaborate import Budget, Definition, Limits
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.evaluate import Evaluator
from cnndsl.elaborate.members import base_of
from cnndsl.elaborate.spelling import suggestion
from cnndsl.elaborate.values import Partial, Unknown, fail
from cnndsl.ir.dims import Shape
from cnndsl.ops import registry
from cnndsl.pipeline import Spec
from cnndsl.source import Source, Span
from cnndsl.syntax.errors import MAX_NESTING
from cnndsl.syntax.parser import parse

PREFIX = "network n = n("
SHOWN = 60
"""Characters of a value that a message shows."""


class UnknownParameter(TypeError):
    """The network has no such parameter. The message says what it has."""


def parameters(definition: Definition) -> dict[str, str | None]:
    """The parameters that may be given to a network, with their defaults as written.

    A member has its own, and those of its family that it leaves open.
    """
    found: dict[str, str | None] = {}
    closed: set[str] = set()
    seen: set[Definition] = set()
    current: Definition | None = definition
    while current is not None and current not in seen:
        seen.add(current)
        own = {p.name.name: p.default.span.text if p.default else None for p in current.syntax.parameters}
        found = {name: default for name, default in own.items() if name not in closed} | found
        call = base_of(current)
        if call is None:
            break
        current = current.names.get(call.name.name)
        closed.update(a.name.name for a in call.arguments if a.name)
        positional = sum(a.name is None for a in call.arguments)
        if current is not None:
            closed.update(p.name.name for p in current.syntax.parameters[:positional])
    return found


def from_texts(spec: Spec, texts: Iterable[str]) -> dict[str, Any]:
    """Arguments written in the language, ``classes=10`` or ``Unit=Bottleneck``. No Python is evaluated.

    Raises:
        UnknownParameter: a name is none of the network's.
        SpecError: a value is no value.
    """
    values: dict[str, Any] = {}
    definition = spec.definition()
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise UnknownParameter(f"`{text}` gives no value: write `--set {text}=10`")
        _check_name(definition, name.strip())
        values[name.strip()] = _value(spec, definition, text, len(name) + 1, value)
    return values


def _value(spec: Spec, definition: Definition, text: str, at: int, value: str) -> Any:
    whole = Source("--set", text)
    source = Source("--set", f"{PREFIX}{value})")
    try:
        networks = parse(source).networks
        arguments = networks[0].base.arguments if len(networks) == 1 and networks[0].base else []
        if len(arguments) != 1 or arguments[0].name or arguments[0].span.end != len(source.text) - 1:
            raise fail("E0102", "a value was expected", Span(source, len(PREFIX), len(source.text) - 1))
        return Evaluator(Budget(spec.limits))(arguments[0].value, Env(definition.names))
    except SpecError as error:
        shift = at - len(PREFIX)
        raise SpecError(_moved(each, whole, shift) for each in error.diagnostics) from None
    except Unknown:
        raise fail(
            "E0304", "this value depends on a flow, and there is none here", Span(whole, at, len(text))
        ) from None


def _moved(diagnostic: Diagnostic, source: Source, shift: int) -> Diagnostic:
    """The diagnostic with its place in what the user wrote, instead of in what was made of it."""
    if diagnostic.span.source.name != source.name:
        return diagnostic
    first, last = (min(max(p + shift, 0), len(source.text)) for p in (diagnostic.span.start, diagnostic.span.end))
    return replace(diagnostic, span=Span(source, first, last), labels=(), fix=())


def from_python(spec: Spec, given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as Python values: numbers, booleans, strings, lists, and tuples for sizes.

    A string that names a block, network or op of the spec stands for it.

    Raises:
        UnknownParameter: a name is none of the network's.
        TypeError: a value has no counterpart in the language.
    """
    definition = spec.definition()
    for name in given:
        _check_name(definition, name)
    return {name: _converted(name, value, definition) for name, value in given.items()}


def _converted(name: str, value: Any, definition: Definition, depth: int = 0) -> Any:
    if isinstance(value, str):
        if value in definition.names:
            return Partial(definition.names[value])
        return Partial(registry[value]) if value in registry else value
    if isinstance(value, bool) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, list) and depth == MAX_NESTING:  # as of one that contains itself
        raise TypeError(f"`{name}` has more than {MAX_NESTING} lists inside one another")
    if isinstance(value, list):
        return [_converted(name, item, definition, depth + 1) for item in value]
    if isinstance(value, tuple) and None not in (sizes := [integer(item) for item in value]):
        return tuple(sizes)
    if (number := integer(value)) is not None:
        return number
    raise TypeError(
        f"`{name}` can't be {shown(value)}: use a number of at most 10^18, boolean, string, list, or a tuple of"
        " integers for a size"
    )


def input_shape(given: Any) -> Shape | None:
    """The input that a Python caller gives: a tuple or list of integers, those of NumPy among them.

    Raises:
        TypeError: it is something else.
    """
    if given is None:
        return None
    sizes = [integer(size) for size in given] if isinstance(given, tuple | list) else [None]
    if len(sizes) not in (1, 3) or any(size is None or size < 1 for size in sizes):
        batch = len(sizes) == 4 and None not in sizes
        raise TypeError(
            f"`input` can't be {shown(given)}: it is (channels, height, width) or (features,), integers from 1 to 10^18"
            + ("; there is no batch dimension" if batch else "")
        )
    return tuple(size for size in sizes if size is not None)


def scope_depth(given: Any) -> int | None:
    """How deep scopes are shown: an integer of at least 0, or None. Raises TypeError for anything else."""
    depth = integer(given)
    if given is not None and (depth is None or depth < 0):
        raise TypeError(f"`depth` can't be {shown(given)}: it is an integer of at least 0, or None")
    return depth


def integer(value: Any) -> int | None:
    """A value as the integer that it is, whatever its type; None for another, for booleans, and beyond 10^18."""
    if isinstance(value, bool):
        return None
    try:
        number = index(value)
    except TypeError:
        return None
    return number if abs(number) <= Limits().integer else None


def shown(value: Any) -> str:
    """A value in a message, at most a line of it."""
    try:
        text = repr(value)
    except Exception:  # what is a caller's own may do anything; Python itself shows no integer of 5,000 digits
        return f"this {type(value).__name__}"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _check_name(definition: Definition, name: str) -> None:
    known = parameters(definition)
    if name not in known:
        near = suggestion(name, known)
        hint = f"did you mean `{near}`?" if near else f"it has {', '.join(f'`{k}`' for k in known) or 'none'}"
        raise UnknownParameter(f"`{definition.name}` has no open parameter `{name}`; {hint}")

"""Arguments that are given as another library takes them, misspelled, or in the wrong place: what is meant."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from cnndsl.diagnostics.model import Diagnostic, Edit, Label, SpecError
from cnndsl.elaborate import habits, pasted
from cnndsl.elaborate.spelling import respelling, suggestion
from cnndsl.elaborate.values import Definition, Partial, Value, fail
from cnndsl.ops import Op
from cnndsl.ops.base import Arg
from cnndsl.ops.kinds import Boolean, Word
from cnndsl.source import Span
from cnndsl.syntax import ast

MAX_WRONG = 10
"""Arguments of one call that are told to be wrong."""


def mistakes(
    partial: Partial, names: list[str], missing: list[str], where: Span, definition: Span | None
) -> list[Diagnostic]:
    """What is wrong with a call's arguments: E0301, E0302, E0309."""
    found: list[Diagnostic] = []
    labels = (Label(definition, "defined here"),) if definition else ()
    count = len(partial.positional)
    for _, span in partial.positional[len(names) : len(names) + 1]:
        takes = f"takes {len(names)}" if names else "takes no arguments"
        given = f"{count} are given" if count > 1 else "1 is given"
        help, fix = surplus(partial, span, where)
        message = f"`{partial.name}` {takes}, and {given}"
        found.append(Diagnostic("E0302", message, span, "one too many", labels, help=help, fix=fix))
    for name, (_, span) in partial.keywords.items():
        if len(found) >= MAX_WRONG:
            break
        if name not in names:
            found.append(unknown(partial, name, names, {*names[:count], *partial.keywords}, labels))
        elif name in names[:count]:
            message, help = f"`{name}` is given twice, by position and by keyword", twice(partial, name, names)
            found.append(Diagnostic("E0302", message, keyword_span(name, span), labels=labels, help=help))
    if missing:
        what = " and ".join(f"`{name}`" for name in missing)
        example = None if isinstance(partial.target, Definition) else f"as in `{partial.target.example}`"
        message = f"`{partial.name}` needs {what}"
        found.append(Diagnostic("E0309", message, where, "not given here", labels, help=example))
    return found


def unknown(
    partial: Partial, name: str, names: list[str], taken: Collection[str], labels: tuple[Label, ...]
) -> Diagnostic:
    """E0301, with what is meant by an argument of another library or a misspelled one."""
    value = partial.keywords[name][1]
    keyword = keyword_span(name, value)
    alias = habits.ARGUMENTS.get(name) if habits.ARGUMENTS.get(name) in names else None
    free = [each for each in names if each not in taken]
    near = alias or suggestion(name, free)
    more = respelling(name, keyword, free, f"it has {', '.join(f'`{n}`' for n in names) or 'none'}")
    if alias is not None:
        more = {"help": f"did you mean `{alias}`?"}
        if alias in free:
            more |= {"fix": (Edit(keyword, alias),), "safe": name not in habits.OTHERWISE}
    if name in habits.NEEDLESS:
        more = {"help": f"remove it: {habits.NEEDLESS[name]}", "fix": without(keyword, value),
                "safe": name in habits.VOID}  # fmt: skip
    elif name in habits.ELSEWHERE:
        more = {"help": habits.ELSEWHERE[name]}
    elif isinstance(partial.target, type):
        called = name if name in habits.VALUES else near or name
        meant = _translated(partial.target, called, value, partial)
        if near is not None and meant is None:
            meant = _other_kind(partial.target, near, *partial.keywords[name])
        if name in ("keep_prob", "keep") and "p" in names and re.fullmatch(r"0\.\d+", value.text):
            meant = f"p={round(1 - float(value.text), 6):g}"
        if meant is not None and meant.partition("=")[0] not in taken:
            fix = (Edit(Span(keyword.source, keyword.start, value.end), meant),)
            more = {"help": f"it is written `{meant}` here", "fix": fix}
        elif name == "ceil_mode":
            more = {"help": "`round=ceil` rounds up, `round=floor` down"}
        elif (
            near == "pad" and "same" not in partial.target.args["pad"].words and value.text.strip('"').lower() == "same"
        ):
            more = {"help": NO_SAME}
    return Diagnostic("E0301", f"`{partial.name}` has no argument `{name}`", keyword, labels=labels, **more)


def _other_kind(op: type[Op], name: str, value: Value, span: Span) -> str | None:
    """An argument whose value is of the wrong kind too."""
    from cnndsl.elaborate.meant import by_itself

    try:
        op.args[name].kind.parse(value)
    except ValueError:
        meant, _ = by_itself(op, name, value, span)
        return f"{name}={meant}" if meant else None
    return None


NO_SAME = "a pool pads by a number on both sides, `pad=1`, or rounds up, `round=ceil`"


def _translated(op: type[Op], name: str, value: Span, partial: Partial) -> str | None:
    """An argument in others' words as it is written here."""
    given = [(None, span.text) for _, span in partial.positional]
    return pasted.translated_value(
        op,
        name,
        value.text,
        *pasted.window(op, [*given, *((key, span.text) for key, (_, span) in partial.keywords.items())]),
    )


def twice(partial: Partial, name: str, names: list[str]) -> str | None:
    """What may be meant where a size is written as two arguments, or what comes in is given."""
    values = [value for value, _ in partial.positional]
    index = names.index(name)
    if names[:2] != ["out", "size"] or len(values) != 3 or index != 2 or not all(type(v) is int for v in values):
        return None
    out, height, width = values
    rest = "".join(f", {key}={span.text}" for key, (_, span) in partial.keywords.items())
    return (
        f"a size is written `{height}x{width}`: `{partial.name}({out}, {height}x{width}{rest})`; or, if {out} channels "
        f"come in, which is never given: `{partial.name}({height}, {width}{rest})`"
    )


def behind_keyword(given: list[ast.Argument], names: list[str]) -> SpecError:
    """E0302: a positional argument behind one by keyword, which may be named by its place."""
    first = next(i for i, each in enumerate(given) if each.name is not None)
    late = [(i, each) for i, each in enumerate(given) if i > first and each.name is None]
    taken = {*names[:first], *(each.name.name for each in given if each.name is not None)}
    meant = [names[i] for i, _ in late if i < len(names) and names[i] not in taken]
    fix: tuple[Edit, ...] = ()
    if len(meant) == len(late):
        starts = [each.span.start for _, each in late]
        source = given[0].span.source
        fix = tuple(Edit(Span(source, at, at), f"{name}=") for at, name in zip(starts, meant, strict=True))
    written = ", ".join(f"{name}={each.span.text}" for name, (_, each) in zip(meant, late, strict=False))
    return fail("E0302", "a positional argument comes after one by keyword", late[0][1].span,
                help=f"name it: `{written}`" if fix else "move it to the front, or name it", fix=fix)  # fmt: skip


def without(keyword: Span, value: Span) -> tuple[Edit, ...]:
    """Takes an argument by keyword out of its call, with one comma."""
    text, start, end = value.source.text, keyword.start, value.end
    behind = re.compile(r"[ \t]*,[ \t]*").match(text, end)
    if behind is not None:
        end = behind.end()
    else:
        before = re.search(r",[ \t]*$", text[max(0, start - 40) : start])
        start -= len(before[0]) if before else 0
    return (Edit(Span(value.source, start, end), ""),)


def keyword_span(name: str, value: Span) -> Span:
    """The place of the keyword before a value."""
    at = value.source.text.rfind(name, 0, value.start)
    return Span(value.source, at, at + len(name)) if at >= 0 else value


def surplus(partial: Partial, given: Span, where: Span) -> tuple[str | None, tuple[Edit, ...]]:
    """The help and repair for a call that is given the flowing value, as in ``relu(x)``."""
    number = re.search(r"(\d+),[ \t]*$", given.source.text[max(0, given.start - 20) : given.start])
    if (
        number is not None
        and given.text.isdigit()
        and isinstance(partial.target, type)
        and len(partial.target.args) == 1
    ):
        first = given.start - len(number[0])
        meant = f"{number[1]}.{given.text}"
        return f"a decimal point is a point: `{meant}`", (Edit(Span(given.source, first, given.end), meant),)
    takes_none = isinstance(partial.target, type) and not partial.target.args
    if not (takes_none and pasted.FLOW.fullmatch(given.text) and where.text.startswith(f"{partial.name}(")):
        return None, ()
    return f"what flows in is never given: `{partial.name}`", (Edit(where, partial.name),)


def names_of(target: Definition | type[Op] | None) -> list[str]:
    """The parameters of an op or block, in their order."""
    if isinstance(target, Definition):
        return [p.name.name for p in target.syntax.parameters]
    return list(target.args) if target is not None else []


def in_our_words(found: Diagnostic, argument: ast.Argument, arg: Arg, op: type[Op]) -> Diagnostic:
    """The finding that a bare word is no name, with the word that the argument knows."""
    word = argument.value.span.text
    meant = pasted.translated_value(op, arg.name, word, "", "") if word not in ("True", "False") else None
    if isinstance(arg.kind, Boolean) and habits.WORDS.get(word) == "none":
        meant = f"{arg.name}=false"
    if meant is not None and argument.name is not None:
        return replace(found, help=f"it is written `{meant}` here", fix=(Edit(argument.span, meant),))
    if isinstance(arg.kind, Word):
        return replace(found, help=f"`{arg.name}` of `{op.name}` is {arg.kind.describe()}", fix=())
    return found

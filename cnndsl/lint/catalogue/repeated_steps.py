from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.lint.model import Rule
from cnndsl.lint.program import Program
from cnndsl.lint.tree import bodies, steps
from cnndsl.source import Span
from cnndsl.syntax import ast

ENOUGH = 3
"""Repetitions that are worth a word: two lines in a row are easily read."""
LONGEST = 6
"""Steps that are repeated together."""
_WORDS = re.compile(r'"(?:[^"\\\n]++|\\.)*+"|#[^\n]*+|\w+|[^\w\s]')


class RepeatedSteps(Rule):
    """Steps that are written three times or more in a row.

    ## What it does

    It finds one to six steps that follow one another, equal to the letter, three times or more, and lanes
    that do. Labels may differ in the number at their end, if it counts up.

    ## Why is this bad?

    The reader compares the lines to find that they are the same, and whoever changes one forgets another.
    `* n` or `for` says it once, and how often.

    ## Example

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1) -> relu
        conv(16, 3x3, pad=1) -> relu
        conv(16, 3x3, pad=1) -> relu
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        { conv(16, 3x3, pad=1) -> relu } * 3
        global_avgpool -> linear(10)
    }
    ```
    """

    code = "W0301"
    name = "repeated-steps"
    fixes = True

    def tree(self, program: Program) -> Iterable[Diagnostic]:
        for definition in program.module.own.values():
            for body in bodies(definition.syntax):
                for sequence in _sequences(body):
                    yield from self.steps(sequence)
            for step in steps(definition.syntax):
                if isinstance(step, ast.Merge):
                    yield from self.lanes(step.lanes)

    def steps(self, sequence: list[ast.Step]) -> Iterator[Diagnostic]:
        items = [Item.of(step) for step in sequence]
        for run in runs(items):
            unit = sequence[run.start : run.start + run.period]
            whole = _reach(unit[0]).to(_reach(sequence[run.start + run.period * run.count - 1]))
            first = _reach(unit[0]).to(_reach(unit[-1]))
            what = "this step is" if run.period == 1 else f"these {run.period} steps are"
            if any(step.label for step in unit):
                name = next(str(step.label) for step in unit if step.label)
                stem = name.rstrip("0123456789")
                start = int(name[len(stem) :])
                index = "i" if start == 0 else f"i + {start}"
                help, fix = f"`for i in range({run.count}) {{ {stem}{{{index}}}: … }}`", ()
            else:
                help, fix = f"`{_short(unit)} * {run.count}`", _fix(whole, first, unit, run.count)
            yield self.finding(
                f"{what} written {run.count} times in a row", first, help=help, fix=fix
            )

    def lanes(self, lanes: Sequence[ast.Lane | ast.LaneLoop]) -> Iterator[Diagnostic]:
        items = [
            Item(_words(lane.span.text)) if isinstance(lane, ast.Lane) and lane.body.statements else Item(lane)
            for lane in lanes
        ]
        for run in runs(items, longest=1):
            yield self.finding(
                f"this lane is written {run.count} times in a row", lanes[run.start].span,
                help=f"`for i in range({run.count}) {{ | … }}`",
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """What a step says, but for the number of its label."""

    text: Any
    number: int | None = None

    @classmethod
    def of(cls, step: ast.Step) -> Item:
        label, number = "", None
        if step.label is not None:
            match = re.fullmatch(r"(.*?)(\d{1,9})", str(step.label))
            if match is None or len(step.label.parts) > 1 or (match[2][0] == "0" and len(match[2]) > 1):
                return cls(step)
            label, number = match[1], int(match[2])
        if isinstance(step, ast.Output):
            return cls(step)
        end = step.ascription.span.end if step.ascription else step.span.end
        return cls((label, _words(step.span.source.text[step.span.start : end])), number)

    def then(self, other: Item) -> bool:
        """Whether the other is this one's next repetition."""
        if self.text != other.text:
            return False
        return self.number is None or (other.number is not None and other.number == self.number + 1)


@dataclass(frozen=True, slots=True)
class Run:
    start: int
    period: int
    count: int


def runs(items: list[Item], longest: int = LONGEST) -> Iterator[Run]:
    """What is repeated often enough, in linear time."""
    at = 0
    while at < len(items):
        run = next((r for p in range(1, longest + 1) if (r := _run(items, at, p)).count >= ENOUGH), None)
        if run is not None:
            yield run
        at += run.period * run.count if run is not None else 1


def _run(items: list[Item], start: int, period: int) -> Run:
    same = 0
    while start + same + period < len(items) and items[start + same].then(items[start + same + period]):
        same += 1
    return Run(start, period, same // period + 1)


def _sequences(body: ast.Body) -> Iterator[list[ast.Step]]:
    """The steps of a body, up to each statement that is none."""
    sequence: list[ast.Step] = []
    for statement in body.statements:
        if isinstance(statement, ast.Chain):
            sequence.extend(statement.steps)
        elif sequence:
            yield sequence
            sequence = []
    if sequence:
        yield sequence


def _words(text: str) -> str:
    return " ".join(word for word in _WORDS.findall(text) if not word.startswith("#"))


def _reach(step: ast.Step) -> Span:
    """A step with its label and ascription."""
    first = step.label.span if step.label else step.span
    return first.to(step.ascription.span) if step.ascription else first.to(step.span)


def _short(unit: list[ast.Step]) -> str:
    text = " ".join(_reach(unit[0]).to(_reach(unit[-1])).text.split())
    plain = len(unit) == 1 and isinstance(unit[0], ast.Apply) and unit[0].ascription is None
    if len(text) > 40 or "#" in text or (not plain and ">" not in text):
        return "{ … }"
    return text if plain else f"{{ {text} }}"


def _fix(whole: Span, first: Span, unit: list[ast.Step], count: int) -> tuple[Edit, ...]:
    if "#" in whole.text:
        return ()
    plain = len(unit) == 1 and isinstance(unit[0], ast.Apply | ast.Group) and unit[0].ascription is None
    text = first.text if plain else f"{{ {first.text} }}" if "\n" not in first.text else f"{{\n{first.text}\n}}"
    return (Edit(whole, f"{text} * {count}"),)

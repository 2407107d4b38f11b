from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.lint.model import Rule
from cnndsl.lint.program import Program
from cnndsl.lint.runs import Item, runs
from cnndsl.lint.tree import bodies, steps
from cnndsl.source import Span
from cnndsl.syntax import ast


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
    fixes = "safe"

    def tree(self, program: Program) -> Iterable[Diagnostic]:
        for definition in program.module.own.values():
            for body in bodies(definition.syntax):
                for sequence, starts in _sequences(body):
                    yield from self.steps(sequence, starts)
            for step in steps(definition.syntax):
                if isinstance(step, ast.Merge):
                    yield from self.lanes(step.lanes)

    def steps(self, sequence: list[ast.Step], starts: set[int]) -> Iterator[Diagnostic]:
        items = [Item.of(step) for step in sequence]
        for run in runs(items, starts):
            unit = sequence[run.start : run.start + run.period]
            whole = _reach(unit[0]).to(_reach(sequence[run.start + run.period * run.count - 1]))
            first = _reach(unit[0]).to(_reach(unit[-1]))
            what = "this step is" if run.period == 1 else f"these {run.period} steps are"
            if any(step.label for step in unit):
                name = next(str(step.label) for step in unit if step.label)
                stem = name.rstrip("0123456789")
                start = int(name[len(stem) :])
                index = "i" if start == 0 else f"i + {start}"
                fix: tuple[Edit, ...] = ()
                help = f"`for i in range({run.count}) {{ {stem}{{{index}}}: … }}`"
            else:
                help = f"`{_short(unit)} * {run.count}`"
                fix = _fix(whole, first, unit, run.count)
            yield self.finding(f"{what} written {run.count} times in a row", first, help=help, fix=fix)

    def lanes(self, lanes: Sequence[ast.Lane | ast.LaneLoop]) -> Iterator[Diagnostic]:
        items = [
            Item.text(lane.span) if isinstance(lane, ast.Lane) and lane.body.statements else Item(lane)
            for lane in lanes
        ]
        for run in runs(items, longest=1):
            yield self.finding(
                f"this lane is written {run.count} times in a row", lanes[run.start].span,
                help=f"`for i in range({run.count}) {{ | … }}`",
            )  # fmt: skip


def _sequences(body: ast.Body) -> Iterator[tuple[list[ast.Step], set[int]]]:
    """The steps of a body, up to each statement that is none, and which of them begin a statement."""
    sequence: list[ast.Step] = []
    starts: set[int] = set()
    for statement in body.statements:
        if isinstance(statement, ast.Chain):
            starts.add(len(sequence))
            sequence.extend(statement.steps)
        elif sequence:
            yield sequence, starts
            sequence, starts = [], set()
    if sequence:
        yield sequence, starts


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
    space = "\n" if "\n" in first.text else " "
    text = first.text if plain else f"{{{space}{first.text}{space}}}"
    return (Edit(whole, f"{text} * {count}"),)

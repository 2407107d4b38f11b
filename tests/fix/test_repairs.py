"""Every repair of the corpus and of the diagnostics' pages: what it is about is gone, and nothing else came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cnndsl import files
from cnndsl.diagnostics.codes import CODES
from cnndsl.diagnostics.model import Diagnostic
from cnndsl.elaborate import Budget, Limits, OpBinder, elaborate, is_template
from cnndsl.elaborate.modules import unsound
from cnndsl.fix import Patience, Repaired, repair
from cnndsl.fix.edits import apply
from cnndsl.pipeline import from_text
from cnndsl.source import Source
from cnndsl.syntax import ast
from cnndsl.syntax.errors import MAX_BYTES
from cnndsl.syntax.parser import parse_tolerant
from tests.corpus.test_programs import HEAD, PROGRAMS, unmarked

EXAMPLES = {path.stem: unmarked(path.read_text("utf-8").partition(HEAD)[0])[0] for path in PROGRAMS}
EXAMPLES |= {code: page.wrong for code, page in CODES.items() if len(page.wrong) < MAX_BYTES}
FOLDER = PROGRAMS[0].parent


def found(source: Source, folder: Path = FOLDER) -> list[Diagnostic]:
    return from_text(source.text, source.name, folder).check()


def repaired(text: str, unsafe: bool, folder: Path = FOLDER) -> Repaired:
    source, find = Source("a.cnn", text), partial(found, folder=folder)
    return repair(source, find(source), find, unsafe, Patience(60))


def named(diagnostics: list[Diagnostic]) -> Counter[tuple[str, str]]:
    return Counter((each.code, each.message) for each in diagnostics)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_repair_leaves_what_else_was_wrong_and_nothing_new(name: str) -> None:
    """What was hidden behind it is repaired in its turn."""
    before = found(Source("a.cnn", EXAMPLES[name]))
    for each in before:
        if each.fix:
            others = named([other for other in before if other is not each])
            source = Source("a.cnn", apply(EXAMPLES[name], [each]).text)
            after = found(source)
            new = named(after) - others
            if new:
                assert (each.code, each.message) not in new
                new = named(list(repair(source, after, found, True, Patience(60)).found)) - others
            assert not new, str(each)


def stated(text: str) -> Counter[str]:
    """All expectations, stated shapes and signatures that can be read."""
    return Counter(_stated(parse_tolerant(Source("a.cnn", text))[0]))


def _stated(node: Any) -> Iterator[str]:
    if isinstance(node, ast.Expect):
        yield f"{node.metric.name} {node.target} {node.comparison} {node.value.span.text} {node.tolerance}"
    if isinstance(node, ast.Signature):
        yield node.span.text
    if isinstance(node, ast.Step) and node.ascription is not None:
        yield node.ascription.span.text
    if isinstance(node, list):
        for each in node:
            yield from _stated(each)
    elif is_dataclass(node) and not isinstance(node, Source):
        for field in fields(node):
            if field.name != "span":
                yield from _stated(getattr(node, field.name))


def right(text: str) -> dict[str, list[object]]:
    """The networks that nothing is wrong with, as far as names, shapes and weights go."""
    spec = from_text(text, "a.cnn", FOLDER)
    module = spec.modules.load(spec.source)
    silent, right = unsound(module), dict[str, list[object]]()
    for name, definition in module.networks.items():
        if definition not in silent and not is_template(definition):
            graph = elaborate(definition, None, None, Budget(Limits()), OpBinder()).graph
            if graph is not None:
                right[name] = [(n.path, n.shape, n.params) for n in graph.nodes]
    return right


@pytest.mark.parametrize("name", EXAMPLES)
def test_safe_repairs_change_nothing_that_was_stated_or_right(name: str) -> None:
    text = EXAMPLES[name]
    result = repaired(text, unsafe=False)
    assert all(each.safe for each in result.made)
    assert stated(text) <= stated(result.source.text)
    assert right(text).items() <= right(result.source.text).items()
    assert not repaired(result.source.text, unsafe=False).made, "all that can be repaired is, at once"


TYPOS = (("conv(", "cnov("), ("pad=", "pda="), ("stride=", "strid="), ("maxpool(", "maxpol("), (" relu", " rleu"),
         ("bias=", "bais="), ("linear(", "liner("), (" -> ", " → "), ("3x3", "3×3"))  # fmt: skip


@pytest.mark.parametrize("path", sorted(files.zoo_folder().glob("*.cnn"))[::4], ids=lambda path: path.stem)
def test_typing_errors_are_taken_back(path: Path) -> None:
    text, chance = path.read_text("utf-8"), Random(path.stem)
    lines = text.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith(("block", "network")))
    plain = [i for i in range(start, len(lines)) if '"' not in lines[i] and "#" not in lines[i]]
    for right, typo in TYPOS:
        if at := [i for i in plain if right in lines[i]]:
            line = chance.choice(at)
            lines[line] = lines[line].replace(right, typo, 1)
    assert repaired("\n".join(lines), False, path.parent).source.text == text


def body(text: str) -> str:
    return f"network n : 3 x 64 x 64 -> 10 {{\n    {text}\n    global_avgpool -> linear(10)\n}}\n"


ELSE = (
    "upsampling(2)", "Hardtanh()", "dwconv(3, 3x3)", "conv3d(8, 3x3)", "minpool(2x2)", "celu", "log_softmax",
    "se(16)", "attention", "share: conv(8, 1x1)\n    share -> relu", "layer2: relu\n    from layer5", "meanpool(2)",
    "maxunpool(2x2)", "mix { | | }", "conv(9, 1x1, groups=2)", "linear(10)\n    conv(8, 3x3)",
    "branch_a: relu\n    from branch_b", "add { | conv(8, 3x3) | }", "conv(8, 99x99)",
    "conv(8, 3*3) :: 8 x 62 x 62", "conv(8, 1x1) :: 32 x 26 x 26", "concat { | conv(8, 1x1) conv(8, 1x1) }",
    "let w = 2\n    conv(2 w, 3x3)", "let w = 2\n    conv(2 × w, 3x3)", "conv(64 >> 1, 3x3)",
    "if in.channels => 3 { relu }", "conv(8, 3x3)) -> relu", "concat {\n        relu\n        relu\n    }",
    "softmax(dim=2)", "dropout(50)", "conv(in.channels / 3, 1x1)",
)  # fmt: skip
"""What is another thing, and not a misspelled one."""


@pytest.mark.parametrize("text", ELSE)
def test_no_other_function_is_put_in(text: str) -> None:
    assert found(Source("a.cnn", body(text)))
    assert repaired(body(text), unsafe=False).source.text == body(text)


STATED = (
    "network n : 3 x 8 x 8 -> 10 {\n    conv(8, 3x3, pad=1)\n}\n",
    "network n : 3 x 8 x 8 -> 4 {\n    global_avgpool -> linear(4)\n    expect params == 225\n}\n",
    "network n(classes = 4) : 3 x 8 x 8 -> clases {\n    global_avgpool -> linear(4)\n}\n",
    "network n : 3 x 8 x 8 -> 4 {\n    global_avgpool -> stem: linear(4)\n    expect params(stme) == 16\n}\n",
    "network n : 3 x 8 x 8 -> 4 {\n    global_avgpool -> linear(4)\n    expect parms == 16\n}\n",
)


@pytest.mark.parametrize("text", STATED)
def test_what_is_stated_is_changed_only_unsafely(text: str) -> None:
    assert repaired(text, unsafe=False).source.text == text
    after = repaired(text, unsafe=True)
    assert after.source.text != text
    assert not after.found
    assert not any(each.safe for each in after.made)


def test_a_merge_without_bars_gets_one_a_line() -> None:
    text = body("concat {\n        conv(8, 1x1)\n            -> relu\n        conv(4, (1 +\n 0))\n    }")
    bars = text.replace("{\n        conv", "{\n        | conv").replace("conv(4", "| conv(4")
    assert repaired(text, unsafe=True).source.text == bars


def test_ties_are_listed() -> None:
    [tie] = found(Source("a.cnn", body("lelu")))
    assert (tie.help, tie.fix) == ("did you mean `relu`, `elu`, `selu` or `gelu`?", ())
    [far] = found(Source("a.cnn", body("layer1: relu\n    layer2: relu\n    from layer5")))
    assert (far.help, far.fix) == ("labels here: `layer1` and `layer2`", ())

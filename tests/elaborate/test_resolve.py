"""Names and arguments are checked in every definition, called or not, and as the expansion checks them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnndsl import files, std
from cnndsl.analysis.expectations import KNOWN
from cnndsl.diagnostics.drawing.look import Look
from cnndsl.diagnostics.model import Diagnostic
from cnndsl.diagnostics.renderers import render
from cnndsl.elaborate.modules import Modules
from cnndsl.elaborate.resolve import resolve
from cnndsl.pipeline import from_path, from_text
from cnndsl.source import Source

SPECS = sorted(files.zoo_folder().glob("*.cnn"))
MISTAKES = {
    "unknown_op": "rellu",
    "unknown_name": "conv(widht, 3x3)",
    "unknown_keyword": "conv(8, 3x3, padding=1)",
    "too_many": "relu(1)",
    "missing": "conv(8)",
    "twice": "conv(8, 3x3, out=3)",
    "twice_by_keyword": "conv(8, size=3x3, size=3x3)",
    "positional_last": "conv(out=8, 3x3)",
    "kind": "conv(8.5, 3x3)",
    "kind_of_word": 'conv(8, 3x3, pad="same")',
    "contradiction": "maxpool(3x3, stride=2, pad=2)",
    "merge_without_lanes": "add",
    "lanes_of_a_layer": "relu { | | }",
    "no_lanes": "add { }",
    "merge_argument": "mean(drop=1) { | | }",
    "let_twice": "let a = 1\n    let a = 2",
    "let_of_a_parameter": "let n = 1",
    "loop_variable": "for n in [1] { relu }",
    "label_twice": "a: relu\n    a: relu",
    "label_reserved": "_train: relu",
    "label_in_lanes": "concat { | a: relu | a: relu }",
    "from_unknown": "from nowhere",
    "expect_in_block": "expect params == 3",
    "output_in_block": "output aux: relu",
    "wildcard": "conv(_, 3x3)",
    "input_dim": "conv(in.depth, 3x3)",
    "division": "conv(3 // 0, 3x3)",
    "condition_name": "if missing == 1 { relu }",
    "ascription_name": "relu :: missing x 8 x 8",
    "label_index": "a{missing}: relu",
    "function_keyword": "conv(min(a=3), 3x3)",
}


def found_in(text: str) -> list[Diagnostic]:
    module = Modules(files.Importer(Path())).load(Source("a.cnn", text))
    return [*module.diagnostics, *resolve(module, KNOWN).found]


def places(found: list[Diagnostic]) -> set[tuple[str, int]]:
    return {(d.code, d.span.start) for d in found}


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_zoo_is_right(path: Path) -> None:
    spec = from_path(path)
    assert [str(d) for d in resolve(spec.module, KNOWN).found] == []


@pytest.mark.parametrize("source", {s.name: s for s in std.index().values()}.values(), ids=lambda s: s.name)
def test_the_standard_library_is_right(source: Source) -> None:
    module = Modules(files.Importer(Path())).load(source)
    assert [str(d) for d in [*module.diagnostics, *resolve(module, KNOWN).found]] == []


@pytest.mark.parametrize("name", MISTAKES)
def test_the_same_is_found_with_and_without_a_call(name: str) -> None:
    block = f"block B(n = 3) {{\n    {MISTAKES[name]}\n}}\n"
    uncalled = found_in(block)
    assert len(uncalled) == 1, [*map(str, uncalled)]
    called = from_text(block + "network A : 3 x 8 x 8 -> _ x _ x _ { B }\n", "a.cnn").check()
    assert places(called) == places(uncalled), [*map(str, called)]


@pytest.mark.parametrize(
    "body",
    [
        "Unit(8, pad=same)",
        "n(8) -> n",
        "if n == 1 { a: relu } else { a: relu }",
        "a{n}: relu\n    from a3",
        "for x in [1] as i { relu }\n    for x in [2] as i { relu }",
        "let f = conv(8)\n    f(3x3)",
        "relu :: _ x 8 x 8",
        "let y = max(1, 2) + len([n]) + sum([1]) + min([1])",
        "lrn(5, average=none)",
        "B(n - 1)",
        "a: { b: relu }\n    b: relu",
        "let o = n\n    { let p = o\n    relu }\n    { let p = o\n    relu }",
        "if n == 9 { from_here: relu\n    from from_here }",
    ],
)
def test_what_depends_on_values_is_left_to_the_expansion(body: str) -> None:
    assert [str(d) for d in found_in(f"block B(n, Unit = relu) {{\n    {body}\n}}\n")] == []


def test_parameters_and_members() -> None:
    family = "network F(c, d = 1) : 3 x 8 x 8 -> 3 { conv(c, d) -> global_avgpool -> linear(3) }\n"
    assert places(found_in("block B(a, a) { relu }")) == {("E0203", 11)}
    assert [d.code for d in found_in(family + "network m = G(3)")] == ["E0201"]
    assert [d.code for d in found_in(family + "network m = F(3, e=4)")] == ["E0301"]
    assert [d.code for d in found_in(family + "network m = F")] == ["E0309"]
    assert [d.code for d in found_in(family + "network m = F(3) { relu }")] == ["E0504"]
    assert [d.code for d in found_in(family + "network m = F(3) { expect flops == 3 }")] == ["E0511"]
    assert [d.code for d in found_in(family + "network m = F(3) { expect params(nowhere) == 3 }")] == ["E0202"]
    assert found_in(family + "network m(d = 3) = F(3, d=d)\nnetwork k = m(d=4)") == []


def test_an_import_with_mistakes_is_reported_once(tmp_path: Path) -> None:
    (tmp_path / "blocks.cnn").write_text("block Unit(c) {\n    conv(c 3x3)\n}\nblock Fine(c) { conv(c, 3x3) }\n")
    text = """import "blocks.cnn"
network a : 3 x 8 x 8 -> 8 { Unit(3, 4) -> Missing }
network b : 3 x 8 x 8 -> 8 { Fine(8) }
"""
    found = from_text(text, "a.cnn", tmp_path).check()
    assert [(d.span.source.name, d.code) for d in found] == [("blocks.cnn", "E0109")]


def test_an_import_that_fails_makes_no_name_unknown(tmp_path: Path) -> None:
    text = 'import "missing.cnn"\nnetwork a : 3 x 8 x 8 -> 8 { Unit(3) -> Other }\nblock B { conv(3) }\n'
    assert [d.code for d in from_text(text, "a.cnn", tmp_path).check()] == ["E0702", "E0309"]


def test_many_of_one_kind_become_one() -> None:
    found = from_text("block B {\n" + "    rellu\n" * 9 + "    conv(a) \n}\n").check()
    assert sorted(d.code for d in found) == ["E0201", "E0201", "E0309"]
    assert any("likewise at" in note for d in found for note in d.notes)
    assert len(next(d for d in found if "rellu" in d.message).fix) == 9
    assert "<text>:10:5" in render(found, "concise", Look())

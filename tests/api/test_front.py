"""The public front: what a Python user sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cnndsl

SMALL = """
block A(c) { conv(c, 1x1) }
block B(c) { conv(c, 3x3, pad=1) }

network small(classes = 4, Unit = A, widths = [8], size = 2x2) : 3 x H=16 x W=16 -> classes {
    for width in widths { Unit(width) }
    maxpool(size)
    global_avgpool
    fc: linear(classes)
}
"""
NOT_A_SPEC = "network a {"


def test_names() -> None:
    assert set(cnndsl.__all__) >= {
        "check",
        "graph",
        "load",
        "parse",
        "render",
        "source",
        "summary",
        "zoo",
        "SpecError",
    }
    assert all(getattr(cnndsl, name) is not None for name in cnndsl.__all__)
    with pytest.raises(AttributeError):
        cnndsl.nothing  # noqa: B018


def test_source_stays_the_function_whatever_is_imported() -> None:
    from cnndsl import pipeline  # noqa: F401
    from cnndsl.source import Span

    assert callable(cnndsl.source)
    assert Span.__module__ == "cnndsl.source"


def test_summary() -> None:
    report = cnndsl.summary(SMALL)
    assert (report.network, report.input, report.output, report.params) == (
        "small",
        [3, 16, 16],
        [4],
        32 + 36,
    )
    assert cnndsl.summary(SMALL, depth=1).layers[-1].path == "fc"
    assert cnndsl.summary("resnet18", classes=10).output == [10]


def test_python_values_as_arguments() -> None:
    report = cnndsl.summary(SMALL, Unit="B", widths=[8, 16], size=(2, 4), classes=7, input=(3, 32, 32))
    assert [(layer.op, layer.arguments) for layer in report.layers] == [
        ("conv", "8, 3x3, pad=1"),
        ("conv", "16, 3x3, pad=1"),
        ("maxpool", "2x4, stride=2x4"),
        ("global_avgpool", ""),
        ("linear", "7"),
    ]


def test_unknown_and_impossible_arguments() -> None:
    with pytest.raises(TypeError, match="did you mean `classes`"):
        cnndsl.summary(SMALL, clases=3)
    with pytest.raises(TypeError, match="`classes` can't be"):
        cnndsl.summary(SMALL, classes=object())
    wrong: list[Any] = [None, {}, float("nan"), (2.5, 1), 10**5000, (1, -(10**19)), [10**5000], Silent()]
    for given in wrong:
        with pytest.raises(TypeError, match=r"`classes` can't be .*: use a number"):
            cnndsl.summary(SMALL, classes=given)


class Silent:
    def __repr__(self) -> str:
        raise RuntimeError


class Ten:
    """An integer of another type, as NumPy's are."""

    def __index__(self) -> int:
        return 10


def test_integers_of_other_types_and_lists_are_taken() -> None:
    report = cnndsl.summary(SMALL, input=[3, 32, Ten()], classes=Ten(), widths=[Ten()], size=(Ten(), 2))  # type: ignore[list-item]
    assert (report.input, report.output, report.layers[0].arguments) == ([3, 32, 10], [10], "10, 1x1")


@pytest.mark.parametrize(
    "given", [224, (1, 3, 64, 64), "3x64x64", (3, 64.0, 64), (3, -1, 64), (), (3, True, 64), (3, 10**19, 64)]
)
def test_an_input_of_another_kind_gets_a_sentence(given: Any) -> None:
    with pytest.raises(TypeError, match=r"`input` can't be .*: it is \(channels, height, width\)"):
        cnndsl.summary(SMALL, input=given)


@pytest.mark.parametrize("name", ["check", "graph", "load", "parse", "render", "source", "summary"])
@pytest.mark.parametrize("given", [None, 5, b"lenet5", ["lenet5"]])
def test_a_spec_of_another_kind_gets_a_sentence(name: str, given: Any) -> None:
    with pytest.raises(TypeError, match=r"a spec can't be .*: it is a path"):
        getattr(cnndsl, name)(given)


@pytest.mark.parametrize("call", [cnndsl.summary, cnndsl.render])
@pytest.mark.parametrize("depth", ["2", 1.5, -1])
def test_a_depth_of_another_kind_gets_a_sentence(call: Callable[..., Any], depth: Any) -> None:
    with pytest.raises(TypeError, match="`depth` can't be"):
        call(SMALL, depth=depth)


def test_a_spec_is_a_path_a_name_or_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.cnn").write_text(SMALL, "utf-8")
    monkeypatch.chdir(tmp_path)
    specs: list[str | Path] = ["a.cnn", "a.cnn:small", Path("a.cnn"), tmp_path / "a.cnn", SMALL]
    assert {cnndsl.summary(spec).params for spec in specs} == {68}
    with pytest.raises(cnndsl.UnknownSpec):
        cnndsl.summary("no_such_network")


def test_check_gives_diagnostics_and_raises_nothing(tmp_path: Path) -> None:
    assert cnndsl.check(SMALL) == []
    assert [each.code for each in cnndsl.check("network a : 3 x 4 x 4 -> 4 { conf }")] == ["E0201"]
    assert cnndsl.check(NOT_A_SPEC)[0].severity == "error"
    assert cnndsl.check(tmp_path / "missing.cnn")[0].code == "E0702"
    assert isinstance(cnndsl.check(NOT_A_SPEC)[0], cnndsl.Diagnostic)


def test_half_a_character_is_an_error() -> None:
    text = f'"""\ud800"""\n{SMALL}'
    assert [each.code for each in cnndsl.check(text)] == ["E0702"]
    with pytest.raises(cnndsl.SpecError):
        cnndsl.load(text)


@pytest.mark.parametrize("call", [cnndsl.summary, cnndsl.source, cnndsl.load, cnndsl.render, cnndsl.parse])
def test_errors_carry_the_diagnostics(call: Callable[..., Any]) -> None:
    with pytest.raises(cnndsl.SpecError) as caught:
        call(NOT_A_SPEC)
    assert caught.value.diagnostics[0].code.startswith("E01")
    assert "<text>:1:" in str(caught.value)


def test_parse() -> None:
    assert [each.name.name for each in cnndsl.parse(SMALL).blocks] == ["A", "B"]


def test_zoo() -> None:
    assert {"resnet18", "resnet50"} <= set(cnndsl.zoo())


def test_source_and_load() -> None:
    torch = pytest.importorskip("torch")
    assert "import cnndsl" not in cnndsl.source(SMALL)
    model = cnndsl.load(SMALL, classes=3)
    assert isinstance(model, torch.nn.Module)
    assert sum(p.numel() for p in model.parameters()) == cnndsl.summary(SMALL, classes=3).params


def test_render() -> None:
    assert b"<svg" in cnndsl.render(SMALL)
    assert b"digraph" in cnndsl.render(SMALL, "dot")


def test_graph() -> None:
    import networkx

    flow = cnndsl.graph("resnet18", classes=10)
    assert flow.name == "resnet18"
    assert flow.nodes["fc"] == {
        "op": "linear", "arguments": "10", "shape": (10,), "params": 5130, "macs": 5120,
        "training_only": False, "line": flow.nodes["fc"]["line"],
    }  # fmt: skip
    assert sum(node["params"] for node in flow.nodes.values()) == cnndsl.summary("resnet18", classes=10).params
    before = dict(networkx.immediate_dominators(flow, "input"))
    assert before["layer1.0.add"] == "maxpool"


def test_a_result_may_enter_an_op_twice() -> None:
    flow = cnndsl.graph("network twice : 3 x 8 x 8 -> 3 x 8 x 8 { relu -> add { | | } }")
    assert [each["lane"] for each in flow.get_edge_data("0", "add").values()] == [0, 1]

"""What a figure shows: every op once, folded, repeated or in full."""

from __future__ import annotations

from collections import Counter

import pytest

from cnndsl import pipeline
from cnndsl.ir.graph import Graph
from cnndsl_graphviz.choose import POSSIBLE, READABLE, choose
from cnndsl_graphviz.figure import Box, Cluster, Figure, Folded, Join, Part
from cnndsl_graphviz.render import to_dot


def graph(text: str) -> Graph:
    return pipeline.from_text(text).graph()


def ops(parts: list[Part], times: int = 1) -> int:
    """How many ops a figure stands for."""
    total = 0
    for part in parts:
        match part:
            case Cluster():
                total += ops(part.parts, times * part.times)
            case Box():
                total += times * len(part.rows)
            case Folded():
                total += times * len(part.nodes)
            case Join():
                total += times
    return total


def rows(figure: Figure) -> list[list[str]]:
    return [[node.op.name for node in leaf.rows if node.op] for leaf in figure.leaves() if isinstance(leaf, Box)]


def titles(parts: list[Part]) -> list[str]:
    found: list[str] = []
    for part in parts:
        if not isinstance(part, Join):
            found.append(part.title)
        if isinstance(part, Cluster):
            found += titles(part.parts)
    return [title for title in found if title]


RESIDUAL = """
block Unit(c) {
    add {
        | conv1: conv(c, 3x3, pad=1, bias=false) -> bn1: bn -> relu -> conv2: conv(c, 3x3, pad=1) -> bn2: bn
        |
    }
    relu
}
network n : 3 x 8 x 8 -> 10 {
    stem: conv(4, 3x3, pad=1)
    Unit(4) * 3
    global_avgpool
    fc: linear(10)
}
"""


@pytest.mark.parametrize("depth", [None, 0, 1, 2, 99])
@pytest.mark.parametrize("name", ["alexnet", "resnet50", "densenet121", "squeezenet1_0", "vgg11_bn"])
def test_every_op_is_shown(name: str, depth: int | None) -> None:
    drawn = pipeline.locate(name).graph()
    figure = choose(drawn, depth)
    assert ops(figure.parts) == len(drawn.nodes) - 1
    assert set(figure.places) == set(drawn.nodes[1:])
    if depth is None:
        assert sum(1 for _ in figure.leaves()) <= READABLE


def test_a_convolution_shares_its_box_with_what_follows() -> None:
    figure = choose(
        graph("network n : 3 x 8 x 8 -> 4 x 4 x 4 { conv(4, 3x3, pad=1) -> bn -> relu -> maxpool(2x2) }"),
        None,
    )
    assert rows(figure) == [["conv", "bn", "relu"], ["maxpool"]]


def test_pre_activation_shares_its_box_with_the_convolution() -> None:
    text = "network n : 3 x 8 x 8 -> 4 x 8 x 8 { bn -> relu -> conv(4, 1x1) -> bn -> relu -> conv(4, 1x1) }"
    assert rows(choose(graph(text), None)) == [["bn", "relu", "conv"]] * 2


def test_a_value_that_others_read_ends_its_box() -> None:
    text = "network n : 3 x 8 x 8 -> 4 x 8 x 8 { conv(4, 1x1) -> bn -> add { | relu -> conv(4, 1) -> relu | } }"
    figure = choose(graph(text), None)
    assert rows(figure) == [["conv", "bn"], ["relu"], ["conv", "relu"]]
    assert [edge.skips for edge in figure.edges if isinstance(edge.head, Join)] == [False, True]


def test_twins_in_a_row_are_drawn_once() -> None:
    figure = choose(graph(RESIDUAL), None)
    assert titles(figure.parts) == ["1 – 3  ×3 · Unit"]
    assert ops(figure.parts) == 3 + 3 * 7
    assert len(figure.edges) == 8  # one to and from the stem, five in the unit, one out of it, one to fc


def test_a_depth_draws_each_unit_or_folds_it() -> None:
    assert titles(choose(graph(RESIDUAL), 2).parts) == ["1 · Unit", "2 · Unit", "3 · Unit"]
    folded = [leaf for leaf in choose(graph(RESIDUAL), 1).leaves() if isinstance(leaf, Folded)]
    assert [(f.input, f.output, f.contents) for f in folded] == [((4, 8, 8), (4, 8, 8), "7 ops")] * 3


@pytest.mark.parametrize(
    "units",
    [
        "Unit(4) -> Unit(5)",  # another size
        "Unit(4) -> Unit(4, 2)",  # another argument
        "a1: Unit(4) -> a2: Unit(4) -> add { | relu | from a1 }",  # its result is read elsewhere too
        "first: Unit(4) -> second: Unit(4)",  # names that a range would hide
        "add { | Unit(4) | Unit(4) }",  # side by side
    ],
)
def test_others_are_no_twins(units: str) -> None:
    text = """
        block Unit(c, d = 1) { conv(c, 3x3, pad=d, dilation=d) -> relu -> conv(4, 1x1) }
        network n : 4 x 8 x 8 -> 4 x 8 x 8 { UNITS }
    """
    figure = choose(graph(text.replace("UNITS", units)), None)
    assert not [title for title in titles(figure.parts) if "×" in title]


def test_of_folded_blocks_the_first_is_shown() -> None:
    figure = choose(pipeline.locate("googlenet").graph(), None)
    inceptions = [p for p in figure.parts if isinstance(p, Cluster | Folded) and "Inception" in p.title]
    assert [type(p) for p in inceptions] == [Cluster] + [Folded] * 8


def test_dense_blocks_are_a_chain() -> None:
    drawn = pipeline.locate("densenet121").graph()
    figure = choose(drawn, 99)
    into = Counter(edge.head for edge in figure.edges)
    assert len([leaf for leaf in figure.leaves() if isinstance(leaf, Join)]) == 6 + 12 + 24 + 16
    assert all(into[leaf] == (2 if isinstance(leaf, Join) else 1) for leaf in figure.leaves())


def test_a_network_too_large_is_simplified_and_says_so() -> None:
    text = "network n : 4 x 8 x 8 -> 4 x 8 x 8 { for c in [1, 2] * COUNT { conv(2 * c, 1x1) }\n conv(4, 1x1) }"
    text = text.replace("[1, 2] * COUNT", f"[{', '.join(['1', '2'] * (POSSIBLE // 2))}]")
    drawn = graph(text)
    figure = choose(drawn, 1)
    assert sum(1 for _ in figure.leaves()) <= POSSIBLE + 1
    assert "simplified" in figure.note
    assert ops(figure.parts) == len(drawn.nodes) - 1
    assert sum(1 for _ in choose(drawn, None).leaves()) <= READABLE + 1


def test_a_long_run_of_activations_is_folded_too() -> None:
    drawn = graph("network a : 3 x 8 x 8 -> 3 x 8 x 8 { relu * 5000 }")
    figure = choose(drawn, None)
    assert ops(figure.parts) == len(drawn.nodes) - 1
    assert sum(map(len, rows(figure))) < 24 * READABLE


def test_training_only_parts_are_marked() -> None:
    text = """
        network n : 4 x 8 x 8 -> 10 {
            a: conv(4, 1x1)
            output aux when training: from a -> global_avgpool -> linear(10) -> relu -> linear(10)
            global_avgpool -> linear(10)
        }
    """
    drawn = graph(text)
    figure = choose(drawn, None)
    assert {edge.training_only for edge in figure.edges} == {True, False}
    aux = next(part for part in figure.parts if isinstance(part, Cluster))
    assert aux.training_only
    assert aux.title == "aux"


def test_of_many_outputs_the_first_are_drawn() -> None:
    many = graph("network n : 3 x 8 x 8 -> 3 x 8 x 8 {\n" + "".join(f"output o{i}: relu\n" for i in range(100)) + "}\n")
    text = to_dot(many)
    assert " -> output39" in text
    assert "output40" not in text
    assert "61 more outputs" in text

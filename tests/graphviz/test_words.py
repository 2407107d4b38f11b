"""What figures say about ops and numbers."""

from __future__ import annotations

import pytest

from cnndsl import pipeline
from cnndsl_graphviz.words import count_text, op_text, shape_text, totals_text


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        ("conv(64, 7x7, stride=2, pad=3, bias=false)", "conv 7×7, 64, /2"),
        ("conv(64, 3x1)", "conv 3×1, 64"),
        ("conv(64, 3x3, groups=4, dilation=2)", "conv 3×3, 64, dilation=2, groups=4"),
        ("maxpool(3x3, stride=2, pad=1, round=ceil)", "maxpool 3×3, /2"),
        ("maxpool(2x2)", "maxpool 2×2, /2"),
        ("bn(eps=1e-3)", "bn"),
        ("dropout", "dropout 0.5"),
        ("lrn", "lrn 5"),
        ("lrn(5, alpha=1e-4, beta=0.75, k=2)", "lrn 5, k=2"),
        ("relu", "relu"),
    ],
)
def test_ops(spec: str, shown: str) -> None:
    graph = pipeline.from_text(f"network n : 64 x 32 x 32 -> 10 {{ {spec} -> global_avgpool -> linear(10) }}").graph()
    op = graph.nodes[1].op
    assert op is not None
    assert op_text(op) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0"), (9_999, "9,999"), (10_000, "10.0k"), (37_050, "37.0k"), (999_499, "999k"),
        (999_600, "1.00M"), (25_557_032, "25.6M"), (138_357_544, "138M"), (4_089_184_256, "4.09G"),
        (1_500_000_000_000, "1500G"),
    ],
)  # fmt: skip
def test_counts(count: int, shown: str) -> None:
    assert count_text(count) == shown


def test_shapes_and_totals() -> None:
    assert shape_text((64, 56, 56)) == "64 × 56 × 56"
    assert totals_text(0, 0) == ""
    assert totals_text(10, 0) == "10 parameters"
    assert totals_text(10, 2_000_000) == "10 parameters, 2.00M MACs"

"""Arguments as reports show them: what the language reads as the same."""

from __future__ import annotations

import pytest

from cnndsl.analysis.written import written
from cnndsl.pipeline import from_text


@pytest.mark.parametrize(
    "call",
    ["spp([2, 1])", "spp([4, 2, 1])", "conv_table(2, 3x3, [[0, 1], [1]], pad=1)", "conv(4, 3x3, pad=1, dilation=2x1)",
     "maxpool(3x2, stride=2x1)", "conv(4, 3x3, pad=same)"],
)  # fmt: skip
def test_lists_are_no_sizes(call: str) -> None:
    graph = from_text(f"network n : 2 x 8 x 8 -> 1 {{ {call} -> flatten -> linear(1) }}").graph()
    op = graph.nodes[1].op
    assert op is not None
    assert f"{op.name}({written(op)})" == call

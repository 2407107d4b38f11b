"""What check accepts compiles, however long or deep its text is."""

from __future__ import annotations

import pytest
import torch

from cnndsl.pipeline import from_text
from cnndsl_torch import backend

NETWORK = "\nnetwork n : 3 x 4 x 4 -> _ x _ x _ { B(4) -> B(5) }"
LETS = "\n".join(f"let a{i} = a{i - 1} + a{i - 1} - a{i - 1}" for i in range(1, 500))
SPECS = {
    "lets": f"block B(c) {{\nlet a0 = c\n{LETS}\nconv(a499, 1x1)\n}}",
    "sum": "block B(c) { conv(c" + " + 1" * 600 + ", 1x1) }",
    "nested sums": "block B(c) { conv(" + "(" * 30 + "c" + (" + 1" * 30 + ")") * 30 + ", 1x1) }",
    "loops": "block B(c) { " + "".join(f"for i{j} in range(1) {{ " for j in range(30)) + "conv(c, 1x1)" + " }" * 31,
    "concats": "block B(c) { " + " -> ".join(["concat { | conv(c, 1x1) | }"] * 300) + " }",
}


@pytest.mark.parametrize("name", SPECS)
def test_it_compiles(name: str) -> None:
    spec = from_text(SPECS[name] + NETWORK)
    assert spec.check() == []
    graph = spec.graph()
    with torch.device("meta"):
        model = backend.load(graph)
        assert tuple(model(torch.empty(1, 3, 4, 4)).shape) == (1, *graph.output.shape)

"""Random programs: what the graph says of shapes and tensors is what PyTorch makes of the emitted file."""

from __future__ import annotations

import os

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnndsl.pipeline import from_text
from cnndsl_torch import backend
from cnndsl_torch.live import execute
from tests.reference import stated_tensors

EXAMPLES = int(os.environ.get("EXAMPLES", "40"))

OPS = st.sampled_from([
    "conv(4, 3x3, pad=1)", "conv(6, 1x1, bias=false)", "conv(4, 1x3, pad=same)", "conv(c, k, pad=same)", "bn", "relu",
    "prelu", "maxpool(3x3, stride=1, pad=1)", "dropout(0.3)", "conv(in.channels, 3x3, pad=1, groups=in.channels)",
    "identity", "scale", "tanh", "lrn(3, k=1)", "Unit(c)", "Unit(4, 5)", "groupnorm(1)",
])  # fmt: skip


def merges(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    concat = st.lists(inner, min_size=1, max_size=3).map(
        lambda lanes: "concat { " + " ".join(f"| {x}" for x in lanes) + " | }"
    )
    add = inner.map(lambda x: f"add {{ | {x} -> conv(5, 1x1) | conv(5, 1x1) }}")
    return concat | add


def bodies(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    chain = st.lists(inner, min_size=1, max_size=3).map(" -> ".join)
    return st.one_of(
        chain,
        merges(chain),
        chain.map(lambda x: f"{{ {x} }}"),
        chain.map(lambda x: f"{{ {x} }} * 2"),
        chain.map(lambda x: f"dense 2 as i{len(x)} {{ {x} }}"),
        chain.map(lambda x: f"for w{len(x)} in [3, 4] {{ {x} -> conv(w{len(x)}, 1x1) }}"),
        st.tuples(chain, chain).map(lambda p: f"if in.channels > 4 {{ {p[0]} }} else {{ {p[1]} }}"),
        st.tuples(chain, chain).map(lambda p: f"if c > 3 {{ {p[0]} }} else {{ {p[1]} }}"),
    )


STEPS = st.recursive(OPS, bodies, max_leaves=7)


@st.composite
def programs(draw: st.DrawFn) -> str:
    unit = draw(st.lists(OPS.filter(lambda o: not o.startswith("Unit")), min_size=1, max_size=3))
    steps = draw(st.lists(st.tuples(st.booleans(), STEPS), min_size=1, max_size=4))
    lines = [f"    s{i}: {step}" if label else f"    {step}" for i, (label, step) in enumerate(steps)]
    unit_lines = "\n".join(f"    {step}" for step in unit)
    return (
        f"block Unit(c, k = 3) {{\n    conv(c, k, pad=same)\n{unit_lines}\n}}\n"
        f"network net(c = {draw(st.integers(3, 6))}, k = 3) : 4 x H=9 x W=8 -> _ {{\n"
        + "\n".join(lines)
        + "\n    global_avgpool\n}\n"
    )


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_graph_and_module_agree(text: str) -> None:
    spec = from_text(text)
    assert spec.check() == []
    graph = spec.graph()
    source = backend.source(graph)
    with torch.device("meta"):
        module = execute(source, backend.entry(graph)).eval()
        found = {key: tuple(value.shape) for key, value in module.state_dict().items()}
        assert found == dict(stated_tensors(graph)), source
        assert tuple(module(torch.empty(2, *graph.input.shape)).shape) == (2, *graph.output.shape)

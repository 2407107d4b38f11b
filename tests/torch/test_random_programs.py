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

PLAIN = [
    "conv(4, 3x3, pad=1)", "conv(6, 1x1, bias=false)", "conv(4, 1x3, pad=same)", "conv(c, k, pad=same)", "bn", "relu",
    "prelu", "maxpool(3x3, stride=1, pad=1)", "dropout(0.3)", "conv(in.channels, 3x3, pad=1, groups=in.channels)",
    "identity", "scale", "tanh", "lrn(3, k=1)", "groupnorm(1)",
]  # fmt: skip
CALLS = [
    "Unit(c)", "Unit(4, 5)", "Recursive(4, 2)", "Recursive(c, 1)", "Held(Unit, 2)", "Held(Unit(k=1), 1)",
    "Held(Other, 2)", "Lanes([2, 3])", "Lanes([4])", "Indexed(2)", "Indexed(3)", "Doubled()", "Doubled(5)",
]  # fmt: skip
OPS = st.sampled_from(PLAIN + CALLS)
BLOCKS = """
block Unit(c, k = 3) {{ conv(c, k, pad=same) -> {0} }}
block Other(c, k = 3) {{ {1} -> conv(c, 1x1) }}
block Recursive(c, n, k = 3) {{
    {2}
    if n > 0 {{ add {{ | {3} -> Recursive(c + 1, n - 1) -> conv(4, 1x1) | conv(4, 1x1) }} }}
}}
block Held(U, n, c = 4, k = 3) {{ for i in range(n) {{ u{{i}}: U(3 + i) -> v{{i}}: {4} }} }}
block Lanes(widths, c = 4, k = 3) {{ concat {{ for w in widths as i {{ | w{{i}}: conv(w, 1x1) -> x{{i}}: {5} }} }} }}
block Indexed(n, c = 4, k = 3) {{
    s0: {6}
    for i in range(1, n) {{ s{{i}}: conv(c, 1x1) -> relu }}
    concat {{ for i in range(n) {{ | from s{{i}} }} }}
}}
block Doubled(c = in.channels * 2, k = 3) {{ conv(c, 1x1) -> {7} }}
"""


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
    inner = [draw(st.sampled_from(PLAIN)) for _ in range(8)]
    steps = draw(st.lists(st.tuples(st.booleans(), STEPS), min_size=1, max_size=4))
    lines = [f"    s{i}: {step}" if label else f"    {step}" for i, (label, step) in enumerate(steps)]
    labels = [f"s{i}" for i, (label, _) in enumerate(steps) if label]
    extra = draw(st.integers(0, 5)) if labels else 0
    if extra % 2:
        lines.append(f"    concat {{ | relu | from {draw(st.sampled_from(labels))} }}")
    if extra > 1:
        mode = " when training" if extra > 3 else ""
        lines.append(f"    output aux{mode}: from {draw(st.sampled_from(labels))} -> {{ global_avgpool -> linear(3) }}")
    return (
        BLOCKS.format(*inner)
        + f"network net(c = {draw(st.integers(3, 6))}, k = 3) : 4 x H=9 x W=8 -> _ {{\n"
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
        outputs = module(torch.empty(2, *graph.input.shape))
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        wanted = [None if o.training_only else (2, *o.node.shape) for o in graph.outputs]
        assert [None if o is None else tuple(o.shape) for o in outputs] == wanted[: len(outputs)], source

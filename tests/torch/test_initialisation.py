"""``init``: the weights that are drawn have the stated statistics, and a seed repeats them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from cnndsl.analysis.metrics import params
from cnndsl.ir.initial import Initialiser
from cnndsl.pipeline import from_text
from cnndsl_torch import backend
from tests.reference import zoo_graph, zoo_names

TEXT = """
network net(s = 0.02) : 16 x 12 x 12 -> 300 {{
    conv1: conv(64, 3x3, pad=1) -> bn: bn -> relu
    group: {{ conv(64, 3x3, groups=4) -> relu }}
    global_avgpool
    fc: linear(300)
    {init}
}}
"""


def built(init: str) -> nn.Module:
    torch.manual_seed(0)
    return backend.load(from_text(TEXT.format(init=init)).graph())


def spread(module: nn.Module, name: str) -> tuple[float, float]:
    value = module.get_parameter(name).detach()
    return float(value.mean()), float(value.std())


@pytest.mark.parametrize(
    ("init", "name", "std"),
    [
        ("init weight = normal(0.01)", "conv1.weight", 0.01),
        ("init weight = normal(s)", "fc.weight", 0.02),
        ("init weight = he", "conv1.weight", (2 / (16 * 9)) ** 0.5),
        ("init weight = he(outgoing)", "conv1.weight", (2 / (64 * 9)) ** 0.5),
        ("init weight = he(slope=0.25, distribution=uniform)", "fc.weight", (2 / (1 + 0.0625) / 64) ** 0.5),
        ("init weight = he", "group.0.weight", (2 / (16 * 9)) ** 0.5),
        ("init weight = xavier", "fc.weight", (2 / (64 + 300)) ** 0.5),
        ("init weight = xavier(normal)", "conv1.weight", (2 / (16 * 9 + 64 * 9)) ** 0.5),
        ("init weight = uniform(-0.3, 0.3)", "conv1.weight", 0.6 / 12**0.5),
        ("init weight = orthogonal", "fc.weight", 300**-0.5),
    ],
)
def test_drawn_weights_have_the_stated_spread(init: str, name: str, std: float) -> None:
    call = init if init.endswith(")") else init + "()"
    mean, found = spread(built(call), name)
    assert found == pytest.approx(std, rel=0.05)
    assert abs(mean) < 0.1 * std


def test_later_statements_replace_earlier_ones() -> None:
    module = built("init bias = 0\n    init bias(conv1, group) = 1\n    init weight(bn) = 0.5")
    assert (module.get_parameter("conv1.bias") == 1).all()
    assert (module.get_parameter("group.0.bias") == 1).all()
    assert (module.get_parameter("fc.bias") == 0).all()
    assert (module.get_parameter("bn.weight") == 0.5).all()


LISTED = """
block Tower(c) {{ conv: conv(c, 1x1) -> linear: conv(c, 1x1) }}
network net : 4 x 2 x 2 -> _ {{
    conv: conv(4, 1x1) -> a: conv(4, 1x1) -> b: bn -> deep: {{ t0: Tower(4) -> t1: Tower(4) }}
    for i in range(9) {{ c{{i}}: conv(4, 1x1) }}
    flatten -> linear(4)
    init bias = 0
    init bias({targets}) = 1
}}
"""


@pytest.mark.parametrize(
    ("targets", "ones"),
    [
        ("conv", {"conv"}),
        ("a, b", {"a", "b"}),
        ("a, linear", {"a", "22"}),
        ("linear", {"22"}),
        ("bn", {"b"}),
        ("deep", {"deep.t0.conv", "deep.t0.linear", "deep.t1.conv", "deep.t1.linear"}),
        ("deep.t0.conv, deep.t1.linear", {"deep.t0.conv", "deep.t1.linear"}),
        ("c0, c1, c2, c3, c4, c5, c6, c7, c8", {f"c{i}" for i in range(9)}),
    ],
)
def test_only_what_is_named_is_drawn(targets: str, ones: set[str]) -> None:
    module = backend.load(from_text(LISTED.format(targets=targets)).graph())
    biases = {name.removesuffix(".bias"): p for name, p in module.named_parameters() if name.endswith("bias")}
    linear = [name for name in biases if name.isdigit()]
    expected = {linear[0] if name == "22" else name for name in ones}
    assert {name for name, bias in biases.items() if (bias == 1).all()} == expected


MEMBERS = """
network Base : 3 x 8 x 8 -> 10 {
    conv1: conv(4, 3x3)
    flatten
    fc: linear(10)
    init bias = 3
    init weight = 3
}
network Middle = Base {
    init bias = 2
    init weight(fc) = 2
}
network net = Middle { init bias(fc) = 1 }
"""


def test_a_member_replaces_what_its_family_states() -> None:
    state = backend.load(replace(from_text(MEMBERS), network="net").graph()).state_dict()
    assert {key: float(value.unique()) for key, value in state.items()} == {
        "conv1.weight": 3, "conv1.bias": 2, "fc.weight": 2, "fc.bias": 1
    }  # fmt: skip


def test_a_seed_repeats_them() -> None:
    first, second = (built("init weight = he()").state_dict() for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first.values(), second.values(), strict=True))


@pytest.mark.parametrize(
    ("init", "code"),
    [
        ("init weigth = 0", "E0512"),
        ("init weight = hee()", "E0201"),
        ("init weight = normal()", "E0301"),
        ("init weight = normal(-1)", "E0301"),
        ("init weight(convv) = 0", "E0202"),
        ('init weight = "x"', "E0304"),
        ("init weight(relu) = 0", "E0512"),
        ("inner: { init weight = 0 }", "E0503"),
    ],
)
def test_what_can_be_wrong(init: str, code: str) -> None:
    assert [d.code for d in from_text(TEXT.format(init=init)).check()] == [code]


DRAWN = ["googlenet_paper_aux", "nin_imagenet", *(n for n in zoo_names() if params(zoo_graph(n).nodes) < 2e6)]
"""Small networks, and two in which layers differ."""


@pytest.mark.parametrize("name", DRAWN)
def test_zoo_networks_start_as_they_state(name: str) -> None:
    graph = zoo_graph(name)
    torch.manual_seed(0)
    state = backend.load(graph).state_dict()
    last: dict[str, Initialiser] = {}
    for each in graph.initial:
        last |= {f"{node.path}.{each.tensor}": each.initialiser for node in each.nodes}
    for key, how in last.items():
        value = state[key]
        if how.name == "constant":
            assert (value == how.values["value"]).all(), key
        elif value.numel() >= 500:
            assert float(value.std()) == pytest.approx(how.std(tuple(value.shape)), rel=0.2), key

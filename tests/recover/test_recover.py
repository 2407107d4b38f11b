"""A graph's text elaborates to the graph again, is formatted, passes `check`, and is about as long as one by hand."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings

import cnndsl
from cnndsl.elaborate import is_template
from cnndsl.format import format_source
from cnndsl.ir.graph import Graph
from cnndsl.pipeline import from_path, from_text, locate, zoo
from cnndsl.recover.spec import recover
from cnndsl.source import Source
from tests.growth import assert_linear
from tests.recover.length import lines
from tests.torch.test_random_programs import programs

CONSTRUCTS = sorted((Path(__file__).parents[1] / "torch" / "constructs").glob("*.cnn"))
SAMPLE = (
    "alexnet", "alexnet_two_towers", "bn_inception", "densenet121", "densenet_bc100_k12", "fractalnet_c3",
    "googlenet_aux", "inception_v2", "lenet5", "mishkin_rrelu", "mishkin_max_avg_pool", "nin_cifar10", "plain34",
    "prelunet_a", "preresnet101", "resnet18", "resnet34_a", "resnet34_c", "resnet50_dropblock", "resnet50_v1",
    "resnet110_stochastic", "resnext50_32x4d_form_b", "squeezenet1_0_complex_bypass", "vgg16_bn",
    "wide_resnet50_2", "wrn_28_10_dropout", "zfnet",
)  # fmt: skip
LONGEST = 1.4
"""Times the length by hand."""


def proven(graph: Graph) -> str:
    """The recovered text, with everything that must be true of it."""
    text = recover([graph])
    spec = from_text(text)
    assert spec.check() == []
    assert format_source(Source("recovered.cnn", text)) == text
    assert identity(spec.graph()) == identity(graph)
    return text


def identity(graph: Graph) -> object:
    """All that a graph says, joins' names and order included."""
    nodes = [
        (n.path, n.op and (n.op.name, n.op.values()), [v.path for v in n.inputs], n.shape, n.training_only)
        for n in graph.nodes
    ]
    results = [(o.name, o.node.path, o.training_only) for o in graph.outputs]
    initial = [(i.tensor, sorted(n.path for n in i.nodes), i.initialiser) for i in graph.initial]
    return nodes, results, initial, graph.dimensions


@pytest.mark.parametrize("name", SAMPLE)
def test_of_each_family(name: str) -> None:
    spec = locate(name)
    graph = spec.graph()
    text = proven(graph)
    again = from_text(text)
    assert lines(again, again.graph()) <= LONGEST * lines(spec, graph), text


@pytest.mark.slow
def test_zoo() -> None:
    ratios = {}
    for name in zoo():
        spec = locate(name)
        if is_template(spec.definition()):
            continue
        graph = spec.graph()
        again = from_text(proven(graph))
        ratios[name] = lines(again, again.graph()) / lines(spec, graph)
    assert median(ratios.values()) < 0.9
    assert {name: ratio for name, ratio in ratios.items() if ratio > LONGEST} == {}


@pytest.mark.parametrize("path", CONSTRUCTS, ids=lambda path: path.stem)
def test_construct(path: Path) -> None:
    proven(from_path(path, "n").graph())


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_random_programs(text: str) -> None:
    proven(from_text(text).graph())


def test_networks_share_blocks() -> None:
    text = together(["resnet34_a", "resnet18", "fractalnet_c2", "lenet5"])
    assert text.count("\nblock Column(") == 1, text


def test_members_of_a_family_are_lines() -> None:
    text = together(["resnet18", "resnet34", "plain18", "plain34"])
    family = "network Resnet(Unit, n, n2, n3) : 3 x H=224 x W=224 -> 1000 {"
    members = ["resnet18 = Resnet(BasicBlock, 2, 2, 2)", "plain34 = Resnet(Unit, 3, 4, 6)"]
    assert text.count("{") < 6, text
    assert family in text, text
    assert all(f"network {each}" in text for each in members), text


def together(names: list[str]) -> str:
    graphs = [locate(name).graph() for name in names]
    text = recover(graphs)
    spec = from_text(text)
    assert spec.check() == []
    assert format_source(Source("recovered.cnn", text)) == text
    for graph in graphs:
        spec.network = graph.name
        assert identity(spec.graph()) == identity(graph)
    return text


def test_a_text_by_hand() -> None:
    assert "\n".join(line for line in cnndsl.recover("plain34").splitlines()) == PLAIN


PLAIN = '''use std.Stage

block Unit(c1, stride = 1) {
    conv1: conv(c1, 3x3, stride=stride, pad=1, bias=false) -> bn1: bn -> relu
    conv2: conv(c1, 3x3, pad=1, bias=false) -> bn2: bn -> relu
}

"""ResNet-34 without its shortcuts: as many parameters and multiply-adds as with option A."""
network plain34 : 3 x H=224 x W=224 -> 1000 {
    conv1: conv(64, 7x7, stride=2, pad=3, bias=false) -> bn1: bn -> relu
    maxpool: maxpool(3x3, stride=2, pad=1)
    layer1: Stage(Unit, 64, 3)
    layer2: Stage(Unit, 128, 4, stride=2)
    layer3: Stage(Unit, 256, 6, stride=2)
    layer4: Stage(Unit, 512, 3, stride=2)
    avgpool: global_avgpool
    fc: linear(1000)

    init weight = he
    init bias = 0
}'''


def repeating(units: int) -> str:
    return f"""
block Unit(c, stride = 1) {{
    add {{
        | conv(c, 3x3, stride=stride, pad=1) -> bn -> relu -> conv(c, 3x3, pad=1) -> bn
        | side: {{ if stride != 1 {{ conv(c, 1x1, stride=2) -> bn }} }}
    }}
    relu
}}

network n : 3 x 64 x 64 -> 10 {{
    for c in [16, 32, 64, 128] as i {{ layer{{i}}: {{ Unit(c, 2) -> Unit(c) * {units} }} }}
    global_avgpool -> linear(10)
}}
"""


def irregular(steps: int) -> str:
    """Nothing in it repeats for long."""
    lines, seed = [], 1
    for number in range(steps):
        seed = seed * 1103515245 % (1 << 31) + 12345
        channels, kind = 4 + seed % 5, (seed >> 8) % 7
        op = ("bn", "relu", f"conv({channels}, 3x3, pad=1)", "tanh", f"conv({channels}, 1x1)", "prelu", "silu")[kind]
        labelled = f"a{number}: {op}" if seed % 3 == 0 else op
        lines.append(labelled if seed % 4 else f"add {{ | {op} -> conv(6, 1x1) | conv(6, 1x1) -> relu }}")
    return "network n : 3 x 8 x 8 -> _ x _ x _ {\n" + "\n".join(lines) + "\n}\n"


@pytest.mark.parametrize(("text", "small"), [(repeating, 10), (irregular, 80)])
def test_linear(text: object, small: int) -> None:
    def job(size: int) -> object:
        graph = from_text(text(size)).graph()  # type: ignore[operator]
        return lambda: recover([graph])

    assert_linear(job, small, 4)  # type: ignore[arg-type]

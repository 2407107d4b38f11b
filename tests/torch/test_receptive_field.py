"""Receptive fields against the footprint of the gradient: of each op, and of random programs."""

from __future__ import annotations

import os

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from cnndsl.analysis.receptive_field import clipped, fields, receptive_field
from cnndsl.ir.dims import show
from cnndsl.ir.graph import Graph
from cnndsl.ops import registry
from cnndsl.pipeline import from_text
from cnndsl_torch import backend
from cnndsl_torch.live import execute

EXAMPLES = int(os.environ.get("EXAMPLES", "25"))
BATCH = 16
"""Images: what a maximum can come from shows in some of them."""


def spec_graph(body: str, x: str) -> Graph:
    for result in ("_ x _ x _", "_"):
        spec = from_text(f"network n : {x} -> {result} {{\n{body}\n}}\n")
        found = spec.check()
        if not found:
            return spec.graph()
    raise AssertionError([str(each) for each in found])


def positive(graph: Graph) -> nn.Module:
    """The module with random weights above 0 that keep values near 1, so that nothing cancels out or saturates."""
    module: nn.Module = execute(backend.source(graph), backend.entry(graph)).double().eval()
    for parameter in module.parameters():
        fan = max(1, parameter[0].numel()) if parameter.dim() > 1 else 1
        nn.init.uniform_(parameter, 0.5 / fan, 1.5 / fan)
    return module


def footprint(x: Tensor, y: Tensor, place: tuple[int, ...]) -> list[tuple[int, int] | None]:
    """The first and last row and column of the input that change a position of the result."""
    values = y[:, :, place[0], place[1]] if y.dim() == 4 else y
    weights = torch.rand(values.shape[1:], dtype=values.dtype)
    (gradient,) = torch.autograd.grad((values * weights).sum(), x, retain_graph=True)
    touched = gradient.ne(0).flatten(0, 1).any(0)
    spans: list[tuple[int, int] | None] = []
    for axis in (1, 0):
        places = touched.any(axis).nonzero().flatten().tolist()
        spans.append((places[0], places[-1]) if places else None)
    return spans


def check(graph: Graph) -> None:
    """Each position sees what it is said to see, where that lies in the input; none sees more than its share."""
    torch.manual_seed(0)
    field = fields(graph).of[graph.output.index]
    assert field is not None
    x = torch.rand(BATCH, *graph.input.shape, dtype=torch.double, requires_grad=True)
    y = positive(graph)(x)
    sizes = y.shape[2:] if y.dim() == 4 else (1, 1)
    largest = receptive_field(graph, graph.output)
    assert largest is not None
    steps, whole = max(sizes), any(axis.whole for axis in field.axes)
    for place in dict.fromkeys(tuple(i * size // steps for size in sizes) for i in range(steps)):
        found = footprint(x, y, place)
        stated = [axis.at(at) for axis, at in zip(field.axes, place, strict=True)]
        if None in stated:
            assert found == [None, None]
            continue
        inside = all(
            clipped(said, 0, size - 1) == said for said, size in zip(stated, graph.input.shape[1:], strict=True)
        )
        for said, seen, most in zip(stated, found, largest, strict=True):
            if inside and (seen is not None or not whole):  # a position in the padding of a later layer sees nothing
                assert seen == said, place
            if seen is not None:
                assert said is not None
                assert said[0] <= seen[0] <= seen[1] <= said[1]
                assert seen[1] - seen[0] < most


MAPS = {name: op for name, op in registry.items() if len(op.example_input) == 3}


@pytest.mark.parametrize("name", MAPS)
def test_each_op(name: str) -> None:
    channels = MAPS[name].example_input[0]
    check(spec_graph(MAPS[name].example, f"{channels} x 17 x 15"))


@pytest.mark.parametrize("name", MAPS)
def test_each_op_among_others(name: str) -> None:
    channels = MAPS[name].example_input[0]
    graph = spec_graph(f"conv({channels}, 3x1, pad=1x0)\n{MAPS[name].example}", f"{channels} x 17 x 15")
    if len(graph.output.shape) == 3 and min(graph.output.shape[1:]) > 3:
        graph = spec_graph(
            f"conv({channels}, 3x1, pad=1x0)\n{MAPS[name].example}\nmaxpool(2x3)", f"{channels} x 17 x 15"
        )
    check(graph)


CASES = {
    "upsample": "upsample(4) -> conv(2, 5x5)",
    "bilinear": "upsample(3x2, mode=bilinear) -> conv(2, 2x3)",
    "transposed": "conv_transpose(2, 3x4, stride=2x3, pad=1, output_pad=1) -> conv(2, 3x3)",
    "transposed with holes": "conv_transpose(2, 3x2, stride=3, dilation=2x4) -> conv(2, 3x3)",
    "transposed that leaves gaps": "conv_transpose(2, 1x1, stride=3) -> conv(2, 2x2, dilation=2)",
    "down and up": "maxpool(2x2) -> upsample(2) -> conv(2, 3x3, pad=1) -> avgpool(3x3, stride=2)",
    "adaptive": "conv(2, 3x3) -> adaptive_avgpool(4x7) -> conv(2, 2x2)",
    "adaptive, larger": "adaptive_avgpool(30x40) -> conv(2, 2x3)",
    "dilated": "conv(2, 3x2, dilation=3x4) -> maxpool(2x2, dilation=2, stride=1)",
    "gate": "conv(4, 3x3, pad=1)\nmul { | | adaptive_avgpool(1) -> conv(4, 1x1) -> sigmoid }",
    "a border that is not read": "subsample(3) -> upsample(2, mode=bilinear) -> conv(2, 3x3, pad=1) -> groupnorm(1)",
    "gate that misses the border": "mul { | | maxpool(2x2) -> maxpool(3x3, stride=3) -> adaptive_avgpool(1) }",
    "factors of one lane": "mul { | | maxpool(2x2) -> conv(4, 8x7) }",
    "shifted lanes": "concat { | maxpool(3x3, stride=2, round=ceil) | conv(2, 3x3, stride=2, pad=1) }",
    "lanes of different steps": "add { | subsample(2) | conv(4, 9x8) }",
    "skip over the bottom": """
        top: conv(4, 3x3, pad=1)
        maxpool(2x2) -> conv(4, 3x3, pad=1) -> upsample(2)
        concat { | from top | }
        conv(2, 3x3)""",
    "instance norm": "conv(4, 3x3, stride=2) -> groupnorm(4) -> conv(2, 2x2)",
    "pyramid": "conv(2, 3x3) -> spp([3, 2])",
    "flat": "maxpool(4x4, stride=5) -> flatten -> linear(3)",
    "zeros": "zero_pad(1x0, after=3x2) -> conv(2, 3x3, stride=2)",
}


@pytest.mark.parametrize("body", CASES.values(), ids=CASES)
def test_programs(body: str) -> None:
    check(spec_graph(body, "4 x 16 x 14"))


def test_figures() -> None:
    """Of the literature: VGG's three layers of 3x3, and a U-Net of two levels."""
    unet = "conv(2, 3x3, pad=1) -> conv(2, 3x3, pad=1)"
    down = f"{unet}\nmaxpool(2x2)"
    up = [f"concat {{ | conv_transpose(2, 2x2, stride=2) | from d{i} }}\n{unet}" for i in (1, 0)]
    level = [f"d{i}: {{ {unet} }}\nmaxpool(2x2)" for i in range(2)]
    figures = {
        "conv(2, 3x3)\n" * 3: (7, 7),
        "\n".join([*level, unet, *up]): (44, 44),
        f"{down}\nmaxpool(2x2)\ngroupnorm(1)": (64, 64),
    }
    for body, figure in figures.items():
        graph = spec_graph(body, "3 x 64 x 64")
        assert receptive_field(graph, graph.output) == figure


def test_what_is_not_known_is_not_said() -> None:
    """A slice of channels that differ; an axis of more positions than are looked at."""
    lanes = "concat { | conv(2, 3x3, pad=1) | conv(2, 5x5, pad=2) }"
    fine = "subsample(2) -> upsample(50_000)"
    for body in (f"{lanes}\nslice(0, 2)", f"add {{ | {fine} | {fine} }}\nadaptive_avgpool(99_991)"):
        graph = spec_graph(body, "4 x 16 x 14")
        assert receptive_field(graph, graph.output) is None
    graph = spec_graph(f"{lanes}\nconv(4, 1x1)\nslice(0, 2)", "4 x 16 x 14")
    assert receptive_field(graph, graph.output) == (5, 5)
    [found] = from_text(f"network n : 4 x 16 x 14 -> _ x _ x _ {{\n{lanes}\nslice(0, 2)\n"
                        "expect receptive_field == 3\n}\n").check()  # fmt: skip
    assert found.code == "E0510"
    assert "not known" in found.message


def sizes(most: int) -> st.SearchStrategy[str]:
    return st.tuples(st.integers(1, most), st.integers(1, most)).map(show)


STEPS = st.one_of(
    st.tuples(sizes(3), sizes(3), sizes(2)).map(lambda a: f"conv(4, {a[0]}, stride={a[1]}, dilation={a[2]}, pad=2)"),
    st.tuples(sizes(2), sizes(2)).map(lambda a: f"conv_transpose(4, {a[0]}, stride={a[0]}, dilation={a[1]})"),
    st.tuples(sizes(2), sizes(2)).map(lambda a: f"conv_transpose(4, 4x5, stride={a[0]}, pad={a[1]})"),
    st.tuples(sizes(3), sizes(2)).map(lambda a: f"maxpool({a[0]}, stride={a[1]}, round=ceil)"),
    st.tuples(sizes(3), st.sampled_from(["nearest", "bilinear"])).map(lambda a: f"upsample({a[0]}, mode={a[1]})"),
    sizes(5).map(lambda a: f"adaptive_avgpool({a})"),
    sizes(2).map(lambda a: f"subsample({a})"),
    st.sampled_from([
        "relu", "bn", "groupnorm(2)", "zero_pad(1x0, after=2)", "avgpool(3x3, stride=1, pad=1)", "identity",
        "concat { | conv(2, 3x3, pad=1) | conv(2, 1x5, pad=0x2) }",
        "add { | | conv(4, 3x3, pad=1) -> relu }",
        "mul { | | adaptive_avgpool(1) -> conv(4, 1x1) -> sigmoid }",
    ]),
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, min_size=1, max_size=5))
def test_random_programs(steps: list[str]) -> None:
    from hypothesis import assume

    text = "network n : 4 x 13 x 12 -> _ x _ x _ {\n" + "\n".join(steps) + "\n}\n"
    spec = from_text(text)
    assume(not spec.check())
    graph = spec.graph()
    assume(max(graph.output.shape[1:]) <= 60)
    check(graph)

"""What PyTorch can't tell: figures of papers, conventions, rules between arguments, joins."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl.ir.dims import Shape, product
from cnndsl.ops import Layer, Merge, Mismatch, Violation, registry

C3 = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5),
)  # fmt: skip
"""Table I of LeCun et al. 1998."""


def layer(name: str, **values: Any) -> Layer:
    op = registry[name](**values)
    assert isinstance(op, Layer)
    return op


def table(*connections: tuple[int, ...], out: int = 1) -> dict[str, Any]:
    return {"out": out, "size": (1, 1), "connections": connections}


def params(op: Layer, x: Shape) -> int:
    return sum(map(product, op.tensors(x).values()))


def test_lenet5() -> None:
    c3 = layer("conv_table", out=16, size=(5, 5), connections=C3)
    x = (6, 14, 14)
    assert c3.infer(x) == (16, 10, 10)
    assert params(c3, x) == 1516
    assert c3.macs(x, (16, 10, 10)) == 60 * 25 * 100
    assert c3.tensors(x) == {"weight": (60, 5, 5), "bias": (16,)}
    s2 = layer("subsampling", size=(2, 2))
    assert s2.infer((6, 28, 28)) == x
    assert params(s2, (6, 28, 28)) == 12


def test_full_table_is_a_convolution() -> None:
    x = (3, 9, 7)
    table = layer("conv_table", out=4, size=(3, 3), connections=((0, 1, 2),) * 4, stride=(2, 1), pad="same")
    conv = layer("conv", out=4, size=(3, 3), stride=(2, 1), pad="same")
    y = conv.infer(x)
    assert table.infer(x) == y
    assert table.macs(x, y) == conv.macs(x, y)
    assert params(table, x) == params(conv, x)
    assert table.window(x) == conv.window(x)


def test_pool_step_is_its_size_by_default() -> None:
    assert layer("maxpool", size=(3, 2)).values()["stride"] == (3, 2)
    assert layer("maxpool", size=(3, 2), stride=None).values()["stride"] == (3, 2)
    assert layer("zero_pad", before=(1, 2)).values()["after"] == (1, 2)
    with pytest.raises(TypeError, match="needs size"):
        layer("maxpool")


def test_lrn_is_the_papers_unless_told_otherwise() -> None:
    assert layer("lrn").values()["average"] is False


def test_windows() -> None:
    x = (4, 8, 6)
    assert layer("maxpool", size=(3, 3), dilation=(2, 1)).window(x) == ((5, 3), (3, 3))
    assert layer("subsample", stride=(2, 2)).window(x) == ((1, 1), (2, 2))
    assert all(layer(name).window(x) is None for name in ("relu", "global_avgpool", "flatten"))


@pytest.mark.parametrize(
    ("name", "values", "x", "y"),
    [
        ("global_avgpool", {}, (6, 5, 4), (6,)),
        ("global_maxpool", {}, (6, 5, 4), (6,)),
        ("spp", {"levels": (7, 3, 2, 1)}, (256, 14, 14), (256 * 63,)),
        ("maxout", {"pieces": 3}, (6, 5, 4), (2, 5, 4)),
        ("maxout", {"pieces": 2}, (6,), (3,)),
        ("slice", {"start": 2, "stop": 6}, (6, 5, 4), (4, 5, 4)),
        ("slice", {"start": 0, "stop": 1}, (6,), (1,)),
        ("pad_channels", {"out": 9}, (6, 5, 4), (9, 5, 4)),
        ("channel_shuffle", {"groups": 3}, (6, 5, 4), (6, 5, 4)),
        ("flatten", {}, (6,), (6,)),
        ("lrn", {}, (6, 5, 4), (6, 5, 4)),
        ("layernorm", {}, (6, 5, 4), (6, 5, 4)),
        ("dropblock", {"size": (5, 4)}, (6, 5, 4), (6, 5, 4)),
    ],
)
def test_shapes(name: str, values: dict[str, Any], x: Shape, y: Shape) -> None:
    assert layer(name, **values).infer(x) == y


@pytest.mark.parametrize(
    ("side", "before", "after"), [("after", 0, 3), ("before", 3, 0), ("both", 1, 2)]
)  # fmt: skip
def test_where_zeros_go(side: str, before: int, after: int) -> None:
    from cnndsl.ops.channels import PadChannels

    assert PadChannels(out=9, side=side).padding((6, 5, 4)) == (before, after)


def test_learned_activations() -> None:
    assert layer("apl", pieces=2).tensors((6, 5, 4)) == {"a": (2, 6), "b": (2, 6)}
    assert layer("scale", bias=True).tensors((6,)) == {"weight": (6,), "bias": (6,)}


@pytest.mark.parametrize(
    ("name", "values", "x", "code", "argument"),
    [
        ("conv", {"out": 4, "size": (7, 3)}, (6, 5, 4), "E0401", "size"),
        ("dropblock", {"size": (5, 5)}, (6, 5, 4), "E0401", "size"),
        ("maxpool", {"size": (2, 2)}, (6,), "E0403", None),
        ("lrn", {}, (6,), "E0403", None),
        ("linear", {"out": 4}, (6, 5, 4), "E0404", None),
        ("conv", {"out": 4, "size": (2, 3), "pad": "same"}, (6, 5, 4), "E0405", "pad"),
        ("groupnorm", {"groups": 4}, (6, 5, 4), "E0406", "groups"),
        ("maxout", {"pieces": 4}, (6,), "E0406", "pieces"),
        ("channel_shuffle", {"groups": 4}, (6, 5, 4), "E0406", "groups"),
        ("conv", {"out": 4, "size": (1, 1), "groups": 10**15}, (10**12, 5, 4), "E0406", "groups"),
        ("maxpool", {"size": (3, 2), "pad": (1, 2)}, (6, 5, 4), "E0407", "pad"),
        ("rrelu", {"lower": 0.5, "upper": 0.3}, (6,), "E0407", "lower"),
        ("conv_table", table((0,), out=2), (6, 5, 4), "E0407", "connections"),
        ("conv_table", table((3, 0, 3)), (6, 5, 4), "E0407", "connections"),
        ("conv_table", table((0, 6)), (6, 5, 4), "E0408", "connections"),
        ("slice", {"start": 3, "stop": 3}, (6, 5, 4), "E0408", "stop"),
        ("slice", {"start": 3, "stop": 7}, (6, 5, 4), "E0408", "stop"),
        ("pad_channels", {"out": 5}, (6, 5, 4), "E0408", "out"),
    ],
)  # fmt: skip
def test_violations(name: str, values: dict[str, Any], x: Shape, code: str, argument: str | None) -> None:
    with pytest.raises(Violation) as caught:
        layer(name, **values).infer(x)
    assert caught.value.code == code
    assert caught.value.argument == argument
    assert caught.value.notes or caught.value.help


@given(st.integers(1, 64), st.integers(1, 64), st.integers(1, 64))
def test_suggested_groups_divide(channels: int, out: int, groups: int) -> None:
    op = layer("conv", out=out, size=(1, 1), groups=groups)
    if channels % groups == 0 == out % groups:
        op.infer((channels, 1, 1))
        return
    with pytest.raises(Violation) as caught:
        op.infer((channels, 1, 1))
    assert caught.value.help is not None
    shown = caught.value.help.partition("=")[2].partition("`")[0]
    near = channels if shown == "in.channels" else int(shown)
    assert channels % near == 0 == out % near


def join(name: str, *lanes: Shape) -> Shape | int:
    """The joined shape, or the index of the lane that disagrees."""
    op = registry[name]()
    assert isinstance(op, Merge)
    try:
        return op.join(lanes)
    except Mismatch as mismatch:
        return mismatch.lane


@pytest.mark.parametrize("name", ["add", "mul", "mean", "max"])
def test_elementwise_joins(name: str) -> None:
    assert join(name, (6, 5, 4), (6, 5, 4)) == (6, 5, 4)
    assert join(name, (6,), (6,)) == (6,)
    assert join(name, (6, 5, 4), (6, 5, 4), (6, 5, 3)) == 2
    assert join(name, (6,), (6, 5, 4)) == 1


def test_concat() -> None:
    assert join("concat", (6, 5, 4), (2, 5, 4)) == (8, 5, 4)
    assert join("concat", (6,), (2,)) == (8,)
    assert join("concat", (6, 5, 4), (6, 4, 4)) == 1
    assert join("concat", (6,), (6, 4, 4)) == 1


def test_mul_takes_a_factor_a_channel() -> None:
    assert join("mul", (6, 5, 4), (6, 1, 1)) == (6, 5, 4)
    assert join("mul", (6, 1, 1), (6, 5, 4)) == (6, 5, 4)
    assert join("mul", (6, 1, 1), (6, 1, 1)) == (6, 1, 1)
    assert join("mul", (6, 1, 1), (5, 5, 4)) == 1
    assert join("mul", (6, 5, 4), (5, 1, 1)) == 1
    assert join("mul", (6, 5, 4), (6,)) == 1
    assert join("add", (6, 5, 4), (6, 1, 1)) == 1


def test_batch_norm_adds_something_to_the_variance() -> None:
    with pytest.raises(Violation, match="above 0"):
        registry["bn"](eps=0.0)

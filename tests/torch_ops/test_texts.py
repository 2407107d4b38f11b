"""The text that rules write: defaults left out, parameters of a block kept as variables, or declined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from cnndsl.ir.dims import Shape
from cnndsl.ops import registry
from cnndsl_torch.lowering import RULES, Lowered, OpCall
from cnndsl_torch.write.place import Decline

MAP: Shape = (16, 8, 9)
Values = dict[str, Any]

TEXTS: list[tuple[str, Values, str]] = [
    ("conv", {"out": 96, "size": (11, 11), "stride": (4, 4)}, "nn.Conv2d(16, 96, 11, stride=4)"),
    (
        "conv",
        {"out": 8, "size": (3, 3), "pad": "same", "bias": False},
        "nn.Conv2d(16, 8, 3, padding=1, bias=False)",
    ),
    ("conv", {"out": 8, "size": (1, 7), "pad": "same"}, "nn.Conv2d(16, 8, (1, 7), padding=(0, 3))"),
    ("lrn", {"alpha": 1e-4, "k": 2.0}, "nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)"),
    ("lrn", {"alpha": 1e-4, "average": True}, "nn.LocalResponseNorm(5)"),
    ("lrn", {"alpha": 3e-5, "size": 3}, "nn.LocalResponseNorm(3, alpha=9e-05)"),
    ("bn", {}, "nn.BatchNorm2d(16)"),
    (
        "maxpool",
        {"size": (3, 3), "stride": (2, 2), "pad": (1, 1), "round": "ceil"},
        "nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)",
    ),
    ("maxpool", {"size": (2, 2), "stride": (2, 2)}, "nn.MaxPool2d(2)"),
    ("dropout", {}, "nn.Dropout(0.5)"),
    ("pad_channels", {"out": 32, "side": "both"}, "nn.ZeroPad3d((0, 0, 0, 0, 8, 8))"),
    ("zero_pad", {"before": (1, 1)}, "nn.ZeroPad2d(1)"),
    ("spp", {"levels": (3, 2)}, "SpatialPyramidPool([3, 2])"),
]


@pytest.mark.parametrize(("name", "values", "text"), TEXTS)
def test_text(name: str, values: Values, text: str, lower: Callable[..., Lowered]) -> None:
    assert lower(registry[name](**values), MAP).module == text


def call_of(name: str, expansions: list[tuple[Values, Shape]], channels: str = "c", **texts: str) -> Lowered:
    cls = registry[name]
    ops = tuple(cls(**values) for values, _ in expansions)
    result = RULES[cls](OpCall(ops, cls, tuple((x,) for _, x in expansions), channels, texts, False))
    assert isinstance(result, Lowered)
    return result


def test_variables() -> None:
    """Arguments that are parameters of a block stay variables."""
    sizes: list[tuple[Values, Shape]] = [
        ({"out": 8, "size": (k, k), "pad": "same"}, (16, h, h)) for k in (3, 5) for h in (8, 9)
    ]
    conv = call_of("conv", sizes, "channels", out="4 * width", size="k", pad="'same'")
    assert conv.module == 'nn.Conv2d(channels, 4 * width, k, padding="same")'
    lrn = call_of("lrn", [({}, MAP)], size="n", alpha="alpha")
    assert lrn.module == "nn.LocalResponseNorm(n, alpha=alpha * n)"
    pad = call_of("pad_channels", [({"out": 32, "side": "both"}, MAP)], out="width", side="'both'")
    assert pad.module == "nn.ZeroPad3d((0, 0, 0, 0, (width - c) // 2, width - c - (width - c) // 2))"
    assert call_of("subsample", [({"stride": (2, 2)}, MAP)], stride="stride").call is None


def test_same_padding_by_name_is_symmetric() -> None:
    """PyTorch's own ``same``, which stands where kernels differ, is half of the kernel for odd ones."""
    for k in (1, 3, 5):
        same = nn.Conv2d(2, 3, k, padding="same")
        numbers = nn.Conv2d(2, 3, k, padding=k // 2)
        numbers.load_state_dict(same.state_dict())
        x = torch.randn(1, 2, 6, 7)
        torch.testing.assert_close(same(x), numbers(x))


def test_declines() -> None:
    """What a class with parameters can't say is left to be written out."""
    strided: Values = {"out": 8, "size": (3, 3), "stride": (2, 2), "pad": "same"}
    other = {**strided, "size": (5, 5)}
    with pytest.raises(Decline):
        call_of("conv", [(strided, (8, 7, 7)), (other, (8, 7, 7))], out="8", size="k", stride="2", pad="'same'")
    with pytest.raises(Decline):
        call_of("bn", [({}, (8, 6, 6)), ({}, (8,))])
    with pytest.raises(Decline):
        call_of("zero_pad", [], before="p")
    with pytest.raises(Decline):
        call_of("lrn", [({"average": a}, MAP) for a in (True, False)], average="a")


def test_never_reached() -> None:
    """A branch that no expansion takes is written where its text needs no figures."""
    assert call_of("conv", [], out="8", size="3", pad="1").module == "nn.Conv2d(c, 8, 3, padding=1)"
    assert call_of("bn", []).module == "nn.BatchNorm2d(c)"


def test_brackets_around_expressions() -> None:
    assert Lowered("", "{x}.mean((2, 3))").apply("a + b") == "(a + b).mean((2, 3))"
    assert Lowered("", "{x}.mean((2, 3))").apply("self.a(x)") == "self.a(x).mean((2, 3))"
    assert Lowered("", "F.relu({x})").apply("a + b") == "F.relu(a + b)"
    assert Lowered("", "F.elu({x}, 0.5)").apply("a + b") == "F.elu(a + b, 0.5)"
    assert Lowered("", "torch.tanh(2 / 3 * {x})").apply("a + b") == "torch.tanh(2 / 3 * (a + b))"

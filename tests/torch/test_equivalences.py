"""Two spellings of one function: weights are mapped from one to the other, and the outputs compared."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import cnndsl
from cnndsl.pipeline import from_text
from cnndsl_torch import backend

SPECS = Path(cnndsl.__file__).parents[1] / "specs"


def module(text: str) -> nn.Module:
    return backend.load(from_text(text, folder=SPECS).graph()).eval()


def noisy(model: nn.Module) -> nn.Module:
    """Weights and statistics away from what initialisation gives, so that a wrong mapping shows."""
    generator = torch.Generator().manual_seed(5)
    for key, value in model.state_dict().items():
        if value.is_floating_point():
            spread = torch.rand(value.shape, generator=generator)
            value.copy_(
                spread + 0.5 if "running_var" in key else (spread - 0.4) * (2 / max(value[0].numel(), 1)) ** 0.5
            )
    return model


def agree(a: Tensor, b: Tensor) -> None:
    assert float((a - b).abs().max() / a.abs().max()) < 1e-5


def test_groups_are_two_towers() -> None:
    groups, towers = noisy(cnndsl.load("alexnet_paper").eval()), cnndsl.load("alexnet_two_towers").eval()
    mapped: dict[str, Tensor] = {}
    for key, value in groups.state_dict().items():
        layer, tensor = key.split(".")
        if layer == "fc8":
            mapped[key] = value
            continue
        for gpu, part in enumerate(value.chunk(2)):
            name = f"towers.gpu{gpu}.{key}" if layer in ("conv3", "conv4", "conv5") else f"{layer}.gpu{gpu}.{tensor}"
            mapped[name] = part
    towers.load_state_dict(mapped, strict=True)
    image = torch.randn(1, 3, 227, 227, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        agree(groups(image), towers(image))


FORMS = """
import "resnext.cnn"
use std.Bottleneck
network net : 64 x 14 x 14 -> 128 x 7 x 7 {{ unit: {unit} }}
"""


@pytest.fixture(scope="module")
def grouped() -> nn.Module:
    return noisy(module(FORMS.format(unit="Bottleneck(32, 2, groups=8, base_width=16)")))


@pytest.mark.parametrize("form", ["ResNeXtA", "ResNeXtB"])
def test_resnext_forms_are_one_function(grouped: nn.Module, form: str) -> None:
    paths = module(FORMS.format(unit=f"{form}(32, 2, groups=8, base_width=16)"))
    mapped: dict[str, Tensor] = {}
    for key, value in grouped.state_dict().items():
        _, name, tensor = key.split(".", 2)
        if name in ("conv1", "bn1", "conv2", "bn2"):
            parts = [value] * 8 if value.dim() == 0 else value.chunk(8)
            mapped |= {f"unit.path{i}.{name}.{tensor}": part for i, part in enumerate(parts)}
        elif name == "conv3" and form == "ResNeXtA":
            mapped |= {f"unit.path{i}.conv3.{tensor}": part for i, part in enumerate(value.chunk(8, 1))}
        else:
            mapped[key] = value
    paths.load_state_dict(mapped, strict=True)
    image = torch.randn(2, 64, 14, 14, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        agree(grouped(image), paths(image))


def test_three_3x3_are_one_7x7() -> None:
    """Without the non-linearities between them, three 3x3 compose to a 7x7 with fewer weights of its own."""
    text = "network n : 4 x 15 x 15 -> 4 x 9 x 9 {{ {body} }}"
    three = noisy(module(text.format(body="conv(4, 3x3, bias=false) * 3")))
    one = module(text.format(body="conv(4, 7x7, bias=false)"))
    first, second, third = (value for value in three.state_dict().values())
    kernel = F.conv2d(first.transpose(0, 1), second.flip(2, 3), padding=2).transpose(0, 1)
    kernel = F.conv2d(kernel.transpose(0, 1), third.flip(2, 3), padding=2).transpose(0, 1)
    one.load_state_dict({"0.weight": kernel})
    image = torch.randn(2, 4, 15, 15, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        agree(three(image), one(image))
    graphs = [
        from_text(text.format(body=b)).graph() for b in ("conv(4, 3x3, bias=false) * 3", "conv(4, 7x7, bias=false)")
    ]
    assert [sum(n.params for n in g.nodes) for g in graphs] == [27 * 16, 49 * 16]
    assert cnndsl.summary("vgg_three_3x3").receptive_field == cnndsl.summary("vgg_one_7x7").receptive_field


def test_mlpconv_is_a_perceptron_at_each_position() -> None:
    unit = noisy(
        module("use std.MlpConv\nnetwork n : 3 x 8 x 8 -> _ { m: MlpConv(6, 5, 4, 3x3, pad=1) \n global_avgpool }")
    )
    state = unit.state_dict()
    image = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    patches = F.unfold(image, 3, padding=1).transpose(1, 2)
    hidden = F.relu(F.linear(patches, state["m.conv.weight"].flatten(1), state["m.conv.bias"]))
    hidden = F.relu(F.linear(hidden, state["m.cccp1.weight"].flatten(1), state["m.cccp1.bias"]))
    hidden = F.relu(F.linear(hidden, state["m.cccp2.weight"].flatten(1), state["m.cccp2.bias"]))
    with torch.no_grad():
        agree(unit(image), hidden.mean(1))

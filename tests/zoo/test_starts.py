"""How networks start, as their papers and their authors' files say: what is stated of single tensors."""

from __future__ import annotations

from math import sqrt

import pytest

from cnndsl.ir.initial import Initialiser
from tests.reference import stated_tensors, zoo_graph

STDS: dict[str, dict[str, float]] = {
    "alexnet_paper": {"conv1": 0.01, "conv4": 0.01, "fc6": 0.01, "fc8": 0.01},
    "caffenet": {"conv1": 0.01, "fc6": 0.005, "fc7": 0.005, "fc8": 0.01},
    "zfnet": {"conv1": 0.01, "fc8": 0.01},
    "vgg11": {"features.0": 0.01, "classifier.6": 0.01},
    "nin_cifar10": {"mlpconv1.conv": 0.05, "mlpconv3.cccp2": 0.05},
    "nin_imagenet": {
        "mlpconv1.conv": 0.01, "mlpconv1.cccp1": 0.05, "mlpconv2.conv": 0.05, "mlpconv3.conv": 0.01,
        "mlpconv4.conv": 0.05, "mlpconv4.cccp2": 0.01,
    },
    "googlenet_paper_aux": {"conv1.conv": sqrt(1 / 147), "inception3a.branch3.1.conv": sqrt(1 / 400), "fc": 1 / 32},
    "googlenet": {"conv1.conv": 0.01, "fc": 0.01},
    "squeezenet1_0": {"features.0": sqrt(1 / 147), "features.3.squeeze": sqrt(1 / 96), "classifier.1": 0.01},
    "fractalnet20": {"prediction": sqrt(1 / 512)},
    "lenet_caffe": {"conv1": 0.2, "ip2": sqrt(1 / 500)},
    "lenet5_1998": {"c1": 2.4 / 25 / sqrt(3), "c5": 2.4 / 400 / sqrt(3), "f6": 2.4 / 120 / sqrt(3)},
    "prelunet_a": {"conv1": sqrt(2 / 147), "stage2.0": sqrt(2 / 864), "fc3": sqrt(2 / 4096)},
    "resnet50": {"conv1": sqrt(2 / 147), "layer1.0.conv2": sqrt(2 / 576)},
    "densenet121": {"features.conv0": sqrt(2 / 147)},
}  # fmt: skip
BIASES: dict[str, dict[str, float]] = {
    "alexnet_paper": {"conv1": 0, "conv2": 1, "conv3": 0, "conv4": 1, "conv5": 1, "fc6": 1, "fc7": 1, "fc8": 0},
    "alexnet_two_towers": {
        "conv1.gpu0": 0, "conv2.gpu1": 1, "towers.gpu0.conv3": 0, "towers.gpu1.conv4": 1, "towers.gpu0.conv5": 1,
        "fc6.gpu0": 1, "fc7.gpu1": 1, "fc8": 0,
    },
    "caffenet": {"conv1": 0, "conv2": 1, "conv3": 0, "conv4": 1, "conv5": 1, "fc6": 1, "fc7": 1, "fc8": 0},
    "googlenet_paper_aux": {
        "conv1.conv": 0.2, "inception5b.branch1.conv": 0.2, "aux1.conv.conv": 0.2, "aux2.fc1": 0.2, "aux1.fc2": 0,
        "aux2.fc2": 0, "fc": 0,
    },
    "nin_imagenet": {"mlpconv1.conv": 0},
    "vgg11": {"features.0": 0, "classifier.6": 0},
    "squeezenet1_1": {"features.0": 0, "classifier.1": 0},
    "resnet50": {"fc": 0},
    "densenet121": {"classifier": 0},
}  # fmt: skip


def starts(name: str) -> dict[str, Initialiser]:
    """The last statement about each tensor, by its key in the ``state_dict``."""
    found: dict[str, Initialiser] = {}
    for each in zoo_graph(name).initial:
        found |= {f"{node.path}.{each.tensor}": each.initialiser for node in each.nodes}
    return found


@pytest.mark.parametrize("name", STDS)
def test_deviations(name: str) -> None:
    shapes = dict(stated_tensors(zoo_graph(name)))
    how = starts(name)
    found = {layer: how[f"{layer}.weight"].std(shapes[f"{layer}.weight"]) for layer in STDS[name]}
    assert found == pytest.approx(STDS[name])


@pytest.mark.parametrize("name", BIASES)
def test_biases(name: str) -> None:
    how = starts(name)
    assert {layer: how[f"{layer}.bias"].values["value"] for layer in BIASES[name]} == BIASES[name]


@pytest.mark.parametrize("name", ["googlenet_paper", "squeezenet1_0", "fractalnet20", "lenet_caffe"])
def test_caffes_xavier_is_uniform(name: str) -> None:
    assert {h.values["distribution"] for h in starts(name).values() if h.name == "he"} == {"uniform"}

"""``cnndsl zoo``, ``ops`` and ``explain``."""

from __future__ import annotations

import json

import pytest

from cnndsl.cli import zoo
from tests.cli.program import Program


def test_zoo_as_json(program: Program) -> None:
    entries = json.loads(program("zoo", "resnet18", "--format", "json").out)
    assert entries[0]["name"] == "resnet18"
    assert (entries[0]["params"], entries[0]["macs"]) == (11_689_512, 1_814_073_344)
    assert entries[0].keys() >= {"name", "family", "year", "input", "params", "macs", "doc"}


@pytest.mark.parametrize(
    ("name", "year", "doc"),
    [
        ("mishkin_tanh", 2016, "The base network with another activation"),
        ("alexnet", 2014, "torchvision's AlexNet"),
        ("wrn_40_2", 2016, "WRN-depth-k for CIFAR"),
        ("resnext101_32x8d", 2016, "ResNeXt-101 (32x8d)"),
    ],
)
def test_zoo_says_what_and_when(name: str, year: int, doc: str) -> None:
    """A number of units is no year, and the nearest docstring is the network's."""
    entry = zoo.entry(name, zoo.specs()[name])
    assert entry.year == year
    assert entry.doc.startswith(doc)


def test_zoo_looks_at_what_a_network_is_made_from() -> None:
    found = zoo.matching(["CIFAR"])
    assert found.keys() >= {"wrn_28_10", "densenet40_k12", "resnet110_stochastic", "nin_cifar10"}
    assert not found.keys() & {"resnet50", "vgg16"}


def test_zoo_show(program: Program) -> None:
    out = program("zoo", "show", "resnet18").out
    assert "resnet18 : 3 x 224 x 224 -> 1000" in out
    assert "classes = 1000" in out
    assert "network resnet18 = ResNet(BasicBlock, [2, 2, 2, 2]) {" in out
    assert "    layer2: Stage(Unit, 128, depths[1], 2)" in out, "the network that it is made from"
    assert program("zoo", "show", "resnet81").code == 2
    assert program("zoo", "nothing has this").code == 2


def test_ops(program: Program) -> None:
    assert "conv" in program("ops").out
    conv = program("ops", "conv").out
    assert "conv(32, 3x3, stride=2, pad=1)" in conv
    assert "`same`" in conv
    assert "did you mean `conv`?" in program("ops", "convv").err


def test_explain(program: Program) -> None:
    pytest.importorskip("cnndsl.diagnostics.codes")
    assert "E0402" in program("explain").out
    page = program("explain", "e0402")
    assert page.code == 0
    assert page.out.startswith("E0402: ")
    listed = program("explain", "W0204")
    assert listed == program("explain", "linear_pair") == program("rule", "linear-pair")


def test_examples_are_not_broken_by_the_width_of_the_screen(program: Program) -> None:
    program.monkeypatch.setenv("COLUMNS", "40")
    line = "    conv(16, 3x3, pad=1) -> relu -> maxpool(2x2, stride=2)\n"
    assert line in program("rule", "lost-border").out
    assert "\n\nwrong\n    network" in program("explain", "E0402").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "E9999"], "there is no code `E9999`; `cnndsl explain` lists them"),
        (["explain", "0402"], "did you mean `E0402`?"),
        (["rule", "E0402"], "`E0402` is no rule; `cnndsl explain E0402` explains an error"),
        (["rule", "nothing"], "there is no rule `nothing`; `cnndsl rule` lists them"),
    ],
)
def test_what_there_is_not(program: Program, arguments: list[str], said: str) -> None:
    result = program(*arguments)
    assert result.code == 2
    assert said in result.err

"""Which names are near another, and which one is certainly meant."""

from __future__ import annotations

import pytest

from cnndsl.elaborate.spelling import FOREIGN, distance, guess, plain
from cnndsl.ops import registry

CERTAIN = {
    "relo": "relu", "rleu": "relu", "cnov": "conv", "maxpol": "maxpool", "liner": "linear", "LeakyReLU": "leaky_relu",
    "global_agvpool": "global_avgpool", "max_pool": "maxpool", "conv_tranpsoes": "conv_transpose", "Sotfmax": "softmax",
}  # fmt: skip
DOUBTFUL = {"elue": ["elu"], "mux": ["mul", "max"], "lelu": ["elu", "gelu", "relu", "selu"]}
NOTHING = [
    "upsampling", "hardtanh", "dwconv", "conv3d", "Conv3d", "minpool", "MinPool2d", "celu", "log_softmax", "se",
    "share", "attention", "x", "relu6", "conv2", "maxunpool", "q" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("name", CERTAIN)
def test_slips(name: str) -> None:
    found = guess(name, registry)
    assert (found.names, found.certain) == ((CERTAIN[name],), True)


@pytest.mark.parametrize("name", DOUBTFUL)
def test_more_than_one_or_too_short(name: str) -> None:
    found = guess(name, registry)
    assert (sorted(found.names), found.certain) == (sorted(DOUBTFUL[name]), False)


@pytest.mark.parametrize("name", NOTHING)
def test_other_words(name: str) -> None:
    assert guess(name, registry).names == ()


@pytest.mark.parametrize(
    ("name", "known"),
    [("layer5", "layer2"), ("branch_b", "branch_a"), ("BlockB", "BlockA"), ("conv_1x1", "conv_3x3"), ("xest", "test")],
)
def test_what_tells_one_thing_from_another_is_no_slip(name: str, known: str) -> None:
    assert not guess(name, [known]).certain


def test_no_op_is_another_word() -> None:
    assert not {plain(name) for name in registry} & FOREIGN


def test_distance() -> None:
    words = ["", "a", "ab", "ba", "abc", "acb", "conv", "cnov", "ocnv", "maxpool", "minpool"]
    for a in words:
        for b in words:
            assert distance(a, b, 9) == distance(b, a, 9)
            assert distance(a, b, 1) == distance(a, b, 9) or distance(a, b, 1) > 1
    assert [distance("conv", word, 9) for word in ("conv", "cnov", "con", "convs", "cone", "nocv")] == [
        0,
        1,
        1,
        1,
        1,
        2,
    ]

"""What others call things: every help names what exists, and can be followed."""

from __future__ import annotations

import re

import pytest

from cnndsl import std
from cnndsl.elaborate import habits
from cnndsl.elaborate.evaluate import FUNCTIONS, INPUT_DIMS
from cnndsl.elaborate.pasted import written
from cnndsl.ops import Merge, registry
from cnndsl.ops.base import REQUIRED
from cnndsl.pipeline import from_text
from cnndsl.syntax import configs
from cnndsl.syntax import habits as signs

LANGUAGE = {
    "let", "for", "in", "as", "if", "else", "range", "list", "other", "x", "i", "c", "p", "w", "step", "N",
            "network", "block", "init", "weight", "he", "expect", "params", "use", "import", "from", "label", "aux",
            "cnndsl", "ops", "align_corners", "False", "name", "Name", "parameters", "conv1", "n", "and", "not", "or",
            "switch", "false", "elif", "self", "return", "while", "unless", "lambda", "layer", "cnn", "dense",
}  # fmt: skip
KNOWN = {*registry, *FUNCTIONS, *INPUT_DIMS, *std.index(), *LANGUAGE, "std"}
ARGUMENTS = {name for op in registry.values() for name in op.args}
WORDS = {word for op in registry.values() for a in op.args.values() for word in a.words}

HELPS = [*habits.ABSENT.values(), *habits.FUNCTIONS.values(), *habits.NEEDLESS.values(), *habits.ELSEWHERE.values(),
         *configs.DARKNET.values(), *(help for _, _, help in signs.CONSTRUCTS)]  # fmt: skip


@pytest.mark.parametrize("help", HELPS)
def test_a_help_names_what_exists(help: str) -> None:
    for code in re.findall(r"`([^`]*)`", help):
        plain = re.sub(r'"[^"]*"|\b\d[\dx_]*\b', "", code)
        assert set(re.findall(r"[A-Za-z_]\w*", plain)) <= KNOWN | ARGUMENTS | WORDS, code


def test_what_others_call_an_op_is_an_op() -> None:
    assert habits.CALLED.keys() <= registry.keys()
    known = {name for op in registry.values() for name in op.args}
    assert set(habits.ARGUMENTS.values()) <= known
    for meanings in habits.VALUES.values():
        assert {meant.partition("=")[0] for meant in meanings.values()} <= known


def test_no_name_is_both_the_same_and_absent() -> None:
    absent = {name for names in habits.ABSENT for name in names.split()}
    called = {name for names in habits.CALLED.values() for name in names.split()}
    assert not absent & called
    assert not {habits.key(name) for name in registry} & absent


NETWORK = "network n : 3 x 32 x 32 -> 10 {{\n    conv(16, 3x3, pad=1) -> relu\n    {}\n    {}\n}}\n"
TAIL = "global_avgpool -> linear(10)"


@pytest.mark.parametrize("names", habits.ABSENT)
def test_a_step_that_a_help_names_can_stand_there(names: str) -> None:
    for code in re.findall(r"`([^`]*)`", habits.ABSENT[names]):
        name = re.match(r"\w+", code)
        op = registry.get(name[0]) if name else None
        if op is None or "…" in code or "c //" in code or (code == op.name and issubclass(op, Merge)):
            continue
        needs = any(a.default is REQUIRED for a in op.args.values())
        if code == op.name and needs:
            continue
        ends = ("global_avgpool", code) if code == "linear(10)" else (code, "linear(10)" if code == "flatten" else TAIL)
        assert not from_text(NETWORK.format(*ends)).check(), code


OTHERS = ["Hardtanh", "conv3d", "conv1d", "minpool", "celu", "log_softmax", "se", "attention", "Dropout2d",
          "PixelShuffle", "InstanceNorm2d", "softplus", "ReLU6", "Hardsigmoid", "Softmin", "GLU", "Eltwise", "LSTM",
          "MultiheadAttention", "SeparableConv2D", "ReflectionPad2d", "BatchNorm3d", "AlphaDropout"]  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_an_op_that_we_lack_is_never_another(name: str) -> None:
    found = from_text(NETWORK.format(f"{name}(2)", TAIL)).check()
    assert [d.code for d in found] == ["E0201"]
    assert found[0].help is not None
    assert not found[0].fix
    assert "did you mean" not in found[0].help


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("nn.Conv2d(16, 32, 3)", "conv(32, 3)"),
        ("nn.Conv2d(16, 32, kernel_size=(3, 3), padding=1, bias=False)", "conv(32, size=3x3, pad=1, bias=false)"),
        ("Conv2D(32, (3, 3), padding='same', activation='relu')(x)", "conv(32, 3x3, pad=same) -> relu"),
        ("Conv2D(32, 3, strides=2, padding='same')", "conv(32, 3, stride=2, pad=1)"),
        ("MaxPool2D(3, strides=2, padding='same')", "maxpool(3, stride=2, pad=1)"),
        ("AveragePooling2D((2, 2), padding='same')", "avgpool(2x2, round=ceil)"),
        ("AveragePooling2D(3, strides=1, padding='same')", "avgpool(3, stride=1, pad=1, count_pad=false)"),
        ("F.max_pool2d(x, 2)", "maxpool(2)"),
        ("torch.flatten(x, 1)", "flatten"),
        ("nn.ReLU(inplace=True)", "relu"),
        ("batchnorm2d(32)", "bn"),
        ("Sequential([Conv2D(8, 3), ReLU()])", "conv(8, 3) -> relu"),
        ("DepthwiseConv2D(3, strides=2)", "conv(in.channels, 3, stride=2, groups=in.channels)"),
        ("Dense(10, activation='softmax', name='head')", "head: linear(10) -> softmax"),
        ("BatchNormalization()", None),  # another eps
        ("LayerNorm(64)", None),
        ("Dropout2d(0.5)", None),
        ("conv2d(16, 32, 3)", None),  # PyTorch's order or Keras's
        ("self.conv1(x)", None),
    ],
)
def test_calls_of_others(text: str, meant: str | None) -> None:
    assert written(text) == meant


FOLLOWED = [
    ("conv(64, 3, 3, stride=1)", "conv(64, 3x3, stride=1)"),
    ("conv(64, 3, 3, stride=1)", "conv(3, 3, stride=1)"),
    ("upsample(2, mode=bicubic)", "upsample(2, mode=bilinear)"),
    ("for i in 0..3 { relu }", "for i in range(3) { relu }"),
    ("for i in 0..3 { relu }", "for i in range(4) { relu }"),
    ("add { conv(16, 3x3, pad=1) -> relu }", "add { | conv(16, 3x3, pad=1) -> relu | }"),
    (
        "se(16)",
        "let c = in.channels\n    mul { | | adaptive_avgpool(1) -> conv(max(c // 16, 1), 1x1) -> relu "
        "-> conv(c, 1x1) -> sigmoid }",
    ),
    ("dwconv(16, 3x3)", "conv(in.channels, 3x3, pad=1, groups=in.channels)"),
    ("maxpool(2x2, ceil_mode=in.channels)", "maxpool(2x2, round=ceil)"),
    ("for a, b in [[8, 1], [16, 2]] { conv(a, b) }", "for p in [[8, 1], [16, 2]] { conv(p[0], p[1]) }"),
]


@pytest.mark.parametrize(("wrong", "right"), FOLLOWED)
def test_a_help_without_an_edit_can_be_followed(wrong: str, right: str) -> None:
    """Where several things may be meant, each that is named is right."""
    found = from_text(NETWORK.format(wrong, TAIL)).check()
    assert len(found) == 1
    shown = re.findall(r"`([^`]*)`", found[0].help or "")
    assert any(part.split(" { …")[0].replace("`", "") in " ".join(right.split()) for part in shown), shown
    assert not from_text(NETWORK.format(right, TAIL)).check()

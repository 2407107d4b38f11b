"""The parameters of emitted classes: kept where the class holds for other values, constants where it does not."""

from __future__ import annotations

from cnndsl.pipeline import from_text
from cnndsl_torch import backend
from cnndsl_torch.live import execute


def test_parameters_are_kept_where_loops_are_written_out() -> None:
    text = """network n(classes = 10) : 3 x 32 x 32 -> classes {
        { conv(8, 3x3) -> relu } * 2
        a: conv(8, 1x1) -> add { | from a | }
        global_avgpool
        fc: linear(classes)
    }"""
    assert "def __init__(self, classes: int = 10) -> None:" in backend.source(from_text(text).graph())


def test_a_default_follows_what_is_given() -> None:
    text = "network n(g = 4, h = g) : 3 x 8 x 8 -> _ x _ x _ { conv(g, 1x1) -> conv(h, 1x1) }"
    model = execute(backend.source(from_text(text).graph()), "N")
    assert type(model)(g=6).state_dict()["1.weight"].shape == (6, 6, 1, 1)


def test_a_parameter_that_changes_a_flat_size_is_a_constant() -> None:
    text = "network n(s = 2, c = 4) : 3 x 8 x 8 -> 10 { conv(c, 2x2, stride=s) -> flatten -> linear(10) }"
    source = backend.source(from_text(text).graph())
    assert "def __init__(self, c: int = 4) -> None:" in source
    assert "nn.Linear(c * 16, 10)" in source


def test_options_of_a_branch_that_is_not_reached_are_those_that_are_written() -> None:
    text = """network n(c = 4) : 3 x 8 x 8 -> _ x _ x _ {
        if c == 5 { lrn(5, alpha=1e-4, average=true) -> maxpool(2x2, round=ceil) }
        conv(c, 1x1)
    }"""
    source = backend.source(from_text(text).graph())
    assert "nn.LocalResponseNorm(5)" in source
    assert "nn.MaxPool2d(2, ceil_mode=True)" in source


def test_a_loop_with_turns_gives_what_its_last_turn_gives() -> None:
    text = """block Double(c) { { conv(c, 3x3, pad=1) -> relu } * 2 }
    network n(w = 4) : 3 x 8 x 8 -> _ x _ x _ { a: Double(w) -> b: Double(2 * w) -> c: conv(3, 1x1) }"""
    source = backend.source(from_text(text).graph())
    assert "Double(w, 2 * w)" in source
    assert "out_channels" not in source


def test_one_class_for_different_ops() -> None:
    text = """block B(c, act = relu) { conv(c, 1x1) -> act }
    network n : 3 x 8 x 8 -> _ x _ x _ { a: B(4) -> b: B(4, silu) -> c: B(4, leaky_relu(0.2)) }"""
    source = backend.source(from_text(text).graph())
    assert source.count("class ") == 2
    assert "B(4, 4, partial(nn.LeakyReLU, 0.2))" in source


def test_what_both_branches_make_is_made_once() -> None:
    text = """block B(c) { if in.channels == c { add { | a: conv(c, 1x1) | } } else { a: conv(c, 1x1) } }
    network n : 3 x 8 x 8 -> _ x _ x _ { B(3) -> B(4) }"""
    assert backend.source(from_text(text).graph()).count("self.a = ") == 1

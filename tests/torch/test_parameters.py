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

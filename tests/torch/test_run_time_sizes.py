"""A module gives what the spec says for the size at hand, or an error that names what does not fit."""

from __future__ import annotations

import pytest
import torch
import torch.fx
from torch.export import Dim

from cnndsl.pipeline import from_text
from cnndsl_torch import backend
from cnndsl_torch.live import execute
from tests.fuzz.agreement import sizes, tried_with
from tests.fuzz.programs import Programs

HEAD = "network n : 3 x H=64 x W=64 -> "
FREE = {
    "an enlargement by the input's sizes": "4 x H x W { conv(4, 3x3) -> adaptive_avgpool(1) -> upsample(H x W) }",
    "a pyramid": """_ x H x W {
        let h = in.height
        let w = in.width
        concat { | | adaptive_avgpool(1) -> conv(1, 1x1) -> upsample(h x w) | adaptive_maxpool(1) -> upsample(h x w) }
    }""",
    "the whole map as a window": "4 { conv(4, 3x3) -> avgpool(in.height x in.width) -> flatten }",
    "the whole map's largest value": "4 { conv(4, 3x3) -> maxpool(in.height x in.width) -> flatten }",
    "equal lanes": "4 x H x W { add { | conv(4, 3x3, pad=1) | conv(4, 5x5, pad=2) } }",
    "halves": "_ { add { | conv(4, 3x3, stride=2, pad=1) | subsample(2) -> conv(4, 1x1) }\n global_avgpool }",
}
BOUND = {
    "an enlargement that misses the stated size": (
        "4 x H x W { conv(4, 3x3, stride=8, pad=1) -> upsample(8) }", (65, 70),
        "n : 3 x H=64 x W=64 -> 4 x H x W: 65 x 70 becomes 72 x 72 in `upsample(8)`"),
    "a stated number": ("4 x 8 x _ { conv(4, 3x3, stride=8, pad=1) }", (80, 64), "80 x 64 becomes 10 x 8"),
    "a branch": ("_ { if in.height > 40 { maxpool(2x2) }\n global_avgpool }", (8, 16), "`in.height > 40` holds"),
    "another branch": ("_ { if H < 40 { maxpool(2x2) }\n global_avgpool }", (8, 16), "`H < 40` does not hold"),
    "a number of turns": ("_ { relu * (H // 16)\n global_avgpool }", (8, 16), "`H // 16` is 4"),
    "channels": ("_ { conv(H, 1x1) -> global_avgpool }", (8, 64), "`H` is 64"),
    "a block's argument": ("_ { let h = in.height // 2\n B(h) -> global_avgpool }", (8, 64), "`h` is 32"),
    "a block's default": ("_ { D -> global_avgpool }", (64, 8), "`in.width` is 64"),
    "uneven padding": ("_ { conv(4, 7x7, stride=3, pad=same) -> global_avgpool }", (65, 64), "another height"),
    "lanes of one row": ("4 x _ x _ { add { | conv(4, 3x3, stride=16, pad=1) | conv(4, 1x1) -> adaptive_avgpool(4) } }",
                         (16, 16), "the lanes are 1 x 1 and 4 x 4"),
    "an empty grid": ("_ x _ x _ { adaptive_avgpool(in.height // 8) }", (7, 64), "`size` of `adaptive_avgpool` is 0"),
}  # fmt: skip
BLOCKS = "block B(c) { conv(c, 1x1) }\nblock D(c = in.width) { conv(c, 1x1) }\n"


def built(text: str) -> torch.nn.Module:
    graph = from_text(text).graph()
    model: torch.nn.Module = execute(backend.source(graph), backend.entry(graph)).eval()
    return model


@pytest.mark.parametrize("text", FREE.values(), ids=FREE)
def test_what_is_free_holds_for_every_size(text: str) -> None:
    spec = from_text(HEAD + text)
    found = sizes(spec, spec.graph())
    assert found["given"] >= 5
    assert not found["refused"]
    model = built(HEAD + text)
    varying = {2: Dim("height", min=8, max=512), 3: Dim("width", min=8, max=512)}
    exported = torch.export.export(model, (torch.randn(1, 3, 64, 64),), dynamic_shapes=(varying,)).module()
    image = torch.randn(1, 3, 40, 96)
    torch.testing.assert_close(exported(image), model(image))


@pytest.mark.parametrize(("text", "size", "message"), BOUND.values(), ids=BOUND)
def test_what_does_not_fit_is_named(text: str, size: tuple[int, int], message: str) -> None:
    spec = from_text(BLOCKS + HEAD + text)
    assert spec.check() == []
    sizes(spec, spec.graph())
    with pytest.raises(AssertionError) as error:
        built(BLOCKS + HEAD + text)(torch.randn(1, 3, *size))
    assert message in str(error.value)


@pytest.mark.parametrize("text", [*FREE.values(), *(text for text, *_ in BOUND.values())], ids=[*FREE, *BOUND])
def test_checks_can_be_traced_and_scripted(text: str) -> None:
    model = built(BLOCKS + HEAD + text)
    image = torch.randn(1, 3, 64, 64)
    for other in (torch.fx.symbolic_trace(model), torch.jit.script(model)):
        torch.testing.assert_close(other(image), model(image))


def test_sizes_that_are_stated_as_numbers_are_asked_for() -> None:
    with pytest.raises(AssertionError, match="n takes 3 x 8 x 9, not width 8"):
        built("network n : 3 x 8 x 9 -> 3 { conv(3, 3x3) -> global_avgpool }")(torch.randn(1, 3, 8, 8))


def test_one_size_for_both_sides() -> None:
    with pytest.raises(AssertionError, match="n takes 3 x S=8 x S, not width 9"):
        built("network n : 3 x S=8 x S -> 3 { conv(3, 3x3) -> global_avgpool }")(torch.randn(1, 3, 8, 9))


@pytest.mark.parametrize("seed", range(60))
def test_random_programs(seed: int) -> None:
    """The whole language, at other sizes and with other values of the constructor's parameters too."""
    programs = Programs(seed)
    tried_with(programs.program(), programs.random)

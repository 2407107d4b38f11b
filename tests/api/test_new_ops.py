"""A layer and a merge that are written elsewhere, as CONTRIBUTING.md says, are as good as ours: checked, explained,
linted, drawn, written as PyTorch, recovered from their graph, and looked for when a name is misspelled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

THEIRS = '''
from cnndsl.ir.dims import Shape
from cnndsl.ops import Layer, Merge
from cnndsl.ops.base import MAPS, Mismatch, arg, need_map
from cnndsl.ops.checks import check_divides
from cnndsl.ops.kinds import Integer
from cnndsl_torch.lowering import Joined, Lowered, OpCall, lowers


class Unshuffle(Layer):
    """The values of `times` x `times` positions as channels of one.

    C x H x W becomes C · times² x H / times x W / times. Reference: ``torch.nn.PixelUnshuffle``.
    """

    name = "unshuffle"
    family = "reshape"
    ranks = MAPS
    example = "unshuffle(2)"
    times: int = arg("positions each way", Integer(), 2)

    def infer(self, x: Shape) -> Shape:
        channels, height, width = need_map(self, x)
        check_divides(self, "times", self.times, {"rows": height, "columns": width})
        return (channels * self.times**2, height // self.times, width // self.times)


class Least(Merge):
    """The smallest value of the lanes at each place.

    y = min(lanes), of equal shapes. Reference: ``torch.minimum``.
    """

    name = "least"
    family = "merge"
    alike = True
    symbol = "∧"
    example = "least { | conv(16, 1x1) | }"

    def join(self, lanes: tuple[Shape, ...]) -> Shape:
        for index, lane in enumerate(lanes):
            if lane != lanes[0]:
                raise Mismatch(index, "every lane must have the shape of the first")
        return lanes[0]


@lowers(Unshuffle)
def unshuffle(op: OpCall) -> Lowered:
    return Lowered(f"nn.PixelUnshuffle({op['times']})", f"F.pixel_unshuffle({{x}}, {op['times']})")


@lowers(Least)
def least(op: OpCall) -> Joined:
    return Joined("torch.stack([{lanes}]).amin(0)")
'''

TRIED = '''
import re
import sys

import torch

import theirs
import cnndsl
from cnndsl.lint.run import lint
from cnndsl.pipeline import from_text
from cnndsl_torch import backend


def said(text):
    return "\\n".join(f"{d.code} {d.span.text}: {d.message} {d.help}" for d in cnndsl.check(text))


HEAD = "network n(w = 4) : 3 x 8 x 8 -> _ x _ x _ "
GOOD = """block Down(c, n) {
    least { | conv(c, n x n, stride=n) | unshuffle(n) -> conv(c, 1x1) }
    relu
}
""" + HEAD + "{ Down(w, 2) -> Down(2 * w, 1) -> Down(2 * w, 4) }"

# names, arguments, shapes
assert "did you mean `unshuffle`" in said(HEAD + "{ unshufle(2) }"), said(HEAD + "{ unshufle(2) }")
assert "E0303 0" in said(HEAD + "{ unshuffle(0) }")
assert "E0406 3: 3 times do not divide the 8 rows" in said(HEAD + "{ unshuffle(3) }"), said(HEAD + "{ unshuffle(3) }")
assert "E0403 unshuffle" in said("block B(c) { flatten -> unshuffle(c) }")
assert "E0404 linear" in said("block B(c) { unshuffle(c) -> linear(c) }")
assert "E0309 least" in said(HEAD + "{ least }")
wrong = said(HEAD + "{ conv(4, 1x1) -> least { | conv(8, 3x3, pad=1) | } }")
assert "project the lane of 4 x 8 x 8: `conv(8, 1x1)`" in wrong, wrong
assert "`:: 12 x 4 x 4`" in said(HEAD + "{ least { | unshuffle } :: 3 x 8 x 8 }")

# what comes out, and its source
graph = from_text(GOOD).graph()
assert [d.code for d in from_text(GOOD).check()] == []
source = cnndsl.source(GOOD)
assert source.count("class ") == 2, source
model = cnndsl.load(GOOD).eval()
x = y = torch.randn(2, 3, 8, 8)
for block, times in zip(model, (2, 1, 4), strict=True):
    wide, narrow = (m for m in block.modules() if isinstance(m, torch.nn.Conv2d))
    y = torch.relu(torch.minimum(wide(y), narrow(torch.nn.functional.pixel_unshuffle(y, times))))
assert torch.equal(model(x), y)
assert type(model)(w=6)(x).shape == (2, 12, 1, 1)

# figures, lint, and the way back
drawn = cnndsl.render(GOOD, format="dot").decode()
assert "∧" in drawn and "unshuffle" in drawn
text = cnndsl.recover(GOOD)
assert "unshuffle" in text and "least {" in text and "block" in text, text
again = from_text(text).graph()
assert [(n.path, repr(n.op), n.shape) for n in again.nodes] == [(n.path, repr(n.op), n.shape) for n in graph.nodes]
unread = from_text(HEAD + "{ one: least { | relu | } -> two: unshuffle -> from input }")
assert "W0209" in [d.code for d in lint(unread)]
assert cnndsl.summary(GOOD).params == sum(p.numel() for p in model.parameters())

# random programs
from random import Random

from tests.fuzz.agreement import tried_with
from tests.fuzz.programs import Programs

drawn, seed = 0, 0
while drawn < 3:
    programs = Programs(seed := seed + 1)
    programs.examples = ["unshuffle(2)", theirs.Least.example.replace("16", "in.channels")]
    text = programs.program()
    if ("unshuffle" in text or "least" in text) and not from_text(text).check():
        tried_with(text, Random(seed))
        drawn += 1
print("all of it")
'''


def test_a_layer_and_a_merge_from_outside(tmp_path: Path) -> None:
    (tmp_path / "theirs.py").write_text(THEIRS, "utf-8")
    (tmp_path / "tried.py").write_text(TRIED, "utf-8")
    run = subprocess.run([sys.executable, "tried.py"], cwd=tmp_path, capture_output=True, text=True, check=False,
                         env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"})  # fmt: skip
    assert (run.stdout, run.returncode) == ("all of it\n", 0), run.stderr

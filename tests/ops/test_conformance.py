"""Every op says what it is: documentation, documented arguments, and an example that works."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from cnndsl.ir.dims import show
from cnndsl.ops import Layer, Merge, Mismatch, Op, Symbol, Violation, registry
from cnndsl.ops.base import REQUIRED
from cnndsl.pipeline import from_text

OPS = [pytest.param(op, id=name) for name, op in registry.items()]
FAMILIES = {
    "activation", "channels", "convolution", "linear", "merge",
    "normalization", "pooling", "regularization", "reshape",
}  # fmt: skip


@pytest.mark.parametrize("op", OPS)
def test_documentation(op: type[Op]) -> None:
    assert op.__doc__ is not None
    assert op.__doc__ != (op.__base__.__doc__ if op.__base__ else None), "it has a docstring of its own"
    summary, blank, rest = op.__doc__.partition("\n\n")
    assert summary.endswith(".")
    assert "\n" not in summary
    assert blank
    assert rest.strip(), "formula and source follow the summary"
    assert re.search(r"Source: |Reference: |PyTorch|^ *y = ", rest, re.MULTILINE)
    assert op.family in FAMILIES


@pytest.mark.parametrize("op", OPS)
def test_arguments(op: type[Op]) -> None:
    for name, argument in op.args.items():
        assert name == argument.name
        assert argument.doc, f"{name} is documented"
        assert not argument.doc.endswith("."), f"{name}: a phrase, no sentence"
        assert argument.kind.describe()
        assert name in op.__annotations__ or any(name in c.__annotations__ for c in op.__mro__[1:-1])
        if argument.default is not REQUIRED:
            written = Symbol(argument.default) if isinstance(argument.default, str) else argument.default
            parsed = argument.kind.parse(written)
            assert parsed == argument.default, f"the default of {name} is canonical"
            assert type(parsed) is type(argument.default)
    required = [a.default is REQUIRED for a in op.args.values()]
    assert required == sorted(required, reverse=True), "arguments that are required come first"


@pytest.mark.parametrize("op", OPS)
def test_example(op: type[Op]) -> None:
    spec = from_text(f"network example : {show(op.example_input)} -> 1 {{\n{op.example}\nflatten\nlinear(1)\n}}\n")
    assert [str(d) for d in spec.check()] == []
    assert op in {type(node.op) for node in spec.graph().nodes}


@pytest.mark.parametrize("op", OPS)
def test_interface(op: type[Op]) -> None:
    assert issubclass(op, Layer) != issubclass(op, Merge)
    spec = from_text(f"network example : {show(op.example_input)} -> 1 {{\n{op.example}\nflatten\nlinear(1)\n}}\n")
    for node in spec.graph().nodes:
        if isinstance(node.op, Layer) and type(node.op) is op:
            x, y = node.input_shape, node.shape
            shapes = [*node.op.tensors(x).values(), *node.op.buffers(x).values()]
            assert all(isinstance(side, int) and side > 0 for shape in shapes for side in shape)
            assert (node.op.macs(x, y) > 0) is op.weighted
            window = node.op.window(x)
            assert window is None or (min(window[0]) >= 1 and min(window[1]) >= 1)
            assert repr(node.op).startswith(f"{op.name}(")
            assert "object at 0x" not in repr(node.op)


@pytest.mark.parametrize("op", OPS)
def test_ranks(op: type[Op]) -> None:
    """What an op says of maps and features holds for its shapes."""
    found = {}
    spec = from_text(f"network example : {show(op.example_input)} -> 1 {{\n{op.example}\nflatten\nlinear(1)\n}}\n")
    node = next(node for node in spec.graph().nodes if type(node.op) is op)
    for shape in ((16,), (960,), (16, 64, 64), (960, 64, 64)):
        try:
            if isinstance(node.op, Merge):
                found[len(shape)] = len(node.op.join((shape, shape)))
            elif isinstance(node.op, Layer):
                found[len(shape)] = len(node.op.infer(shape))
        except (Mismatch, Violation):
            pass
    assert op.ranks == found


def test_nothing_heavy_is_imported() -> None:
    code = "import sys, cnndsl.ops; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "numpy", "lark", "pydantic", "networkx", "graphviz", "rich", "typer"} & set(loaded)

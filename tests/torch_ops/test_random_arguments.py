"""Random arguments of every op: what its rule says is what PyTorch does, and what it refuses PyTorch refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from cnndsl.ir.dims import Shape, product, show
from cnndsl.ops import Layer, Merge, Mismatch, Violation, kinds, registry
from cnndsl.ops.base import REQUIRED
from cnndsl.ops.reach import Reach
from cnndsl.pipeline import from_text
from cnndsl_torch import backend
from cnndsl_torch.live import execute
from cnndsl_torch.lowering import Joined, Lowered
from tests.reference import stated_tensors

LAYERS = [name for name, cls in registry.items() if issubclass(cls, Layer)]
MERGES = [name for name, cls in registry.items() if issubclass(cls, Merge)]
EXAMPLES = 6
"""For each op."""

STRICTER = {
    ("zero_pad", "E0403"): "PyTorch would pad the batch",
    ("global_avgpool", "E0403"): "PyTorch takes the batch for channels",
    ("adaptive_avgpool", "E0403"): "as for global_avgpool",
    ("linear", "E0404"): "PyTorch takes the columns of a map for the features",
    ("conv", "E0405"): "PyTorch pads unevenly, which Caffe and the figures of papers do not",
    ("conv_table", "E0405"): "as for conv",
    ("maxpool", "E0401"): "a window that sees padding alone gives -inf",
    ("slice", "E0408"): "Python gives the channels that there are",
    ("pad_channels", "E0408"): "PyTorch takes a negative padding to cut channels",
    ("conv_table", "E0407"): "the module trusts the table: a pair listed twice would lose a kernel",
    ("conv_table", "E0408"): "the module trusts the table: the next output's weights would be overwritten",
}
"""Refusals of ours where PyTorch gives something, and why."""

settings.register_profile("arguments", max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def values(kind: kinds.Kind) -> st.SearchStrategy[Any]:
    """Canonical values of a kind, small."""
    match kind:
        case kinds.Integer(low, high):
            return st.integers(low or 0, 7 if high is None else high)
        case kinds.Number(low, high):
            low, high = -2.0 if low is None else low, 2.0 if high is None else high
            return st.sampled_from([low, high]) | st.floats(low, high).map(lambda value: round(value, 4))
        case kinds.Boolean():
            return st.booleans()
        case kinds.Size(low, words):
            sizes = st.tuples(st.integers(low, low + 3), st.integers(low, low + 3))
            return sizes | st.sampled_from(words) if words else sizes
        case kinds.Word(words):
            return st.sampled_from(words)
        case kinds.Many(item):
            return st.lists(values(item), min_size=1, max_size=4).map(tuple)
        case kinds.Optional(inner):
            return st.none() | values(inner)
    raise TypeError(f"{kind} is a kind unknown to this test")


@st.composite
def calls(draw: st.DrawFn, name: str) -> tuple[dict[str, Any], Shape]:
    """Arguments of an op and an input: more often than not what it takes, but features where it takes maps too."""
    arguments = {}
    for argument in registry[name].args.values():
        if argument.default is REQUIRED or draw(st.booleans()):
            arguments[argument.name] = draw(values(argument.kind))
    if name == "conv_table" and draw(st.integers(0, 3)):  # A random table would hardly ever be sound.
        inputs = st.sets(st.integers(0, 1), min_size=1).map(tuple)
        arguments["connections"] = tuple(draw(inputs) for _ in range(arguments["out"]))
    if arguments.get("eps") == 0:  # 0 / 0 where nothing varies; of `bn` it is refused.
        del arguments["eps"]
    flat = draw(st.integers(0, 3)) == (1 if name != "linear" else draw(st.integers(0, 3)))
    channels, height, width = (draw(st.integers(1, top)) for top in (12, 9, 9))
    return arguments, (channels,) if flat else (channels, height, width)


def written(value: Any) -> str:
    """A canonical value in the language: a tuple is a size."""
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case tuple():
            return "x".join(map(str, value))
        case list():
            return f"[{', '.join(map(written, value))}]"
    return str(value)


def spec_text(name: str, arguments: dict[str, Any], x: Shape, y: Shape) -> str:
    lists = {k: [list(v) if isinstance(v, tuple) else v for v in arguments[k]]
             for k, a in registry[name].args.items() if isinstance(a.kind, kinds.Many) and k in arguments}  # fmt: skip
    given = ", ".join(f"{k}={written(v)}" for k, v in (arguments | lists).items())
    return f"network n : {show(x)} -> {show(y)} {{\n    {name}({given})\n}}\n"


def inferred(name: str, arguments: dict[str, Any], x: Shape) -> Shape | str:
    """The output shape, or the code of the rule that is broken."""
    try:
        op = registry[name](**arguments)
        assert isinstance(op, Layer)
        return op.infer(x)
    except Violation as violation:
        return violation.code


def torch_takes(
    name: str, arguments: dict[str, Any], x: Shape, lower: Callable[..., Lowered], scope: dict[str, Any]
) -> bool:
    """Whether the lowered op gives something in training and evaluation, were there no rule."""
    with patch.object(registry[name], "validate", lambda op: None):
        op = registry[name](**arguments)
    try:
        module: nn.Module = eval(lower(op, x).module, scope)
        return all(module.train(training)(torch.rand(2, *x)).numel() > 0 for training in (True, False))
    except (Violation, AssertionError, RuntimeError, ValueError, IndexError, ZeroDivisionError):
        return False


def check_accepted(name: str, text: str, x: Shape) -> None:
    spec = from_text(text)
    assert spec.check() == [], text
    graph = spec.graph()
    node = graph.outputs[0].node
    source = backend.source(graph)
    module = execute(source, backend.entry(graph))
    assert {k: tuple(v.shape) for k, v in module.state_dict().items()} == dict(stated_tensors(graph)), source
    assert isinstance(node.op, Layer)
    tensors = node.op.tensors(node.input_shape)
    assert sum(p.numel() for p in module.parameters()) == sum(map(product, tensors.values()))
    for training in (True, False):
        with FlopCounterMode(display=False) as counter:
            y = module.train(training)(torch.rand(2, *x))
        assert tuple(y.shape) == (2, *node.shape), text
        if node.op.family != "normalization":  # Any factor and exponent is taken there.
            assert y.isfinite().all(), text
        macs = node.op.macs(node.input_shape, node.shape)
        if name == "conv_table":  # It is run as a full convolution.
            macs = macs * node.shape[0] * x[0] // tensors["weight"][0]
        assert counter.get_total_flops() == 2 * 2 * macs, text


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name: str, lower: Callable[..., Lowered], namespace: dict[str, Any]) -> None:
    @settings(settings.get_profile("arguments"))
    @given(calls(name))
    def agrees(call: tuple[dict[str, Any], Shape]) -> None:
        arguments, x = call
        code = inferred(name, arguments, x)
        text = spec_text(name, arguments, x, (1,) if isinstance(code, str) else code)
        if isinstance(code, tuple):
            check_accepted(name, text, x)
            return
        assert code in {d.code for d in from_text(text).check()}, text
        if (name, code) not in STRICTER:
            assert not torch_takes(name, arguments, x, lower, namespace), f"{code}: {text}"

    agrees()


def read(module: nn.Module, x: Shape, axis: int) -> dict[int, set[int]]:
    """The rows (axis 0) or columns (1) of the input that each of the output depends on."""
    seen: dict[int, set[int]] = {}
    for index in range(x[axis + 1]):
        batch = torch.rand(2, *x)  # of one value group normalisation can't be taken
        batch.select(axis + 2, index).fill_(float("nan"))
        y: Tensor = module(batch)
        rows = y.isnan().flatten(0, 1).any(0).any(1 - axis)
        for row in rows.nonzero().flatten().tolist():
            seen.setdefault(row, set()).add(index)
    return seen


def blind(reach: Reach, size: int, out: int) -> bool:
    """Whether no position of the output reads any of the input's ``size``."""
    return not any(0 <= i < size for row in range(out) for i in reach.rows(row))


@pytest.mark.parametrize("name", LAYERS)
def test_reach(name: str, lower: Callable[..., Lowered], namespace: dict[str, Any]) -> None:
    @settings(settings.get_profile("arguments"))
    @given(calls(name))
    def sees_no_more(call: tuple[dict[str, Any], Shape]) -> None:
        arguments, x = call
        if name == "lrn":
            arguments["k"] = 1e4  # No power of a number below 0.
        y = inferred(name, arguments, x)
        if len(x) == 1 or isinstance(y, str) or len(y) == 1:
            return
        op = registry[name](**arguments)
        assert isinstance(op, Layer)
        module: nn.Module = eval(lower(op, x).module, namespace).eval()
        reach = op.reach(x)
        for axis in (0, 1):
            found = read(module, x, axis)
            for row in range(y[axis + 1]):
                rows = range(row, row + 1) if reach is None else reach[axis].rows(row)
                said = set(range(x[axis + 1])) if op.sees_all(x) else {i for i in rows if 0 <= i < x[axis + 1]}
                if reach is not None and not op.sees_all(x) and blind(reach[1 - axis], x[2 - axis], y[2 - axis]):
                    said = set()  # what falls between the inputs along one axis sees none along the other
                seen = found.get(row, set())
                if name == "upsample" and arguments.get("mode") == "bilinear":  # PyTorch reads what counts nothing
                    assert said <= seen
                else:
                    assert seen == said, (op, x, row)

    sees_no_more()


SHAPES = st.sampled_from([(2, 3, 4), (1, 3, 4), (2, 1, 1), (2, 3, 1), (1, 1, 4), (2,), (3,)])


@pytest.mark.parametrize("name", MERGES)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(SHAPES, min_size=2, max_size=3))
def test_merge(name: str, lower: Callable[..., Joined], namespace: dict[str, Any], shapes: list[Shape]) -> None:
    op = registry[name]()
    assert isinstance(op, Merge)
    try:
        ours: Shape | None = op.join(tuple(shapes))
    except Mismatch:
        ours = None
    lanes = [torch.rand(2, *shape) for shape in shapes]
    try:
        call = lower(op, shapes[0]).call.format(lanes=", ".join(f"lanes[{i}]" for i in range(len(lanes))))
        theirs = tuple(eval(call, {**namespace, "lanes": lanes}).shape[1:])
    except RuntimeError:
        theirs = None
    if ours is not None or name != "mul":  # PyTorch broadcasts whatever fits, `mul` factors of channels alone.
        assert theirs == ours


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 10**400])
@pytest.mark.parametrize("kind", [kinds.Number(), kinds.Number(0, 1), kinds.Number(0), kinds.Number(None, 1)])
def test_numbers_are_finite(kind: kinds.Number, value: float) -> None:
    with pytest.raises(ValueError, match="a number"):
        kind.parse(value)

"""Every op has a lowering rule, and what it writes has the op's tensors, its shapes and one meaning."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import cnndsl_torch.rules
from cnndsl.ir.dims import Shape, show
from cnndsl.ops import Layer, Merge, registry
from cnndsl.pipeline import from_text
from cnndsl_torch.lowering import RULES, Joined, Lowered

MAP: Shape = (16, 8, 9)
FLAT: Shape = (12,)
TABLE = ((0, 1, 2), (4, 5), (8,), (0, 15))
TWICE = ((0, 1), (0, 1))
Values = dict[str, Any]

VARIANTS: dict[str, list[tuple[Values, Shape]]] = {
    "conv": [
        ({"out": 8, "size": (3, 5), "stride": (2, 1), "pad": (1, 2), "dilation": (1, 2)}, MAP),
        ({"out": 8, "size": (3, 3), "pad": "same", "groups": 4, "bias": False}, MAP),
        ({"out": 8, "size": (1, 7), "pad": "same"}, MAP),
        ({"out": 8, "size": (2, 3), "pad": "same", "stride": (2, 2)}, MAP),
        ({"out": 8, "size": (3, 3), "pad": "same", "dilation": (2, 2)}, MAP),
    ],
    "conv_transpose": [
        ({"out": 8, "size": (3, 3), "stride": (2, 2), "pad": (1, 1), "output_pad": (1, 1)}, MAP),
        ({"out": 8, "size": (3, 5), "groups": 2, "bias": False, "dilation": (2, 1)}, MAP),
    ],
    "conv_table": [
        ({"out": 4, "size": (3, 5), "connections": TABLE, "stride": (2, 2), "pad": (1, 2)}, MAP),
        ({"out": 4, "size": (3, 3), "connections": TABLE, "pad": "same", "bias": False}, MAP),
        ({"out": 2, "size": (3, 3), "connections": TWICE}, MAP),
    ],
    "linear": [({"out": 7}, FLAT), ({"out": 7, "bias": False}, FLAT)],
    "bn": [({}, FLAT), ({"eps": 1e-3, "momentum": 0.01, "affine": False}, MAP), ({"affine": False}, FLAT)],
    "lrn": [
        ({}, MAP),
        ({"size": 5, "alpha": 1e-4, "beta": 0.5, "k": 2.0, "average": True}, MAP),
        ({"size": 4, "alpha": 0.3}, MAP),
    ],
    "groupnorm": [
        ({"groups": 2, "eps": 1e-3}, MAP),
        ({"groups": 16, "affine": False}, MAP),
        ({"groups": 3}, FLAT),
    ],
    "layernorm": [({}, MAP), ({"affine": False}, MAP), ({"eps": 1e-6}, FLAT), ({"affine": False}, FLAT)],
    "leaky_relu": [({}, FLAT), ({"slope": 0.333}, MAP), ({"slope": -0.5}, MAP)],
    "rrelu": [({}, MAP), ({"lower": 0.0, "upper": 1.0}, FLAT)],
    "elu": [({}, FLAT), ({"alpha": 0.5}, MAP)],
    "prelu": [({}, FLAT), ({"shared": True, "init": 0.1}, MAP), ({"init": 0.0}, MAP)],
    "apl": [({}, MAP), ({"pieces": 1}, FLAT)],
    "maxout": [({"pieces": 4}, MAP), ({"pieces": 3}, FLAT), ({"pieces": 1}, MAP)],
    "maxpool": [
        ({"size": (3, 3), "stride": (2, 2), "round": "ceil"}, MAP),
        ({"size": (2, 3), "stride": (1, 2), "pad": (1, 0), "dilation": (2, 1)}, MAP),
        ({"size": (2, 2), "stride": (2, 2)}, MAP),
        ({"size": (1, 1), "stride": (3, 3), "round": "ceil"}, MAP),
    ],
    "avgpool": [
        ({"size": (3, 3), "stride": (2, 2), "pad": (1, 1), "round": "ceil"}, MAP),
        ({"size": (3, 3), "stride": (1, 1), "pad": (1, 1), "count_pad": False}, MAP),
        ({"size": (2, 3)}, MAP),
    ],
    "stochastic_pool": [
        ({"size": (2, 2)}, MAP),
        ({"size": (3, 2), "stride": (2, 1), "round": "ceil"}, MAP),
        ({"size": (2, 2), "stride": (5, 5), "round": "ceil"}, MAP),
    ],
    "subsampling": [({"size": (2, 2)}, MAP), ({"size": (2, 3), "stride": (1, 2)}, MAP)],
    "adaptive_avgpool": [({"size": (1, 1)}, MAP), ({"size": (5, 2)}, MAP)],
    "adaptive_maxpool": [({"size": (1, 1)}, MAP), ({"size": (5, 2)}, MAP)],
    "spp": [({"levels": (3, 2, 1)}, MAP), ({"levels": (2, 2)}, MAP), ({"levels": (1,)}, MAP)],
    "dropout": [({}, FLAT), ({"p": 0.2}, MAP), ({"p": 0.0}, MAP)],
    "dropblock": [
        ({"size": (3, 2)}, MAP),
        ({"size": (8, 9), "keep": 0.5}, MAP),
        ({"size": (2, 2), "keep": 0.0}, MAP),
    ],
    "droppath": [
        ({"p": 0.2}, MAP),
        ({"p": 0.5, "scale": "evaluation"}, FLAT),
        ({"p": 1.0}, MAP),
        ({"p": 0.0}, MAP),
    ],
    "flatten": [({}, FLAT), ({}, (5, 1, 1))],
    "subsample": [({"stride": (2, 2)}, MAP), ({"stride": (3, 1)}, MAP)],
    "upsample": [({}, MAP), ({"scale": (2, 3), "mode": "bilinear"}, MAP), ({"scale": (1, 4)}, MAP)],
    "zero_pad": [({"before": (1, 1)}, MAP), ({"before": (0, 1), "after": (2, 0)}, MAP)],
    "pad_channels": [
        ({"out": 16}, MAP),
        ({"out": 21, "side": "both"}, MAP),
        ({"out": 20, "side": "before"}, MAP),
        ({"out": 17, "side": "both"}, FLAT),
        ({"out": 17}, FLAT),
    ],
    "slice": [({"start": 0, "stop": 8}, MAP), ({"start": 3, "stop": 12}, FLAT)],
    "channel_shuffle": [({"groups": 1}, MAP), ({"groups": 8}, MAP)],
    "scale": [({}, FLAT), ({"init": 1e-6, "bias": True}, MAP)],
}
"""Argument values beside the examples. Ops without arguments are run on features as well."""


def example(name: str) -> tuple[Layer, Shape]:
    """The op of an example, and what flows into it."""
    cls = registry[name]
    body = f"{cls.example}\nflatten\nlinear(1)"
    graph = from_text(f"network example : {show(cls.example_input)} -> 1 {{\n{body}\n}}\n").graph()
    node = next(n for n in graph.nodes if type(n.op) is cls)
    assert isinstance(node.op, Layer)
    return node.op, node.input_shape


def cases() -> list[Any]:
    """(name, values, input); no values for the example, which is looked up when the test runs."""
    found = []
    for name, cls in registry.items():
        if issubclass(cls, Layer):
            features: list[tuple[Values, Shape]] = [({}, FLAT)]
            plain = features if not cls.args and cls.family == "activation" else []
            found.append(pytest.param(name, None, None, id=f"{name}-example"))
            for values, x in [*VARIANTS.get(name, []), *plain]:
                found.append(pytest.param(name, values, x, id=f"{cls(**values)}-{show(x)}".replace(" ", "")))
    return found


def op_of(name: str, values: Values | None, x: Shape) -> tuple[Layer, Shape]:
    if values is None:
        return example(name)
    op = registry[name](**values)
    assert isinstance(op, Layer)
    return op, x


def applied(lowered: Lowered, x: Tensor, namespace: Values, training: bool) -> Tensor:
    scope = {**namespace, "x": x, "self": SimpleNamespace(training=training)}
    result: Tensor = eval(lowered.apply("x"), scope)
    return result


def test_every_op_has_a_rule() -> None:
    assert {name for name, cls in registry.items() if cls not in RULES} == set()


def test_every_op_with_arguments_has_variants() -> None:
    layers = {name for name, cls in registry.items() if issubclass(cls, Layer) and cls.args}
    assert layers == {name for name in VARIANTS if registry[name].args}


@pytest.mark.parametrize(("name", "values", "x"), cases())
def test_module(name: str, values: Values | None, x: Shape, lower: Callable[..., Lowered], namespace: Values) -> None:
    op, shape = op_of(name, values, x)
    lowered = lower(op, shape)
    module: nn.Module = eval(lowered.module, namespace)
    state = {k: tuple(v.shape) for k, v in module.state_dict().items()}
    assert list(state.items()) == [*op.tensors(shape).items(), *op.buffers(shape).items()]
    assert [k for k, _ in module.named_parameters()] == list(op.tensors(shape))
    batch = torch.rand(3, *shape)
    for training in (True, False):
        y = module.train(training)(batch.clone())
        assert tuple(y.shape) == (3, *op.infer(shape))
        assert y.dtype == batch.dtype
        assert y.isfinite().all()
    assert all(f"{helper}(" in lowered.module for helper in lowered.helpers)


@pytest.mark.parametrize("fresh", [False, True], ids=["kept", "fresh"])
@pytest.mark.parametrize(("name", "values", "x"), cases())
def test_call_is_the_module(
    name: str, values: Values | None, x: Shape, fresh: bool, lower: Callable[..., Lowered], namespace: Values
) -> None:
    op, shape = op_of(name, values, x)
    lowered = lower(op, shape, fresh)
    if lowered.call is None:
        return
    assert not op.tensors(shape), "an op with tensors is a module"
    module: nn.Module = eval(lowered.module, namespace)
    kept: nn.Module = eval(lower(op, shape).module, namespace)
    batch = torch.randn(3, *shape)
    for training in (True, False):
        results = []
        for function in (module.train(training), kept.train(training), None):
            torch.manual_seed(5)
            leaf = batch.clone().requires_grad_()
            y = function(leaf * 1) if function else applied(lowered, leaf * 1, namespace, training)
            y.square().sum().backward()
            results.append((y, leaf.grad))
        for result in results[1:]:
            torch.testing.assert_close(result, results[0])


@pytest.mark.parametrize("fresh", [False, True])
def test_input_is_kept_unless_fresh(fresh: bool, lower: Callable[..., Lowered], namespace: Values) -> None:
    for name in ("relu", "leaky_relu"):
        x = torch.randn(2, 3)
        before = x.clone()
        eval(lower(registry[name](), (3,), fresh).module, namespace)(x)
        assert torch.equal(x, before) is not fresh


JOINS: dict[str, Callable[[list[Tensor]], Tensor]] = {
    "concat": lambda lanes: torch.cat(lanes, 1),
    "add": lambda lanes: lanes[0] + lanes[1] + lanes[2],
    "mul": lambda lanes: lanes[0] * lanes[1] * lanes[2],
    "mean": lambda lanes: (lanes[0] + lanes[1] + lanes[2]) / 3,
    "max": lambda lanes: torch.maximum(torch.maximum(lanes[0], lanes[1]), lanes[2]),
}


def test_every_merge_is_tested() -> None:
    assert set(JOINS) == {name for name, cls in registry.items() if issubclass(cls, Merge)}


@pytest.mark.parametrize("name", JOINS)
@pytest.mark.parametrize("shape", [(4, 5, 3), (6,)], ids=["map", "features"])
def test_join(name: str, shape: Shape, lower: Callable[..., Joined], namespace: Values) -> None:
    joined = lower(registry[name](), shape)
    assert joined.module is None
    lanes = [torch.randn(2, *shape) for _ in range(3)]
    scope = {**namespace, "lanes": lanes, "a": lanes[0], "b": lanes[1], "c": lanes[2]}
    texts = [joined.call.format(lanes="*lanes"), joined.call.format(lanes="a, b, c")]
    if joined.infix:
        texts.append(f" {joined.infix} ".join("abc"))
    for text in texts:
        torch.testing.assert_close(eval(text, scope), JOINS[name](lanes))


def test_mul_broadcasts_factors(lower: Callable[..., Joined], namespace: Values) -> None:
    joined = lower(registry["mul"](), (4, 5, 3))
    a, b = torch.randn(2, 4, 5, 3), torch.randn(2, 4, 1, 1)
    assert torch.equal(eval(joined.call.format(lanes="a, b"), {**namespace, "a": a, "b": b}), a * b)


def test_mean_with_drop_path(lower: Callable[..., Joined], namespace: Values) -> None:
    joined = lower(registry["mean"](drop_path=0.25), (4,))
    assert joined.module == "FractalJoin(0.25)"
    assert joined.helpers == ("FractalJoin",)
    a, b = torch.randn(2, 2, 4)
    scope = {**namespace, "join": eval(joined.module, namespace).eval(), "a": a, "b": b}
    torch.testing.assert_close(eval(joined.call.format(module="join", lanes="a, b"), scope), (a + b) / 2)


def test_rules_need_no_torch() -> None:
    code = (
        "import sys, cnndsl_torch.rules, cnndsl_torch.modules as m\n"
        "assert [m.source_of(n) for n in m.names()]\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_rule_files_are_short() -> None:
    for path in Path(cnndsl_torch.rules.__path__[0]).glob("*.py"):
        assert len(path.read_text().splitlines()) < 200, path.name

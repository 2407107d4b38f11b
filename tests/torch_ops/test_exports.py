"""What each op is in PyTorch can be traced, exported, and runs elsewhere with the same values."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from cnndsl.ir.dims import Shape
from cnndsl_torch.lowering import Lowered
from tests.torch_ops.test_rules import Values, cases, op_of

REFUSED = {"rrelu", "adaptive_maxpool", "spp"}
"""Ops that PyTorch's exporter has no ONNX for, and says so; not where they are something simpler."""


def built(name: str, values: Values | None, x: Shape, lower: Callable[..., Lowered], namespace: Values) -> Any:
    op, shape = op_of(name, values, x)
    module: nn.Module = eval(lower(op, shape).module, namespace)
    torch.manual_seed(0)
    for value in module.state_dict().values():
        if value.is_floating_point():
            value.uniform_(0.1, 1)
    return nn.Sequential(module), torch.rand(3, *shape)


@pytest.mark.parametrize(("name", "values", "x"), cases())
def test_fx_traces(
    name: str, values: Values | None, x: Shape, lower: Callable[..., Lowered], namespace: Values
) -> None:
    model, image = built(name, values, x, lower, namespace)
    for training in (True, False):
        traced = torch.fx.symbolic_trace(model.train(training))
        results = []
        for module in (model, traced):
            torch.manual_seed(0)
            results.append(module(image.clone()))
        torch.testing.assert_close(*results)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "values", "x"), cases())
def test_onnx_gives_the_same(
    name: str, values: Values | None, x: Shape, lower: Callable[..., Lowered], namespace: Values, tmp_path: Path
) -> None:
    pytest.importorskip("onnxscript")
    runtime = pytest.importorskip("onnxruntime")
    model, image = built(name, values, x, lower, namespace)
    file = tmp_path / "op.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            program = torch.onnx.export(model.eval(), (image,), dynamo=True, verbose=False)
        except torch.onnx.OnnxExporterError:
            assert name in REFUSED
            return
    assert program is not None
    program.save(file)
    session = runtime.InferenceSession(file)
    [found] = session.run(None, {session.get_inputs()[0].name: image.numpy()} if session.get_inputs() else {})
    torch.testing.assert_close(torch.from_numpy(found), model(image).detach(), rtol=1e-4, atol=1e-5)

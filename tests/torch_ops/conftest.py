"""Ops as the PyTorch backend lowers them, evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import cnndsl_torch.rules  # noqa: F401
from cnndsl.ir.dims import Shape
from cnndsl.ops import Op, registry
from cnndsl_torch import modules
from cnndsl_torch.lowering import RULES, Joined, Lowered, OpCall
from cnndsl_torch.text import literal

LISTS = {"levels", "connections"}


def text_of(name: str, value: Any) -> str:
    """A canonical argument value as the emitter writes it: what was a list in the spec is one in Python."""
    if name in LISTS:
        value = [list(v) if isinstance(v, tuple) else v for v in value]
    return literal(value)


@pytest.fixture(scope="session")
def lower() -> Callable[..., Lowered | Joined]:
    """``lower(op, x, fresh=False)``: the lowering of one expansion."""

    def lowered(op: Op, x: Shape, fresh: bool = False) -> Lowered | Joined:
        given = {k: text_of(k, v) for k, v in op.values().items() if v != op.args[k].default}
        cls = type(op)
        return RULES[cls](OpCall((op,), cls, ((x,),), str(x[0]), given, fresh))

    return lowered


@pytest.fixture(scope="session")
def namespace() -> dict[str, Any]:
    """What emitted code sees: three imports and the text of the helpers."""
    scope: dict[str, Any] = {"torch": torch, "F": F, "Tensor": Tensor, "nn": nn}
    for name in modules.with_dependencies(modules.names()):
        exec(modules.source_of(name), scope)
    return scope


@pytest.fixture(scope="session")
def build(lower: Callable[..., Lowered | Joined], namespace: dict[str, Any]) -> Callable[..., nn.Module]:
    """``build("lrn", (8, 4, 4), size=5)``: the module of an op with canonical argument values."""

    def built(name: str, x: Shape, **values: Any) -> nn.Module:
        text = lower(registry[name](**values), x).module
        assert text is not None
        module: nn.Module = eval(text, namespace)
        return module

    return built


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(20)
        yield

"""The helper modules under what PyTorch does to modules: autocast, compile, export, pickle, and on a GPU."""

from __future__ import annotations

import ast
import copy
import pickle
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnndsl_torch import modules
from cnndsl_torch.modules.drop_block import DropBlock2d
from cnndsl_torch.modules.fractal_join import FractalJoin

SHAPE = (2, 8, 9, 10)
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "AdaptivePiecewiseLinear": (8, 3),
    "ChannelSlice": (2, 6),
    "DropBlock2d": (3, 0.8),
    "DropPath": (0.4,),
    "FractalJoin": (0.4,),
    "LayerNorm2d": (8,),
    "Maxout": (2,),
    "Scale": (8, 0.5, True),
    "ScaledTanh": (),
    "SpatialPyramidPool": ([4, 2, 1],),
    "StochasticPool2d": (3, 2, True),
    "Subsampling": (8, 2),
    "TableConv2d": (8, 3, 3, [[0, 1], [7], [2, 4, 6]]),
}
RANDOM = {"DropBlock2d", "DropPath", "FractalJoin", "StochasticPool2d"}
CLASSES: dict[str, type[nn.Module]] = {
    name: value
    for info in iter_modules(modules.__path__)
    for name, value in vars(import_module(f"cnndsl_torch.modules.{info.name}")).items()
    if name in modules.names()
}
GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
each = pytest.mark.parametrize("name", ARGUMENTS)
on = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=GPU)])


def make(name: str) -> nn.Module:
    return CLASSES[name](*ARGUMENTS[name])


def inputs(name: str, device: str = "cpu", dtype: torch.dtype = torch.float32) -> Any:
    lanes = [torch.rand(SHAPE, device=device, dtype=dtype).requires_grad_() for _ in range(3)]
    return lanes if name == "FractalJoin" else lanes[0]


def gradient(x: Any) -> Tensor | None:
    leaf: Tensor = x[0] if isinstance(x, list) else x
    return leaf.grad


def test_all_are_here() -> None:
    assert set(ARGUMENTS) == set(modules.names()) == set(CLASSES)


@each
@on
def test_forward_and_backward(name: str, device: str) -> None:
    module = make(name).to(device)
    for training in (True, False):
        x = inputs(name, device)
        y = module.train(training)(x)
        assert y.device.type == device
        y.sum().backward()
        result = gradient(x)
        assert result is not None
        assert result.isfinite().all()
    assert all(p.grad is not None for p in module.parameters())


@each
@on
def test_autocast(name: str, device: str) -> None:
    module = make(name).to(device)
    for training in (True, False):
        x = inputs(name, device)
        with torch.autocast(device, torch.bfloat16):
            y = module.train(training)([lane * 1 for lane in x] if name == "FractalJoin" else x * 1)
        y.float().sum().backward()
        assert y.isfinite().all()
        assert gradient(x) is not None


@each
@on
def test_half_precision(name: str, device: str) -> None:
    module = make(name).to(device, torch.bfloat16)
    for training in (True, False):
        y = module.train(training)(inputs(name, device, torch.bfloat16))
        assert y.dtype == torch.bfloat16
        assert y.isfinite().all()


@each
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
def test_compile(name: str, training: bool) -> None:
    """One graph. Results are compared where nothing is random."""
    module = make(name).train(training)
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    x = inputs(name)
    y = compiled(x)
    y.sum().backward()
    assert gradient(x) is not None
    if not (training and name in RANDOM):
        torch.testing.assert_close(y, module(x))


def test_schedules_do_not_recompile() -> None:
    block, join = DropBlock2d(3, 0.5), FractalJoin(0.5)
    x = torch.ones(SHAPE)
    dropped = []
    torch._dynamo.reset()
    with torch._dynamo.config.patch(error_on_recompile=True):
        compiled_block = torch.compile(block, fullgraph=True, backend="aot_eager")
        compiled_join = torch.compile(join, fullgraph=True, backend="aot_eager")
        for step in range(3):
            DropBlock2d.schedule(block, step / 2)
            dropped.append(float((compiled_block(x) == 0).float().mean()))
            column = FractalJoin.draw_column(join, 2, share=1.0)
            assert column is not None
            assert torch.equal(compiled_join([0 * x, x]), x * (1 - column))
    assert 0 == dropped[0] < dropped[1] < dropped[2]


@each
def test_export(name: str) -> None:
    module = make(name).eval()
    batch = torch.export.Dim("batch", min=2)
    several = name == "FractalJoin"
    dynamic = ([{0: batch}] * 3,) if several else ({0: batch},)
    exported = torch.export.export(module, (inputs(name),), dynamic_shapes=dynamic).module()
    lanes = [torch.rand(5, *SHAPE[1:]) for _ in range(3)]
    x = lanes if several else lanes[0]
    torch.testing.assert_close(exported(x), module(x))


@each
def test_pickle_copy_and_repr(name: str) -> None:
    module = make(name).eval()
    x = inputs(name)
    loaded = make(name).eval()
    loaded.load_state_dict(module.state_dict(), strict=True)
    for other in (pickle.loads(pickle.dumps(module)), copy.deepcopy(module), loaded):
        assert torch.equal(other(x), module(x))
    assert repr(module).startswith(f"{name}(")


@each
def test_from_the_meta_device(name: str) -> None:
    """Made without memory, then filled: by its own start, or by a ``state_dict`` that takes the tensors' place."""
    module = make(name).eval()
    x = inputs(name)
    with torch.device("meta"):
        filled, assigned = make(name).eval(), make(name).eval()
    filled.to_empty(device="cpu")
    filled.load_state_dict(module.state_dict(), strict=True)
    assigned.load_state_dict(module.state_dict(), strict=True, assign=True)
    for other in (filled, assigned):
        assert torch.equal(other(x), module(x))
        torch.manual_seed(3)
        expected = module.train()(x)
        torch.manual_seed(3)
        assert torch.equal(other.train()(x), expected)
        module.eval()


@each
def test_channels_last(name: str) -> None:
    module = make(name).eval()
    x = inputs(name)
    last = [lane.to(memory_format=torch.channels_last) for lane in (x if isinstance(x, list) else [x])]
    torch.testing.assert_close(module(last if isinstance(x, list) else last[0]), module(x))


def test_source() -> None:
    """The text of a class is the class alone, documented, and needs what is promised and nothing else."""
    builtins = {
        "super",
        "isinstance",
        "int",
        "float",
        "bool",
        "str",
        "len",
        "range",
        "list",
        "tuple",
        "enumerate",
        "zip",
        "sum",
    }
    allowed = {"torch", "F", "Tensor", "nn", "staticmethod", *builtins, *modules.names()}
    for name in modules.names():
        text = modules.source_of(name)
        assert text.startswith(f"class {name}(")
        [node] = ast.parse(text).body
        assert isinstance(node, ast.ClassDef)
        assert ast.get_docstring(node)
        names = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
        own = {n.id for n in names if isinstance(n.ctx, ast.Store)}
        own |= {a.arg for a in ast.walk(node) if isinstance(a, ast.arg)}
        assert {n.id for n in names} - own <= allowed, name


def test_dependencies_come_first() -> None:
    assert modules.with_dependencies(["Scale", "DropPath"]) == ["DropPath", "Scale"]
    assert sorted(modules.with_dependencies(modules.names())) == sorted(modules.names())


def test_one_class_a_file() -> None:
    for path in Path(modules.__path__[0]).glob("[a-z]*.py"):
        classes = [n for n in ast.parse(path.read_text()).body if isinstance(n, ast.ClassDef)]
        assert len(classes) == 1, path.name


@pytest.mark.parametrize("training", [True, False])
def test_blocks_that_do_not_fit_are_refused(training: bool) -> None:
    with pytest.raises(AssertionError, match="blocks of 3 columns do not fit into 1"):
        DropBlock2d((1, 3)).train(training)(torch.rand(2, 1, 1, 1))

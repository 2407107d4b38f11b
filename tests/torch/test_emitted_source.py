"""The emitted file as a user meets it: it stands alone, shows up in tracebacks, pickles, compiles, exports."""

from __future__ import annotations

import ast
import importlib.util
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import torch
from torch import nn

from cnndsl.pipeline import from_text, locate
from cnndsl_torch import backend
from tests.reference import zoo_graph

SMALL = """
\"\"\"A unit.\"\"\"
block Unit(c, stride = 1) {
    add {
        | conv1: conv(c, 3x3, stride=stride, pad=1, bias=false) -> bn1: bn -> relu
          -> conv2: conv(c, 3x3, pad=1, bias=false) -> bn2: bn
        | if stride != 1 or in.channels != c { downsample: { conv(c, 1x1, stride=stride, bias=false) -> bn } }
    }
    relu
}
network small(classes = 10) : 3 x H=32 x W=32 -> classes {
    stem: conv(16, 3x3, pad=1) -> relu
    body: { Unit(16) -> Unit(32, 2) * 2 -> Unit(32) }
    output early when training: from stem -> { global_avgpool -> linear(classes) }
    global_avgpool
    fc: linear(classes)
}
"""


@pytest.fixture(scope="module")
def small() -> nn.Module:
    torch.manual_seed(0)
    return backend.load(from_text(SMALL).graph()).eval()


def test_training_gives_the_outputs_by_name(small: nn.Module) -> None:
    result = small.train()(torch.randn(2, 3, 32, 32))
    assert result._fields == ("output", "early")
    assert result.early.shape == (2, 10)
    assert small.eval()(torch.randn(2, 3, 32, 32)).shape == (2, 10)


def test_full_graph_compiles(small: nn.Module) -> None:
    explained = torch._dynamo.explain(small)(torch.randn(2, 3, 32, 32))
    assert explained.graph_break_count == 0
    compiled = torch.compile(small, fullgraph=True, backend="eager")
    x = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(compiled(x), small(x))


def test_exports(small: nn.Module) -> None:
    x = torch.randn(2, 3, 32, 32)
    exported = torch.export.export(small, (x,)).module()
    torch.testing.assert_close(exported(x), small(x))


def test_runs_under_autocast(small: nn.Module) -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert small(torch.randn(2, 3, 32, 32)).isfinite().all()


def test_file_stands_alone_and_pickles(tmp_path: Path, small: nn.Module) -> None:
    graph = from_text(SMALL).graph()
    path = tmp_path / "small_net.py"
    path.write_text(backend.source(graph))
    spec = importlib.util.spec_from_file_location("small_net", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["small_net"] = module
    spec.loader.exec_module(module)
    model = module.Small().eval()
    model.load_state_dict(small.state_dict(), strict=True)
    again = pickle.loads(pickle.dumps(model))
    x = torch.randn(1, 3, 32, 32)
    torch.testing.assert_close(again(x), small(x))
    code = (
        "import sys, torch; sys.modules['cnndsl'] = None; import small_net;"
        "print(small_net.Small()(torch.ones(2, 3, 32, 32)).output.shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "torch.Size([2, 10])\n", done.stderr


def test_traceback_names_the_emitted_line(small: nn.Module) -> None:
    with pytest.raises(RuntimeError) as caught:
        small(torch.randn(2, 5, 32, 32))
    shown = "".join(traceback.format_exception(caught.value))
    assert "<cnndsl Small" in shown
    assert "x = F.relu(self.stem(x)" in shown or "stem = self.stem(x)" in shown


def test_writing_source_needs_no_torch() -> None:
    code = (
        "import sys; from cnndsl.pipeline import locate; from cnndsl_torch import backend;"
        "backend.source(locate('googlenet').graph()); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


HOSTILE = '''
"""A doc with \\"\\"\\" inside and a backslash \\\\ and a
import os; os.system('x')"""
network n : 3 x 8 x 8 -> 4 {
    import_os: conv(4, 3x3)
    global_avgpool
}
'''


def test_docstrings_are_data() -> None:
    text = HOSTILE.replace('\\"\\"\\"', '""')
    source = backend.source(from_text(text, name='x"""\nimport os\n"""').graph())
    tree = ast.parse(source)
    imports = [node for node in tree.body if isinstance(node, ast.Import)]
    assert all(name.name != "os" for node in imports for name in node.names)


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "googlenet_aux", "vgg16_bn", "squeezenet1_0", "alexnet"])
def test_source_repeats_nothing_that_the_spec_says_once(name: str) -> None:
    """A loop in the spec is a loop in the file, and a block one class: so files are as short as by hand."""
    source = backend.source(zoo_graph(name))
    assert source.count("\n") < 190, source
    assert max(map(len, source.splitlines())) <= 125


def test_parameters_reach_the_constructor() -> None:
    graph = locate("resnet18").graph({"classes": 7})
    assert backend.load(graph)(torch.zeros(2, 3, 64, 64)).shape == (2, 7)
    assert "classes: int = 7" in backend.source(graph)

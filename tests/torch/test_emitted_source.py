"""The emitted file as a user meets it: it stands alone, shows up in tracebacks, pickles, compiles, exports."""

from __future__ import annotations

import ast
import copy
import importlib.util
import linecache
import multiprocessing
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import torch
import torch.package.package_exporter
from torch import nn

from cnndsl.pipeline import from_text, locate
from cnndsl_torch import backend, live
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


def test_models_are_read_where_the_spec_was_never_loaded(tmp_path: Path, small: nn.Module) -> None:
    x = torch.randn(2, 3, 32, 32)
    result = small.train()(x)
    torch.save(small.eval(), tmp_path / "whole.pt")
    (tmp_path / "part.pickle").write_bytes(pickle.dumps((small.get_submodule("body"), result)))
    with torch.package.package_exporter.PackageExporter(tmp_path / "package.pt") as exporter:
        exporter.extern("cnndsl_torch.**")
        exporter.save_pickle("model", "model.pickle", small)
    code = """if True:
        import pickle, sys, torch
        sys.path.insert(0, "")
        whole = torch.load("whole.pt", weights_only=False)
        part, result = pickle.load(open("part.pickle", "rb"))
        package = torch.package.PackageImporter("package.pt").load_pickle("model", "model.pickle")
        x = torch.ones(1, 3, 32, 32)
        assert type(part[0]) is type(whole.body[0])
        assert result._fields == ("output", "early")
        assert torch.equal(whole.body(whole.stem(x)), part(whole.stem(x)))
        with torch.no_grad():
            print(float(whole(x).sum()), float(package(x).sum()))
    """
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    with torch.no_grad():
        expected = float(small(torch.ones(1, 3, 32, 32)).sum())
    assert [float(v) for v in done.stdout.split()] == pytest.approx([expected, expected], rel=1e-5)


def test_a_process_gets_a_model(small: nn.Module) -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        shape = pool.apply(output_shape, (small.eval(),))
    assert shape == (1, 10)


def output_shape(model: nn.Module) -> tuple[int, ...]:
    return tuple(model(torch.zeros(1, 3, 32, 32)).shape)


def test_copies_are_deep(small: nn.Module) -> None:
    again = copy.deepcopy(small)
    assert type(again) is type(small)
    x = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(again.eval()(x), small.eval()(x))
    with torch.no_grad():
        again.get_parameter("fc.weight").zero_()
    assert small.get_parameter("fc.weight").any()


def test_subclasses_are_pickled_as_usual(small: nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = type("Mine", (type(small),), {"__module__": __name__})
    monkeypatch.setattr(sys.modules[__name__], "Mine", mine, raising=False)
    assert type(pickle.loads(pickle.dumps(mine()))) is mine


def test_loads_do_not_fill_the_memory() -> None:
    def load(classes: int) -> nn.Module:
        text = f"network counted : 1 x 4 x 4 -> {classes} {{ flatten -> fc: linear({classes}) }}"
        with torch.device("meta"):
            return backend.load(from_text(text).graph())

    kept = load(1)
    for classes in range(2, 2 * live.KEPT):
        load(classes)
    names = [name for name in sys.modules if name.startswith("cnndsl_emitted_counted")]
    files = [name for name in linecache.cache if name.startswith("<cnndsl Counted")]
    assert type(kept).__module__ in names
    assert len(names) == len(files) <= live.KEPT + 1


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

"""Every legal name in every position: what Python, PyTorch or the emitted file itself uses, and near collisions."""

from __future__ import annotations

import builtins
import inspect
import keyword
import os

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from cnndsl.ops import registry
from cnndsl.pipeline import from_text
from cnndsl_torch import backend
from cnndsl_torch.modules import names as helpers
from cnndsl_torch.names import RESERVED
from cnndsl_torch.write.program import Program
from tests.reference import stated_tensors

EXAMPLES = int(os.environ.get("EXAMPLES", "12"))

SPEC = {"in", "if", "not", "and", "or", "true", "false", "x"}
"""Words that are no value."""
EMITTED = """self x y y2 nn torch F math partial Any Callable OrderedDict NamedTuple Tensor annotations layers layers2
    channels channels2 channels_of results lanes lanes2 in_channels in_features out_channels module path tensor count
    count2 items items2 with_branch output kept super forward args kwargs n N nOutput NOutput Net NetOutput cnndsl
    level""".split()  # noqa: SIM905
NEAR = """a A a_ a__ _a __a __a__ a1 a2 a3 A1 A2 aa Aa aA fi conv_ Conv Conv2 Conv3 relu_ Relu x_ X x2 list_ List
    zip_ class_ Class class__ self_ none None_ True_ __ ___ _1 __1 __debug__ __class__ __init__ __name__ __dict__
    __file__ __builtins__ __doc__ __module__ __all__ __annotations__""".split()  # noqa: SIM905
MODULES = {n for cls in (nn.Module, nn.Sequential, nn.ModuleDict) for n in (*dir(cls), *cls.__annotations__)}
POOL = sorted({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *EMITTED, *NEAR, *MODULES, *helpers()} - {"_"})
LABELS = [n for n in POOL if n[0] != "_" and n not in RESERVED and n != "input"]
VARIABLES = [n for n in POOL if n not in SPEC]
DEFINITIONS = [n for n in POOL if n not in registry and n not in SPEC]

WRITTEN_ONCE = """
block {block}({p}, {q} = 3, {r} = true) {{
    let {l} = {p} + 1
    for {v} in [{l}, {p}] as {w} {{ {label1}{{{w}}}: {{ conv({v}, {q}, pad=same) -> bn }} }}
    {label2}: conv({l}, 1x1)
    if {r} {{ add {{ | from {label2} | tanh * 2 }} }}
    dense 2 as {d} {{ {label3}{{{d}}}: {{ conv({p}, 1x1) -> bn }} }}
}}
block {held}({unit}, {p}) {{ {unit}({p}) -> {{ {label2}: {unit}({q}=1, {p}={p}) }} -> droppath(0.1) }}
network {network}({p} = 4, {a} = true, {unit} = {block}) : 3 x {dim}=6 x 6 -> {p} {{
    {label1}: {{ {block}({p}) -> {label3}: relu }}
    {block}(3, {q}=1, {r}=false) -> {held}({unit}, {p}) -> dropblock(3)
    if {a} {{ {label2}: scale }}
    output {out1} when training: conv({dim}, 1x1)
    output {out2}: from {label1} -> {{ global_avgpool -> linear(2) }}
    global_avgpool
    {label4}: linear({p})
    init weight = he
}}
network {member} = {network}({p}=5)
"""
FORMS = WRITTEN_ONCE.replace("tanh * 2", "prelu")  # at a position that differs: a class for each form
POSITIONS = {
    **dict.fromkeys(["block", "held", "network", "member"], DEFINITIONS),
    **dict.fromkeys(["p", "q", "r", "a", "unit", "l", "v", "w", "d", "dim"], VARIABLES),
    **dict.fromkeys(["label1", "label2", "label3", "label4", "out1", "out2"], LABELS),
}


def attempt(program: str, chosen: dict[str, str]) -> bool:
    """Build and run both networks of the program, unless the language refuses a name in its place."""
    spec = from_text(program.format(**chosen))
    if spec.check():
        return False
    for name, features in ((chosen["network"], 4), (chosen["member"], 5)):
        spec.network = name
        graph = spec.graph()
        with torch.device("meta"):
            model = backend.load(graph).train()
            found = [(key, tuple(value.shape)) for key, value in model.state_dict().items()]
            assert found == list(stated_tensors(graph))
            outputs = model(torch.empty(2, 3, 6, 6))
            assert outputs._fields == ("output", chosen["out1"], chosen["out2"])
            assert [tuple(o.shape) for o in outputs] == [(2, features), (2, 6, 6, 6), (2, 2)]
            variable = Program(graph).variables[chosen["p"]]
            cls = type(model)
            if program == WRITTEN_ONCE:
                assert variable in inspect.signature(cls).parameters
                assert cls(**{variable: 7}).eval()(torch.empty(2, 3, 6, 6)).output.shape == (2, 7)
    return True


ORDINARY = {
    "block": "Unit", "held": "Twice", "network": "net", "member": "small", "p": "width", "q": "size", "r": "joined",
    "a": "scaled", "unit": "Kind", "l": "wide", "v": "c", "w": "i", "d": "j", "dim": "H", "label1": "stem",
    "label2": "proj", "label3": "act", "label4": "fc", "out1": "early", "out2": "late",
}  # fmt: skip
SPECIAL = [
    {"block": "__", "network": "torch", "member": "Torch", "p": "class", "q": "class_", "l": "__debug__", "out1": "x"},
    {"block": "_1", "network": "n", "member": "N", "p": "x", "q": "x_", "l": "__class__", "out1": "list"},
    {"block": "NetOutput", "member": "zip", "p": "list", "q": "list_", "label1": "isinstance", "out1": "channels"},
    {"block": "foo", "member": "Foo", "network": "__", "p": "channels2", "l": "NetOutput", "out1": "NetOutput"},
    {"block": "unit", "held": "Unit_", "p": "Unit", "member": "isinstance", "label1": "Twice", "out1": "zip"},
    {"network": "False", "r": "False"},
    {"block": "A", "network": "A2", "member": "A1", "q": "A1", "r": "A2", "a": "A1", "label4": "A1"},
    {"member": "get_buffer", "unit": "get_buffer"},
    {"block": "__debug__", "network": "zip", "member": "class", "p": "__", "label2": "with_add", "label1": "items2"},
]


@pytest.mark.parametrize("program", [WRITTEN_ONCE, FORMS], ids=["once", "forms"])
@pytest.mark.parametrize("names", SPECIAL)
def test_names_that_python_or_the_file_uses(program: str, names: dict[str, str]) -> None:
    assert attempt(program, {**ORDINARY, **names})


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([WRITTEN_ONCE, FORMS]), st.fixed_dictionaries({k: st.sampled_from(v) for k, v in POSITIONS.items()})
)
def test_any_names_together(program: str, chosen: dict[str, str]) -> None:
    attempt(program, chosen)


@pytest.mark.slow
@pytest.mark.parametrize("position", POSITIONS)
def test_every_name_in_every_position(position: str) -> None:
    for name in POSITIONS[position]:
        assert attempt(WRITTEN_ONCE, {**ORDINARY, position: name}), name


@pytest.mark.parametrize("name", ["\ufb01", "\u212a", "\u00e9"])
def test_names_are_ascii(name: str) -> None:
    """Python would read some of them as others."""
    assert from_text(f"block {name}(c) {{ relu }}").check()

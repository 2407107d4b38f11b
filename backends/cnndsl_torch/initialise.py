"""``init`` statements, in the order of the spec, at the end of the network's constructor."""

from __future__ import annotations

import re

from cnndsl.ir.graph import Graph, Initialisation, Node
from cnndsl.ir.initial import Initialiser
from cnndsl.ops import Layer
from cnndsl_torch.lowering import RULES, Code, Lowered, OpCall
from cnndsl_torch.names import is_name


def initialise(graph: Graph, base: str, init: Code) -> None:
    """Write them; consecutive ones about the same modules share a loop."""
    loops: dict[str, Code] = {}
    for each in graph.initial:
        header, guard = loop(each, base)
        if header not in loops or next(reversed(loops)) != header:
            flush(loops, init)
            loops = {header: Code()}
        body = loops[header]
        if header.startswith("for path, tensor in"):
            body(f"    {fill(each.initialiser, 'tensor')}")
            continue
        module = "module" if header else reference(each.nodes[0], base)
        line = fill(each.initialiser, f"{module}.{each.tensor}")
        inner = [f"if {module}.{each.tensor} is not None:", f"    {line}"] if is_optional(each) else [line]
        body.lines += [f"    {text}" for text in inner] if guard else inner
    flush(loops, init)


def flush(loops: dict[str, Code], init: Code) -> None:
    for header, body in loops.items():
        *headers, last = header.split("\n")
        if not header:
            init.lines += body.lines
        elif headers:
            wrapper = Code()
            wrapper(last)
            wrapper.lines += body.lines
            init.block(headers[0], wrapper)
        else:
            init.block(last, body)


def loop(each: Initialisation, base: str) -> tuple[str, bool]:
    """The head of the loop over the modules, none for a single one; whether it tests their class in a line more."""
    where = scope_of(each, base)
    if where is not None:
        unlike = {(id(node.op), node.input_shape): node for node in each.nodes}
        classes = sorted({cls for node in unlike.values() for cls in module_class(node)})
        return f"for module in {where}.modules():\nif isinstance(module, {' | '.join(classes)}):", True
    if any(not is_attribute(node, base) for node in each.nodes):
        paths = ", ".join(f'"{node.path}.{each.tensor}"' for node in each.nodes)
        test = f"in ({paths})" if len(each.nodes) > 1 else f"== {paths}"
        return f"for path, tensor in self.named_parameters():\nif path {test}:", True
    if len(each.nodes) == 1:
        return "", False
    return f"for module in ({', '.join(reference(node, base) for node in each.nodes)}):", False


def reference(node: Node, base: str) -> str:
    assert is_attribute(node, base)
    return f"self.{node.path}"


def is_attribute(node: Node, base: str) -> bool:
    return base == "nn.Module" and is_name(node.path)


def scope_of(each: Initialisation, base: str) -> str | None:
    """The module of which all modules of a class are meant; None where they are to be listed."""
    if not each.targets or all(by_op(target, each) for target in each.targets):
        return "self"
    [target, *others] = each.targets
    if others or any(node.path == target for node in each.nodes):
        return None
    return f"self.{target}" if base == "nn.Module" and is_name(target) else f'self.get_submodule("{target}")'


def by_op(target: str, each: Initialisation) -> bool:
    """Whether a target is the name of an op, not a label: a label comes first where it is both."""
    labelled = any(node.path == target or node.path.startswith(f"{target}.") for node in each.nodes)
    return not labelled and any(node.op is not None and node.op.name == target for node in each.nodes)


def is_optional(each: Initialisation) -> bool:
    """Whether a module may lack the tensor: for other arguments, or where another node has the same class."""
    return each.tensor == "bias" or any(node.op is not None and "affine" in node.op.args for node in each.nodes)


def module_class(node: Node) -> list[str]:
    """The PyTorch class that holds a node's tensors."""
    op = node.op
    if not isinstance(op, Layer) or not op.tensors(node.input_shape):
        return []
    shapes = ((node.input_shape,),)
    lowered = RULES[type(op)](OpCall((op,), type(op), shapes, str(node.input_shape[0]), {}, False))
    assert isinstance(lowered, Lowered)
    match = re.match(r"[\w.]+", lowered.module)
    return [match[0]] if match else []


def fill(how: Initialiser, tensor: str) -> str:
    """The call of ``torch.nn.init`` that fills a tensor."""
    values = how.values
    match how.name:
        case "constant":
            names = {0.0: "zeros_", 1.0: "ones_"}
            if values["value"] in names:
                return f"nn.init.{names[values['value']]}({tensor})"
            return f"nn.init.constant_({tensor}, {values['value']!r})"
        case "normal":
            mean = f", mean={values['mean']!r}" if values["mean"] else ""
            return f"nn.init.normal_({tensor}{mean}, std={values['std']!r})"
        case "uniform":
            return f"nn.init.uniform_({tensor}, {values['low']!r}, {values['high']!r})"
        case "xavier":
            gain = f", gain={values['gain']!r}" if values["gain"] != 1 else ""
            return f"nn.init.xavier_{values['distribution']}_({tensor}{gain})"
        case "he":
            mode = ', mode="fan_out"' if values["fan"] == "outgoing" else ""
            leaky = f", a={values['slope']!r}" if values["slope"] else ""
            relu = "" if leaky else ', nonlinearity="relu"'
            return f"nn.init.kaiming_{values['distribution']}_({tensor}{leaky}{mode}{relu})"
    gain = f", gain={values['gain']!r}" if values["gain"] != 1 else ""
    return f"nn.init.orthogonal_({tensor}{gain})"

"""Steps pasted from PyTorch, Keras, Caffe or Darknet, translated whole where nothing of them is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cnndsl.diagnostics.model import Edit
from cnndsl.elaborate import habits
from cnndsl.ops import Merge, Op, registry
from cnndsl.ops.base import REQUIRED
from cnndsl.ops.kinds import Boolean
from cnndsl.syntax import ast
from cnndsl.syntax.pieces import closing, parts

TAKES_INPUT = {"Conv2d": 6, "ConvTranspose2d": 5, "Linear": 3, "BatchNorm2d": 1, "BatchNorm1d": 1}
"""Whose first argument is what comes in, and how many positional ones there are in our order, that one included."""

SIZE = re.compile(r"[0-9]+[ \t]*x|[(\[]")

POSITIONAL = {"Conv2D": 3, "MaxPool2d": 4, "AvgPool2d": 3, "MaxPooling2D": 2, "AveragePooling2D": 2, "MaxPool2D": 2,
              "AvgPool2D": 2, "Dense": 1, "Dropout": 1, "LeakyReLU": 1, "ELU": 1, "Convolution": 0, "InnerProduct": 0,
              "AdaptiveAvgPool2d": 1, "AdaptiveMaxPool2d": 1, "ZeroPad2d": 1, "UpSampling2D": 1, "Softmax": 0,
              "ChannelShuffle": 1}  # fmt: skip
"""How many positional arguments have our order. Ops whose defaults differ, as Keras's batch norm, are not here."""

UNUSED = {*habits.KNOWN, "inplace", "dim", "axis", "data_format"}
"""Arguments that say nothing here."""

OTHER_DEFAULTS = {"LayerNorm", "BatchNormalization", "LocalResponseNorm", "LRN", "Pooling", "Eltwise"}
"""Ops that are not the same without arguments."""

PREFIX = re.compile(
    r"\b(?:torch\.nn\.functional|torch\.nn|torch|nn\.functional|nn|F|tf\.keras\.layers|tf\.nn|keras\.layers|layers"
    r"|tfl|slim)\.(?=\w)"
)
FLOW = re.compile(r"x\d?|y|h|out|outputs?|net|inputs?|model|features?|feat|z|residual")
"""What the flowing value is called elsewhere."""

NORMS = {"bn", "BN", "True", "true", "1", "batch", "batchnorm", "BatchNorm2d", "nn.BatchNorm2d"}

Given = tuple[str | None, str]


def translated(step: ast.Apply) -> tuple[Edit, ...]:
    """The edits that write a pasted call in the language; none where something can't be said."""
    text = step.span.text
    if "#" in text:
        return ()
    meant = written(text)
    return (Edit(step.span, meant),) if meant is not None and meant != text else ()


def written(text: str) -> str | None:
    """A call of another library, or a sequence of them, in the language; None where something can't be said."""
    try:
        return _step(text.strip())
    except KeyError:
        return None


def _step(text: str) -> str:
    text = PREFIX.sub("", text)
    match = re.match(r"([A-Za-z_]\w*)[ \t]*(?:\(|$)", text)
    if match is None:
        raise KeyError(text)
    name, end = match[1], _closing(text, match.end() - 1) if text.endswith(")") else len(text)
    behind = text[end:].strip()
    if behind and not FLOW.fullmatch(behind.strip("() ")):  # what a layer of Keras is called with
        raise KeyError(text)
    inner = text[match.end() : end - 1] if end > match.end() else ""
    given = [_given(part) for part in parts(inner)]
    if habits.key(name) in habits.SEQUENCES:
        if len(given) == 1 and given[0][1].startswith("["):
            given = [_given(part) for part in parts(given[0][1][1:-1])]
        if not given or any(key for key, _ in given):
            raise KeyError(name)
        return " -> ".join(_step(value) for _, value in given)
    if habits.key(name) == "activation" and len(given) == 1:
        return _activation(given[0][1])
    return call(name, given)


def _closing(text: str, start: int) -> int:
    end = closing(text, start)
    if end is None:
        raise KeyError(text)
    return end


def _given(text: str) -> Given:
    match = re.match(r"([A-Za-z_]\w*)[ \t]*=(?!=)[ \t]*", text)
    return (match[1], text[match.end() :]) if match else (None, text)


def call(name: str, given: list[Given]) -> str:
    """A call with its arguments in the language. Raises KeyError where one has no counterpart."""
    meant = habits.called(name, registry)
    if meant is None and habits.absent(name) == habits.DEPTHWISE and given:
        return _depthwise(given)
    if meant is None and habits.absent(name):
        raise KeyError(name)
    if meant is not None:
        given = [each for each in given if each[0] or not FLOW.fullmatch(each[1])]
    foreign = any(key is not None and key not in registry[meant].args for key, _ in given) if meant else False
    if meant is None or (name in registry and registry[name].args and not foreign):
        return f"{name}({', '.join(f'{key}={text}' if key else text for key, text in given)})" if given else name
    op = registry[meant]
    if issubclass(op, Merge) or (not given and name in OTHER_DEFAULTS):
        raise KeyError(name)
    arguments, steps, label = [], "", ""
    for key, text in _ordered(name, op, given):
        if key in ("activation", "act"):
            steps += f" -> {_activation(text)}" if text.strip("\"'") not in ("None", "linear") else ""
        elif key in ("norm", "bn", "batch_norm", "batch_normalize") and text.strip("\"'") in NORMS:
            steps = f" -> bn{steps}"
        elif key == "name" and re.fullmatch(r"[\"'][a-zA-Z]\w*[\"']", text):
            label = f"{text[1:-1]}: "
        elif (key, text) == ("align_corners", "False"):
            continue
        elif key not in UNUSED and (op.args or key):
            arguments.append(_argument(op, key, text, given))
    names = list(op.args)
    arguments = _in_order(arguments, names, op)
    keys = {part.partition("=")[0] if "=" in part else names[i] for i, part in enumerate(arguments)}
    if any(a.default is REQUIRED and key not in keys for key, a in op.args.items()):
        raise KeyError(name)
    return f"{label}{meant}({', '.join(arguments)}){steps}" if arguments else f"{label}{meant}{steps}"


def _in_order(arguments: list[str], names: list[str], op: type[Op]) -> list[str]:
    """Arguments that must be given stand first, without their names."""
    given = dict(part.split("=", 1) for part in arguments if "=" in part)
    if len(given) < len(arguments):
        return arguments
    required = [name for name in names if op.args[name].default is REQUIRED]
    if not required or not all(name in given for name in required):
        return arguments
    return [*(given.pop(name) for name in required), *(f"{key}={text}" for key, text in given.items())]


def _depthwise(given: list[Given]) -> str:
    """A convolution of each channel by itself, where size and stride are all that is given by position."""
    op, positional = registry["conv"], [text for key, text in given if key is None]
    if len(positional) > 2 or (positional and int(re.split("[^0-9]", value(positional[0]))[0] or 99) > 11):
        raise KeyError(str(positional))
    named = dict(zip(("size", "stride"), map(value, positional), strict=False))
    rest = [_argument(op, key, text, given) for key, text in given if key is not None and key not in UNUSED]
    named |= dict(part.split("=") for part in rest)
    size = named.pop("size", None)
    if size is None or not named.keys() <= {"stride", "pad", "dilation", "bias"}:
        raise KeyError("size")
    return f"conv(in.channels, {', '.join([size, *(f'{k}={v}' for k, v in named.items())])}, groups=in.channels)"


def _ordered(name: str, op: type[Op], given: list[Given]) -> Iterator[Given]:
    """The arguments, without a positional one for what comes in. Raises KeyError where their order is not ours."""
    known = {**TAKES_INPUT, **POSITIONAL}
    spellings = {habits.key(each): each for each in known if habits.key(each) not in ("conv", "dense")}
    order = name if name in known else spellings.get(habits.key(name), "")
    positional = [each for each in given if each[0] is None]
    if not op.args and all(re.fullmatch(r"True|False|-?\d+", text) for _, text in positional):
        positional = []  # whether it is done in place, or over which dimension
    elif len(positional) > max(known.get(order, 0), _alone(op)) and name not in registry:
        raise KeyError(name)
    takes_input = order in TAKES_INPUT and not any(key in habits.KNOWN for key, _ in given)
    named = any(habits.ARGUMENTS.get(key or "", key) == "out" for key, _ in given)
    if "out" in op.args and not named and (len(positional) == 1 or SIZE.match("".join(t for _, t in positional[1:2]))):
        takes_input = False  # what it gives stands there
    yield from positional[1 if takes_input else 0 :]
    yield from (each for each in given if each[0] is not None)


def _alone(op: type[Op]) -> int:
    """1 for an op with one argument that must be given: nothing else can be meant by a single one."""
    return int(sum(a.default is REQUIRED for a in op.args.values()) == 1)


def _argument(op: type[Op], key: str | None, text: str, given: list[Given]) -> str:
    if key is None:
        return value(text)
    name = habits.ARGUMENTS.get(key, key)
    meant = translated_value(op, name if key != "ceil_mode" else key, text, *window(op, given))
    if meant is not None:
        return meant
    if name not in op.args:
        raise KeyError(key)
    if (word := text.strip("\"'")) in op.args[name].words:
        return f"{name}={word}"
    return f"{name}={value(text)}"


def window(op: type[Op], given: Sequence[tuple[str | None, str]]) -> tuple[str, str]:
    """The size and the stride that an op is given."""
    positional = [text for key, text in given if key is None]
    named = dict(zip(op.args, positional, strict=False))
    named |= {habits.ARGUMENTS.get(key, key): text for key, text in given if key is not None}
    return named.get("size", ""), named.get("stride", "")


def translated_value(op: type[Op], key: str, text: str, size: str, stride: str) -> str | None:
    """An argument in others' words as it is written here; size and stride say what `same` means there."""
    word = text.strip("\"'").lower()
    meant = habits.VALUES.get(key, {}).get(word)
    if meant is None or meant.partition("=")[0] not in op.args:
        return None
    if meant == "pad=same" and ("same" not in op.args["pad"].words or set(re.findall(r"\d+", stride)) - {"1"}):
        return padding(op, size, stride)
    if isinstance(op.args[meant.partition("=")[0]].kind, Boolean) and text == word and word in ("true", "false"):
        return None
    return meant


def padding(op: type[Op], size: str, stride: str) -> str | None:
    """What gives ceil(in / stride) outputs, for a window of that size and stride, where `same` can't."""
    match = re.fullmatch(r"(\d+)(?:[ \t]*x[ \t]*(\d+))?", value(size)) if size else None
    sides = [int(side) for side in match.groups() if side] if match else []
    if not sides or "pad" not in op.args:
        return None
    if all(side % 2 for side in sides):
        pad = "x".join(str(side // 2) for side in dict.fromkeys(sides))
        return f"pad={pad}, count_pad=false" if "count_pad" in op.args else f"pad={pad}"
    if "round" not in op.args:
        return None
    return "round=ceil" if not stride or {int(s) for s in re.findall(r"\d+", stride)} == set(sides) else None


def _activation(text: str) -> str:
    name = PREFIX.sub("", text).strip("\"'").removesuffix("()")
    meant = habits.called(name, registry)
    if meant is None or registry[meant].family != "activation":
        raise KeyError(text)
    return meant


def value(text: str) -> str:
    """A value in the language. Raises KeyError where it has no counterpart."""
    text = re.sub(r"[(\[][ \t]*(\d+)[ \t]*,[ \t]*(\d+)[ \t]*[)\]]", r"\1x\2", text.strip())
    if text in habits.WORDS:
        return habits.WORDS[text]
    if text.strip("\"'").lower() in ("same", "valid") and text[:1] in ("'", '"'):
        return {"same": "same", "valid": "0"}[text[1:-1].lower()]
    if re.search(r"[\"'.:]|\*\*|\bself\b", re.sub(r"\d\.\d|\bin\.\w", "", text)):
        raise KeyError(text)
    return text

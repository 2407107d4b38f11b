"""Rules for `explain`: rows and sections of configuration files. What their words are called here is for later."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax.pieces import FAR, closing, parts
from cnndsl.syntax.situation import Finding, Situation

SETTING = re.compile(r"[ \t]*([a-z_]+)[ \t]*=[ \t]*([^\n#]*)")
PAIR = re.compile(r"([A-Za-z_]\w*)[ \t]*[:=][ \t]*(\"[^\"\n]*\"|[\w.+-]+)[\s,;]*")
"""A field of a prototxt, or what looks like one."""
ACTIVATIONS = {"leaky": " -> leaky_relu(0.1)", "relu": " -> relu", "mish": " -> mish", "swish": " -> silu",
               "logistic": " -> sigmoid", "linear": "", "elu": " -> elu", "tanh": " -> tanh"}  # fmt: skip

DARKNET = {
    "convolutional": "`conv(32, 3x3, pad=1, bias=false) -> bn -> leaky_relu(0.1)`",
    "maxpool": "`maxpool(2x2)`", "avgpool": "`global_avgpool`", "connected": "`linear(1000)`",
    "shortcut": "`add { | conv(32, 3x3, pad=1) | from label }`", "route": "`concat { | | from label }`",
    "upsample": "`upsample(2)`", "net": "`network N : 3 x 416 x 416 -> 1000 { … }`", "dropout": "`dropout(0.5)`",
    "softmax": "`softmax`", "yolo": "nothing: the head's last `conv(255, 1x1)` is the result",
    "region": "nothing: the head's last `conv(125, 1x1)` is the result", "cost": "nothing: a loss is no part of it",
}  # fmt: skip


def darknet(s: Situation) -> Finding | None:
    """A section of a Darknet cfg, with its settings."""
    match = re.match(r"\[([a-z]+)\][ \t]*(?:#.*)?$", s.rest)
    if s.token != "LSQB" or match is None or match[1] not in DARKNET:
        return None
    span = s.span(end=s.at + len(match[1]) + 2)
    settings = re.compile(r"(?:[ \t]*(?:\n|#[^\n]*|[a-z_]+[ \t]*=[^\n]*))*").match(s.source.text, s.stop)
    end = settings.end() if settings else s.stop
    end = len(s.source.text[:end].rstrip())
    pairs = {key: value.strip() for key, value in SETTING.findall(s.source.text[s.stop : end])}
    meant = section(match[1], pairs)
    help = f"it is written {DARKNET[match[1]]}" if meant is None else f"it is written `{meant}`"
    fix = (Edit(Span(s.source, s.at, end), meant),) if meant is not None else ()
    found = Diagnostic("E0111", "this is a section of a Darknet cfg", span, help=help, fix=fix)
    return Finding(found, (("", ""),), end)


def section(kind: str, pairs: dict[str, str]) -> str | None:
    """A section in the language, where nothing of it is lost. Darknet's ``pad=1`` pads by half of the size."""
    numbers = {key: int(value) for key, value in pairs.items() if value.isdigit()}
    size, stride = numbers.get("size", 1), numbers.get("stride", 1)
    activation = ACTIVATIONS.get(pairs.get("activation", ""))
    if kind == "convolutional" and pairs.keys() >= {"filters", "size", "activation"}:
        known = {"filters", "size", "stride", "pad", "padding", "batch_normalize", "activation", "groups"}
        if activation is None or not pairs.keys() <= known:
            return None
        pad = size // 2 if numbers.get("pad") else numbers.get("padding", 0)
        norm = numbers.get("batch_normalize")
        more = {"stride": stride, "pad": pad, "groups": numbers.get("groups", 1)}
        plain = {"stride": 1, "pad": 0, "groups": 1}
        given = "".join(f", {k}={v}" for k, v in more.items() if v != plain[k]) + (", bias=false" if norm else "")
        return f"conv({numbers['filters']}, {size}x{size}{given}){' -> bn' if norm else ''}{activation}"
    if kind == "connected" and pairs.keys() == {"output", "activation"}:
        return None if activation is None else f"linear({pairs['output']}){activation}"
    if kind == "maxpool" and numbers.keys() == {"size", "stride"} == pairs.keys():
        # Darknet pads by size - 1 in all: for windows that touch that is rounding up, for odd ones the half of it.
        if size % 2:
            return f"maxpool({size}x{size}, stride={stride}, pad={size // 2})"
        return f"maxpool({size}x{size}, round=ceil)" if size == stride else None
    if kind == "upsample" and numbers.keys() == pairs.keys() <= {"stride"}:
        return f"upsample({numbers.get('stride', 2)})"
    if kind == "dropout" and pairs.keys() <= {"probability"}:
        return f"dropout({pairs.get('probability', '0.5')})"
    return {"avgpool": "global_avgpool", "softmax": "softmax"}.get(kind) if not pairs.keys() - {"groups"} else None


YOLO = re.compile(r"-?[ \t]*\[(-?\d+|\[[-\d, ]+\]),[ \t]*(\d+),[ \t]*([\w.]+),[ \t]*\[([^\[\]\n]*)\][ \t]*\]")
BULLET = re.compile(r"-[ \t]+(?=[A-Za-z_{\[])")


def rows(s: Situation) -> Finding | None:
    """``[-1, 1, Conv, [64, 3, 2]]`` and ``- relu`` of a YAML file, ``[conv(64, 3x3), relu]`` of Python."""
    text = s.source.text
    if s.token not in ("LSQB", "MINUS") or "NAME" not in s.accepts or s.bracket_is("LPAR", "LSQB"):
        return None
    if not {"DENSE", "FROM"} <= s.accepts:
        return None
    if match := YOLO.match(text, s.at):
        meant = row(*match.groups())
        help = f"it is written `{meant}`" if meant else "a step is written `conv(64, 3x3, stride=2, pad=1)`"
        fix: tuple[Edit, ...] = (Edit(Span(s.source, s.at, match.end()), meant),) if meant else ()
        found = Diagnostic("E0111", "this is a row of a YOLO configuration", s.span(), help=help, fix=fix)
        return Finding(found, (("", ""),), match.end())
    if s.token == "MINUS" and (bullet := BULLET.match(text, s.at)):
        pairs = re.search(r"^[ \t]*-[ \t]+\w+[ \t]*:[ \t]*(?:[\d\[{\"']|$)", text[s.begin : s.stop])
        lines = re.compile(r"(?:[^\n]*\n[ \t]*-[ \t]+)*").match(text, s.at, s.at + FAR)
        following = re.finditer(r"\n[ \t]*(?=-[ \t])", lines[0] if lines else "")
        starts = [s.at, *(s.at + line.end() for line in following)]
        fix = () if pairs else tuple(Edit(Span(s.source, at, at + len(bullet[0])), "") for at in starts)
        help = (
            "a step is written `conv(32, 3x3)`: its arguments stand in parentheses"
            if pairs
            else "steps stand on lines of their own, without a mark before them"
        )
        found = Diagnostic("E0102", "this is no list of YAML", s.span(), help=help, fix=fix)
        return Finding(found, () if pairs else (("", ""),), None if pairs else bullet.end())
    end = closing(text, s.at)
    inner = parts(text[s.at + 1 : end - 1]) if s.token == "LSQB" and end is not None else []
    if end is None or not inner or any(re.fullmatch(r"-?[\d.]+|\"[^\"]*\"", part) for part in inner):
        return None
    meant = " -> ".join(" ".join(part.split()) for part in inner)
    fix = (Edit(Span(s.source, s.at, end), meant),) if "#" not in text[s.at : end] else ()
    help = "steps are joined by `->`, or stand on lines of their own"
    return Finding(Diagnostic("E0102", "steps stand in no list", s.span(), help=help, fix=fix), (("", ""),), end)


def row(source: str, count: str, module: str, arguments: str) -> str | None:
    """A row of a YOLO configuration in the language, where its module is an op: pads are half of the size there."""
    given = [each.strip(" '\"") for each in arguments.split(",")]
    numbers = [int(each) for each in given if each.isdigit()]
    if source != "-1":
        return None
    if module == "Conv" and len(given) == len(numbers) and 1 <= len(given) <= 3:
        out, size, stride = [*numbers, *(1, 1)[len(numbers) - 1 :]][:3]
        more = (f", stride={stride}" if stride > 1 else "") + (f", pad={size // 2}" if size > 1 else "")
        step = f"conv({out}, {size}x{size}{more}, bias=false) -> bn -> silu"
    elif module == "nn.Upsample" and given[1:] in (["2", "nearest"], ["4", "nearest"]):
        step = f"upsample({given[1]})"
    else:
        return None
    return step if count == "1" else f"{{ {step} }} * {count}"


def fields(s: Situation) -> Finding | None:
    """``conv { num_output: 20 kernel_size: 5 }``: arguments in braces."""
    bracket = s.bracket()
    if bracket is None or bracket.type != "LBRACE" or "BAR" not in s.accepts or "ARROW" in s.accepts:
        return None
    start, text = bracket.start_pos or 0, s.source.text
    if text[start + 1 : s.at].strip():
        return None
    end = closing(text, start)
    inner = text[start + 1 : end - 1].strip() if end is not None else ""
    pairs = [m.groups() for m in PAIR.finditer(inner)]
    if end is None or not pairs or PAIR.sub("", inner).strip():
        return None
    named = [value for _, value in pairs if re.match(r"[a-z]", value) and value not in ("true", "false")]
    if len(pairs) == len(named) and len(pairs) == 1:  # perhaps a label and its step
        return None
    written = "(" + ", ".join(f"{key}={value.lower() if value.isupper() else value}" for key, value in pairs) + ")"
    before = len(text[:start].rstrip())
    fix = (Edit(Span(s.source, before, end), written),)
    name = re.search(r"\w*$", text[max(0, before - 100) : before])
    if name is None or re.fullmatch("layers?", name[0]):
        return None
    what = f"of `{name[0]}` " if name[0] else ""
    found = Diagnostic(
        "E0102",
        f"arguments {what}stand in parentheses",
        Span(s.source, start, start + 1),
        fix=fix,
        help=f"it is written `{name[0]}{written}`",
    )
    return Finding(found)

"""What the parser takes for another language, in this one: there the ops are known, and what others call them."""

from __future__ import annotations

import re
from dataclasses import replace

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.elaborate import habits, pasted
from cnndsl.ops import Merge, Op, registry
from cnndsl.source import Span
from cnndsl.syntax.pieces import closing

NAMED = re.compile(r"(?:self\.)?([A-Za-z_]\w*)[ \t]*=(?!=)[ \t]*")
CALL = re.compile(r"(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*[ \t]*")
FIELD = re.compile(r"([a-z_]+)[ \t]*:[ \t]*(\"[^\"\n]*\"|[\w.+-]+)")
LAYERS = {
    "Convolution": "Conv2D", "InnerProduct": "Dense", "Dropout": "Dropout", "ReLU": "ReLU", "Sigmoid": "Sigmoid",
    "TanH": "Tanh", "Softmax": "Softmax", "ELU": "ELU",
}  # fmt: skip
"""Layers of Caffe, and layers of others that take the same arguments in our order."""
CAFFE = {"MAX": "maxpool", "AVE": "avgpool"}


def worded(found: Diagnostic) -> Diagnostic:
    """The finding with its repair, where the text can be written in the language."""
    text, start = found.span.source.text, found.span.start
    if found.code == "E0102" and len(found.fix) == 1 and found.fix[0].replacement.startswith("("):
        return _arguments(found)
    if found.code == "E0110" and found.fix and found.fix[0].span == found.span:
        return _inside_call(found)
    if found.code == "E0102" and found.span.text == "(" and len(found.fix) == 1:
        meant = pasted.written(found.fix[0].replacement)
        return _repaired(found, found.fix[0].span.start, found.fix[0].span.end, meant)
    if found.fix or found.code not in ("E0108", "E0111"):
        return found
    if text.startswith("layer", start) and (end := closing(text, text.find("{", start))) is not None:
        return _repaired(found, start, end, prototxt(text[start:end]))
    if found.code == "E0108":
        before = re.search(r"(?:self\.)?\w*[ \t]*$", text[max(0, start - 300) : start])
        start -= len(before[0]) if before is not None else 0
    return _statement(found, start)


def _inside_call(found: Diagnostic) -> Diagnostic:
    """A size or string in a call of another library: the whole call is written anew."""
    text, at = found.span.source.text, found.span.start
    start = _callee(text, at)
    name = re.match(r"[A-Za-z_]\w*", text[start:at]) if start is not None else None
    end = closing(text, text.find("(", start)) if start is not None else None
    if start is None or name is None or end is None or "#" in text[start:end]:
        return found
    call, op = text[start:end], registry.get(name[0])
    meant = pasted.written(call)
    if meant is None or meant == call or (op is not None and _ours(call, op)):
        return found
    edit = Edit(Span(found.span.source, start, end), meant)
    if op is not None:
        return replace(found, help=f"it is written `{meant}`", fix=(edit,))
    return replace(
        found,
        code="E0201",
        message=f"there is no op or block `{name[0]}`",
        text="not defined",
        span=Span(found.span.source, start, start + len(name[0])),
        help=f"it is written `{meant}` here",
        fix=(edit,),
    )


def _callee(text: str, at: int) -> int | None:
    """Where the name begins whose parentheses are open at a place."""
    depth = 0
    for index in range(at - 1, max(-1, at - 1000), -1):
        depth += (text[index] in ")]") - (text[index] in "([")
        if depth < 0:
            name = re.search(r"[A-Za-z_]\w*$", text[max(0, index - 100) : index])
            return index - len(name[0]) if name and text[index] == "(" else None
        if text[index] in "{}|":
            return None
    return None


def _ours(call: str, op: type[Op]) -> bool:
    """Whether all keywords of a call are those of the op."""
    return all(key in op.args for key in re.findall(r"[(,]\s*([A-Za-z_]\w*)[ \t]*=(?!=)", call))


def _repaired(found: Diagnostic, start: int, end: int, meant: str | None) -> Diagnostic:
    if meant is None or "#" in found.span.source.text[start:end]:
        return found
    span = Span(found.span.source, start, end)
    return replace(found, help=f"it is written `{meant}`", fix=(Edit(span, meant),))


def _arguments(found: Diagnostic) -> Diagnostic:
    """Arguments that stood in braces, by their names here."""
    edit = found.fix[0]
    text = edit.span.source.text
    name = re.search(r"\w*$", text[max(0, edit.span.start - 200) : edit.span.start])
    if not name or not name[0]:
        return found
    start, called = edit.span.start - len(name[0]), name[0]
    if called.endswith("_param") and (
        before := re.search(r"([A-Za-z_]\w*)[ \t]*\n?[ \t]*$", text[max(0, start - 200) : start])
    ):
        start, called = start - len(before[0]), before[1]
    meant = pasted.written(called + re.sub(r"\bpool=(\w+)", "", edit.replacement))
    if meant is None:
        return found
    if called in registry and issubclass(registry[called], Merge):
        return found
    return _repaired(found, start, edit.span.end, meant)


def _statement(found: Diagnostic, start: int) -> Diagnostic:
    """``x = conv(…)(x)``, ``self.conv1 = nn.Conv2d(…)``, ``return F.relu(x)``."""
    text = found.span.source.text
    at = start + len("return ") if text.startswith("return ", start) else start
    name = NAMED.match(text, at)
    at = name.end() if name else at
    call = CALL.match(text, at)
    end = call.end() if call else at
    while call and text[end : end + 1] == "(":
        end = closing(text, end) or len(text)
    body = text[at:end].strip()
    if text.startswith("this.", start) and text.startswith(":", end):
        return replace(found, help="leave `this.` out", fix=(Edit(Span(found.span.source, start, start + 5), ""),))
    if (method := re.match(r"\w+\.(?:add|append)[ \t]*\((.*)\)$", body, re.DOTALL)) is not None:
        body = method[1].strip()
    if body.isdigit() and method is not None:
        return replace(found, message="a list keeps its items", help=f"write the item into it, or `list + [{body}]`")
    if name is not None and re.fullmatch(r"in|x|inputs?", body):
        return replace(found, help="the input of a block is an empty lane: `add { | conv(64, 3x3, pad=1) | }`")
    rest = text[end : text.find("\n", end)].split("#")[0].strip() if "\n" in text[end:] else ""
    if (
        name is not None
        and re.match(r"[-+]?[\d\[\"]|in\.|(?:true|false|True|False)$", text[at : at + 8])
        and "self." not in name[0]
    ):
        argument = habits.ARGUMENTS.get(name[1], name[1])
        if any(argument in op.args for op in registry.values()) and argument != name[1]:
            return replace(found, help=f"an argument stands in its call, as `conv(…, {argument}=…)`")
        if not text.startswith("[-1", at):
            edit = Edit(Span(found.span.source, start, start), "let ")
            value = text[at : min(text.find("\n", at) % (1 << 60), at + 60)].split("#")[0].strip()
            return replace(found, help=f"a value is named by `let`: `let {name[1]} = {value}`", fix=(edit,))
    meant = pasted.written(body) if "(" in body or "." in body else None
    last = re.sub(r"\(.*", "", body, flags=re.DOTALL).rpartition(".")[2].strip()
    if meant is None and (near := habits.absent(last)):
        return replace(found, help=near)
    if meant is None or (rest and not rest.startswith(("->", "|", "}", "::"))):
        return replace(found, help=_named(name[1], body)) if name is not None and "self" in body else found
    if name is not None and not pasted.FLOW.fullmatch(name[1]) and " -> " not in meant and ": " not in meant:
        meant = f"{name[1]}: {meant}"
    elif name is not None and not pasted.FLOW.fullmatch(name[1]) and ": " not in meant:
        meant = f"{name[1]}: {{ {meant} }}"
    return _repaired(found, start, end, meant)


def _named(name: str, body: str) -> str:
    step = re.sub(r"self\.|\(.*", "", body)
    return (
        f"steps follow one another, and the flow has no name: `{step}: conv(64, 3x3)` stands where `{name} = {body}` is"
    )


def prototxt(text: str) -> str | None:
    """A layer of a prototxt in the language."""
    plain = re.sub(r"\b\w*_filler[ \t]*\{[^{}]*\}|\bparam[ \t]*\{[^{}]*\}|\binclude[ \t]*\{[^{}]*\}", "", text)
    fields = dict(FIELD.findall(plain))
    kind, name = fields.pop("type", "").strip('"'), fields.pop("name", "").strip('"')
    for unused in ("bottom", "top", "lr_mult", "decay_mult"):
        fields.pop(unused, None)
    pool = CAFFE.get(fields.pop("pool", "MAX"))
    label = f"{name}: " if re.fullmatch(r"[a-z]\w*", name) and name not in ("data",) else ""
    if kind == "Pooling":
        if pool is None or "kernel_size" not in fields:
            return None
        more = "".join(f", {k}={v}" for k, v in fields.items() if k in ("stride", "pad"))
        given = more if "stride" in fields else f", stride=1{more}"
        return f"{label}{pool}({fields['kernel_size']}{given}, round=ceil)"
    required = [fields.pop(key) for key in ("num_output", "kernel_size") if key in fields]
    order = LAYERS.get(kind)
    if order is None:
        return None
    arguments = [*required, *(f"{key}={value}" for key, value in fields.items())]
    meant = pasted.written(f"{order}({', '.join(arguments)})")
    return None if meant is None else f"{label}{meant}"

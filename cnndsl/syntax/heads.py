"""Rules for `explain`: definitions and imports as other languages write them."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax.pieces import FAR, parts
from cnndsl.syntax.situation import Finding, Situation

DEFINES = re.compile(
    r"(?:export[ \t]+|pub[ \t]+)?(\w+)[ \t]+(\w+)[ \t]*(\([^()\n]*\))?[ \t]*(:[^{\n]*->[^{\n]*)?(\{|=)?"
)
"""A definition with another word before its name."""
NETWORKS = {"network", "model", "net", "arch", "architecture", "cnn"}
BLOCKS = {"block", "module", "def", "fn", "func", "function", "class", "layer", "struct", "component", "macro",
          "template", "define"}  # fmt: skip
TYPED = re.compile(r"([(,]\s*\w+)(\s*:\s*[A-Za-z_]\w*(?:\[[^\]\n]*\])?)(?=\s*[=,)])")


def keyword(s: Situation) -> Finding | None:
    """``model small : 3 x 8 x 8 -> 10 {`` and ``def Unit(c) {``."""
    if s.place != "file" or s.before.strip() or not s.accepts >= {"BLOCK", "NETWORK"}:
        return None
    match = DEFINES.match(s.source.text, s.at, s.stop)
    if match is None or match[5] is None or (match[5] == "=" and match[1].lower() != "network"):
        return None
    word = match[1].lower()
    meant = (
        "network"
        if (match[4] or match[5] == "=") and word in NETWORKS | BLOCKS
        else "block"
        if word in BLOCKS
        else None
    )
    if meant is None or (match[5] == "{" and meant == "block" and match[4] is not None):
        return None
    span = Span(s.source, s.at, match.end(1))
    code = "E0111" if word in BLOCKS - {"block"} else "E0102"
    found = Diagnostic(
        code,
        f"`{match[1]}` begins no definition",
        span,
        help=f"it is written `{meant} {match[2]}`",
        fix=(Edit(span, meant),),
        safe=True,
    )
    behind = re.compile(r"[ \t]*").match(s.source.text, span.end)
    return Finding(found, ((meant.upper(), meant),), behind.end() if behind else span.end)


def parameter(s: Situation) -> Finding | None:
    """``block Unit(c: int, s: int = 1)`` and ``block Unit(c, *args)``."""
    if s.place not in ("definition", "file") or "parameters" not in s.inside():
        return None
    text = s.source.text
    types = list(TYPED.finditer(text, max(s.begin, s.at - 200), s.stop))
    if s.token in ("LABEL", "COLON") and any(m.start() <= s.at < m.end() for m in types):
        fix = tuple(Edit(Span(s.source, m.start(2), m.end(2)), "") for m in types)
        found = Diagnostic(
            "E0108", "parameters have no declared type", s.span(), help="leave the type out", fix=fix, safe=True
        )
        return Finding(found)
    if s.token == "STAR":
        return Finding(
            Diagnostic(
                "E0102",
                "every parameter has a name",
                s.span(),
                help="write the parameters out, with their defaults: `block Unit(c, stride = 1) { … }`",
            )
        )
    return None


def signature(s: Situation) -> Finding | None:
    """``network n : (3, 32, 32) -> 10``, ``network n : 3, 32, 32 -> 10`` and ``network n(3 x 32 x 32) -> 10``."""
    text = s.source.text
    head = re.compile(r"(?:network|block)[ \t]+\w+(?:[ \t]*\([^()\n]*\)(?=[ \t]*:))?").match(text, s.begin)
    if head is None:
        return None
    shape = r"(?:\(([^()\n]*)\)|\[([^\[\]\n]*)\]|([^()\[\]\n]*?))"
    match = re.compile(rf"[ \t]*:[ \t]*{shape}[ \t]*->[ \t]*([^{{\n]*?)[ \t]*(?:\{{|$)").match(text, head.end(), s.stop)
    at = head.end()
    if match is None:
        match = re.compile(r"[ \t]*\(([^()\n]*)\)()()[ \t]*->[ \t]*([^{\n]*?)[ \t]*(?:\{|$)").match(text, at, s.stop)
        if match is not None and not re.search(r"\d[ \t]*[x,]", match[1]):
            return None
    if match is None or not match.start() <= s.at <= match.end():
        return None
    dims = parts((match[1] or match[2] or match[3] or "").strip())
    result = parts(match[4].strip("()[] \t"))
    if not dims or (len(dims) == 1 and text[match.start() : match.end()].lstrip().startswith(":") and not match[1]):
        return None
    meant = f" : {' x '.join(dims)} -> {' x '.join(result)}"
    span = Span(s.source, match.start(), match.start() + len(match[0].rstrip("{ \t")))
    found = Diagnostic(
        "E0102",
        "a shape is written with `x`",
        s.span(),
        help=f"it is written `{meant.strip(' :')}`",
        fix=(Edit(span, meant),),
    )
    return Finding(found)


def equals_body(s: Situation) -> Finding | None:
    """``block Unit(c) = { … }``, and ``stage1 = { … }``."""
    match = re.match(r"=[ \t]*(?=\{)", s.rest)
    if s.token != "ASSIGN" or match is None or "LBRACE" not in s.accepts:
        return None
    span = Span(s.source, s.at, s.at + match.end())
    if (label := re.match(r"[ \t]*(?:\|[ \t]*)?([A-Za-z_]\w*)[ \t]*$", s.before)) is not None:
        here = Span(s.source, s.previous_end, s.at + 1)
        message, help = f"`{label[1]} = …` is no label", f"a name for a step: `{label[1]}: {{ … }}`"
        return Finding(Diagnostic("E0108", message, s.span(), help=help, fix=(Edit(here, ":"),)))
    found = Diagnostic(
        "E0102", "a body follows its head", s.span(), help="leave `=` out", fix=(Edit(span, ""),), safe=True
    )
    return Finding(found, (("", ""),), span.end)


NAMED = re.compile(
    r"[ \t]*\([ \t]*(?:input|in|x)[ \t]*[:=][ \t]*([\w x*]+?)[ \t]*,"
    r"[ \t]*(?:output|out|y|classes)[ \t]*[:=][ \t]*([\w x*]+?)[ \t]*\)"
)


def named_shapes(s: Situation) -> Finding | None:
    """``network n(input: 3 x 32 x 32, output: 10)``."""
    text = s.source.text
    head = re.compile(r"(?:network|block)[ \t]+\w+").match(text, s.begin)
    match = NAMED.match(text, head.end(), s.stop) if head is not None else None
    if match is None or not match.start() <= s.at < match.end():
        return None
    meant = f" : {match[1]} -> {match[2]}"
    found = Diagnostic(
        "E0111",
        "the shapes of input and result follow the name",
        s.span(),
        help=f"it is written `{text[s.begin : match.start()].strip()}{meant}`",
        fix=(Edit(Span(s.source, match.start(), match.end()), meant),),
    )
    return Finding(found)


def name(s: Situation) -> Finding | None:
    """A name that is none: in quotes, with a dash, or with a digit first."""
    text = s.source.text
    match = re.compile(r"(?:network|block)[ \t]+([\"']?)([\w.-]+)\1").match(text, s.begin)
    if match is None or not match.start(1) <= s.at <= match.end():
        return None
    written = match[2]
    meant = re.sub(r"\W+", "_", written).strip("_")
    meant = meant if not meant[:1].isdigit() else f"net_{meant}" if match[0].startswith("network") else f"Block{meant}"
    if meant == written and not match[1]:
        return None
    span = Span(s.source, match.start(1), match.end())
    free = text.count(written) == 1 and not (match[0].startswith("block") and written[:1].isdigit())
    code = "E0110" if match[1] == "'" else "E0102"
    found = Diagnostic(
        code,
        "a name is letters, digits and `_`, and begins with a letter",
        s.span(),
        help=f"`{meant}` is one",
        fix=(Edit(span, meant),) if free else (),
    )
    return Finding(found)


def brace_below(s: Situation) -> Finding | None:
    """A body whose ``{`` stands on the next line."""
    text = s.source.text
    match = re.compile(r"[ \t]*(?:#[^\n]*)?\n[ \t\r\n]*\{").match(text, s.previous_end)
    if match is None or s.token not in ("_NL", "LBRACE") or s.source.text[s.previous_end - 1] in "{}|":
        return None
    if "LBRACE" not in s.accepts and not (s.token == "LBRACE" and s.place == "file"):
        return None
    end = s.previous_end
    brace = match.end() - 1
    fix = (Edit(Span(s.source, end, end), " {"), Edit(Span(s.source, brace, brace + 1), ""))
    found = Diagnostic(
        "E0113",
        f"`{{` is missing{s.inside()}",
        Span(s.source, end, end),
        "it stands on the next line",
        help="a `{` stands on the line of the word that it belongs to",
        fix=fix,
        safe=True,
    )
    gap = re.compile(r"[ \t\r\n]*").match(text, brace + 1)
    return Finding(found, (("LBRACE", "{"),), gap.end() if gap else brace + 1)


def imports(s: Situation) -> Finding | None:
    """``use Fire``, ``use std::Fire``, ``from std import Fire``, ``include "units.cnn"``."""
    line = s.source.text[s.begin : s.stop].split("#")[0].rstrip().rstrip(";")
    found = (
        re.fullmatch(r"use[ \t]+(?!std$)(?:std(?:::|/|->))?(\w+)()", line)
        or re.fullmatch(r"(?:from|import)[ \t]+std(?:[ \t]+import[ \t]+|\.)(\w+(?:[ \t]*,[ \t]*\w+)*)()", line)
        or re.fullmatch(
            r"()(?:include|import|require|load|from|use)[ \t]*[<(]?[ \t]*[\"']?([\w./-]+?)(?:\.cnn)?[\"']?[>)]?"
            r"(?:[ \t]+import\b.*)?",
            line,
        )
    )
    if found is None or not s.begin <= s.at <= s.stop or (found[2] and "cnn" not in line and '"' not in line):
        return None
    meant = f'import "{found[2]}.cnn"' if found[2] else f"use {', '.join(f'std.{n}' for n in parts(found[1]))}"
    if meant == line:
        return None
    span = Span(s.source, s.begin, s.begin + len(s.source.text[s.begin : s.stop].split("#")[0].rstrip()))
    code = "E0110" if s.word == "'" else "E0111" if line.startswith(("from", "import")) else "E0102"
    here = span if code == "E0111" else s.span()
    return Finding(
        Diagnostic(
            code,
            "an import names a file, and `use` a block of `std`",
            here,
            help=f"it is written `{meant}`",
            fix=(Edit(span, meant),),
        )
    )


def used(s: Situation) -> Finding | None:
    """``use std.*``, ``use std``, ``use std.{Fire, Stage}``, ``use std.Fire std.Stage`` and ``use std.fire.Fire``."""
    line = s.source.text[s.begin : s.stop].split("#")[0].rstrip()
    match = re.fullmatch(r"use[ \t]+(std\b[\w.,{}* \t]*)", line)
    if match is None or not s.begin <= s.at <= s.stop:
        return None
    names = [name for each in re.split(r"[\s,{}]+", match[1]) if (name := each.rpartition(".")[2]) not in ("", "std")]
    meant = f"use {', '.join(f'std.{name}' for name in names)}"
    plain = names and all(re.fullmatch(r"[A-Z]\w*", name) for name in names)
    help = f"it is written `{meant}`" if plain else "as `use std.Bottleneck, std.Stage`; `cnndsl ops` lists the blocks"
    fix = (Edit(Span(s.source, s.begin, s.begin + len(line)), meant),) if plain else ()
    return Finding(Diagnostic("E0102", "`use` names what is used", s.span(), help=help, fix=fix))


PYTHON_IMPORT = re.compile(
    r"(?:import[ \t]+[A-Za-z][\w.]*(?:[ \t]+as[ \t]+\w+)?|from[ \t]+[\w.]+[ \t]+import[ \t]+[^\n\"]*)[ \t]*\n?"
)
LIBRARIES = re.compile(
    r"(?:import|from)[ \t]+(?:torch|torchvision|tensorflow|keras|numpy|jax|flax|math|os|sys|typing"
    r"|functools|collections|mxnet|paddle|timm|haiku|equinox|onnx)\b"
)


def python_import(s: Situation) -> Finding | None:
    """``import torch``: nothing of Python is imported, and these lines can go."""
    text, at = s.source.text, s.begin
    if s.place != "file" or LIBRARIES.match(text, at) is None:
        return None
    while at < s.begin + FAR and (match := PYTHON_IMPORT.match(text, at)) is not None and LIBRARIES.match(text, at):
        at = match.end()
    first = PYTHON_IMPORT.match(text, s.begin)
    assert first is not None
    span = Span(s.source, s.begin, s.begin + len(re.match(r"\w+[ \t]+\w+", first[0])[0]))  # type: ignore[index]
    message = "an import names a file" if first[0].startswith("import") else "this is no import of the language"
    found = Diagnostic(
        "E0111",
        message,
        span,
        help="leave it out: ops need no import",
        fix=(Edit(Span(s.source, s.begin, at), ""),),
        safe=True,
    )
    return Finding(found)

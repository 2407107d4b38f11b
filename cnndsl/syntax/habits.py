"""What people write who come from Python, PyTorch, C or Caffe."""

from __future__ import annotations

import re

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.source import Span
from cnndsl.syntax import skip
from cnndsl.syntax.situation import Finding, Situation
from cnndsl.syntax.stack import start_of

OPERATOR_WORDS = {"is", "isnt", "div", "mod", "mul", "to", "by"}

MERGE = re.compile(r"\b(?:concat|add|mul|mean|max)[ \t]*(?:\([^()\n]*\))?$")
"""A word that joins lanes, without its lanes. Only a guess hangs on it: the grammar knows no op."""

SIGNS: dict[str, tuple[str, str]] = {
    "×": ("x", "a size is written with the letter `x`: `3x3`"),
    "✕": ("x", "a size is written with the letter `x`: `3x3`"),
    "→": ("->", "steps are joined by `->`"),
    "⇒": ("->", "steps are joined by `->`"),
    "➔": ("->", "steps are joined by `->`"),
    "➜": ("->", "steps are joined by `->`"),
    "►": ("->", "steps are joined by `->`"),
    "↦": ("->", "steps are joined by `->`"),
    "⟶": ("->", "steps are joined by `->`"),
    "−": ("-", "this is a typographic minus"),
    "–": ("-", "this is a dash, not a minus"),
    "“": ('"', "strings stand in straight quotes"),
    "”": ('"', "strings stand in straight quotes"),
    "≤": ("<=", "`<=` compares"),
    "≥": (">=", "`>=` compares"),
    "≠": ("!=", "`!=` compares"),
    "\u00a0": (" ", "this is a no-break space"),
    "\u200b": ("", "this is a zero-width space"),
    "\ufeff": ("", "this is a byte-order mark"),
}
"""Characters that look like ones the language has: what is meant, and what they are."""

OPERATORS: dict[str, tuple[str, str]] = {
    "&&": ("and", "`and`"),
    "||": ("or", "`or`"),
    "!": ("not ", "`not`"),
    "=>": ("->", "`->`"),
    "|>": ("->", "`->`"),
    "~>": ("->", "`->`"),
    ">>": ("->", "`->`"),
    ":=": ("=", "`=`"),
    "===": ("==", "`==`"),
}

CONSTRUCTS: list[tuple[str, str, str]] = [
    (
        r"def\s+\w+|class\s+\w+|fn\s+\w+|function\s+\w+|module\s+\w+",
        "this is no definition of the language",
        "`block Name(parameters) { … }`, or `network Name(parameters) : 3 x 224 x 224 -> 1000 { … }`",
    ),
    (r"\w+\.(?:add|append)\s*\(", "a network is no object", "its steps stand in its body: `conv(64, 3x3)`"),
    (r"(?:switch|match|case)\b", "there is no `switch`", "`if c == 8 { … } else if c == 16 { … } else { … }`"),
    (r"unless\b", "there is no `unless`", "`if not (…) { … }`"),
    (r"branch\s+\w+\s*\{", "lanes stand in the merge that joins them", "`concat { | … | … }`"),
    (r"while\b", "there is no `while`", "`for x in list { … }`, `for i in range(n) { … }` or `step * n`"),
    (r"return\b", "there is no `return`", "a body gives the result of its last step"),
    (r"import\s+[A-Za-z_]", "an import names a file", '`import "other.cnn"`, or `use std.Name`; ops need none'),
    (
        r"from\s+[\w.]+\s+import\b",
        "this is no import of the language",
        '`import "other.cnn"`, or `use std.Name`; ops need none',
    ),
    (
        r"layers?\s*\{\s*(?:$|(?:name|type|bottom|top)\s*:)",
        "this is a layer of a prototxt",
        "`conv1: conv(96, 11x11, stride=4)`: no bottom, no top",
    ),
    (r"(?:self|this)\.\w+", "there is no `self`", "a step is labelled `conv1: conv(64, 3x3)`"),
    (
        r"(?:torch\.)?nn\.\w+|F\.\w+|torch\.\w+|tf\.\w+|keras\.\w+|layers\.\w+|models\.\w+",
        "ops are written by their bare names",
        "`conv(64, 3x3)`, `relu`, `linear(10)`; `cnndsl ops` lists them",
    ),
    (r"lambda\b", "there is no `lambda`", "a `block` can be passed by its name"),
    (r"print\b|assert\b", "a spec is data: nothing is executed", "`expect params == 1_000` states a fact"),
    (r"input\s*(?:[:=]|\d)", "the input is stated by the network", "`network N : 3 x 224 x 224 -> 1000 { … }`"),
]
_CONSTRUCTS = [(re.compile(pattern), message, help) for pattern, message, help in CONSTRUCTS]


def character(s: Situation) -> Finding | None:
    """A character that no token begins with, or the comment sign of another language."""
    text, sign = s.source.text, s.source.text[s.at : s.at + 1]
    here = Span(s.source, s.at, s.at + 1)
    quoted = re.match(r"[“”]([^“”\"\\]*)[“”\"]", s.rest)
    if quoted is not None:
        span, text = Span(s.source, s.at, s.at + quoted.end()), f'"{quoted[1]}"'
        found = Diagnostic("E0110", "strings stand in straight quotes", span, fix=(Edit(span, text),), safe=True)
        return Finding(found, (("STRING", text),) if "STRING" in s.accepts else (), s.at + quoted.end())
    if sign and sign != "；" and (wide := full_width(sign)) is not None:
        return _full_width(s, wide)
    if sign in SIGNS and sign:
        meant, why = SIGNS[sign]
        kinds = {"x": "X", "->": "ARROW", "-": "MINUS", "<=": "COMPARE", ">=": "COMPARE", "!=": "COMPARE"}
        kind = kinds.get(meant, "")
        after = s.at + 1 + len(text[s.at + 1 : s.at + 80]) - len(text[s.at + 1 : s.at + 80].lstrip())
        insert = ((kind, meant),) if kind in s.accepts else (("", ""),) if not meant.strip() else ()
        line = s.rest.split("#")[0].split('"')[0]
        same = [s.at + i for i, each in enumerate(line) if each == sign]
        sure = meant != "x" or (s.before.rstrip()[-1:].isdigit() and s.rest[1:].lstrip()[:1].isdigit())
        fix = tuple(Edit(Span(s.source, at, at + 1), meant) for at in same)
        found = Diagnostic("E0110", f"`{sign}` is not `{meant or ' '}`", here, help=why, fix=fix, safe=sure)
        return Finding(found, insert, after)
    if text.startswith("'''", s.at):
        close, span = text.find("'''", s.at + 3), Span(s.source, s.at, s.at + 3)
        ends = (Edit(span, '"""'), Edit(Span(s.source, close, close + 3), '"""')) if close > 0 else ()
        fix = ends if '"' not in text[s.at : close] else ()
        return Finding(Diagnostic("E0110", "docstrings stand in double quotes", span, help='write `"""`', fix=fix))
    if sign == "'":
        close = text.find("'", s.at + 1, s.line_end)
        end = s.line_end if close < 0 else close + 1
        inner = text[s.at + 1 : end - 1]
        span = Span(s.source, s.at, end)
        fix = (Edit(span, f'"{inner}"'),) if close > 0 and '"' not in inner and "\\" not in inner else ()
        found = Diagnostic("E0110", "strings stand in double quotes", span, fix=fix, safe=bool(fix))
        return Finding(found, (("STRING", f'"{inner}"'),) if fix and "STRING" in s.accepts else (), end)
    if sign in (";", "；") and sign:
        last = not text[s.at + 1 : s.line_end].split("#")[0].strip()
        more = bool({"_NL"} & s.accepts) and not last
        found = Diagnostic(
            "E0110",
            f"no `{sign}` ends a statement",
            here,
            fix=(Edit(here, "" if last else "\n"),),
            safe=True,
            help="statements stand on lines of their own",
        )
        return Finding(found, (("_NL", "\n"),) if more else (("", ""),), s.at + 1)
    if text.startswith(("//", "/*"), s.at):
        span = Span(s.source, s.at, s.at + 2)
        if text.startswith("//", s.at):
            found = Diagnostic("E0110", "a comment begins with `#`", span, fix=(Edit(span, "#"),), safe=True)
            return Finding(found, (("", ""),), s.line_end)
        close = text.find("*/", s.at, s.at + 2000)
        resume = s.line_end if close < 0 else close + 2
        whole = 0 <= close < s.line_end and not text[close + 2 : s.line_end].strip()
        found = Diagnostic("E0110", "a comment begins with `#`", Span(s.source, s.at, close + 2) if whole else span,
                           fix=_comment(s, close), safe=close >= 0,
                           help=None if whole else "it ends with its line")  # fmt: skip
        return Finding(found, (("", ""),), resume)
    return None


WIDE = {"\u3000": " ", "\u3001": ",", "\u3002": ".", "\u3010": "[", "\u3011": "]"}
KINDS = {"(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB", "{": "LBRACE", "}": "RBRACE", "|": "BAR", ",": "COMMA",
         "=": "ASSIGN", ":": "COLON", "*": "STAR", "+": "PLUS", "-": "MINUS", "/": "SLASH", "%": "PERCENT",
         "<": "COMPARE", ">": "COMPARE", ".": "DOT"}  # fmt: skip


def full_width(sign: str) -> str | None:
    """The ASCII character of a full-width one, as input methods for Chinese and Japanese write."""
    return chr(ord(sign) - 0xFEE0) if "\uff01" <= sign <= "\uff5e" else WIDE.get(sign)


def _full_width(s: Situation, meant: str) -> Finding:
    """One finding for all of them in the line."""
    text = s.source.text
    line = s.rest.split("#")[0].split('"')[0]
    places = [(s.at + i, full_width(c)) for i, c in enumerate(line)]
    fix = tuple(Edit(Span(s.source, at, at + 1), each) for at, each in places if each is not None)
    here = Span(s.source, s.at, s.at + 1)
    plain = "".join(full_width(c) or c for c in (s.before + s.rest).split("#")[0]).strip()
    found = Diagnostic("E0110", f"`{text[s.at]}` is the full-width form of `{meant}`", here, fix=fix, safe=True,
                       help=f"it is written `{plain}`" if len(plain) < 100 else f"write `{meant}`")  # fmt: skip
    kind = KINDS.get(meant, "")
    resume = skip.sign(text, s.at + 1, "") if meant in "([{|,=" else s.at + 1
    return Finding(found, ((kind, meant),) if kind in s.accepts else (("", ""),) if meant == " " else (), resume)


def _comment(s: Situation, close: int) -> tuple[Edit, ...]:
    """The edits that make a comment of C one of this language, before which or behind which there may be steps."""
    text = s.source.text
    if close < 0:
        return ()
    lines = [line.strip().lstrip("* ") for line in text[s.at + 2 : close].strip().split("\n")]
    behind = text[close + 2 : text.find("\n", close) if "\n" in text[close:] else len(text)]
    if not behind.strip():
        indent = s.before if not s.before.strip() else ""
        return (Edit(Span(s.source, s.at, close + 2), f"\n{indent}".join(f"# {line}".rstrip() for line in lines)),)
    end = close + 2 + len(behind.rstrip())
    gap = close + 2 + len(behind) - len(behind.lstrip())
    return (Edit(Span(s.source, s.at, gap), ""), Edit(Span(s.source, end, end), f"  # {' '.join(lines)}"))


def operator(s: Situation) -> Finding | None:
    """An operator of another language."""
    for sign, (meant, shown) in OPERATORS.items():
        at = s.at
        if sign in ("=>", ">>", "===", ":=") and s.source.text.startswith(sign, at - 1) and sign[0] == sign[1:2]:
            at -= 1
        if s.source.text.startswith(sign, at) and not (sign == "!" and s.source.text.startswith("!=", at)):
            span = Span(s.source, at, at + len(sign))
            kind = {"and": "AND", "or": "OR", "not ": "NOT", "->": "ARROW", "=": "ASSIGN", "==": "COMPARE"}[meant]
            fits = kind in s.accepts or sign[0] == "|"  # at a bar the parser has made up its mind
            found = Diagnostic(
                "E0110",
                f"`{sign}` is no operator of the language",
                span,
                help=f"it is written {shown}" if fits else None,
                fix=(Edit(span, meant),) if fits else (),
                safe=fits,
            )
            end = s.at + len(sign) - (s.at - at)
            while s.source.text[end : end + 1] in (" ", "\t"):
                end += 1
            return Finding(found, ((kind, meant),) if kind in s.accepts and at == s.at else (), end)
    if re.match(r"[-+*/]=(?!=)", s.rest):
        span = Span(s.source, s.at, s.at + 2)
        return Finding(Diagnostic("E0110", "a name keeps its value", span, help="`let` another name"))
    if s.word == "." and re.match(r"\.[0-9]", s.rest) and not s.before[-1:].isalnum():
        span = Span(s.source, s.at, s.at)
        match = re.match(r"\.[0-9]+(?:[eE][+-]?[0-9]+)?", s.rest)
        number = match[0] if match else ".0"
        found = Diagnostic(
            "E0110",
            "a number begins with a digit",
            s.span(end=s.at + len(number)),
            fix=(Edit(span, "0"),),
            safe=True,
            help=f"`0{number}`",
        )
        return Finding(found, (("NUMBER", "0" + number),) if "NUMBER" in s.accepts else (), s.at + len(number))
    if s.word == "." and s.before[-1:].isdigit() and not re.match(r"\.\w", s.rest):
        span = Span(s.source, s.at, s.at + 1)
        found = Diagnostic("E0110", "a number ends with a digit", span, fix=(Edit(span, ".0"),), safe=True)
        return Finding(found, (("", ""),), s.at + 1)
    return argument(s)


def _equals(s: Situation, at: int) -> tuple[Edit, ...]:
    """`=` for the `:` here and behind the other keywords of the same call, on this line."""
    places = [
        at,
        *(at + m.end() - 1 for m in re.finditer(r",[ \t]*\w+[ \t]*:(?!:)", s.source.text[at : s.stop].split(")")[0])),
    ]
    return tuple(Edit(Span(s.source, place, place + 1), "=") for place in places)


def argument(s: Situation) -> Finding | None:
    """``size: 3`` for ``size=3``, and ``(3, 3)`` for ``3x3``."""
    bracket = s.bracket()
    if bracket is None or bracket.type != "LPAR":
        return None
    if s.token == "LABEL" and s.accepts & {"NAME", "COMMA"}:
        match = re.match(r"(\w+)[ \t]*:", s.rest)
        if match is None:
            return None
        span = Span(s.source, s.at + match.end() - 1, s.at + match.end())
        found = Diagnostic(
            "E0108",
            f"an argument by keyword is written with `=`: `{match[1]}=…`",
            span,
            fix=_equals(s, span.start),
            safe=True,
        )
        tokens = (("NAME", match[1]), ("ASSIGN", "="))
        comma = (("COMMA", ","),) if "COMMA" in s.accepts else ()
        return Finding(found, comma + tokens, s.at + match.end())
    if s.token == "COLON" and "ASSIGN" in s.accepts:
        found = Diagnostic(
            "E0108", "an argument by keyword is written with `=`", s.span(), fix=_equals(s, s.at), safe=True
        )
        return Finding(found, (("ASSIGN", "="),), s.at + 1 + len(s.rest[1:]) - len(s.rest[1:].lstrip()))
    if s.token == "COMMA" and "COMMA" not in s.accepts and "RPAR" in s.accepts:
        before = s.source.text[bracket.start_pos or 0 : s.at]
        match = re.match(r"\((\d+)\s*$", before)
        after = re.match(r",\s*(\d+)\s*\)", s.rest)
        if match and after:
            start = bracket.start_pos or 0
            span = Span(s.source, start, s.at + after.end())
            found = Diagnostic(
                "E0110",
                "a size is written with `x`",
                span,
                help=f"`{match[1]}x{after[1]}`",
                fix=(Edit(span, f"{match[1]}x{after[1]}"),),
                safe=True,
            )
            return Finding(found, (("X", "x"), ("NUMBER", after[1])), s.at + after.end() - 1)
    return None


def construct(s: Situation) -> Finding | None:
    """A construct of another language, by the word that begins the statement, or the word here."""
    text = s.source.text
    match = re.search(r"\blambda\b", s.before)
    if match is not None:
        at = s.at - len(s.before) + match.start()
        return Finding(
            Diagnostic(
                "E0111",
                "there is no `lambda`",
                Span(s.source, at, at + len("lambda")),
                help="a `block` can be passed by its name",
            )
        )
    word = re.search(r"\w+$", s.before)
    bracket = s.bracket()
    first = bracket is not None and bracket is s.values[-1] and s.place == "lanes" and len(s.values) > 1
    head = start_of(s.values[-2]) if first else None
    for at in (s.start, s.at, s.at - len(word[0]) if word else s.at, s.start if head is None else head):
        line_end = text.find("\n", at)
        stop = min(len(text) if line_end < 0 else line_end, at + 200)
        if s.at > stop and at != head:
            continue
        for pattern, message, help in _CONSTRUCTS:
            match = pattern.match(text, at, stop)
            if match is not None and (s.at <= match.end() + 1 or at == head):
                span = Span(s.source, at, match.end())
                fix = (Edit(span, "else if"),) if span.text == "elif" else ()
                return Finding(Diagnostic("E0111", message, span, help=help, fix=fix, safe=bool(fix)))
    return None

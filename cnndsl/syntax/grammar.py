"""The grammar as a parser. Its tables are data that lie beside it, which `make docs` writes."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path

import lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

GRAMMAR = Path(__file__).with_name("cnn.lark")
TABLES = Path(__file__).with_name("tables.json")
WIDEST = 2**32 - 1
"""How long a terminal without bound is said to be. Python's own answer depends on its version."""


@cache
def grammar() -> lark.Lark:
    """The parser, from its tables. It is built, which takes 100 ms, where they are of another grammar or Lark."""
    stored = json.loads(TABLES.read_bytes())
    if stored["of"] != _source():
        return build()
    table = stored["data"]["parser"]["parser"]
    table["states"] = dict(enumerate(table["states"]))
    memo = dict(enumerate(stored["memo"]))
    return lark.Lark._load_from_dict(stored["data"], memo)  # type: ignore[no-untyped-call, no-any-return]


def build() -> lark.Lark:
    """The parser, from the grammar's text."""
    return lark.Lark(
        GRAMMAR.read_text("utf-8"), parser="lalr", lexer="contextual", keep_all_tokens=True, maybe_placeholders=False
    )


def tables() -> bytes:
    """The parser as JSON, by Lark's own serialisation; the same at each run, whose numbers Lark draws anew."""
    data, memo = build().memo_serialize([TerminalDef, Rule])
    table = data["parser"]["parser"]
    names: list[str] = sorted(table["tokens"].values())
    number = {old: str(names.index(name)) for old, name in table["tokens"].items()}
    rows = {
        state: {number[token]: action for token, action in sorted(row.items(), key=lambda e: int(number[e[0]]))}
        for state, row in table["states"].items()
    }
    order: list[int] = list(table["start_states"].values())
    for state in order:  # which grows
        order += dict.fromkeys(arg for kind, arg in rows[state].values() if kind == 0 and arg not in order)
    states = [
        {token: (kind, order.index(arg) if kind == 0 else arg) for token, (kind, arg) in rows[state].items()}
        for state in order
    ]
    table.update(
        tokens={str(i): name for i, name in enumerate(names)},
        states=states,
        start_states={name: order.index(state) for name, state in table["start_states"].items()},
        end_states={name: order.index(state) for name, state in table["end_states"].items()},
    )
    for entry in memo.values():
        if width := entry.get("pattern", {}).get("_width"):
            entry["pattern"]["_width"] = [min(each, WIDEST) for each in width]
    stored = {"of": _source(), "data": data, "memo": list(memo.values())}
    return json.dumps(stored, separators=(",", ":")).encode() + b"\n"


def _source() -> str:
    """What tables are of. Lark's serialisation stays the same in the releases of one minor version."""
    minor = ".".join(lark.__version__.split(".")[:2])
    return f"lark {minor} {sha256(GRAMMAR.read_bytes()).hexdigest()}"

"""Texts to break the compiler with: none may end in anything but a graph or diagnostics."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cnndsl import files
from cnndsl.ir.dims import show
from cnndsl.ops import registry
from cnndsl.syntax import skip
from cnndsl.syntax.grammar import grammar
from tests.corpus.test_programs import HEAD, PROGRAMS, unmarked
from tests.format.example import UNTIDY
from tests.lint.test_programs import FILES, MARK, programs

WORDS = [
    "block",
    "network",
    "import",
    "use",
    "let",
    "output",
    "when",
    "training",
    "expect",
    "within",
    "of",
    "for",
    "in",
    "as",
    "dense",
    "if",
    "else",
    "from",
    "or",
    "and",
    "not",
    "true",
    "false",
    "x",
    "_",
    "std",
    "conv",
    "relu",
    "bn",
    "add",
    "concat",
    "max",
    "linear",
    "dropout",
    "flatten",
    "global_avgpool",
    "params",
    "shape",
    "H",
    "C",
    "n",
    "Unit",
    "Small",
    "A",
]
SIGNS = [
    *'(){}[],|:=+-*/%.<>#"',
    "->",
    "::",
    "==",
    "!=",
    "<=",
    "//",
    '"""',
    "in.channels",
    "in.height",
    "\n",
    "\n    ",
    " ",
    "\t",
]
VALUES = [
    "0",
    "1",
    "3",
    "3x3",
    "64",
    "1e9",
    "1e999",
    "4M",
    "10_000",
    "0.5",
    '"same"',
    "same",
    "range(3)",
    "[1, 2]",
]
STRANGE = [
    '"""\nimport os\n"""',
    "\0",
    "\r\n",
    "\ufeff",
    "\u202e",
    "é",
    "🚀",
    "×",
    "→",
    "'",
    "`",
    "\\",
    ";",
    "$",
    "\x1b[31m",
    "&&",
]
TERMINALS = [*WORDS, *SIGNS, *VALUES, *STRANGE]


@cache
def zoo() -> tuple[tuple[str, str], ...]:
    folder = files.zoo_folder()
    return tuple((path.name, path.read_text("utf-8")) for path in sorted(folder.glob("*.cnn")))


@cache
def tokens(text: str) -> tuple[tuple[int, int], ...]:
    """The places of a right program's tokens, without the space around them."""
    reader = grammar().parse_interactive(text)
    found = []
    for token in reader.iter_parse():
        start = skip.sign(text, token.start_pos or 0, token.type)
        end = (token.start_pos or 0) + len(token.rstrip() if token.type != "_NL" else token)
        found.append((start, max(start + 1, end)))
    return tuple(found)


def edited(text: str, index: int) -> Iterator[tuple[str, str]]:
    """The text with one of its tokens deleted, doubled, and swapped with the next."""
    places = tokens(text)
    start, end = places[index]
    yield "deleted", text[:start] + text[end:]
    yield "doubled", text[:end] + " " + text[start:]
    if index + 1 < len(places):
        then, stop = places[index + 1]
        parts = [text[:start], text[then:stop], text[end:then], text[start:end], text[stop:]]
        yield "swapped", " ".join(parts)


PIECES = re.compile(r'"""(?:[^"]|"(?!""))*"""|"[^"\n]*"|\w+|[ \t]+|->|::|[=!<>]=|.', re.DOTALL)


def mutated(text: str, chance: random.Random) -> str:
    """The text with a few of its words and signs deleted, doubled, swapped, replaced, or with others between."""
    pieces = PIECES.findall(text)
    for _ in range(chance.choice([1, 1, 2, 4, 8])):
        start = chance.randrange(len(pieces) + 1)
        end = min(len(pieces), start + chance.choice([0, 1, 1, 1, 2, 3, 5, 20]))
        numbers = [i for i, piece in enumerate(pieces) if piece.isdigit()]
        match chance.randrange(8):
            case 0:
                del pieces[start:end]
            case 1:
                pieces[end:end] = pieces[start:end]
            case 2:
                pieces[start:end] = reversed(pieces[start:end])
            case 3 if numbers:
                pieces[chance.choice(numbers)] = chance.choice(VALUES)
            case 4 if pieces:
                pieces[start:end] = [chance.choice(pieces)]
            case 5:
                other = PIECES.findall(chance.choice(seeds() if chance.random() < 0.7 else [t for _, t in zoo()]))
                there = chance.randrange(len(other))
                pieces[start:start] = other[there : there + chance.choice([1, 3, 10, 40])]
            case 6:
                pieces[start:end] = [chance.choice(WORDS), " "]
            case _:
                pieces[start:end] = [chance.choice(TERMINALS)]
    return "".join(pieces)


MEMBERS = re.compile(r"(?s)^(network \w+ = .*?\n(?:}\n)?)\n.*", re.MULTILINE)
"""A family's members but for the first."""


@cache
def seeds() -> tuple[str, ...]:
    """Short programs, right and wrong, that together have every construct and op."""
    wrong = [unmarked(path.read_text("utf-8").partition(HEAD)[0])[0] for path in PROGRAMS]
    linted = [MARK.sub("", text) for path in FILES for _, text in programs(path)]
    ops = [
        f"network A : {show(op.example_input)} -> 1 {{\n{op.example}\nflatten -> linear(1)\n}}\n"
        for op in registry.values()
    ]
    blocks = [path.read_text("utf-8") for path in (files.zoo_folder().parent / "cnndsl/std").glob("*.cnn")]
    return UNTIDY, *wrong, *linted, *ops, *blocks, *(MEMBERS.sub(r"\1", text) for _, text in zoo())


def folder() -> Path:
    return files.zoo_folder()

"""Texts to break the compiler with: none may end in anything but a graph or diagnostics."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cnndsl import files
from cnndsl.syntax import parser, skip

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
STRANGE = ["\0", "\r\n", "\ufeff", "\u202e", "é", "🚀", "×", "→", "'", "`", "\\", ";", "$", "\x1b[31m", "&&"]
TERMINALS = [*WORDS, *SIGNS, *VALUES, *STRANGE]


@cache
def zoo() -> tuple[tuple[str, str], ...]:
    folder = files.zoo_folder()
    return tuple((path.name, path.read_text("utf-8")) for path in sorted(folder.glob("*.cnn")))


@cache
def tokens(text: str) -> tuple[tuple[int, int], ...]:
    """The places of a right program's tokens, without the space around them."""
    reader = parser.grammar().parse_interactive(text)
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


def mutated(text: str, chance: random.Random) -> str:
    """The text with a few changes anywhere."""
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + int(chance.expovariate(0.2)))
        piece = chance.choice([chance.choice(TERMINALS), text[start:end] * 2, "", chance.choice(VALUES)])
        text = text[:start] + piece + text[end:]
    return text


def sequence(chance: random.Random) -> str:
    """Terminals at random, often inside a network."""
    body = chance.choice([" ", "", " "]).join(chance.choices(TERMINALS, k=chance.randint(1, 60)))
    frame = chance.choice(
        ["{}", "network A : 3 x 8 x 8 -> 3 {{\n{}\n}}", "block A(n) {{ {} }}\nnetwork B : 3 -> 3 {{ A(2) }}"]
    )
    return frame.format(body)


def renumbered(text: str, chance: random.Random) -> str:
    """The text with some of its numbers replaced."""
    return re.sub(r"\b\d+\b", lambda m: chance.choice([m[0], m[0], m[0], *VALUES[:8]]), text)


def folder() -> Path:
    return files.zoo_folder()

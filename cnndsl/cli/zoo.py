"""The zoo as a list of facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from cnndsl import pipeline
from cnndsl.analysis.metrics import macs, params
from cnndsl.elaborate import is_template
from cnndsl.elaborate.values import Definition
from cnndsl.syntax import ast

YEAR = re.compile(r"\b(?:19\d\d|20[0-3]\d)\b")


@dataclass(frozen=True, slots=True)
class Entry:
    """One network of the zoo."""

    name: str
    family: str
    """The file that holds it, without its ending."""
    year: int | None
    """The first year that the network's own docstring names, or its file's."""
    input: list[int]
    output: list[int]
    params: int
    macs: int
    """Multiply-adds of one image, heads that only training has included."""
    doc: str
    """The first sentence of its docstring, or of the nearest network that it is made from."""
    paper: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Family:
    """A file of the zoo."""

    name: str
    spec: pipeline.Spec
    doc: str
    networks: dict[str, Definition]
    """Those that need no arguments."""


def specs() -> dict[str, Family]:
    """The family of every network that needs no arguments."""
    found: dict[str, Family] = {}
    for path in dict.fromkeys(pipeline.zoo().values()):
        spec = pipeline.from_path(path, None, None, f"zoo/{path.name}")
        complete = {n: d for n, d in spec.module.networks.items() if not is_template(d)}
        family = Family(path.stem, spec, spec.module.file.doc or "", complete)
        found.update(dict.fromkeys(complete, family))
    return found


def matching(words: list[str]) -> dict[str, Family]:
    """The networks whose name, family or docstrings, those they are made from included, have all the words."""
    wanted = [word.lower() for word in words]
    found = {}
    for name, family in specs().items():
        docs = [each.syntax.doc or "" for each in lineage(family.networks[name])]
        text = " ".join([name, family.name, *docs, family.doc]).lower()
        if all(word in text for word in wanted):
            found[name] = family
    return found


def entry(name: str, family: Family) -> Entry:
    """The figures of a network. It is elaborated for that."""
    graph = replace(family.spec, network=name).graph()
    definition = family.networks[name]
    year = YEAR.search(definition.syntax.doc or "") or YEAR.search(family.doc)
    return Entry(
        name=name,
        family=family.name,
        year=int(year[0]) if year else None,
        input=list(graph.input.shape),
        output=list(graph.output.shape),
        params=params(graph.nodes),
        macs=macs(graph.nodes),
        doc=first_sentence(next((d.syntax.doc for d in lineage(definition) if d.syntax.doc), family.doc)),
        paper=family.doc.strip().partition("\n")[0],
    )


def lineage(definition: Definition) -> Iterator[Definition]:
    """A network and those that it is made from, the nearest first."""
    yield definition
    syntax = definition.syntax
    if isinstance(syntax, ast.Network) and syntax.base is not None:
        yield from lineage(definition.names[syntax.base.name.name])


def first_sentence(doc: str) -> str:
    """The first sentence of a docstring, or its first paragraph where none ends: line breaks are no ends."""
    paragraph = " ".join(doc.strip().partition("\n\n")[0].split())
    sentence = re.match(r".*?[a-z0-9)]\.(?= [A-Z]|$)", paragraph)
    return sentence[0] if sentence else paragraph

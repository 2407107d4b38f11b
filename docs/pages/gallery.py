"""The gallery: the zoo's networks with their figures and a picture each."""

from __future__ import annotations

import re

from cnndsl.cli import zoo
from cnndsl.ir.dims import show
from docs.pages.figures import HEIGHT, path, specs
from docs.pages.markdown import cell, code, page, table

HEADS = ("network", "year", "input", "parameters", "multiply-adds", "what")


INTRODUCTION = """
The {count} networks of the zoo, by family. Each name is a SPEC: `cnndsl summary resnet50`,
`cnndsl.load("resnet50")`. Parameters are all that is trained, heads that only training has included;
multiply-adds are those of convolutions and linear layers, for one image, heads included. Most of these figures
are an `expect` of the spec, to which `cnndsl check` holds it.

The pictures are overviews, as `cnndsl render NAME` draws them, with `--depth` where that would be long.
A click shows one in full size.
"""


def pages() -> dict[str, str]:
    families: dict[str, list[zoo.Entry]] = {}
    docs: dict[str, str] = {}
    for name, family in specs().items():
        families.setdefault(family.name, []).append(zoo.entry(name, family))
        docs[family.name] = family.doc.strip()
    count = sum(map(len, families.values()))
    contents = [
        (f"[{name}](#{name})", len(entries), cell(docs[name].partition("\n")[0])) for name, entries in families.items()
    ]
    index = table(("family", "networks", "paper"), contents, right=("networks",))
    parts = [INTRODUCTION.format(count=count), index]
    parts += [section(name, entries, docs[name]) for name, entries in families.items()]
    return {"gallery.md": page("Gallery", "the files in `specs/`", *parts)}


def section(name: str, entries: list[zoo.Entry], doc: str) -> str:
    rows = [
        (code(e.name), e.year or "", show(tuple(e.input)), f"{e.params:,}", f"{e.macs:,}", what(e)) for e in entries
    ]
    figures = table(HEADS, rows, right=("parameters", "multiply-adds"))
    images = "\n".join(picture(entry.name) for entry in entries)
    source = f"Spec: [`specs/{name}.cnn`](../specs/{name}.cnn)"
    return "\n\n".join([f"## {name}", doc, source, figures, f"<p>\n{images}\n</p>"])


def what(entry: zoo.Entry) -> str:
    """The first sentence of the network's own docstring."""
    family = specs()[entry.name]
    doc = " ".join((family.networks[entry.name].syntax.doc or "").split())
    return cell(re.split(r"(?<=\.) (?=[A-Z])", doc, maxsplit=1)[0])


def picture(name: str) -> str:
    file = path(name)
    return f'<a href="{file}"><img src="{file}" height="{HEIGHT}" alt="{name}" title="{name}"></a>'

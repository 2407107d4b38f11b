"""The files: well-formed, not blank, the same at each run, and safe whatever a spec says."""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image

from cnndsl import pipeline
from cnndsl.elaborate import is_template
from cnndsl.ir.graph import Graph
from cnndsl_graphviz import FORMATS, DiagramError, backend
from cnndsl_graphviz.style import FAMILIES

SVG = "{http://www.w3.org/2000/svg}"
BRANCHES = """
network n : 3 x 8 x 8 -> 10 {
    stem: conv(4, 3x3, pad=1) -> relu
    mean { | conv(4, 1x1) | }
    mul { | | conv(4, 1x1) -> sigmoid }
    global_avgpool
    fc: linear(10)
    output aux when training: from stem -> global_avgpool -> linear(10)
}
"""


def graph(text: str = BRANCHES) -> Graph:
    return pipeline.from_text(text).graph()


def texts(svg: bytes) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def zoo() -> list[str]:
    """The networks of all files that need no arguments."""
    specs = [pipeline.from_path(path) for path in sorted({*pipeline.zoo().values()})]
    return [d.name for spec in specs for d in spec.module.networks.values() if not is_template(d)]


def assert_picture(png: bytes) -> None:
    image = Image.open(BytesIO(png)).convert("L")
    assert image.width > 200
    ink = image.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert ink is not None
    assert ink[2] - ink[0] > image.width / 4
    assert ink[3] - ink[1] > image.height / 2


@pytest.mark.parametrize("name", zoo())
def test_zoo(name: str) -> None:
    drawn = pipeline.locate(name).graph()
    shown = texts(backend.render(drawn, "svg"))
    assert {name, "input", "output"} <= set(map(str.strip, shown))


@pytest.mark.slow
@pytest.mark.parametrize("name", zoo())
def test_zoo_pictures(name: str) -> None:
    assert_picture(backend.render(pipeline.locate(name).graph(), "png"))


@pytest.mark.parametrize("format", FORMATS)
def test_formats(format: str) -> None:
    data = backend.render(graph(), format)
    assert data == backend.render(graph(), format)
    starts = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph"}
    assert data.startswith(starts[format])
    if format == "png":
        assert_picture(data)


def test_pdf_holds_its_font_and_text() -> None:
    data = backend.render(graph(), "pdf")
    assert b"LiberationSans-Bold" in data
    assert b"/ToUnicode" in data
    assert b"/Image" not in data.replace(b"/ImageB", b"").replace(b"/ImageC", b"").replace(b"/ImageI", b"")


def test_svg_shows_names_arguments_shapes_and_training_only_parts() -> None:
    svg = backend.render(graph(), "svg")
    shown = " ".join(" ".join(texts(svg)).split())
    for text in ("stem", "conv 3×3, 4", "4 × 8 × 8", "112 params", "mean", "aux", "linear 10"):
        assert text in shown
    root = ElementTree.fromstring(svg)
    groups = [g for g in root.iter(f"{SVG}g") if g.get("class") in ("cluster", "edge", "node")]
    dashed = [g.get("class", "") for g in groups if any(e.get("stroke-dasharray") for e in g.iter())]
    assert sorted(dashed) == ["cluster", *["edge"] * 3, *["node"] * 3]  # two boxes and an output
    assert b"sans-Serif" not in svg
    assert b"/tmp" not in svg


def test_title() -> None:
    assert "My figure" in texts(backend.render(graph(), "svg", title="My figure"))


NASTY = '<B>&"\\N\\G</B>]]><script>alert(1)</script>\x00\x1b--> %s {x|y}'


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
def test_untrusted_text_is_text(format: str) -> None:
    data = backend.render(graph(), format, title=NASTY)
    if format == "svg":
        assert [e.tag for e in ElementTree.fromstring(data).iter() if "script" in e.tag] == []
        assert any("<script>alert(1)</script>" in text and "\\N\\G" in text for text in texts(data))


def test_plain_title_that_looks_like_markup() -> None:
    assert "<b>" in texts(backend.render(graph(), "svg", title="<b>"))


@pytest.mark.parametrize(("format", "depth"), [("gif", None), ("svg", -1)])
def test_wrong_use(format: str, depth: int | None) -> None:
    with pytest.raises(DiagramError):
        backend.render(graph(), format, depth)


def test_a_png_that_nobody_could_read_is_refused() -> None:
    with pytest.raises(DiagramError, match="smaller depth"):
        backend.render(pipeline.locate("densenet_bc250_k24").graph(), "png", 99)


def test_no_ids_depend_on_the_process() -> None:
    program = (
        "import sys; from cnndsl import pipeline; from cnndsl_graphviz import backend;"
        "sys.stdout.buffer.write(backend.render(pipeline.locate('resnet18').graph(), 'svg'))"
    )
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, **paths, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0]
    assert runs[0] == runs[1]


def test_every_family_of_ops_has_a_colour() -> None:
    from cnndsl.ops import registry

    assert {op.family for op in registry.values()} - {"merge"} == set(FAMILIES)


def test_a_name_like_markup_stays_a_name() -> None:
    text = "network n : 3 x 8 x 8 -> 4 x 8 x 8 { N: conv(4, 1x1) -> G: relu -> graph: relu -> node_: relu }"
    shown = [each.strip() for each in texts(backend.render(graph(text), "svg"))]
    assert {"N", "G", "graph", "node_"} <= set(shown)

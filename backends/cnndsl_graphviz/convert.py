"""DOT → SVG → PNG, PDF, each by a library that needs nothing of the system."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import as_file, files
from io import BytesIO

from cnndsl.backends import BackendError
from cnndsl_graphviz.style import FONT

FAMILY = "Liberation Sans"
SCALE = 2
"""A PNG has this many times 96 pixels an inch."""

LARGEST = 16_000
"""Pixels of a PNG's longest side, which a larger figure is scaled down to."""

SMALLEST = 0.5
"""The scale below which nobody could read a PNG."""

LONGEST_PAGE = 14_400
"""Points of a side that readers of PDF take, which a larger figure is scaled down to."""

_FONT = f'font-family="{FONT}"'
_SIZE = re.compile(r'<svg width="([\d.]+)pt" height="([\d.]+)pt"')


class DiagramError(BackendError):
    """A figure can't be drawn."""


def layout(dot: str) -> str:
    """SVG by graphviz-pure, a program that its package installs beside Python's other scripts.

    Raises:
        DiagramError: the program is missing or fails.
    """
    done = subprocess.run([_program(), "-Tsvg"], input=dot.encode(), capture_output=True)
    if done.returncode or not done.stdout:
        raise DiagramError(f"graphviz-pure failed: {done.stderr.decode(errors='replace').strip()[-500:]}")
    return done.stdout.decode()


@cache
def _program() -> str:
    """Where the package graphviz-pure has put its program, which need not be on the path."""
    try:
        files = distribution("graphviz-pure").files or []
    except PackageNotFoundError:
        files = []
    found = [str(file.locate()) for file in files if file.stem == "graphviz-pure"]
    program = found[0] if found else shutil.which("graphviz-pure")
    if program is None:
        raise DiagramError("the program graphviz-pure is missing: pip install graphviz-pure")
    return program


def public(svg: str) -> bytes:
    """SVG for any viewer, with fonts of the same widths to choose from."""
    return svg.replace(_FONT, f'font-family="{FAMILY}, Arial, Helvetica, sans-serif"').encode()


def png(svg: str) -> bytes:
    """PNG by resvg, with our font and no other.

    Raises:
        DiagramError: the figure is too large to be read as one.
    """
    import resvg_py

    size = _SIZE.search(svg)
    longest = max(map(float, size.groups())) * 96 / 72 if size else 0
    scale = min(SCALE, LARGEST / longest) if longest else SCALE
    if scale < SMALLEST:
        raise DiagramError(f"a PNG of {longest:,.0f} pixels could not be read; use SVG, or a smaller depth")
    with as_file(files("cnndsl_graphviz") / "fonts") as fonts:
        return resvg_py.svg_to_bytes(
            svg_string=svg.replace(_FONT, f'font-family="{FAMILY}"'),
            dpi=96, zoom=scale, background="white", skip_system_fonts=True, font_family=FAMILY,
            font_files=[str(path) for path in sorted(fonts.glob("*.ttf"))],
        )  # fmt: skip


def pdf(svg: str) -> bytes:
    """PDF by svglib and reportlab. Text stays text, in our font, which the file holds."""
    from reportlab.graphics import renderPDF
    from reportlab.pdfgen.canvas import Canvas
    from svglib.svglib import register_font, svg2rlg

    with as_file(files("cnndsl_graphviz") / "fonts") as fonts:
        register_font(FAMILY, str(fonts / "LiberationSans-Regular.ttf"))
        register_font(FAMILY, str(fonts / "LiberationSans-Bold.ttf"), weight="bold")
        drawing = svg2rlg(BytesIO(svg.replace(_FONT, f'font-family="{FAMILY}"').encode()))
        if drawing is None:
            raise DiagramError("svglib can't read the figure")
        scale = min(1.0, LONGEST_PAGE / max(drawing.width, drawing.height))
        file = BytesIO()
        canvas = Canvas(file, pagesize=(drawing.width * scale, drawing.height * scale), invariant=1)
        canvas.scale(scale, scale)
        renderPDF.draw(drawing, canvas, 0, 0)
        canvas.save()
    return file.getvalue()

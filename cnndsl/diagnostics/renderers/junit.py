"""JUnit XML, which most CI services show: a test case a file, which fails where something is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from cnndsl.diagnostics.drawing.cells import visible
from cnndsl.diagnostics.drawing.look import Look
from cnndsl.diagnostics.model import Diagnostic
from cnndsl.diagnostics.renderers import text
from cnndsl.diagnostics.services import place

ALL_FILES = True


def render(found: Sequence[Diagnostic], look: Look, checked: Sequence[str] = ()) -> str:
    files: dict[str, list[Diagnostic]] = {place(name): [] for name in checked}
    for each in found:
        files.setdefault(place(each.span.source.name), []).append(each)
    counts = {
        "tests": str(len(files)), "failures": str(sum(map(bool, files.values()))), "errors": "0", "skipped": "0",
    }  # fmt: skip
    root = Xml.Element("testsuites", {"name": "cnndsl", **counts})
    suite = Xml.SubElement(root, "testsuite", {"name": "cnndsl", **counts})
    for name, wrong in files.items():
        path = visible(name)
        case = Xml.SubElement(suite, "testcase", {"classname": "cnndsl", "name": path, "file": path})
        if wrong:
            first, more = wrong[0], len(wrong) - 1
            line = f"{first.span.line}:{first.span.column}: {first.message}"
            message = line + (f" (and {more:,} more)" if more else "")
            failure = Xml.SubElement(case, "failure", {"type": first.code, "message": visible(message)})
            failure.text = "\n" + text.render(wrong, Look(unicode=True))
    Xml.indent(root)
    # In ASCII, with references: right in whatever encoding standard output has.
    data: bytes = Xml.tostring(root, "us-ascii", xml_declaration=True)
    return data.decode("ascii") + "\n"

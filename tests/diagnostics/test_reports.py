"""Formats for services: what they look like, and that they are what the services read.

``CNNDSL_UPDATE=1 pytest tests/diagnostics`` writes the expected files anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from cnndsl import lint
from cnndsl.diagnostics import services
from cnndsl.diagnostics.model import Diagnostic, Edit, Label
from cnndsl.diagnostics.renderers import Look, render
from cnndsl.pipeline import from_text
from cnndsl.source import Source, Span
from tests.corpus.test_programs import HEAD, PROGRAMS, unmarked
from tests.diagnostics import sarif
from tests.lint.test_programs import FILES as LINTED
from tests.lint.test_programs import MARK, programs

GOLDEN = Path(__file__).with_name("reports")
TEXT = "network a : 3 x 8 x 8 -> 10 {\n    conv(4, 3x3) -> relo\n    für \x1b[2J & <b>\n}\n"


def places(text: str, name: str, *words: str) -> Iterator[Span]:
    source = Source(name, text)
    for word in words:
        at = text.index(word)
        yield Span(source, at, at + len(word))


def some() -> list[Diagnostic]:
    relo, odd, conv = places(TEXT, "specs/a b.cnn", "relo", "\x1b[2J", "conv")
    [other] = places("block b { relo }\n", "specs/b.cnn", "relo")
    return [
        Diagnostic("E0201", "there is no op or block `relo`", relo, "not defined", (Label(conv, "behind this"),),
                   help="did you mean `relu`?", fix=(Edit(relo, "relu"),)),
        Diagnostic("E0110", "`\x1b[2J` & <b> ]]> \ud800 are not \"text\"", odd,
                   notes=("first\nsecond",), calls=("b at 1",)),
        Diagnostic("W0201", "a warning", other),
    ]  # fmt: skip


@pytest.mark.parametrize(("format", "suffix"), [("gitlab", "json"), ("junit", "xml"), ("sarif", "json")])
def test_looks_as_expected(format: str, suffix: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("cnndsl.version.version", lambda: "1.2.3")
    monkeypatch.chdir(tmp_path)
    found = render(some(), format, checked=["specs/good.cnn", "specs/a b.cnn"])
    golden = GOLDEN / f"{format}.{suffix}"
    if os.environ.get("CNNDSL_UPDATE"):
        golden.write_text(found, "utf-8")
    assert found == golden.read_text("utf-8")


def real() -> Iterator[list[Diagnostic]]:
    for path in PROGRAMS:
        program, _ = unmarked(path.read_text("utf-8").partition(HEAD)[0])
        yield from_text(program, f"{path.stem}.cnn", path.parent).check()
    for path in LINTED:
        for _, marked in programs(path):
            yield lint.lint(from_text(MARK.sub("", marked), f"{path.stem}.cnn", path.parent), lint.rules())


def reports(format: str) -> Iterator[tuple[list[Diagnostic], str]]:
    for found in ([], some(), *real()):
        yield found, render(found, format, Look())


def test_sarif_is_sarif() -> None:
    for found, text in reports("sarif"):
        run = sarif.run(text)
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        results = run["results"]
        assert [rules[each["ruleIndex"]] for each in results] == [each.code for each in found]
        marks = [each["partialFingerprints"]["cnndsl/v1"] for each in results]
        assert len(set(marks)) == len(marks)


def test_gitlab_is_code_quality() -> None:
    for found, text in reports("gitlab"):
        report: Any = json.loads(text)
        assert len({each["fingerprint"] for each in report}) == len(found) == len(report)
        for each in report:
            assert set(each) == {"description", "check_name", "fingerprint", "severity", "location"}
            assert each["severity"] in ("info", "minor", "major", "critical", "blocker")
            assert each["location"]["lines"]["begin"] in range(1, each["location"]["lines"]["end"] + 1)
            assert not each["location"]["path"].startswith("./")


def test_junit_is_xml_with_a_case_a_file() -> None:
    for found, text in reports("junit"):
        root = Xml.fromstring(text)
        assert text.isascii()
        cases = root.findall("testsuite/testcase")
        names = {each.span.source.name for each in found}
        assert {case.get("name") for case in cases} == names
        assert all(case.find("failure") is not None for case in cases)
        assert root.get("tests") == root.get("failures") == str(len(names))


def test_paths_are_the_repositorys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services._repository.cache_clear()
    spec = tmp_path / "repo/nets/deep/a.cnn"
    spec.parent.mkdir(parents=True)
    spec.write_text("")
    monkeypatch.chdir(spec.parent)
    assert services.place("a.cnn") == services.place(str(spec)) == "a.cnn"
    services._repository.cache_clear()
    (tmp_path / "repo/.git").mkdir()
    assert services.place("a.cnn") == services.place("../deep/a.cnn") == services.place(str(spec)) == "nets/deep/a.cnn"
    assert [services.place(name) for name in ("<stdin>", "std/fire.cnn")] == ["<stdin>", "std/fire.cnn"]
    outside = tmp_path / "other.cnn"
    outside.write_text("")
    services._repository.cache_clear()
    assert services.place(str(outside)) == outside.as_posix()

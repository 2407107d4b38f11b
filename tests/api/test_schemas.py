"""The committed JSON Schemas: up to date, valid, and true of what is printed.

``CNNDSL_UPDATE=1`` writes them anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

import cnndsl
from cnndsl.diagnostics.renderers import render
from cnndsl.schemas import schemas, text

FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "schemas"


@pytest.mark.parametrize("name", schemas())
def test_schema_is_up_to_date(name: str) -> None:
    path, now = FOLDER / f"{name}.schema.json", text(schemas()[name])
    if os.environ.get("CNNDSL_UPDATE"):
        path.write_text(now, "utf-8")
    assert path.read_text("utf-8") == now
    jsonschema.Draft202012Validator.check_schema(json.loads(now))


def test_nothing_else_is_there() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.schema.json" for name in schemas()}


@pytest.mark.parametrize("depth", [None, 1, 2])
def test_summaries_have_the_schema(depth: int | None) -> None:
    report = cnndsl.summary("resnet18", depth=depth)
    jsonschema.validate(json.loads(report.model_dump_json()), schemas()["summary"])


TWO_MISTAKES = """
network a : 3 x 4 x 4 -> 4 { conf(3, 1x1) }
network b : 3 x 4 x 4 -> 4 { add { | conv(3, 1x1) | conv(4, 1x1) } }
"""


def test_diagnostics_have_the_schema() -> None:
    found = cnndsl.check(TWO_MISTAKES)
    assert len(found) > 1
    jsonschema.validate(json.loads(render(found, "json")), schemas()["diagnostics"])


def test_every_field_is_described_or_plain() -> None:
    described = schemas()["summary"]["properties"]
    assert described["macs_evaluation"]["description"].startswith("Multiply-adds")
    assert schemas()["diagnostics"]["$defs"]["Finding"]["properties"]["code"]["description"]

"""SARIF as its own schema has it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = Path(__file__).with_name("schemas") / "sarif-2.1.0-rtm.5.json"


@cache
def _validator() -> jsonschema.Draft4Validator:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft4Validator.check_schema(schema)
    return jsonschema.Draft4Validator(schema)


def run(text: str) -> dict[str, Any]:
    """The only run of a valid log. Raises jsonschema.ValidationError where the text is no SARIF."""
    log = json.loads(text)
    _validator().validate(log)
    [only] = log["runs"]
    assert isinstance(only, dict)
    return only

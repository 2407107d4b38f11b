"""JSON Schemas of what programs read of ours, made from the types that write it.

They are committed in docs/reference/schemas/.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from cnndsl.analysis.report import Summary
from cnndsl.diagnostics.renderers import json as diagnostics

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """The schemas by their names, each of which is a file ``NAME.schema.json``."""
    for part in vars(diagnostics).values():
        if hasattr(part, "__required_keys__"):  # a TypedDict
            part.__pydantic_config__ = ConfigDict(use_attribute_docstrings=True, extra="forbid")
    found = {
        "summary": Summary.model_json_schema(mode="serialization"),
        "diagnostics": TypeAdapter(diagnostics.Report).json_schema(mode="serialization"),
    }
    return {name: {"$schema": DIALECT, **schema} for name, schema in found.items()}


def text(schema: dict[str, Any]) -> str:
    """A schema as it is committed."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"

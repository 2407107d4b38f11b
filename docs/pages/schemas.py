"""The JSON Schemas of what programs read."""

from __future__ import annotations

from cnndsl.schemas import schemas, text


def pages() -> dict[str, str]:
    return {f"reference/schemas/{name}.schema.json": text(schema) for name, schema in schemas().items()}

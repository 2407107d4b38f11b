"""The catalogue of diagnostics: a page a code, and a list of all."""

from __future__ import annotations

from cnndsl.diagnostics.codes import CODES, FAMILIES, Code
from docs.pages.markdown import cell, fence, page, table

FOLDER = "reference/diagnostics"
FENCES = {
    "E0602": "text",  # the rest of the million characters is not shown
    "E0703": "cnn error=E0703 file=example.cnn",  # it imports itself
}
"""The fences of the wrong examples that are not wrong all by themselves."""

INTRODUCTION = """
Every diagnostic has a code that stays the same. Each page says what it means and why, shows a spec that gives
it, and the spec repaired; the tests run both. `cnndsl explain CODE` shows the page on the terminal.
"""


def pages() -> dict[str, str]:
    parts = [INTRODUCTION]
    for family, what in FAMILIES.items():
        codes = [name for name in CODES if name.startswith(family)]
        rows = [(f"[{name}]({name}.md)", cell(CODES[name].title)) for name in codes]
        parts.append(f"## {what.capitalize()}\n\n" + table(("code", "title"), rows))
    made = {f"{FOLDER}/{name}.md": one(name, CODES[name]) for name in CODES}
    made[f"{FOLDER}/README.md"] = page("Diagnostics", "`cnndsl/diagnostics/pages/`", *parts)
    return made


def one(name: str, code: Code) -> str:
    line, column = code.place
    return page(
        f"{name}: {code.title}", f"`cnndsl/diagnostics/pages/{name}.md`", code.explanation,
        f"Wrong, at line {line}, column {column}:", fence(FENCES.get(name, f"cnn error={name}"), code.wrong),
        "Right:", fence("cnn", code.right), "[All diagnostics](README.md)",
    )  # fmt: skip

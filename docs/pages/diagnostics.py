"""The catalogue of diagnostics and of the linter's rules: a page each, and a list of all."""

from __future__ import annotations

from cnndsl import lint
from cnndsl.diagnostics.codes import CODES, FAMILIES, Code
from docs.pages.markdown import cell, code, fence, page, table

FOLDER = "reference/diagnostics"
FENCES = {
    "E0602": "text",  # the rest of its half a million characters is not shown
    "E0703": "cnn error=E0703 file=example.cnn",  # it imports itself
}
"""The fences of the wrong examples that are not wrong all by themselves."""

INTRODUCTION = """
Every diagnostic has a code that stays the same. Each page says what it means and why, shows a spec that gives
it, and the spec repaired; the tests run both. `cnndsl explain CODE` shows the page on the terminal.
"""
RULES = """
What is right, and could be better. A rule is selected or ignored by its name: in `[tool.cnndsl.lint]`, or at
a line by the comment `# lint: ignore[NAME]`.
"""
BACK = "[All diagnostics](README.md)"


def pages() -> dict[str, str]:
    made = {f"{FOLDER}/{name}.md": error(name, CODES[name]) for name in CODES}
    made |= {f"{FOLDER}/{each.code}.md": rule(each) for each in lint.rules()}
    parts = [INTRODUCTION]
    for family, what in FAMILIES.items():
        codes = [name for name in CODES if name.startswith(family)]
        rows = [(link(name), cell(CODES[name].title)) for name in codes]
        parts.append(f"## {what.capitalize()}\n\n" + table(("code", "title"), rows))
    found = [(link(each.code), code(each.name), cell(each.summary)) for each in lint.rules()]
    parts += ["## Rules of the linter", RULES, table(("code", "name", "finds"), found)]
    made[f"{FOLDER}/README.md"] = page(
        "Diagnostics", "`cnndsl/diagnostics/pages/` and `cnndsl/lint/catalogue/`", *parts
    )
    return made


def link(code: str) -> str:
    return f"[{code}]({code}.md)"


def error(name: str, code: Code) -> str:
    line, column = code.place
    return page(
        f"{name}: {code.title}", f"`cnndsl/diagnostics/pages/{name}.md`", code.explanation,
        f"Wrong, at line {line}, column {column}:", fence(FENCES.get(name, f"cnn error={name}"), code.wrong),
        "Right:", fence("cnn", code.right), BACK,
    )  # fmt: skip


def rule(rule: lint.Rule) -> str:
    repairs = f"Some of its findings come with a repair, which is {rule.fixes}." if rule.fixes else ""
    module = type(rule).__module__.replace(".", "/")
    return page(f"{rule.code}: {rule.name}", f"`{module}.py`", rule.doc, repairs, BACK)

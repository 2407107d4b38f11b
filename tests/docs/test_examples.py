"""Every ``cnn`` block of the documentation is what its fence says: correct, or wrong in the stated way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs import examples

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "docs" / "reference" / "diagnostics"
"""Generated from the catalogue of diagnostics, whose programs, wrong and right, have tests of their own."""
PAGES = [
    page
    for page in [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
    if page.is_file() and CATALOGUE not in page.parents
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page(page: Path, tmp_path: Path) -> None:
    name = page.relative_to(ROOT).as_posix()
    wrong: list[str] = []
    for block in examples.blocks(name, page.read_text("utf-8")):
        wrong += examples.problems(block, tmp_path)
    assert not wrong, "\n\n" + "\n\n".join(wrong)


def test_reference_and_tutorial_have_examples() -> None:
    for name in ("docs/reference/language.md", "docs/tutorial.md"):
        found = examples.blocks(name, (ROOT / name).read_text("utf-8"))
        assert any(not block.codes for block in found), f"{name} shows no correct spec"
        assert any(block.codes for block in found), f"{name} shows no mistake"


def _problems(markdown: str, folder: Path) -> list[str]:
    found = [examples.problems(block, folder) for block in examples.blocks("page.md", markdown)]
    return [each for part in found for each in part]


SPEC = "network n : 3 x 8 x 8 -> 3 x 8 x 8 {{\n    {}\n}}\n"


@pytest.mark.parametrize(
    ("markdown", "count"),
    [
        ("```cnn\n" + SPEC.format("relu") + "```\n", 0),
        ("```cnn\n" + SPEC.format("relux") + "```\n", 1),
        ("```cnn error=E0201\n" + SPEC.format("relux") + "```\n", 0),
        ("```cnn error=E0201\n" + SPEC.format("relu") + "```\n", 1),
        ("```cnn error=E0301\n" + SPEC.format("relux") + "```\n", 1),
        ("```cnn error=E0201\n" + SPEC.format("relux\n    conv(3, 1x1, sizes=1)") + "```\n", 1),
        ("```cnn error=E0201,E0301\n" + SPEC.format("relux\n    conv(3, 1x1, sizes=1)") + "```\n", 0),
        ("```cnn fragment=16x8x8\nconv(4, 3x3) -> relu\n```\n", 0),
        ("```cnn fragment=16x8x8\nflatten -> linear(4)\n```\n", 0),
        ("```cnn fragment=128\nlinear(4)\n```\n", 0),
        ("```cnn fragment=16x8x8\nlinear(4)\n```\n", 1),
        ("```cnn fragment=16x8x8 error=E0404\nlinear(4)\n```\n", 0),
        ("1. indented\n\n   ```cnn fragment=16x8x8\n   relu\n   ```\n", 0),
        ("```python\nnot cnn\n```\n", 0),
        (
            "```cnn file=units.cnn\nblock U(c) { conv(c, 1x1) -> relu }\n```\nthen\n"
            '```cnn\nimport "units.cnn"\nnetwork n : 3 x 8 x 8 -> 4 x 8 x 8 { U(4) }\n```\n',
            0,
        ),
        (
            "```cnn error=E0201\n" + SPEC.format("relux") + "```\n\n"
            "```text\nerror[E0201]: there is no op or block `relux`\n  --> n.cnn\n```\n",
            0,
        ),
        (
            "```cnn error=E0201\n" + SPEC.format("relux") + "```\n\n```text\nerror[E0201]: another\n```\n",
            1,
        ),
    ],
)
def test_rules(markdown: str, count: int, tmp_path: Path) -> None:
    assert len(_problems(markdown, tmp_path)) == count


@pytest.mark.parametrize(
    "markdown",
    [
        "```cnn eror=E0201\nrelu\n```\n",
        "```cnn fragment\nrelu\n```\n",
        "```cnn\nrelu\n",
        "```cnn file=../x.cnn\nrelu\n```\n",
    ],
)
def test_bad_fences_are_refused(markdown: str, tmp_path: Path) -> None:
    with pytest.raises(examples.BadFence):
        _problems(markdown, tmp_path)

"""Any text ends in a graph or in diagnostics: never in a traceback, never slowly, never in much memory."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from cnndsl.elaborate import Limits
from cnndsl.pipeline import from_text
from tests.fuzz import sources
from tests.fuzz.bombs import BOMBS
from tests.fuzz.stages import checked


@pytest.mark.parametrize("name", [name for name, _ in sources.zoo()])
def test_zoo_prefixes(name: str) -> None:
    """A half-typed file has one mistake: where it ends."""
    text, chance = dict(sources.zoo())[name], random.Random(name)
    for end in chance.sample(range(len(text)), 8):
        found = checked(text[:end], Limits())
        assert len(found) <= 3, (end, [*map(str, found)])


@pytest.mark.parametrize("name", [name for name, _ in sources.zoo()])
def test_zoo_edited(name: str) -> None:
    """One token deleted, doubled or swapped gives at most three diagnostics."""
    text, chance = dict(sources.zoo())[name], random.Random(name)
    for index in chance.sample(range(len(sources.tokens(text))), 5):
        for what, changed in sources.edited(text, index):
            found = checked(changed, Limits())
            assert len(found) <= 3, (what, index, [*map(str, found)])


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, _ in sources.zoo()])
def test_zoo_edited_everywhere(name: str) -> None:
    text = dict(sources.zoo())[name]
    wrong = []
    for index in range(0, len(sources.tokens(text)), 9):
        for what, changed in sources.edited(text, index):
            found = checked(changed, Limits())
            if len(found) > 3:
                wrong.append((what, index, [*map(str, found)]))
    for end in range(0, len(text), 41):
        checked(text[:end])
    assert not wrong, wrong[:3]


LARGE = {name for name, text in BOMBS.items() if len(text) > 150_000}


@pytest.mark.parametrize("name", sorted(set(BOMBS) - LARGE))
def test_bomb(name: str) -> None:
    from_text(BOMBS[name], "bomb.cnn", sources.folder()).check()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LARGE))
def test_large_bomb(name: str) -> None:
    from_text(BOMBS[name], "bomb.cnn", sources.folder()).check()


def test_imports_stay_inside(tmp_path: Path) -> None:
    inside = tmp_path / "specs"
    inside.mkdir()
    (tmp_path / "secret.cnn").write_text("block Secret { relu }\n")
    (inside / "link.cnn").symlink_to(tmp_path / "secret.cnn")
    (inside / "folder.cnn").mkdir()
    (inside / "binary.cnn").write_bytes(b"\xff\xfe\x00")
    outside = ["../secret.cnn", "link.cnn", "a/../../secret.cnn"]
    unreadable = [
        "/etc/passwd",
        "/etc/passwd.cnn",
        "folder.cnn",
        "binary.cnn",
        "missing.cnn",
        "..",
        "",
        "a\\\\b.cnn",
        "x" * 5000 + ".cnn",
        "https://example.org/a.cnn",
    ]
    for path in [*outside, *unreadable]:
        found = from_text(f'import "{path}"\n', "a.cnn", inside).check()
        assert [d.code for d in found] == ["E0704" if path in outside else "E0702"], (
            path,
            [*map(str, found)],
        )
        assert "Secret" not in " ".join(map(str, found))


def test_import_cycles_and_depth(tmp_path: Path) -> None:
    for i in range(40):
        (tmp_path / f"f{i}.cnn").write_text(f'import "f{(i + 1) % 40}.cnn"\nblock B{i} {{ relu }}\n')
    found = from_text('import "f0.cnn"\nnetwork A : 3 -> 3 { B0 }', "a.cnn", tmp_path).check()
    assert [d.code for d in found] == ["E0603"]
    (tmp_path / "f3.cnn").write_text('import "f0.cnn"\n')
    found = from_text('import "f0.cnn"\nnetwork A : 3 -> 3 { B0 }', "a.cnn", tmp_path).check()
    assert [d.code for d in found] == ["E0703"]

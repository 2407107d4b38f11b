"""Limits hold for a spec with all that it imports, and a run reads an import once."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnndsl import files
from cnndsl.arguments import parameters
from cnndsl.cli.specs import open_spec
from cnndsl.diagnostics.model import SpecError
from cnndsl.elaborate.members import MAX_MEMBERS
from cnndsl.format import format_source
from cnndsl.pipeline import from_path, from_text
from cnndsl.source import Source
from cnndsl.syntax import parsed
from cnndsl.syntax.errors import MAX_BYTES, MAX_WORDS, words
from cnndsl.syntax.parser import parse_tolerant

NETWORK = "network n : 3 x 8 x 8 -> _ x _ x _ { relu }\n"


def blocks(name: str, count: int) -> str:
    return "".join(f"block {name}{i} {{ relu }}\n" for i in range(count))


def codes(text: str, folder: Path) -> list[str]:
    return [each.code for each in from_text(text, "a.cnn", folder).check()]


def test_imports_together_have_the_words_of_a_spec(tmp_path: Path) -> None:
    count = MAX_WORDS // words(blocks("A", 1)) // 3
    for name in "BCD":
        (tmp_path / f"{name}.cnn").write_text(blocks(name, count))
    assert codes('import "B.cnn"\nimport "C.cnn"\n' + NETWORK, tmp_path) == []
    assert codes('import "B.cnn"\nimport "C.cnn"\nimport "D.cnn"\n' + NETWORK, tmp_path) == ["E0603"]


def test_imports_together_have_the_characters_of_a_spec(tmp_path: Path) -> None:
    for name in "BC":
        (tmp_path / f"{name}.cnn").write_text("# " + "x" * (MAX_BYTES // 2) + f"\nblock {name} {{ relu }}\n")
    assert codes('import "B.cnn"\n' + NETWORK, tmp_path) == []
    assert codes('import "B.cnn"\nimport "C.cnn"\n' + NETWORK, tmp_path) == ["E0603"]


def test_a_text_of_too_many_words_is_not_read() -> None:
    found = from_text(blocks("A", MAX_WORDS // 4)).check()
    assert [(each.code, "words and signs" in each.message) for each in found] == [("E0602", True)]


def test_a_file_is_read_once_however_often_it_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    (tmp_path / "b.cnn").write_text("block B { relu }\n")
    (tmp_path / "a.cnn").write_text('import "b.cnn"\nimport "./b.cnn"\nimport "c.cnn"\nimport "./c.cnn"\n' + NETWORK)
    spec = from_path(tmp_path / "a.cnn")
    whole = files.read

    def counted(path: Path, name: str | None = None) -> Source:
        read.append(path)
        return whole(path, name)

    monkeypatch.setattr(files, "read", counted)
    assert [each.code for each in spec.check()] == ["E0702", "E0702"]
    assert sorted(path.name for path in read) == ["b.cnn", "c.cnn"]


def test_a_run_parses_an_import_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def counted(source: Source) -> parsed.Parse:
        seen.append(source.name)
        return parse_tolerant(source)

    monkeypatch.setattr(parsed, "parse_tolerant", counted)
    monkeypatch.chdir(tmp_path)
    Path("shared.cnn").write_text("block B { relu }\n")
    for name in "abc":
        Path(f"{name}.cnn").write_text(f'import "shared.cnn"\n{NETWORK}# {name}\n')
        assert not open_spec(f"{name}.cnn").check()
    assert sorted(seen) == ["a.cnn", "b.cnn", "c.cnn", "shared.cnn"]


def test_members_stand_on_each_other_so_far() -> None:
    family = "network m0(c = 3) : 3 x 8 x 8 -> _ x _ x _ { conv(c, 1x1) }\n"
    chain = [f"network m{i + 1} = m{i}(c={i + 1})\n" for i in range(MAX_MEMBERS + 1)]
    assert not from_text(family + "".join(chain[:-1])).check()
    assert [each.code for each in from_text(family + "".join(chain)).check()] == ["E0603"]


def test_members_of_each_other_have_parameters() -> None:
    networks = from_text("network a(x = 1) = b\nnetwork b(y = 2) = a\n").module.networks
    assert parameters(networks["a"]) == {"y": "2", "x": "1"}


def test_a_spec_that_indentation_makes_too_large_is_not_formatted() -> None:
    text = "network n : 3 x 8 x 8 -> _ x _ x _ {\n" + "{\n" * 38 + "relu\n" * 5000 + "}\n" * 38 + "}\n"
    with pytest.raises(SpecError, match="E0602 formatted, this spec would have"):
        format_source(Source("a.cnn", text))


def test_a_block_that_is_wrong_is_not_looked_at_for_each_call() -> None:
    text = "block B {\n" + "\n".join(f"nome{i}" for i in range(50)) + "\n}\n"
    text += "network n : 3 x 8 x 8 -> _ x _ x _ { B * 10_000 }\n"
    assert {each.code for each in from_text(text).check()} == {"E0201"}

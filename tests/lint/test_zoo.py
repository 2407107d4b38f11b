"""What is published is clean, also as a shared spec."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnndsl import files, lint, std
from cnndsl.pipeline import from_path

SPECS = [*files.zoo_folder().glob("*.cnn"), *Path(std.__file__).parent.glob("*.cnn")]


@pytest.mark.parametrize("path", sorted(SPECS), ids=lambda path: path.stem)
def test_clean_under_all_rules(path: Path) -> None:
    assert [*map(str, lint.lint(from_path(path), lint.rules()))] == []

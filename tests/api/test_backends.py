"""Finding backends by entry points, installed here as a third party's would be."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnndsl import backends


class Installed:
    """Distributions in a folder that is on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, distribution: str, entries: str, code: str = "") -> None:
        info = self.folder / f"{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[cnndsl.backends]\n{entries}\n")
        (self.folder / f"{distribution}.py").write_text(code)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installed:
    monkeypatch.syspath_prepend(str(tmp_path))
    return Installed(tmp_path)


def test_ours_are_found_like_any() -> None:
    assert {"graphviz", "torch"} <= backends.available().keys()


def test_a_third_party_backend(installed: Installed) -> None:
    installed.add("backend_of_others", "mine = backend_of_others:backend", "backend = 'here'")
    assert backends.backend("mine") == "here"


def test_an_unknown_backend() -> None:
    with pytest.raises(backends.BackendError, match=r"there is no backend `nothing`; installed: .*torch"):
        backends.backend("nothing")


def test_two_that_claim_one_name(installed: Installed) -> None:
    installed.add("claims_it", "contested = claims_it:backend", "backend = 1")
    installed.add("claims_it_too", "contested = claims_it_too:backend", "backend = 2")
    with pytest.raises(backends.BackendError, match=r"claims_it .*claims_it_too.*uninstall all but one"):
        backends.backend("contested")


def test_one_that_is_seen_twice_is_one(installed: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    installed.add("seen_twice", "twice = seen_twice:backend", "backend = 1")
    again = installed.folder / "again"
    again.mkdir()
    Installed(again).add("seen_twice", "twice = seen_twice:backend")
    monkeypatch.syspath_prepend(str(again))
    assert len(backends.available()["twice"]) == 1


def test_a_missing_library_says_what_to_install(installed: Installed) -> None:
    installed.add("needs_torch", "needing = needs_torch:backend", "import torch_is_not_here")
    with pytest.raises(backends.MissingLibrary, match="pip install 'torch_is_not_here'"):
        backends.backend("needing")
    with pytest.raises(ImportError, match=r"pip install 'cnndsl\[torch\]'"), backends.friendly("torch"):
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

"""How repairs are chosen: with findings made up, so that each rule is seen by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.fix import Find, Patience, repair
from cnndsl.fix.edits import apply
from cnndsl.source import Source, Span

Rule = tuple[str, str | None, bool]
"""What is wrong, what it is replaced by, and whether that is safe."""


def finder(*rules: Rule) -> Find:
    def find(source: Source) -> list[Diagnostic]:
        found = []
        for number, (pattern, replacement, safe) in enumerate(rules):
            for match in re.finditer(pattern, source.text):
                span = Span(source, match.start(), match.end())
                fix = () if replacement is None else (Edit(span, replacement),)
                found.append(Diagnostic(f"E{number:04}", match[0], span, fix=fix, safe=safe))
        return found

    return find


def after(text: str, *rules: Rule, unsafe: bool = False, patience: Patience | None = None) -> tuple[str, int]:
    source, find = Source("a", text), finder(*rules)
    result = repair(source, find(source), find, unsafe, patience or Patience(60))
    assert list(map(str, result.found)) == list(map(str, find(result.source)))
    return result.source.text, len(result.made)


def test_safe_ones_are_made_and_others_where_asked_for() -> None:
    rules = ("a", "b", True), ("x", "y", False)
    assert after("a x a", *rules) == ("b x b", 2)
    assert after("a x a", *rules, unsafe=True) == ("b y b", 3)


def test_what_comes_out_is_repaired_in_its_turn() -> None:
    assert after("a", ("a", "bb", True), ("bb", "c", True)) == ("a", 0), "the same place is wrong again"
    assert after("1 a", ("a", "b", True), ("1 b", "c", True)) == ("c", 2)


def test_a_bad_repair_holds_up_no_other() -> None:
    text = " ".join("aaaaaaaxaaaaaaaa")
    assert after(text, ("a", "b", True), ("x", "xx", True)) == (text.replace("a", "b"), 15)


def test_a_repair_that_does_not_end_it_or_makes_a_new_mistake_is_none() -> None:
    assert after("a", ("a", "a!", True)) == ("a", 0)
    assert after("a", ("a", "b", True), ("b", None, True)) == ("a", 0)
    assert after("a", ("a", "a", True)) == ("a", 0)


def test_a_guess_leaves_no_more_that_nothing_repairs() -> None:
    hidden = "(?<=b)  z", None, False
    assert after("a  z", ("a", "b", True), hidden) == ("b  z", 1)
    assert after("a  z", ("a", "b", False), hidden, unsafe=True) == ("a  z", 0)


def test_other_texts_are_left_alone() -> None:
    other = Source("b", "a")
    found = [Diagnostic("E0001", "", Span(other, 0, 1), fix=(Edit(Span(other, 0, 1), "b"),), safe=True)]
    assert not repair(Source("a", "a"), found, lambda _: [], True, Patience(60)).made


def test_patience_ends() -> None:
    patience = Patience(60, tries=3)
    assert after("aaaa", ("a(?=b|$)", "b", True), patience=patience) == ("abbb", 3)
    assert patience.ended
    assert not Patience(-1).another()


def test_edits_of_a_finding_are_made_all_or_none() -> None:
    source = Source("a", "abc")

    def diagnostic(*places: tuple[int, int]) -> Diagnostic:
        edits = tuple(Edit(Span(source, start, end), "-") for start, end in places)
        return Diagnostic("E0001", "", Span(source, 0, 1), fix=edits)

    first, second = diagnostic((0, 2)), diagnostic((1, 2), (2, 3))
    change = apply(source.text, [first, second])
    assert (change.text, change.made) == ("-c", [first])
    assert [change.moved(at) for at in range(4)] == [(0, 1), (0, 1), (1, 1), (2, 2)]


def _moved(text: str, at: int, new: str, places: Sequence[int]) -> list[tuple[int, int]]:
    source = Source("a", text)
    fix = (Edit(Span(source, at, at), new),)
    change = apply(text, [Diagnostic("E0001", "", Span(source, 0, 1), fix=fix)])
    return [change.moved(each) for each in places]


def test_what_is_inserted_moves_what_is_behind() -> None:
    assert _moved("abc", 1, "..", [0, 1, 2]) == [(0, 0), (1, 3), (4, 4)]

"""Which steps of several sequences are the same step."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

LONGEST = 120
"""Steps of a sequence that is still aligned."""


def align(sequences: Sequence[Sequence[Hashable]], backwards: bool = False) -> list[list[int | None]]:
    """Rows of places, one a sequence, or None where it lacks the step. Raises ValueError for long sequences.

    Where several steps could be the same, the first is, or the last.
    """
    if backwards:
        rows_back = align([sequence[::-1] for sequence in sequences])
        lengths = list(map(len, sequences))
        return [
            [None if place is None else length - 1 - place for place, length in zip(row, lengths, strict=True)]
            for row in rows_back[::-1]
        ]
    forms = list(dict.fromkeys(map(tuple, sequences)))
    forms.sort(key=len, reverse=True)
    if len(forms[0]) > LONGEST:
        raise ValueError("too long")
    merged: list[Hashable] = list(forms[0])
    rows: list[dict[int, int]] = [{0: place} for place in range(len(merged))]
    for number, form in enumerate(forms[1:], 1):
        keys, found = [], []
        for mine, other in _pairs(merged, form):
            keys.append(merged[mine] if mine is not None else form[other or 0])
            row = rows[mine] if mine is not None else {}
            found.append({**row, number: other} if other is not None else row)
        merged, rows = keys, found
    places = {form: number for number, form in enumerate(forms)}
    numbers = [places[tuple(sequence)] for sequence in sequences]
    return [[row.get(number) for number in numbers] for row in rows]


def _pairs(one: Sequence[Hashable], two: Sequence[Hashable]) -> list[tuple[int | None, int | None]]:
    """The longest common subsequence, with what is between."""
    longest = [[0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for a in range(len(one) - 1, -1, -1):
        for b in range(len(two) - 1, -1, -1):
            step = longest[a + 1][b + 1] + 1 if one[a] == two[b] else 0
            longest[a][b] = max(step, longest[a + 1][b], longest[a][b + 1])
    found: list[tuple[int | None, int | None]] = []
    a = b = 0
    while a < len(one) or b < len(two):
        if a < len(one) and b < len(two) and one[a] == two[b] and longest[a][b] == longest[a + 1][b + 1] + 1:
            found.append((a, b))
            a, b = a + 1, b + 1
        elif a < len(one) and (b == len(two) or longest[a + 1][b] >= longest[a][b + 1]):
            found.append((a, None))
            a += 1
        else:
            found.append((None, b))
            b += 1
    return found

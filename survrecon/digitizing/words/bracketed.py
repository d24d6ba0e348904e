"""Cells with a number in brackets that were read several times: the reading of a whole row that falls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BracketedReading", "bracketed_reading", "falling_row"]

_CELL = re.compile(r"(?:^|(?<=[^\d(]))(\d{1,9})\((\d{1,9})%?(\)?)")
_LIKE_DIGITS = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "[": "(", "]": ")", "{": "(", "}": ")"})
_CUT_OFF = 0.5
"""Weight of a reading whose bracket does not close, beside 1: the place may have cut off a digit of either number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BracketedReading:
    """One reading of a cell.

    Parameters
    ----------
    count, second : int
        The number at risk, and the one in brackets.
    weight : float
        What it counts among other readings of the cell.
    confidence : float
        How sure the recognition was.
    """

    count: int
    second: int | None
    weight: float
    confidence: float


def bracketed_reading(text: str, confidence: float) -> BracketedReading | None:
    """Return the cell that stands in the middle of a text; None where there is none.

    Examples
    --------
    >>> seen = bracketed_reading("4)281(115)9", 0.9)
    >>> seen.count, seen.second, seen.weight
    (281, 115, 1.0)
    >>> bracketed_reading("81(115", 0.9).weight, bracketed_reading("Control", 0.9) is None
    (0.5, True)
    """
    plain = text.replace(",", "").replace(" ", "").translate(_LIKE_DIGITS)
    hits = list(_CELL.finditer(plain))
    if not hits:
        return None
    hit = min(hits, key=lambda one: abs(one.start() + one.end() - len(plain)))
    weight = 1.0 if hit[3] else _CUT_OFF
    return BracketedReading(count=int(hit[1]), second=int(hit[2]), weight=weight, confidence=confidence)


def falling_row(readings: Sequence[Sequence[BracketedReading]]) -> list[list[BracketedReading]]:
    """Return, for each column, the readings of the count that is chosen: none where all contradict the others.

    Of all rows of counts that never rise, that whose readings weigh most is taken.

    Parameters
    ----------
    readings : sequence of sequences of BracketedReading
        Of each column.

    Examples
    --------
    >>> texts = [["440(0)"], ["379(44)"], ["81(115", "281(115)"], ["95(158", "195(158)"], ["124(186)"]]
    >>> row = falling_row([[bracketed_reading(text, 0.9) for text in column] for column in texts])
    >>> [column[0].count for column in row]
    [440, 379, 281, 195, 124]
    """
    options = [sorted({one.count for one in column}) for column in readings]
    weights = [
        {n: sum(o.weight for o in column if o.count == n) for n in {o.count for o in column}} for column in readings
    ]
    # the best row up to each column, by the count that it ends in; a column may be left out
    best: dict[int | None, tuple[float, tuple[int | None, ...]]] = {None: (0.0, ())}
    for counts, weight in zip(options, weights, strict=True):
        following = {last: (total, (*row, None)) for last, (total, row) in best.items()}
        for count in counts:
            before = [found for last, found in best.items() if last is None or last >= count]
            total, row = max(before, key=lambda found: found[0])
            if count not in following or total + weight[count] > following[count][0]:
                following[count] = total + weight[count], (*row, count)
        best = following
    _, chosen = max(best.values(), key=lambda found: found[0])
    return [
        [one for one in column if one.count == count] if count is not None else []
        for column, count in zip(readings, chosen, strict=True)
    ]

"""Cells of a row that are read again: weak, missing and impossible ones, and those cut out of longer words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.words.counts import CountCell, CountKind, enters_late
from survrecon.digitizing.words.settings import COUNTS, TABLE
from survrecon.digitizing.words.words import Word
from survrecon.records.readings import SURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.digitizing.words.counts import CountRow, CountTable
    from survrecon.digitizing.words.scene import Surroundings

__all__ = ["BracketedReading", "CellsOfRow", "bracketed_reading", "falling_row", "read_row", "with_last_column"]

_NO_COUNT = re.compile(r"^[\W_]*(?:n/?[aer]|none)?[\W_]*$", re.IGNORECASE)
_BRACKETED = re.compile(r"(?:^|(?<=[^\d(]))(\d{1,9})\((\d{1,9})%?(\)?)")
_LIKE_DIGITS = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "[": "(", "]": ")", "{": "(", "}": ")"})
_CUT_OFF = 0.5
"""Weight of a reading whose bracket does not close, beside 1: the place may have cut off a digit of either number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BracketedReading:
    """One reading of a cell.

    Parameters
    ----------
    count : int
        The number at risk.
    second : float or None
        The one in brackets, where it was read.
    weight : float
        What it counts among other readings of the cell.
    confidence : float
        How sure the recognition was.
    cut : bool
        Whether nothing stands before the number at risk, so that the place may have cut off its first digits.
    """

    count: int
    second: float | None
    weight: float
    confidence: float
    cut: bool = False


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
    hits = list(_BRACKETED.finditer(plain))
    if not hits:
        return None
    hit = min(hits, key=lambda one: abs(one.start() + one.end() - len(plain)))
    weight = 1.0 if hit[3] else _CUT_OFF
    cut = hit.start() == 0
    return BracketedReading(count=int(hit[1]), second=int(hit[2]), weight=weight, confidence=confidence, cut=cut)


def falling_row(readings: Sequence[Sequence[BracketedReading]]) -> list[list[BracketedReading]]:
    """Return, for each column, the readings of the count that is chosen: none where all contradict the others.

    Of all rows of counts that never rise, that whose readings weigh most is taken. A reading that may be cut off speaks
    for longer counts that end in it too, but for those of the first column, before which a name stands.

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
    weights = [
        {n: sum(o.weight for o in column if _speaks_for(o, n, first=k == 0)) for n in sorted({o.count for o in column})}
        for k, column in enumerate(readings)
    ]
    # the best row up to each column, by the count that it ends in; a column may be left out
    best: dict[int | None, tuple[float, tuple[int | None, ...]]] = {None: (0.0, ())}
    for weight in weights:
        following = {last: (total, (*row, None)) for last, (total, row) in best.items()}
        for count in weight:
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


def _speaks_for(reading: BracketedReading, count: int, *, first: bool) -> bool:
    """Return whether a reading is of a count, or of its last digits."""
    return reading.count == count or (not first and reading.cut and str(count).endswith(str(reading.count)))


def with_last_column(found: CountTable, around: Surroundings) -> CountTable:
    """Return a table with the column at the next tick, where a count is read that was not seen: a lone 0, mostly."""
    rows = [row for row in found.rows if row.kind is CountKind.AT_RISK and row.printed]
    if around.reread is None or found.following is None or not rows or len(found.places) < 2:
        return found
    time, x = found.following
    cells: dict[int, CountCell] = {}
    for row in rows:
        place = _place_of(x, row, TABLE.last_cell * row.size)
        text, score = around.reread(place)
        if not text.isdecimal() or int(text) > min(cell.value for cell in row.printed) or score < SURE:
            return found
        word = Word(text=text, box=place, confidence=min(score, TABLE.reread_confidence))
        cells[id(row)] = CountCell(value=int(text), second=None, percent=False, second_percent=False, word=word)
    longer = tuple(replace(row, cells=(*row.cells, cells.get(id(row)))) for row in found.rows)
    return replace(found, times=(*found.times, time), places=(*found.places, x), rows=longer, following=None)


@dataclass(kw_only=True, slots=True)
class CellsOfRow:
    """The counts of a row, the second numbers of its cells, and how sure each is."""

    values: list[int | None]
    seconds: list[float | None]
    percent: bool
    trust: list[float]
    unread: dict[int, str] = field(default_factory=dict)
    """What was read, by column, where something stands that is no count; it may be nothing."""
    chosen: set[int] = field(default_factory=set)
    """Columns whose counts were chosen among several readings by what falls along the row."""


def read_row(found: CountTable, row: CountRow, around: Surroundings) -> CellsOfRow:
    """Return the counts of a row and how sure each is, weak, missing and impossible ones read again."""
    made = CellsOfRow(values=[], seconds=[], percent=any(c.second_percent for c in row.printed), trust=[])
    for cell in row.cells:
        usable = cell is not None and cell.whole and cell.value <= COUNTS.most_patients
        made.values.append(int(cell.value) if cell is not None and usable else None)
        made.seconds.append(cell.second if cell is not None and usable else None)
        made.trust.append(cell.word.confidence if cell is not None and usable else 0.0)
    if around.reread is not None:
        _read_again(found, row, made, around)
    return made


def _read_again(found: CountTable, row: CountRow, made: CellsOfRow, around: Surroundings) -> None:
    """Read missing, weak and impossible cells again, alone and enlarged."""
    assert around.reread is not None
    places = np.array(found.places)
    spacing = float(np.median(np.diff(places))) if len(places) > 1 else TABLE.lone_column * row.size
    cells = [c for r in found.rows for c in r.printed]
    widest = max((c.word.box.width for c in cells), default=2 * row.size)
    bracketed = sum(c.second is not None for c in cells) > len(cells) / 2
    own = 0.5 * widest + 0.5 * row.size
    shares = (TABLE.reread_reach, TABLE.reread_wide) if bracketed else (TABLE.reread_reach,)
    reaches = [min(share * spacing, own) for share in shares]
    if bracketed:
        _bracketed_again(found, row, made, [share * spacing for share in TABLE.bracketed_reaches], around)
    else:
        reaches.append(min(TABLE.reread_close * row.size, reaches[0]))
    odd = _out_of_line(made.values)
    for k, place in enumerate(places):
        sure = made.trust[k] >= SURE and not (bracketed and made.seconds[k] is None)
        settled = sure and k not in odd
        if made.values[k] is not None and (settled or k in made.chosen):
            continue
        cell = row.cells[k]
        x = cell.word.cx if cell is not None else float(place)
        text = _again(made, k, [_place_of(x, row, reach) for reach in reaches], around, odd, bracketed=bracketed)
        if made.values[k] is None and not _says_nothing(around, x, row, text):
            made.unread[k] = text


def _bracketed_again(
    found: CountTable, row: CountRow, made: CellsOfRow, reaches: Sequence[float], around: Surroundings
) -> None:
    """Read cells that were cut out of longer words anew, in several widths, and take the row that falls."""
    assert around.reread is not None
    first = [value for value in made.values if value is not None]
    again = {k for k, trust in enumerate(made.trust) if trust < TABLE.reread_confidence or made.seconds[k] is None}
    if not again or enters_late(first):
        return
    readings: list[list[BracketedReading]] = []
    for k, place in enumerate(found.places):
        n, second, trust = made.values[k], made.seconds[k], made.trust[k]
        weight = trust if k in again else len(reaches)
        own = [BracketedReading(count=n, second=second, weight=weight, confidence=trust)] if n is not None else []
        seen = [around.reread(_place_of(place, row, reach)) for reach in reaches] if k in again else []
        readings.append(own + [one for text, score in seen if (one := bracketed_reading(text, score)) is not None])
    taken = falling_row(readings)
    for k in again:
        # where a column beside it was read and does not fit, either of the two may be wrong
        beside = [j for j in (k - 1, k + 1) if 0 <= j < len(taken)]
        longer = k > 0 and any(_is_longer(other, one) for one in taken[k][:1] for other in readings[k])
        _take_chosen(made, k, taken[k], disputed=longer or any(readings[j] and not taken[j] for j in beside))
    if 0 in again:
        _first_by_percentages(made, readings[0])


def _is_longer(other: BracketedReading, chosen: BracketedReading) -> bool:
    """Return whether a reading has digits before those of the chosen one."""
    return other.count != chosen.count and str(other.count).endswith(str(chosen.count))


def _first_by_percentages(made: CellsOfRow, seen: Sequence[BracketedReading]) -> None:
    """Take the first count, into which a name may run, by its last digits and the percentages of the other columns."""
    known = [(n, p) for n, p in zip(made.values[1:], made.seconds[1:], strict=True) if n and p and p <= 100]
    if len(known) < TABLE.percentages:
        return
    half = COUNTS.percent_slack / 2
    low, high = max(100 * n / (p + half) for n, p in known), min(100 * n / (p - half) for n, p in known)
    ends = {str(one.count) for one in seen if one.count >= TABLE.ten}
    told = [n for n in range(ceil(low), floor(high) + 1) if any(str(n).endswith(end) for end in ends)]
    if len(told) != 1:
        return
    if made.values[0] is None and made.trust[1:2]:  # the second column was in doubt for the first alone
        made.trust[1] = min(TABLE.reread_confidence, made.trust[1] / TABLE.disputed_confidence)
    made.values[0], made.seconds[0], made.trust[0] = told[0], 100.0, TABLE.reread_confidence
    made.chosen.add(0)


def _take_chosen(made: CellsOfRow, k: int, chosen: Sequence[BracketedReading], *, disputed: bool) -> None:
    """Take the count that the readings of a cell agree on, and the second number that most of them have."""
    whole = [one for one in chosen if one.weight >= 1]
    if not chosen:
        made.values[k], made.seconds[k], made.trust[k] = None, None, 0.0
        return
    share = 1.0 if len(whole) > 1 and not disputed else TABLE.disputed_confidence
    made.chosen.add(k)
    made.values[k] = chosen[0].count
    made.trust[k] = min(TABLE.reread_confidence, share * max(one.confidence for one in chosen))
    seconds = {one.second: 0.0 for one in chosen if one.second is not None}
    for one in chosen:
        if one.second is not None:
            seconds[one.second] += one.weight
    made.seconds[k] = max(seconds, key=seconds.__getitem__, default=None)


def _place_of(x: float, row: CountRow, reach: float) -> Box:
    half = TABLE.reread_height * row.size
    return Box(x0=x - reach, y0=row.y - half, x1=x + reach, y1=row.y + half)


def _again(
    made: CellsOfRow, k: int, places: Sequence[Box], around: Surroundings, odd: set[int], *, bracketed: bool
) -> str:
    """Read a cell in one place after the other until one is a count, and take that; return what was read last."""
    assert around.reread is not None
    text = ""
    for place in places:
        text, score = around.reread(place)
        read = _cell_in_middle(text, bracketed=bracketed)
        if read is not None and (not bracketed or _in_line(made.values, k, read[0], odd)):
            _take(made, k, *read, score, odd)
            break
    return text


def _says_nothing(around: Surroundings, x: float, row: CountRow, text: str) -> bool:
    """Return whether the middle of a place is blank, or its text says that nothing is counted there.

    What reaches into the place from above or below it is another row's, or a rule.
    """
    assert around.reread is not None
    own, half = TABLE.reread_close * row.size, TABLE.inner_height * row.size
    blank = around.reread(Box(x0=x - own, y0=row.y - half, x1=x + own, y1=row.y + half)) == ("", 1.0)
    return blank or (text != "" and _NO_COUNT.match(text) is not None)


def _cell_in_middle(text: str, *, bracketed: bool) -> tuple[int, float | None] | None:
    """Return the count that a text begins with, or the one with a number in brackets that stands in its middle."""
    if bracketed:
        seen = bracketed_reading(text, 1.0)
        return None if seen is None else (seen.count, seen.second)
    hit = re.match(r"^(\d{1,9})(?:\D|$)", text.replace(",", "").translate(_LIKE_DIGITS))
    return None if hit is None else (int(hit[1]), None)


def _take(made: CellsOfRow, k: int, read: int, second: float | None, score: float, odd: set[int]) -> None:
    """Take a second reading of a cell where it is better than the first."""
    first = made.values[k]
    if first is None or (k in odd and read != first and _in_line(made.values, k, read, odd)):
        made.values[k], made.trust[k] = read, min(score, TABLE.reread_confidence)
        made.seconds[k] = second if second is not None else made.seconds[k]
    elif read == first:
        made.trust[k] = max(made.trust[k], score)
        made.seconds[k] = made.seconds[k] if made.seconds[k] is not None else second
    elif k not in odd and score > made.trust[k]:
        made.values[k], made.trust[k] = read, TABLE.disputed_confidence * score
        made.seconds[k] = second


def _out_of_line(values: Sequence[int | None]) -> set[int]:
    """Return the columns whose counts cannot all be right: below a later one, or above an earlier one."""
    known = [(k, v) for k, v in enumerate(values) if v is not None]
    odd: set[int] = set()
    for (j, a), (k, b) in pairwise(known):
        if b > a:
            odd |= {i for i, v in known if i <= j and v < b} | {k}
    return odd


def _in_line(values: Sequence[int | None], k: int, read: int, odd: set[int]) -> bool:
    """Return whether a count falls between those before and after it that do not contradict each other."""
    sure = [(j, v) for j, v in enumerate(values) if v is not None and j not in odd]
    return all(v >= read for j, v in sure if j < k) and all(v <= read for j, v in sure if j > k)

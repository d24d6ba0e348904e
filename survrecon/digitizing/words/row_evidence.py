"""Numbers of a table that are no counts of a column: totals, sums, times, digits of names; thousands in two words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.words.counts import CountCell, CountKind, CountRow, packed_in
from survrecon.digitizing.words.layout import TextLine, clusters
from survrecon.digitizing.words.settings import TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.geometry import Axis
    from survrecon.digitizing.words.words import Word

__all__ = [
    "RowLine",
    "TableHeader",
    "by_height",
    "heads_in",
    "in_units_of",
    "is_named_by_number",
    "numbered_rows",
    "rises",
    "spacing_of",
    "table_header",
    "totals_beside",
    "with_thousand",
    "without_last_totals",
    "without_name",
    "without_shares",
    "without_sum",
    "without_times",
    "without_totals",
]

_LETTER = re.compile(r"[^\W\d_]")
_ALL_PATIENTS = re.compile(r"^(?:n|total|patients|no\.?|n\s*=?)$", re.IGNORECASE)
_ALL_EVENTS = re.compile(r"^(?:[o0]|events?|deaths?|ev\.?)$", re.IGNORECASE)


@dataclass(kw_only=True, slots=True)
class RowLine:
    """What stands at one height while a table is put together.

    ``alone`` are cells that were read as words of their own, ``runs`` words of several cells, ``text`` the rest.
    """

    y: float
    size: float
    alone: list[CountCell]
    runs: list[list[CountCell]]
    text: list[Word]
    cells: list[CountCell | None]

    @property
    def count(self) -> int:
        """How many cells there are, as far as they are told apart."""
        return len(self.alone) + sum(len(run) for run in self.runs) + sum(packed_in(w) for w in self.text)


def spacing_of(ticks: FloatArray) -> float:
    """Return the usual distance between ticks."""
    return float(np.median(np.abs(np.diff(np.sort(ticks))))) if len(ticks) > 1 else TABLE.lone_spacing


def without_name(line: RowLine, ticks: FloatArray) -> None:
    """Count a number before the one at the first tick as text: an arm that is called by a number."""
    if is_named_by_number(line, ticks):
        line.text.append(line.alone.pop(0).word)


def without_totals(rows: Sequence[RowLine], ticks: FloatArray) -> None:
    """Count numbers left of the columns as text, where all others stand at ticks: totals, or names of arms."""
    alone = [(line, cell) for line in rows for cell in line.alone]
    spacing, places = spacing_of(ticks), np.array([cell.word.cx for _, cell in alone])
    if len(places) <= 2 * len(rows):
        return
    away = places - ticks[np.abs(places[:, None] - ticks[None]).argmin(axis=1)]
    shift = float(np.median(away))
    if float(np.median(np.abs(away - shift))) > TABLE.aligned * spacing:
        return
    edge = float(ticks.min()) + shift - TABLE.one_column * spacing
    for (line, cell), x in zip(alone, places, strict=True):
        if x < edge:
            line.alone.remove(cell)
            line.text.append(cell.word)
    for line in rows:
        line.text += [cell.word for run in line.runs if run[-1].word.cx < edge for cell in run]
        line.runs = [run for run in line.runs if run[-1].word.cx >= edge]


def without_last_totals(rows: Sequence[RowLine], near: Sequence[Word]) -> None:
    """Count the last numbers of rows as text, where they stand under a head of their own: events, or all patients."""
    last = [(line, line.alone[-1]) for line in rows if len(line.alone) > 2]
    if len(last) < len(rows) or np.ptp([cell.word.cx for _, cell in last]) > TABLE.total_column * rows[0].size:
        return
    head = _head_of([cell.word for _, cell in last], near)
    if _ALL_EVENTS.match(head) or _ALL_PATIENTS.match(head):
        for line, cell in last:
            line.alone.remove(cell)
            line.text.append(cell.word)


def is_named_by_number(line: RowLine, ticks: FloatArray) -> bool:
    """Return whether the first number of a row stands before the one at the first tick."""
    first, spacing = float(ticks.min()), spacing_of(ticks)
    if len(line.alone) <= 2:
        return False
    number, cell = (c.word for c in line.alone[:2])
    before = number.cx < first - TABLE.name_before * spacing or number.box.x1 < cell.box.x0 < first
    return bool(before and abs(cell.cx - first) < TABLE.one_column * spacing)


def totals_beside(rows: Sequence[RowLine], near: Sequence[Word], places: Sequence[float]) -> dict[int, tuple[str, int]]:
    """Return for words at the left of the first column what total each is, by its identity: "n" or "events"."""
    left = places[0] - TABLE.one_column * spacing_of(np.array(places))
    for line in rows:
        line.text = [part for word in line.text for part in (_numbers_in(word) if word.cx < left else [word])]
    found = [
        (w, line)
        for line in rows
        for w in line.text
        if w.cx < left and re.fullmatch(r"\d[\d,]{0,9}", w.text.strip()) and _stands_alone(w, line.text)
    ]
    groups = clusters([w.cx for w, _ in found], TABLE.total_column * rows[0].size)
    columns = [[found[k][0] for k in group] for group in groups if len(group) >= max(1, len(rows) // 2)]
    heads = [_head_of(column, near) for column in columns]
    kinds = ["n" if _ALL_PATIENTS.match(h) else ("events" if _ALL_EVENTS.match(h) else "") for h in heads]
    if len(columns) == 2 and kinds != ["", ""]:
        other = {"n": "events", "events": "n"}
        kinds = [kinds[0] or other[kinds[1]], kinds[1] or other[kinds[0]]]
    return {
        id(w): (kind, int(w.text.replace(",", "")))
        for kind, column in zip(kinds, columns, strict=True)
        if kind
        for w in column
    }


def _numbers_in(word: Word) -> list[Word]:
    """Return the numbers that a word consists of, two totals read as one; a word of anything else as it is."""
    if re.fullmatch(r"\d[\d,]*(?:\s+\d[\d,]*)+", word.text.strip()) is None:
        return [word]
    return [word.part(hit.start(), hit.end()) for hit in re.finditer(r"\S+", word.text)]


def heads_in(word: Word) -> list[Word]:
    """Return the heads of columns of totals that a word consists of; none where it says anything else."""
    ends = r"[ON]" if word.text.strip() == "ON" else r"\S+"
    parts = [word.part(hit.start(), hit.end()) for hit in re.finditer(ends, word.text)]
    return parts if all(_ALL_PATIENTS.match(p.text) or _ALL_EVENTS.match(p.text) for p in parts) else []


def _stands_alone(word: Word, others: Sequence[Word]) -> bool:
    """Return whether a number is no part of a name beside it."""
    return not any(
        other is not word
        and _LETTER.search(other.text)
        and -word.size < word.box.x0 - other.box.x1 < TABLE.named_gap * word.size
        for other in others
    )


def _head_of(column: Sequence[Word], near: Sequence[Word]) -> str:
    """Return the text right over a column of numbers."""
    top = min(column, key=lambda w: w.cy)
    over = [
        part
        for w in near
        for part in heads_in(w) or [w]
        if 0 < top.cy - w.cy < TABLE.heading_reach * top.size and part.box.x0 < top.box.x1 and part.box.x1 > top.box.x0
    ]
    over = [w for w in over if w not in column and (w.number is None or _ALL_EVENTS.match(w.text.strip()))]
    return max(over, key=lambda w: w.cy).text.strip() if over else ""


_TIME_CELL = re.compile(r"^(\d+(?:\.\d+)?)\s*(?:years?|yrs?|months?|mos?|weeks?|wks?|days?|[ymwd])\.?$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class TableHeader:
    """The line of a table that holds its columns' times: places and values, and its words."""

    y: float
    columns: tuple[tuple[float, float], ...]
    words: list[Word]


def table_header(block: list[RowLine], near: Sequence[Word], values: FloatArray) -> TableHeader | None:
    """Return the line of the table's own times: numbers that rise as the axis's labels do."""
    for line in (block[0], block[-1]):
        found = [(c.word.cx, c.value) for c in line.alone if c.second is None]
        if len(found) > 2 and _times_of_axis([v for _, v in found], values):
            words = [w for w in near if abs(w.cy - line.y) < TABLE.level * max(w.size, line.size)]
            return TableHeader(y=line.y, columns=tuple(found), words=words)
    for group in by_height(near):
        timed = sorted((near[k].cx, float(hit[1]), k) for k in group if (hit := _TIME_CELL.match(near[k].text.strip())))
        if len(timed) > 1 and all(a[1] < b[1] for a, b in pairwise(timed)):
            words = [near[k] for k in group]
            return TableHeader(y=words[0].cy, columns=tuple((x, v) for x, v, _ in timed), words=words)
    return None


def in_units_of(axis: Axis, header: TableHeader) -> TableHeader:
    """Return a table's own times in units of the axis, where its columns stand at the same times in another unit."""
    known = [(x, v, float(axis.value(x))) for x, v in header.columns]
    ratios = np.array([at / v for _, v, at in known if v > 0])
    origin = [at for _, v, at in known if v == 0]
    step = abs(known[-1][2] - known[0][2]) / max(1, len(known) - 1)
    if len(ratios) < 2 or any(abs(at) > TABLE.off_tick * step for at in origin):
        return header
    ratio = float(np.median(ratios))
    unit = min(TABLE.units, key=lambda one: abs(ratio / one - 1))
    if abs(ratio / unit - 1) > TABLE.same_unit or float(np.abs(ratios / ratio - 1).max()) > TABLE.same_unit:
        return header
    return replace(header, columns=tuple((x, round(v * unit, TABLE.decimals)) for x, v in header.columns))


def _times_of_axis(found: Sequence[float], values: FloatArray) -> bool:
    """Return whether numbers rise, and are values of the axis but for one in five."""
    if not rises(found):
        return False
    near = [float(np.abs(values - v).min()) < TABLE.near_nice * float(np.diff(values).min()) for v in found]
    return sum(near) >= (1 - TABLE.odd_times) * len(found)


_NAME_AND_THOUSAND = re.compile(r"^(.*[^\W\d_].*\s[1-9]\d?)[ \u2009\u202f\xa0](\d{3})$")


def with_thousand(word: Word, following: float) -> Word:
    """Return a name and a count with a comma for the blank in it, where only so the next count is no larger.

    Parameters
    ----------
    word : Word
        A name and the first count of its row, read as one word.
    following : float
        The count in the next column.
    """
    hit = _NAME_AND_THOUSAND.match(word.text)
    return replace(word, text=f"{hit[1]},{hit[2]}") if hit is not None and following > int(hit[2]) else word


def without_sum(rows: Sequence[CountRow]) -> list[CountRow]:
    """Return rows without one that counts all others together: it is in every column their sum.

    Parameters
    ----------
    rows : sequence of CountRow
        From the top.
    """
    counted = [row for row in rows if row.kind is CountKind.AT_RISK]
    if len(counted) < TABLE.rows_and_sum:
        return list(rows)
    for row in counted:
        others = [other for other in counted if other is not row]
        columns = list(zip(row.cells, *(other.cells for other in others), strict=True))
        known = [[c.value for c in column if c is not None] for column in columns]
        whole = [values for values in known if len(values) == len(counted)]
        if len(whole) >= TABLE.rows_and_sum and all(values[0] == sum(values[1:]) for values in whole):
            return [other for other in rows if other is not row]
    return list(rows)


def without_shares(rows: Sequence[CountRow]) -> list[CountRow]:
    """Return rows without those of percentages that stand under rows of counts without a name of their own.

    Parameters
    ----------
    rows : sequence of CountRow
        From the top.
    """
    counts = [row for row in rows if row.name or not row.printed or not all(c.percent for c in row.printed)]
    return counts or list(rows)


def without_times(rows: Sequence[CountRow], times: Sequence[float]) -> list[CountRow]:
    """Return rows without those that say the columns' times again, as over a second table under the first.

    Parameters
    ----------
    rows : sequence of CountRow
        From the top.
    times : sequence of float
        The columns' times.
    """

    def says_times(row: CountRow) -> bool:
        cells = [(c.value, t) for c, t in zip(row.cells, times, strict=True) if c is not None]
        return len(cells) >= TABLE.rows_and_sum and not row.name and all(value == t for value, t in cells)

    return [row for row in rows if not says_times(row)]


def numbered_rows(rows: Sequence[CountRow]) -> list[CountRow]:
    """Return rows of one name with the digit that tells them apart, where it was read with the first count.

    "Arm 1" and 150 become "Arm 1150": so of two rows that are called "Arm", whose first counts begin with different
    digits and fall to the next ones without them. Of a single row it is not told, and its first count is doubtful.

    Parameters
    ----------
    rows : sequence of CountRow
        From the top.
    """
    same = [row for row in rows if sum(row.name == other.name for other in rows) > 1 and row.heading is None]
    digits = [_leading_digit(row) for row in same]
    told = None not in digits and len(set(digits)) == len(digits)
    made = []
    for row in rows:
        digit = _leading_digit(row)
        if digit is None or not row.label:
            made.append(row)
        elif any(row is one for one in same) and told:
            made.append(_with_digit(row, digit))
        else:
            made.append(_with_first(row, row.cells[0], TABLE.split_confidence))
    return made


def _leading_digit(row: CountRow) -> str | None:
    """Return the first digit of a row's first count, where it came apart from a name and the rest may be the count."""
    first, second = row.cells[0], next((c for c in row.cells[1:] if c is not None), None)
    if first is None or second is None or first.second is not None or not _parted(first):
        return None
    digits = first.word.text
    rest = digits[1:]
    fits = rest.isdecimal() and not rest.startswith("0") and int(rest) >= second.value
    return digits[0] if digits.isdecimal() and fits and first.value > 2 * second.value else None


def _parted(cell: CountCell) -> bool:
    """Return whether a cell was read as one word with a name."""
    return cell.word.confidence <= TABLE.parted_confidence


def _with_digit(row: CountRow, digit: str) -> CountRow:
    """Return a row whose name ends in the digit that its first count began with."""
    first, last = row.cells[0], row.label[-1]
    assert first is not None
    words = (*last.words[:-1], replace(last.words[-1], text=f"{last.words[-1].text} {digit}"))
    word = replace(first.word, text=first.word.text[1:])
    own = replace(first, value=float(word.text), word=word)
    return replace(row, label=(*row.label[:-1], TextLine(words=words)), cells=(own, *row.cells[1:]))


def _with_first(row: CountRow, first: CountCell | None, share: float) -> CountRow:
    """Return a row whose first count is less sure."""
    assert first is not None
    word = replace(first.word, confidence=share * first.word.confidence)
    return replace(row, cells=(replace(first, word=word), *row.cells[1:]))


def rises(values: Sequence[float]) -> bool:
    """Return whether each value is larger than the one before."""
    return all(b > a for a, b in pairwise(values))


def by_height(words: Sequence[Word]) -> list[list[int]]:
    """Return groups of indices of words that stand at one height."""
    groups: list[list[int]] = []
    for k in sorted(range(len(words)), key=lambda k: words[k].cy):
        if groups:
            middle = float(np.median([words[j].cy for j in groups[-1]]))
            if abs(words[k].cy - middle) < TABLE.level * words[k].size:
                groups[-1].append(k)
                continue
        groups.append([k])
    return groups

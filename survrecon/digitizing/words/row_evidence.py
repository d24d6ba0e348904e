"""What rows of counts tell of each other: a total of the others, digits that are of a name, thousands."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from survrecon.digitizing.words.counts import CountCell, CountKind, CountRow
from survrecon.digitizing.words.layout import TextLine
from survrecon.digitizing.words.settings import TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.digitizing.words.words import Word

__all__ = ["numbered_rows", "with_thousand", "without_shares", "without_sum", "without_times"]

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
    shares = [row for row in rows if row.printed and all(c.percent for c in row.printed) and not row.name]
    return [row for row in rows if not any(row is one for one in shares)] if len(shares) < len(rows) else list(rows)


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

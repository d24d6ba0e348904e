"""Printed counts: cells, and words that hold several of them or a name with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.words.settings import TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.digitizing.words.layout import TextLine
    from survrecon.digitizing.words.words import Word

__all__ = [
    "CountCell",
    "CountKind",
    "CountRow",
    "CountTable",
    "before_name",
    "behind_name",
    "cells_in",
    "cut_apart",
    "enters_late",
    "evenly",
    "moved_to",
    "name_part",
    "packed_in",
    "start_of",
    "unglued",
]

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:[.·]\d+)?"
_CELL = re.compile(rf"({_NUMBER})(?:\s*(%))?(?:\s*[(\[{{/]\s*({_NUMBER})\s*(%?)\s*[)\]}}]?)?")
_LETTER = re.compile(r"[^\W\d_]")


class CountKind(StrEnum):
    """What the numbers of a row or table count."""

    AT_RISK = "at risk"
    CENSORED = "censored"
    EVENTS = "events"
    PERCENT = "percentages"
    WEIGHTED = "weighted counts"


@dataclass(frozen=True, kw_only=True, slots=True)
class CountCell:
    """One printed number, with the one in brackets behind it.

    Parameters
    ----------
    value : float
        The number.
    second : float or None
        The number in brackets or after a stroke.
    percent, second_percent : bool
        Whether a percent sign follows each.
    word : Word
        Where it stands.
    """

    value: float
    second: float | None
    percent: bool
    second_percent: bool
    word: Word

    @property
    def whole(self) -> bool:
        """Whether it can be a number of patients."""
        return self.value == round(self.value) and "." not in self.word.text and not self.percent


@dataclass(frozen=True, kw_only=True, slots=True)
class CountRow:
    """One row of numbers.

    Parameters
    ----------
    label : tuple of TextLine
        The lines of its name, from the top.
    heading : TextLine or None
        The name of the arm above rows that are called "At risk", "Censored" ...
    cells : tuple of CountCell or None
        One for each column, None where none was read.
    y, size : float
        Height of its middle, and of its text.
    kind : CountKind
        What it counts.
    patients, events : int or None
        Columns of totals beside the row.
    """

    label: tuple[TextLine, ...]
    heading: TextLine | None
    cells: tuple[CountCell | None, ...]
    y: float
    size: float
    kind: CountKind = CountKind.AT_RISK
    patients: int | None = None
    events: int | None = None

    @property
    def name(self) -> str:
        """The text of its name."""
        if self.heading is not None:
            return self.heading.text
        return " ".join(line.text for line in self.label)

    @property
    def name_word(self) -> Word | None:
        """The first word of its name."""
        if self.heading is not None:
            return self.heading.first
        return self.label[0].first if self.label else None

    @property
    def printed(self) -> list[CountCell]:
        """The cells that were read."""
        return [c for c in self.cells if c is not None]


@dataclass(frozen=True, kw_only=True, slots=True)
class CountTable:
    """Rows of numbers under each other.

    Parameters
    ----------
    times : tuple of float
        The columns' times, rising.
    places : tuple of float
        Where the columns stand.
    rows : tuple of CountRow
        From the top.
    heading : str
        What stands over it.
    kind : CountKind
        What its numbers count, by its heading and cells.
    words : tuple of Word
        All words of the figure that belong to it.
    """

    times: tuple[float, ...]
    places: tuple[float, ...]
    rows: tuple[CountRow, ...]
    heading: str
    kind: CountKind
    words: tuple[Word, ...]


def cells_in(word: Word) -> list[CountCell]:
    """Return the counts that a word consists of; none where there is other text in it."""
    text = word.text.strip(" .:;-_'`|")
    start = word.text.find(text)
    plain = _digits(text)
    if plain is None or re.search(r"[^\s,.;|]", _CELL.sub("", plain)):
        return []
    hits = list(_CELL.finditer(plain))
    cells = [_cell(word.part(start + hit.start(), start + hit.end()), hit) for hit in hits]
    return evenly(cells) if len(cells) > 2 else cells


def evenly(cells: list[CountCell]) -> list[CountCell]:
    """Return the cells of one word at equal distances: columns are, and blanks between them are wider than one."""
    places = np.linspace(cells[0].word.cx, cells[-1].word.cx, len(cells))
    return [replace(cell, word=moved_to(cell.word, float(x))) for cell, x in zip(cells, places, strict=True)]


def enters_late(values: Sequence[float]) -> bool:
    """Return whether counts rise to their largest, early in the row, and fall from there: patients enter late.

    Examples
    --------
    >>> enters_late([19, 110, 113, 111, 100, 90]), enters_late([120, 80, 81, 40, 20, 9])
    (True, False)
    """
    if len(values) < TABLE.late_columns:
        return False
    top = int(np.argmax(values))
    rises = all(b > a for a, b in pairwise(values[: top + 1]))
    return 0 < top < len(values) / 2 and rises and all(b <= a for a, b in pairwise(values[top:]))


def moved_to(word: Word, x: float) -> Word:
    """Return a word with its middle at x."""
    half = word.box.width / 2
    return replace(word, box=replace(word.box, x0=x - half, x1=x + half))


def behind_name(word: Word) -> tuple[int, list[CountCell]]:
    """Return where the counts begin that a name ends in, as one word with it, and the counts."""
    found = list(_CELL.finditer(word.text))
    tail: list[re.Match[str]] = []
    for one in reversed(found):
        stop = tail[0].start() if tail else len(word.text)
        broken = word.text[: one.start()].rstrip().endswith("(")  # a bracket that was not read ends the cell before
        if word.text[one.end() : stop].strip(" .;:|") or broken:
            break
        tail.insert(0, one)
    if not tail or not _LETTER.search(word.text[: tail[0].start()]):
        return len(word.text), []
    return tail[0].start(), [_cell(word.part(one.start(), one.end()), one) for one in tail]


def packed_in(word: Word) -> int:
    """Return how many counts a word seems to hold behind a name, well read or not; 0 for less than three."""
    behind = len(behind_name(word)[1])
    if behind > 2:
        return behind
    groups = re.findall(r"\d+", word.text)
    letters = len(_LETTER.findall(word.text))
    rows_of = len(groups) > TABLE.packed_numbers and letters < sum(map(len, groups))
    return len(groups) if rows_of else 0


def before_name(word: Word) -> tuple[int, list[CountCell]]:
    """Return where the name begins that follows counts as one word with them, and the counts."""
    lead: list[re.Match[str]] = []
    at = 0
    for one in _CELL.finditer(word.text):
        if word.text[at : one.start()].strip(" .;:|"):
            break
        lead.append(one)
        at = one.end()
    if not lead or not re.match(r"\s+[^\W\d_]", word.text[at:]):
        return 0, []
    return at, [_cell(word.part(one.start(), one.end()), one) for one in lead]


def _digits(text: str) -> str | None:
    """Return a text of digits with letters that look like digits put right; None where it is no number."""
    if not re.search(r"\d", text):
        return "0" if text in {"O", "o"} else ("1" if text in {"l", "I", "i"} else None)
    return re.sub(r"(?<![A-Za-z])[OolI|](?=\d)|(?<=\d)[OolI|]", lambda m: "0" if m[0] in "Oo" else "1", text)


def _cell(word: Word, hit: re.Match[str]) -> CountCell:
    """Return the cell of one match."""
    return CountCell(
        value=_value(hit[1]),
        second=None if hit[3] is None else _value(hit[3]),
        percent=bool(hit[2]),
        second_percent=bool(hit[4]),
        word=replace(word, text=hit[0].strip()),
    )


def _value(digits: str) -> float:
    """Return a printed number."""
    return float(digits.replace(",", "").replace("·", "."))


def unglued(run: list[CountCell], missing: int) -> list[CountCell]:
    """Part numbers much longer than the others into several, as many as are missing."""
    usual = float(np.median([len(c.word.text) for c in run]))
    made: list[CountCell] = []
    for cell in run:
        digits = cell.word.text
        parts = cut_apart(cell, min(missing + 1, max(1, round(len(digits) / max(usual, 1.0)))))
        missing -= len(parts) - 1
        made += parts
    return made


def cut_apart(cell: CountCell, parts: int) -> list[CountCell]:
    """Part digits that run together into so many numbers of about one length."""
    digits = cell.word.text
    if parts < 2 or not digits.isdigit() or len(digits) < parts:
        return [cell]
    bounds = [round(len(digits) * k / parts) for k in range(parts + 1)]
    pieces = [cell.word.part(start, stop) for start, stop in pairwise(bounds)]
    weak = [replace(p, confidence=TABLE.split_confidence * p.confidence) for p in pieces]
    return [replace(cell, value=float(p.text), second=None, word=p) for p in weak]


def name_part(word: Word) -> list[Word]:
    """Return the letters that a word begins with, where counts that cannot be told apart follow."""
    hit = re.match(r"^[^\d(]*[^\W\d_]", word.text)
    return [word.part(0, hit.end())] if hit else []


def start_of(word: Word, kept: Sequence[CountCell]) -> int:
    """Return where the last cells of a word begin in its text."""
    hits = list(_CELL.finditer(word.text))
    return hits[-len(kept)].start()

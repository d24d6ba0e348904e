"""Cells of a risk table: words as counts, words that hold several, and what the second number of a cell counts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.words.settings import COUNTS, TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.words.layout import TextLine
    from survrecon.digitizing.words.words import Word

__all__ = [
    "ArmCells",
    "CountCell",
    "CountKind",
    "CountRow",
    "CountTable",
    "SecondNumber",
    "as_totals",
    "before_name",
    "behind_name",
    "counts_in",
    "cut_apart",
    "enters_late",
    "evenly",
    "moved_to",
    "name_part",
    "packed_in",
    "start_of_cells",
    "unglued",
    "what_seconds_count",
    "with_brackets",
    "with_thousands",
]

_NUMBER = r"(?:\d{1,3}(?:[,'\u2019]\d{3})+(?!\d)|\d+)(?:[.·]\d+)?"
_CELL = re.compile(rf"({_NUMBER})(?:\s*(%))?(?:\s*[(\[{{/]\s*({_NUMBER})\s*(%?)\s*[)\]}}]?)?")
_LETTER = re.compile(r"[^\W\d_]")
_NAMES = re.compile(r"[^\W\d_]|^\s*(?:[<>≥≤]|\d+\s?[-–—]\s?\d)")
"""What is in a name: a letter, or a comparison or range that it begins with."""
_OF_A_NAME = re.compile(r"[<>≥≤=]$|\d\s?[-–—]$")
"""What stands before a number that is of a name: a range, or a comparison."""


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
    following : tuple of float or None
        Time and place of the next tick behind the last column, where a last 0 may not have been seen.
    """

    times: tuple[float, ...]
    places: tuple[float, ...]
    rows: tuple[CountRow, ...]
    heading: str
    kind: CountKind
    words: tuple[Word, ...]
    following: tuple[float, float] | None = None


def counts_in(word: Word) -> list[CountCell]:
    """Return the counts that a word consists of; none where there is other text in it."""
    text = word.text.strip(" .:;-_'`|")
    start = word.text.find(text)
    plain = _digits(text)
    if plain is None or re.search(r"[^\s,.;|]", _CELL.sub("", plain)):
        return []
    plain = with_thousands(plain)  # of as many characters
    hits = list(_CELL.finditer(plain))
    cells = [_cell(word.part(start + hit.start(), start + hit.end()), hit) for hit in hits]
    return evenly(cells) if len(cells) > 2 else cells


_THOUSANDS = re.compile(r"(?<![\d.,(])([1-9]\d?)[ \u2009\u202f\xa0](\d{3})(?![\d.])")


def with_thousands(text: str) -> str:
    """Return a text with commas where a blank parts thousands: what follows it could be no cell of its own.

    Examples
    --------
    >>> with_thousands("2 856"), with_thousands("12 004 (31)"), with_thousands("99 045 96 871")
    ('2,856', '12,004 (31)', '99,045 96,871')
    >>> with_thousands("95 87 61"), with_thousands("212 198")
    ('95 87 61', '212 198')
    """

    def joined(hit: re.Match[str]) -> str:
        rises = int(hit[1]) < int(hit[2]) or hit[2].startswith("0")  # as no two cells of a row do
        return f"{hit[1]},{hit[2]}" if rises else hit[0]

    return _THOUSANDS.sub(joined, text)


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
        before = word.text[: one.start()].rstrip()
        broken = before.endswith("(")  # a bracket that was not read ends the cell before
        if word.text[one.end() : stop].strip(" .:;|") or broken or _OF_A_NAME.search(before):
            break
        tail.insert(0, one)
    if not tail or not _NAMES.search(word.text[: tail[0].start()]):
        return len(word.text), []
    return tail[0].start(), [_cell(word.part(one.start(), one.end()), one) for one in tail]


def with_brackets(words: Sequence[Word]) -> list[Word]:
    """Return words with each number in brackets joined to the number right before it: "120" and "(3)"."""
    made = list(words)
    for word in words:
        if re.fullmatch(r"[(\[]\d+\s*%?[)\]]", word.text.strip()) is None:
            continue
        before = [
            w
            for w in made
            if re.fullmatch(r"\d[\d,]*", w.text.strip())
            and abs(w.cy - word.cy) < TABLE.level * word.size
            and -word.size / 2 < word.box.x0 - w.box.x1 < TABLE.bracket_gap * word.size
        ]
        if before:
            number = max(before, key=lambda w: w.box.x1)
            both = replace(number, text=f"{number.text} {word.text}", box=replace(number.box, x1=word.box.x1))
            made = [both if w is number else w for w in made if w is not word]
    return made


def packed_in(word: Word) -> int:
    """Return how many counts a word seems to hold behind a name, well read or not; 0 for less than three."""
    start, cells = behind_name(word)
    if len(cells) > 2:
        unread = re.findall(r"\d\s*[(\[]\s*\d", word.text[:start])  # brackets that were not read close no cell
        return len(cells) + len(unread)
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
    return float(re.sub(r"[,'\u2019]", "", digits).replace("·", "."))


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
    if parts < 2 or not digits.isdecimal() or len(digits) < parts:
        return [cell]
    bounds = [round(len(digits) * k / parts) for k in range(parts + 1)]
    pieces = [cell.word.part(start, stop) for start, stop in pairwise(bounds)]
    weak = [replace(p, confidence=TABLE.split_confidence * p.confidence) for p in pieces]
    return [replace(cell, value=float(p.text), second=None, word=p) for p in weak]


def name_part(word: Word) -> list[Word]:
    """Return the letters that a word begins with, where counts that cannot be told apart follow."""
    hit = re.match(r"^[^\d(]*[^\W\d_]", word.text)
    return [word.part(0, hit.end())] if hit else []


def start_of_cells(word: Word, kept: Sequence[CountCell]) -> int:
    """Return where the last cells of a word begin in its text."""
    hits = list(_CELL.finditer(word.text))
    return hits[-len(kept)].start()


class SecondNumber(StrEnum):
    """What the second number of a cell counts."""

    PERCENT = "percentage at risk"
    CENSORED = "censored so far"
    EVENTS = "events so far"
    CENSORED_SINCE = "censored since the column before"
    EVENTS_SINCE = "events since the column before"

    @property
    def counted(self) -> str:
        """The word for what is counted: ``"censored"``, ``"events"`` or ``"percentage"``."""
        return self.value.split(" ", maxsplit=1)[0]

    @property
    def since(self) -> bool:
        """Whether the count begins anew at each column."""
        return "since" in self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmCells:
    """What is printed of one arm at each column.

    Parameters
    ----------
    times : tuple of float
        The columns' times.
    at_risk : tuple of int or None
        Numbers at risk.
    second : tuple of float or None
        The second numbers.
    survival : tuple of float
        The arm's curve at each column.
    """

    times: tuple[float, ...]
    at_risk: tuple[int | None, ...]
    second: tuple[float | None, ...]
    survival: tuple[float, ...]


def what_seconds_count(arms: Sequence[ArmCells], heading: str, *, percent: bool) -> SecondNumber | None:
    """Return what second numbers count; None where several readings add up and the heading chooses none.

    Parameters
    ----------
    arms : sequence of ArmCells
        All arms of the table: a reading must add up in each column of each.
    heading : str
        What the table says of them; it chooses among readings that add up, and makes none of one that does not.
    percent : bool
        Whether percent signs are printed.
    """
    if percent:
        return SecondNumber.PERCENT if all(_fits(SecondNumber.PERCENT, arm) for arm in arms) else None
    fitting = [kind for kind in SecondNumber if all(_fits(kind, arm) for arm in arms)]
    if len(fitting) == 1 and not _contradicts(fitting[0], heading):
        return fitting[0]
    named = [kind for kind in fitting if _named(kind, heading)]
    if len(named) > 1 and re.search(r"cumul|total", heading, re.IGNORECASE):
        named = [kind for kind in named if not kind.since]
    return named[0] if len(named) == 1 else None


def as_totals(kind: SecondNumber, arm: ArmCells) -> tuple[int | None, ...]:
    """Return the second numbers as counts from the start up to each column."""
    total = 0.0
    made: list[int | None] = []
    for value in arm.second:
        if value is None:
            made.append(None)
            continue
        total = total + value if kind.since else value
        made.append(round(total))
    return tuple(made)


def _named(kind: SecondNumber, heading: str) -> bool:
    """Return whether a heading speaks of what a reading counts."""
    word = {"censored": r"censor", "events": r"event|death", "percentage": r"%|percent"}[kind.counted]
    return re.search(word, heading, re.IGNORECASE) is not None


def _contradicts(kind: SecondNumber, heading: str) -> bool:
    """Return whether a heading speaks of something else that a second number may count."""
    return not _named(kind, heading) and any(_named(other, heading) for other in SecondNumber)


def _fits(kind: SecondNumber, arm: ArmCells) -> bool:
    """Return whether a reading of the second numbers adds up in every column of an arm."""
    known = [k for k, (n, c) in enumerate(zip(arm.at_risk, arm.second, strict=True)) if n is not None and c is not None]
    whole = known == list(range(len(arm.times))) or not kind.since
    if len(known) < 2 or known[0] != 0 or abs(arm.times[0]) > 0 or not whole:
        return False
    n = np.array([arm.at_risk[k] for k in known], float)
    second = np.array([arm.second[k] for k in known], float)
    survival = np.array([arm.survival[k] for k in known])
    if n[0] <= 0:
        return False
    if kind is SecondNumber.PERCENT:
        return bool(np.abs(second - 100 * n / n[0]).max() <= COUNTS.percent_slack)
    if np.abs(second - np.round(second)).max() > 0:
        return False
    total = np.cumsum(second) if kind.since else second
    rest = n[0] - n - total
    events = total if kind.counted == "events" else rest
    return _adds_up(n, total, rest, events, survival)


def _adds_up(n: FloatArray, total: FloatArray, rest: FloatArray, events: FloatArray, survival: FloatArray) -> bool:
    """Return whether counts never fall, none is negative, and events are as many as the curve's drop allows.

    Those who leave at a column's very time may be counted there and still be at risk. An event while n are at risk
    lowers S by at most 1/n, and by at least 1/N.
    """
    leave = max(COUNTS.leave_least, COUNTS.leave * float(n[0]))
    if total[0] > leave or (np.diff(total) < 0).any() or (rest < -leave).any() or (np.diff(rest) < -leave).any():
        return False
    slack = leave + COUNTS.curve_slack * float(n[0])
    fallen = 1.0 - survival
    return bool((events <= n[0] * fallen + slack).all() and (events >= n * fallen - slack).all())

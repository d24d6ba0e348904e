"""Titles of axes and what they say: the time unit, and whether the curves rise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from survrecon.callers import option_name
from survrecon.digitizing.result import Doubt
from survrecon.digitizing.words.printed import lines_of
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.words.words import Word

__all__ = ["axis_title", "no_unit", "refuse_competing", "says_rising", "time_unit_of"]

_UNITS = (
    ("day", "days"),
    ("week", "weeks"),
    ("month", "months"),
    ("year", "years"),
    ("yr", "years"),
    ("mos", "months"),
)
_ELSEWHERE = (
    (re.compile(r"\b(?:monate?n?|mois|mes(?:es|i)?)\b"), "months"),
    (re.compile(r"\b(?:jahre?n?|ann[ée]es?|ans|años?|anni)\b"), "years"),
    (re.compile(r"\b(?:wochen?|semaines?|semanas?|settimane)\b"), "weeks"),
    (re.compile(r"\b(?:tagen?|jours?|d[ií]as?|giorni)\b"), "days"),
)
_COMPETING = re.compile(r"competing|Gray.{0,3}s? test|Fine.{0,5}Gray|sub-?distribution|\bsHR\b", re.IGNORECASE)
_RISING = re.compile(
    r"incidence|mortality|failure|cumulative|probability of (?:death|relapse|event)|relapse rate|1\s*-\s*s",
    re.IGNORECASE,
)


def says_rising(title: str | None) -> bool:
    """Return whether a survival axis's title speaks of events rather than survival.

    Examples
    --------
    >>> says_rising("Cumulative incidence of relapse"), says_rising("Overall survival (%)")
    (True, False)
    """
    return (
        title is not None and _RISING.search(title) is not None and re.search(r"surviv", title, re.IGNORECASE) is None
    )


def refuse_competing(where: str, words: Sequence[Word], *, said: bool | None) -> None:
    """Refuse curves of competing events, which no Kaplan-Meier estimate gives.

    Parameters
    ----------
    where : str
        The figure.
    words : sequence of Word
        Its words.
    said : bool or None
        What the caller says of rising curves; a caller who states it has decided.

    Raises
    ------
    DigitizingError
        If the figure speaks of competing events.
    """
    hit = next((w.text for w in words if _COMPETING.search(w.text)), None)
    if hit is not None and said is None:
        raise DigitizingError(
            where,
            "Kaplan-Meier curves",
            f"cumulative incidence with competing events ({hit!r})",
            "Kaplan-Meier patients cannot be rebuilt from them; "
            f"give {option_name('one_minus_survival', True)} to read them all the same",
        )


def time_unit_of(text: str | None) -> str | None:
    """Return the time unit that a title names.

    Examples
    --------
    >>> time_unit_of("Months since randomization"), time_unit_of("Zeit (Monate)"), time_unit_of("Transplant")
    ('months', 'months', None)
    """
    low = (text or "").lower()
    english = next((unit for word, unit in _UNITS if word in low), None)
    return english or next((unit for word, unit in _ELSEWHERE if word.search(low)), None)


def no_unit(title: str | None) -> Doubt:
    """Return the doubt about a time axis whose title names no unit."""
    return Doubt(
        where="time axis",
        read=title or "",
        confidence=0.0,
        why="no time unit is printed",
        options=("time_unit",),
        field="time unit",
    )


def axis_title(words: Sequence[Word], plot: Box, labels: Sequence[Word], *, vertical: bool) -> str | None:
    """Return the title of an axis: the words beyond its labels."""
    if vertical:
        right = max(w.box.x1 for w in labels)
        side = [
            w
            for w in words
            if w.number is None
            and w.cx < right
            and plot.y0 - 30 < w.cy < plot.y1 + 30
            and (w.vertical or w.box.x1 < plot.x0)
        ]
        side = [w for w in side if w.vertical] or side[:1]
        return " ".join(w.text for w in sorted(side, key=lambda w: -w.cy)) or None
    bottom = max(w.box.y1 for w in labels)
    size = labels[0].size
    under = [
        w
        for w in words
        if w.number is None
        and not w.vertical
        and bottom - 0.3 * size < w.cy < bottom + 5 * size
        and plot.x0 - 0.1 * plot.width < w.cx < plot.x1 + 0.05 * plot.width
        and not re.search(r"at\s*risk|no\.", w.text, re.IGNORECASE)
    ]
    units = [w for w in under if time_unit_of(w.text)]
    pick = units or under
    if not pick:
        return None
    top = min(pick, key=lambda w: (abs(w.cy - bottom), abs(w.cx - (plot.x0 + plot.x1) / 2)))
    line = [t for t, first in lines_of(under) if abs(first.cy - top.cy) < 0.5 * size]
    return " ".join(line) or top.text

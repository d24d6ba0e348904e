"""Titles of axes and what they say: the time unit, and whether the curves rise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from survrecon.digitizing.panels.settings import LABELS, TITLES
from survrecon.digitizing.result import Doubt
from survrecon.digitizing.words.layout import text_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.panels.regions import Region
    from survrecon.digitizing.words.words import Word

__all__ = ["axis_title", "percent_doubt", "says_rising", "time_unit_of", "unit_of_time"]

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
_LONE = {"d": "days", "wk": "weeks", "wks": "weeks", "mo": "months", "mth": "months", "mths": "months", "y": "years"}
"""Abbreviations that name a unit where they end an axis's title: "Time from ablation (d)"."""
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


def unit_of_time(title: str | None, region: Region, stated: str | None) -> tuple[str | None, list[Doubt]]:
    """Return a panel's time unit and the doubt about it: stated, or of the axis's title, the panel's, the caption's.

    Parameters
    ----------
    title : str or None
        The time axis's title.
    region : Region
        The panel.
    stated : str or None
        What the caller says.
    """
    unit = stated or time_unit_of(title) or (_LONE.get((title or "").strip(" ()[]").split(" ")[-1].strip("()[]")))
    if unit is not None:
        return unit, []
    for text, place in ((region.title, "the panel's title"), (region.caption, "the caption")):
        unit = time_unit_of(text)
        if unit is not None:
            why = f"the axis's title names no time unit; taken from {place}"
            return unit, [_unit_doubt(unit, TITLES.from_caption, why)]
    return None, [_unit_doubt(title or "", 0.0, "no time unit is printed")]


def _unit_doubt(read: str, confidence: float, why: str) -> Doubt:
    return Doubt(
        where="time axis", read=read, confidence=confidence, why=why, options=("time_unit",), field="time unit"
    )


def percent_doubt(highest: float, title: str | None, stated: str | None) -> list[Doubt]:
    """Return the doubt about an axis that has a percent sign in its title and ends at 1 or below.

    Parameters
    ----------
    highest : float
        Its highest label.
    title : str or None
        Its title.
    stated : str or None
        The unit that the caller states.
    """
    if stated is not None or highest > LABELS.fraction or "%" not in (title or ""):
        return []
    return [
        Doubt(
            where="survival axis",
            read=f"{title}, up to {highest:g}",
            confidence=TITLES.sloppy,
            why="a percent sign, and ticks that may be fractions; taken for fractions",
            options=("y_unit",),
            field="survival axis",
        )
    ]


def axis_title(words: Sequence[Word], plot: Box, labels: Sequence[Word], *, vertical: bool) -> str | None:
    """Return the title of an axis: the words beyond its labels."""
    if vertical:
        right = max(w.box.x1 for w in labels)
        side = [
            w
            for w in words
            if w.number is None
            and w.cx < right
            and plot.y0 - TITLES.beyond < w.cy < plot.y1 + TITLES.beyond
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
        and bottom - TITLES.above * size < w.cy < bottom + TITLES.below * size
        and plot.x0 - TITLES.left * plot.width < w.cx < plot.x1 + TITLES.right * plot.width
        and not re.search(r"at\s*risk|no\.", w.text, re.IGNORECASE)
    ]
    units = [w for w in under if time_unit_of(w.text)]
    pick = units or under
    if not pick:
        return None
    top = min(pick, key=lambda w: (abs(w.cy - bottom), abs(w.cx - (plot.x0 + plot.x1) / 2)))
    line = [line.text for line in text_lines(under) if abs(line.first.cy - top.cy) < 0.5 * size]
    return " ".join(line) or top.text

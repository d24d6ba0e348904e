"""Of which arm or arms each printed number is, and what is doubtful about it."""

from __future__ import annotations

import re
from dataclasses import replace
from math import log
from typing import TYPE_CHECKING

from survrecon.digitizing.result import Doubt
from survrecon.digitizing.words.comparisons import MATCHING, arm_named, arms_compared
from survrecon.digitizing.words.printed import statistics_in
from survrecon.digitizing.words.scene import Colour, colour_distance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from survrecon.digitizing.result import PrintedStatistic
    from survrecon.digitizing.words.layout import TextLine
    from survrecon.digitizing.words.scene import Surroundings
    from survrecon.digitizing.words.statistics_table import PlacedStatistic

__all__ = ["statistic_doubts", "tone_of", "with_arms"]


def with_arms(
    placed: Sequence[PlacedStatistic], names: Sequence[str], *, tone: Callable[[TextLine], str | None] | None = None
) -> list[PrintedStatistic]:
    """Return statistics with the arms that they are of, as far as the words or their colour say so.

    Of a figure's only arm is each number whose kind is printed once.

    Parameters
    ----------
    placed : sequence of PlacedStatistic
        In the order of the page.
    names : sequence of str
        The arms.
    tone : callable, optional
        The arm whose curve has the colour of a line of text.
    """
    made = [_with_arm(one, names, tone) for one in placed]
    if len(names) != 1:
        return made
    kinds = [(s.quantity, s.time) for s in made]
    return [replace(s, arm=s.arm or names[0]) if kinds.count((s.quantity, s.time)) == 1 else s for s in made]


def tone_of(around: Surroundings, colours: Mapping[str, Colour]) -> Callable[[TextLine], str | None]:
    """Return a function that says which arm's curve has the colour of a line of text; None for black and grey."""

    def tone(line: TextLine) -> str | None:
        ink = around.ink(line.first)
        if ink is None or max(ink) - min(ink) < MATCHING.coloured:
            return None
        far = sorted((colour_distance(ink, colour), name) for name, colour in colours.items())
        if far[0][0] > MATCHING.tone or (len(far) > 1 and far[1][0] - far[0][0] < MATCHING.tone):
            return None
        return far[0][1]

    return tone


def _with_arm(
    placed: PlacedStatistic, names: Sequence[str], tone: Callable[[TextLine], str | None] | None
) -> PrintedStatistic:
    statistic = placed.statistic
    if statistic.quantity in ("hazard_ratio", "p_value"):
        of, over, stratum = arms_compared(placed.named, names)
        return replace(statistic, of=of, over=over, stratum=stratum)
    statistic = _without_names(statistic, names)
    texts = [text for text in placed.named if len(text.split()) <= MATCHING.prose]
    arm = next(filter(None, (arm_named(text, names) for text in texts)), None)
    if arm is None and tone is not None:
        arm = tone(placed.line)
    return replace(statistic, arm=arm)


def _without_names(statistic: PrintedStatistic, names: Sequence[str]) -> PrintedStatistic:
    """Return a median or milestone read without the names of arms that hold numbers: "Median 65 years or older: 43"."""
    named = [name for name in names if re.search(r"\d", name) and name.casefold() in statistic.text.casefold()]
    if statistic.quantity not in ("median", "survival_at") or not named:
        return statistic
    text = statistic.text
    for name in sorted(named, key=len, reverse=True):
        text = re.sub(re.escape(name), "", text, flags=re.IGNORECASE)
    again = [s for s in statistics_in(text) if s.quantity == statistic.quantity]
    return replace(again[0], text=statistic.text) if len(again) == 1 else statistic


_FIELDS = {
    "hazard_ratio": "hazard ratio",
    "p_value": "p value",
    "median": "median",
    "survival_at": "milestone",
    "n": "n",
    "events": "events",
}


def statistic_doubts(statistics: Sequence[PrintedStatistic]) -> list[Doubt]:
    """Return a doubt for each printed statistic that was completed or cannot be right as it was read."""
    return [
        Doubt(
            where=f"printed {_FIELDS.get(s.quantity, s.quantity)}",
            read=s.text,
            confidence=MATCHING.sure,
            why=why,
            options=(),
            otherwise="compare it with the figure",
            field=_FIELDS.get(s.quantity, s.quantity),
            arm=s.arm,
            time=s.time,
        )
        for s in statistics
        if (why := _doubt_of(s))
    ]


def _doubt_of(statistic: PrintedStatistic) -> str:
    """Return what is doubtful of a number; nothing of a ratio in the middle of its interval: its points are right."""
    against = _out_of_place(statistic)
    ratio = statistic.quantity == "hazard_ratio" and statistic.value is not None
    return against or ("" if ratio and statistic.low and statistic.high else statistic.remark)


def _out_of_place(statistic: PrintedStatistic) -> str:
    """Return what speaks against a value and its interval: it lies outside, or a ratio far off its middle."""
    value, low, high = statistic.value, statistic.low, statistic.high
    if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
        return "the value lies outside its interval"
    if statistic.quantity != "hazard_ratio" or not (value and low and high) or low >= high:
        return ""
    rounding = 10.0 ** -(statistic.decimals or 0) / 2
    slack = MATCHING.skewed * log(high / low) + rounding / low + rounding / value
    off = abs(log(value) - (log(low) + log(high)) / 2)
    return "the ratio is far from the middle of its interval on the log scale" if off > slack else ""

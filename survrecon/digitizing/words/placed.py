"""Every printed statistic of a panel with its place and arms: of tables, of lists, and of lines with those below."""

from __future__ import annotations

import re
from dataclasses import replace
from math import log
from typing import TYPE_CHECKING

from survrecon.digitizing.result import Doubt
from survrecon.digitizing.words.comparisons import MATCHING, arm_named, arms_compared
from survrecon.digitizing.words.printed import clauses_in, heading_in, statistics_in
from survrecon.digitizing.words.scene import Colour, colour_distance
from survrecon.digitizing.words.spelling import named_test, plain_text
from survrecon.digitizing.words.statistics_table import (
    STATISTICS,
    PlacedStatistic,
    StatisticsPage,
    StatisticsSettings,
    columns_of_statistics,
    joined,
    lists_of_statistics,
    page_of,
    rows_of_statistics,
    stacked,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from survrecon.digitizing.result import PrintedStatistic
    from survrecon.digitizing.words.layout import TextLine
    from survrecon.digitizing.words.scene import Surroundings
    from survrecon.digitizing.words.words import Word

__all__ = ["placed_statistics", "read_statistics", "statistic_doubts", "tone_of", "with_arms"]


def read_statistics(words: Sequence[Word]) -> list[PrintedStatistic]:
    """Return the statistics that words state, in the order of the page."""
    return [placed.statistic for placed in placed_statistics(words)]


def placed_statistics(words: Sequence[Word], settings: StatisticsSettings = STATISTICS) -> list[PlacedStatistic]:
    """Return the statistics that words state, in tables and in lines, each with the texts that may name its arms."""
    page = page_of(words, settings)
    found = [*rows_of_statistics(page), *columns_of_statistics(page), *lists_of_statistics(page), *_single_lines(page)]
    found = _with_intervals(found, page)
    found = [_with_test(placed, page) if placed.statistic.quantity == "p_value" else placed for placed in found]
    return sorted(found, key=lambda placed: (placed.line.cy, placed.line.box.x0))


_A_P = re.compile(r"\bp\b[^\d]*[=<>]", re.IGNORECASE)
_LEVEL_ALONE = re.compile(r"^\W*\d{2}(?:\.\d+)?\s*% CI\W*$")
_GOES_ON = re.compile(r"(?:[-,;(\[–]|\bto|\bCI)\s*$", re.IGNORECASE)


def _single_lines(page: StatisticsPage) -> Iterator[PlacedStatistic]:
    """Read every other line, one that breaks off together with the next."""
    for line in page.lines:
        if id(line) in page.used:
            continue
        text = line.text
        under = page.beneath(line)
        if under is not None and id(under) not in page.used and _breaks_off(text, under.text):
            text = joined([text, under.text])
            page.used.add(id(under))
            line = under
        for clause in clauses_in(text):
            for statistic in statistics_in(clause):
                yield PlacedStatistic(statistic=statistic, line=line, named=_named_near(page, line, clause, statistic))


def _breaks_off(text: str, under: str) -> bool:
    """Return whether a line announces a ratio or a median, or begins an interval, that the next line holds."""
    begins = re.match(r"^\W*(?:(?:to|and)\s+)?(?:\d*[.·,]\d|N[REA]\b)", under) is not None
    heading = heading_in(text)
    if heading is not None and heading.quantity == "p_value":
        return re.match(r"^[<>=]?\s*0?[.·]\d+$", under) is not None
    if (heading is not None and heading.quantity in ("hazard_ratio", "median")) or _LEVEL_ALONE.match(plain_text(text)):
        return begins
    quantities = {s.quantity for s in statistics_in(text)}
    more = {s.quantity: s for s in statistics_in(f"{text} {under}")}
    ratio = more.get("hazard_ratio")
    return bool(
        begins
        and _GOES_ON.search(plain_text(text))
        and quantities & {"hazard_ratio", "interval"}
        and ratio is not None
        and ratio.low is not None
    )


def _named_near(page: StatisticsPage, line: TextLine, text: str, statistic: PrintedStatistic) -> tuple[str, ...]:
    """Return the texts that may name the arms of a line: its own, those at its left, those over it."""
    if statistic.quantity in ("hazard_ratio", "p_value", "interval"):
        return (text, *_context(page, line), *page.comparisons())
    if re.search(r"[\d%)]\s*(?:vs?\.?|versus)\s", text, re.IGNORECASE):
        return ()  # numbers of two arms, and no word says which is whose
    left = [
        other.text
        for other in page.level(line)
        if 0 < line.box.x0 - other.box.x1 < page.settings.abreast * line.size and not statistics_in(other.text)
    ]
    stacks = [stacked(stack) for stack in page.stacks(line, page.settings.head_lines - 1)]
    return (text, *reversed(left), *stacks)


def _context(page: StatisticsPage, line: TextLine) -> Iterator[str]:
    """Return the lines over one of a ratio, the nearest first."""
    over = page.above(line)
    for _ in range(page.settings.context_lines):
        if over is None:
            return
        yield over.text
        over = page.above(over)


def _with_intervals(found: Sequence[PlacedStatistic], page: StatisticsPage) -> list[PlacedStatistic]:
    """Return the statistics, each bare one with the interval that stands alone under it, or in brackets."""
    own = {id(placed.line) for placed in found if placed.statistic.quantity != "interval"}
    intervals = [placed for placed in found if placed.statistic.quantity == "interval"]
    intervals += [
        PlacedStatistic(statistic=replace(s, text=line.text, level=None), line=line)
        for line in page.lines
        if id(line) not in own and re.match(r"^[(\[].*[)\]]$", line.text) and line not in [i.line for i in intervals]
        for s in statistics_in(f"95% CI {line.text}")
        if s.quantity == "interval"
    ]
    made = [placed for placed in found if placed.statistic.quantity != "interval"]
    bare = {k for k, p in enumerate(made) if p.statistic.quantity in _WITH_INTERVAL and _bare(p.statistic)}
    for interval in intervals:
        over = [(interval.line.cy - made[k].line.cy, k) for k in bare if _under(made[k].line, interval.line, page)]
        over = [(gap, k) for gap, k in over if _holds(interval.statistic, made[k].statistic)]
        if over:
            _, k = min(over)
            bare.discard(k)
            made[k] = replace(made[k], statistic=_joined(made[k].statistic, interval.statistic))
    return made


_WITH_INTERVAL = ("hazard_ratio", "median", "survival_at")


def _bare(statistic: PrintedStatistic) -> bool:
    return statistic.low is None and statistic.high is None


def _joined(statistic: PrintedStatistic, interval: PrintedStatistic) -> PrintedStatistic:
    """Return a statistic with an interval that stands apart; the level is printed there or in the statistic's row."""
    text, level = f"{statistic.text} {interval.text}", interval.level or statistic.level
    return replace(statistic, low=interval.low, high=interval.high, level=level, text=text)


def _under(above: TextLine, below: TextLine, page: StatisticsPage) -> bool:
    """Return whether a line stands right under another one, in its width."""
    near = 0 < below.cy - above.cy < page.settings.next_line * above.size
    return near and (page.shares(above, below) or abs(below.box.x0 - above.box.x0) < above.size)


def _holds(interval: PrintedStatistic, statistic: PrintedStatistic) -> bool:
    low, high, value = interval.low, interval.high, statistic.value
    return (low is None or value is None or low <= value) and (high is None or value is None or value <= high)


def _with_test(placed: PlacedStatistic, page: StatisticsPage) -> PlacedStatistic:
    """Return a p value with the test that a line beside it names, which states no p of its own."""
    if placed.statistic.test is not None:
        return placed
    p, line = placed.statistic, placed.line
    beside = [
        (abs(line.cy - other.cy), other)
        for other in page.lines
        if other is not line and (_under(other, line, page) or _under(line, other, page) or _abreast(other, line, page))
    ]
    for _, other in sorted(beside, key=lambda pair: pair[0]):
        stated = _A_P.search(other.text) or any(s.quantity == "p_value" for s in statistics_in(other.text))
        test = None if stated else named_test(other.text)
        if test is not None:
            before = (other.cy, other.cx) < (line.cy, line.cx)
            both = f"{other.text} {p.text}" if before else f"{p.text} {other.text}"
            sides = 1 if p.sides == 1 or re.search(r"\b(?:one|1)\s*-?\s*(?:sided|tailed)", both, re.IGNORECASE) else 2
            return replace(placed, statistic=replace(p, test=test, sides=sides, text=both))
    return placed


def _abreast(one: TextLine, other: TextLine, page: StatisticsPage) -> bool:
    """Return whether two lines stand at one height, a little too far apart to be read as one."""
    left, right = (one, other) if one.cx < other.cx else (other, one)
    level = abs(one.cy - other.cy) < page.settings.level * one.size
    return level and right.box.x0 - left.box.x1 < page.settings.abreast * one.size


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

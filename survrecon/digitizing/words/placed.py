"""Every printed statistic of a panel with its place: of tables, of lists, and of lines with those they go on in."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from survrecon.digitizing.words.printed import clauses_in, heading_in, named_test, statistics_in
from survrecon.digitizing.words.spelling import plain_text
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
    from collections.abc import Iterator, Sequence

    from survrecon.digitizing.result import PrintedStatistic
    from survrecon.digitizing.words.layout import TextLine
    from survrecon.digitizing.words.words import Word

__all__ = ["placed_statistics", "read_statistics"]


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

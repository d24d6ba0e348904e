"""Printed statistics in tables by columns or rows of arms, and in lists under a heading."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from survrecon.digitizing.words.comparisons import REFERENCE
from survrecon.digitizing.words.layout import TextLine, text_lines
from survrecon.digitizing.words.printed import (
    Heading,
    heading_in,
    statistic_cells,
    statistics_in,
    unit_in,
)
from survrecon.digitizing.words.spelling import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from survrecon.digitizing.result import PrintedStatistic
    from survrecon.digitizing.words.words import Word

__all__ = [
    "STATISTICS",
    "PlacedStatistic",
    "StatisticsPage",
    "StatisticsSettings",
    "columns_of_statistics",
    "joined",
    "lists_of_statistics",
    "page_of",
    "rows_of_statistics",
    "stacked",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class StatisticsSettings:
    """When lines of text belong together as a statistic or a table of them; in heights of the words."""

    level: float = 0.6
    """Word heights: middles of a row's name and of its cells differ by less; they are often set in two sizes."""
    next_line: float = 2.2
    """Word heights: from a line to the one under it that goes on with it; double spacing is 2."""
    shared: float = 0.3
    """Of the narrower line's width: what it shares with the line that it goes on with."""
    cell_gap: float = 20.0
    """Word heights: the widest space between a row's name and its first cell, and between cells."""
    abreast: float = 6.0
    """Word heights: the widest space between a name and a statistic at its right."""
    column: float = 2.5
    """Word heights: the middle of a cell is no further from that of its column's head."""
    rows_apart: float = 4.5
    """Word heights: from a head to its first row, past a line of units, and from row to row."""
    heads: float = 16.0
    """Word heights: from a cell up to the arms' names, past a dozen rows of statistics."""
    head_lines: int = 4
    """Lines that a head or an arm's name may take."""
    context_lines: int = 5
    """Lines above a ratio in which the arms that it compares, or its patients, may be named."""
    title: int = 12
    """Words: a longer line is a sentence and no title."""


STATISTICS = StatisticsSettings()


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedStatistic:
    """A statistic with its place and the texts that may say of which arm or arms it is.

    Parameters
    ----------
    statistic : PrintedStatistic
        What is printed.
    line : TextLine
        The line it stands on.
    named : tuple of str
        Texts that may name its arm or its comparison: the surest first.
    """

    statistic: PrintedStatistic
    line: TextLine
    named: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StatisticsPage:
    """The lines of a panel, and those that a table or list has used already, by `id`."""

    lines: list[TextLine]
    settings: StatisticsSettings
    used: set[int]

    def level(self, line: TextLine) -> list[TextLine]:
        """Return the other lines at one height, from the left."""
        near = [
            other
            for other in self.lines
            if other is not line and abs(other.cy - line.cy) < self.settings.level * min(other.size, line.size)
        ]
        return sorted(near, key=lambda other: other.box.x0)

    def beneath(self, line: TextLine) -> TextLine | None:
        """Return the line that may go on with this one: the next under it that stands in its width."""
        return min(self._near(line, 1), key=lambda other: other.cy, default=None)

    def above(self, line: TextLine) -> TextLine | None:
        """Return the next line over this one that stands in its width."""
        return max(self._near(line, -1), key=lambda other: other.cy, default=None)

    def _near(self, line: TextLine, way: int) -> list[TextLine]:
        """Return the lines close under one, or over it, that stand in its width."""
        reach, level = self.settings.next_line * line.size, self.level(line)
        near = [other for other in self.lines if 0 < way * (other.cy - line.cy) < reach and self.shares(line, other)]
        return [other for other in near if other not in level]

    def shares(self, a: TextLine, b: TextLine) -> bool:
        """Return whether two lines share a good part of the narrower one's width."""
        inner = min(a.box.x1, b.box.x1) - max(a.box.x0, b.box.x0)
        return inner > self.settings.shared * min(a.box.width, b.box.width)

    def comparisons(self) -> list[str]:
        """Return the lines that compare two arms, as a title does, or name a reference: those that are no sentences."""
        short = [line.text for line in self.lines if len(line.text.split()) <= self.settings.title]
        compared = [text for text in short if re.search(r"\b(?:vs|versus|(?-i:v))\b", text, re.IGNORECASE)]
        return compared + [text for text in short if REFERENCE.search(text)]

    def stacks(self, line: TextLine, most: int) -> Iterator[tuple[TextLine, ...]]:
        """Return the line over this one, the two over it, and so on, each from the top."""
        stack: tuple[TextLine, ...] = ()
        over = self.above(line)
        while over is not None and len(stack) < most:
            stack = (over, *stack)
            yield stack
            over = self.above(over)


def stacked(stack: Sequence[TextLine]) -> str:
    """Return the lines of a stack as one text."""
    return joined([line.text for line in stack])


def joined(texts: Sequence[str]) -> str:
    """Join the lines of one text; a hyphen at a line's end stays where the next begins.

    Examples
    --------
    >>> joined(["Relatlimab-", "nivolumab"]), joined(["Ribociclib", "+ Letrozole"])
    ('Relatlimab-nivolumab', 'Ribociclib + Letrozole')
    """
    return re.sub(r"(?<=\w)[-\u2010–] (?=\w)", "-", " ".join(texts))


def page_of(words: Sequence[Word], settings: StatisticsSettings = STATISTICS) -> StatisticsPage:
    """Return the lines of a panel's words, those of tables that are set close taken apart."""
    return StatisticsPage(lines=_split_columns(text_lines(words), settings), settings=settings, used=set())


def _split_columns(lines: Sequence[TextLine], settings: StatisticsSettings) -> list[TextLine]:
    """Take lines apart that run over several columns set close: heads alone, and counts behind a name under them."""
    heads = [line for line in lines if len(line.words) > 1 and all(heading_in(w.text) for w in line.words)]
    found: list[TextLine] = []
    for line in lines:
        over = [head for head in heads if head is not line and head.cy < line.cy]
        places = [word.cx for head in over for word in head.words]
        if line in heads:
            found += [TextLine(words=(word,)) for word in line.words]
        elif places:
            found += _without_counts(line, places, settings)
        else:
            found.append(line)
    return found


def _without_counts(line: TextLine, places: Sequence[float], settings: StatisticsSettings) -> list[TextLine]:
    """Return a line and the counts at its end, each of its own, that stand under a head."""
    words = [part for word in line.words for part in _parted(word)]
    counts: list[TextLine] = []
    while len(words) > 1 and words[-1].text.isdecimal():
        if min(abs(words[-1].cx - place) for place in places) > settings.column * line.size:
            break
        counts.insert(0, TextLine(words=(words.pop(),)))
    return [TextLine(words=tuple(words)), *counts] if counts else [line]


def _parted(word: Word) -> list[Word]:
    """Return a word without the number that was read as one with it, and the number; each with its share of the box."""
    hit = re.match(r"^(.*[^\W\d].*)\s(\d+)$", word.text)
    if hit is None:
        return [word]
    cut = word.box.x0 + word.box.width * len(hit[1]) / len(word.text)
    left, right = replace(word.box, x1=cut), replace(word.box, x0=cut)
    return [replace(word, text=hit[1], box=left), replace(word, text=hit[2], box=right)]


def _split(line: TextLine) -> tuple[Heading, str] | None:
    """Return the heading that a line begins with, and the cells that are read as one word with it."""
    text = line.text
    for hit in reversed(list(re.finditer(r"\s+(?=[<>]?\s*(?:\d|\.\d|N[REA]\b))", text))):
        heading, rest = heading_in(text[: hit.start()]), text[hit.end() :]
        if heading is not None and _is_cells(rest) and " CI" not in plain_text(rest) and _whole(heading, rest):
            return heading, rest
    return None


def _whole(heading: Heading, text: str) -> bool:
    """Return whether no cell of a text begins within brackets, as the limits of one that was not understood do."""
    starts = [start for _, (start, _) in statistic_cells(heading, text)]
    return all(text.count("(", 0, start) <= text.count(")", 0, start) for start in starts)


def rows_of_statistics(page: StatisticsPage) -> Iterator[PlacedStatistic]:
    """Read rows whose name says the quantity and whose cells stand in columns of arms."""
    for line in page.lines:
        whole, glued = heading_in(line.text), _split(line)
        heading = whole or (glued[0] if glued else None)
        if heading is None:
            continue
        heading = _with_level(page, line, heading)
        behind = _cells_of(heading, line, glued[1]) if glued and whole is None else []
        beside, taken = _cells_beside(page, line, heading)
        cells = behind + beside
        if not beside and len(behind) < 2:  # one value behind its heading is a line like any other
            continue
        page.used.update(id(other) for other in (line, *taken))
        of_an_arm = len(cells) > 1 or heading.quantity not in ("hazard_ratio", "p_value")
        for cell, where, middle in cells:
            named = _heads_over(page, line, middle) if of_an_arm else (line.text, *page.comparisons())
            yield from (PlacedStatistic(statistic=s, line=where, named=named) for s in cell)


_Cell = tuple[list["PrintedStatistic"], TextLine, float]


def _with_level(page: StatisticsPage, line: TextLine, heading: Heading) -> Heading:
    """Return a heading with the level of the intervals that stands on a line of its own under it."""
    under = page.beneath(line)
    more = heading_in(f"{heading.text} {under.text}") if under is not None and heading.level is None else None
    return heading if more is None else replace(heading, level=more.level)


def _cells_of(heading: Heading, line: TextLine, text: str) -> list[_Cell]:
    """Return the cells in a line's last characters, each with its middle."""
    return [(cell, line, _middle(line, text, span)) for cell, span in statistic_cells(heading, text)]


def _cells_beside(page: StatisticsPage, line: TextLine, heading: Heading) -> tuple[list[_Cell], list[TextLine]]:
    """Return the cells at the right of a row's name, and the lines that they stand on."""
    cells: list[_Cell] = []
    taken: list[TextLine] = []
    right = line.box.x1
    for other in page.level(line):
        if not 0 <= other.box.x0 - right + line.size < page.settings.cell_gap * line.size:
            continue
        made = _cells_of(heading, other, other.text) if _is_cells(other.text) else []
        if not made:
            break
        cells += made
        taken.append(other)
        right = other.box.x1
    return cells, taken


_CELL_TEXT = re.compile(r"^[<>(]?\s*(?:\d|\.\d|N\.?[REA]\b|not\s+(?:reached|est|eval))", re.IGNORECASE)
_NO_CELL = re.compile(
    r"[^\W\d_]{3,}|\bHR\b|±|:\s|^\(?\d{2}(?:\.\d+)?\s*%\s*(?:[a-zA-Z]|\))|\bp\s*[=<>:]", re.IGNORECASE
)
_CELL_WORDS = re.compile(r"not\s+\w+|months?|years?|days?|weeks?|mos\b|yrs\b", re.IGNORECASE)


def _is_cells(text: str) -> bool:
    """Return whether a text is cells alone: numbers, intervals, units and no other words."""
    return _CELL_TEXT.match(text) is not None and _NO_CELL.search(_CELL_WORDS.sub("", text)) is None


def _middle(line: TextLine, text: str, span: tuple[int, int]) -> float:
    """Return where a stretch of a line's last characters stands, from the line's width."""
    whole = len(line.text)
    start = whole - len(text)
    return line.box.x0 + line.box.width * (start + (span[0] + span[1]) / 2) / max(whole, 1)


def _heads_over(page: StatisticsPage, row: TextLine, middle: float) -> tuple[str, ...]:
    """Return the texts over a column: its whole head, then the head without its first lines, without its last."""
    reach = page.settings.column * row.size
    over = [
        line
        for line in page.lines
        if 0 < row.cy - line.cy < page.settings.heads * row.size
        and line.box.x0 - reach / 2 < middle < line.box.x1 + reach / 2
        and line.box.width < page.settings.cell_gap * row.size
    ]
    head: list[TextLine] = []
    for line in sorted(over, key=lambda line: -line.cy):
        if not head and (_is_cells(line.text) or heading_in(line.text) is not None or id(line) in page.used):
            continue
        apart = head[0].cy - line.cy > page.settings.next_line * line.size if head else False
        if apart or len(head) == page.settings.head_lines:
            break
        head.insert(0, line)
    parts = [*(head[k:] for k in range(len(head))), *(head[:-k] for k in range(1, len(head)))]
    return tuple(stacked(part) for part in parts)


def columns_of_statistics(page: StatisticsPage) -> Iterator[PlacedStatistic]:
    """Read columns whose head says the quantity and whose rows bear the names of arms."""
    for foot in reversed(page.lines):
        if id(foot) in page.used:
            continue
        heading, head = _head_ending(page, foot)
        if heading is None:
            continue
        found, taken = _cells_under(page, foot, heading)
        if taken:
            yield from found
            page.used.update(id(line) for line in (*head, *taken))


def _cells_under(
    page: StatisticsPage, foot: TextLine, heading: Heading
) -> tuple[list[PlacedStatistic], list[TextLine]]:
    """Return the statistics of the cells under a head, and their lines; none of a lone ratio, which is of both rows."""
    last, taken, found = foot, [], []
    reference: tuple[str, ...] = ()
    for line in page.lines:
        below = 0 < line.cy - last.cy < page.settings.rows_apart * foot.size
        if not below or abs(line.cx - foot.cx) > page.settings.column * foot.size:
            continue
        label = _row_label(page, [other for other in page.level(line) if other.box.x0 < line.box.x0])
        if heading.quantity == "hazard_ratio" and label and _OF_REFERENCE.match(line.text):
            reference, last = (f"Reference: {label[0]}",), line
            continue
        if not _is_cells(line.text):
            continue
        made = statistic_cells(heading, line.text)
        if len(made) != 1 or not label:
            break
        taken.append(line)
        last = line
        named = (f"{label[0]}: HR", *reference) if heading.quantity == "hazard_ratio" else label
        limited = (_with_limits_beside(page, statistic, line) for statistic in made[0][0])
        found += [PlacedStatistic(statistic=statistic, line=line, named=named) for statistic in limited]
    lone = heading.quantity == "hazard_ratio" and not reference and len(taken) == 1
    return ([], []) if lone else (found, taken)


_OF_REFERENCE = re.compile(rf"^\W*(?:1(?:\.0+)?\W*)?{REFERENCE.pattern}\W*$|^1(?:\.0+)?$|^[-–—]$", re.IGNORECASE)
"""What stands in a column of ratios in the row of the arm that the others are compared with."""
_LIMITS_ALONE = re.compile(
    r"^[(\[]?\s*(?:\d*\.?\d+|N\.?[REA]\.?)\s*(?:-|to\b|,)\s*(?:\d*\.?\d+|N\.?[REA]\.?)\s*[)\]]?$"
)


def _with_limits_beside(page: StatisticsPage, statistic: PrintedStatistic, line: TextLine) -> PrintedStatistic:
    """Return a ratio or median with the interval that stands in the next column under a head of its own."""
    right = next((other for other in page.level(line) if other.box.x0 > line.box.x1), None)
    bare = statistic.quantity in ("hazard_ratio", "median") and statistic.low is None and statistic.high is None
    if not bare or right is None or not _LIMITS_ALONE.match(plain_text(right.text)):
        return statistic
    found = [s for s in statistics_in(f"95% CI {right.text}") if s.quantity == "interval"]
    return replace(statistic, low=found[0].low, high=found[0].high) if found else statistic


def _head_ending(page: StatisticsPage, foot: TextLine) -> tuple[Heading | None, tuple[TextLine, ...]]:
    """Return the heading that ends with a line, and its lines: the most over it that make one."""
    if _OF_REFERENCE.match(foot.text):
        return None, ()
    stacks = [(*stack, foot) for stack in page.stacks(foot, page.settings.head_lines)]
    for stack in (*reversed(stacks), (foot,)):
        heading = heading_in(stacked(stack))
        if heading is not None and heading.quantity in ("n", "events", "median", "hazard_ratio"):
            return heading, stack
    return None, ()


def _row_label(page: StatisticsPage, left: Sequence[TextLine]) -> tuple[str, ...]:
    """Return what names a row: the words at its left, with a second line where there is one without cells."""
    words = [line for line in left if not _is_cells(line.text) and re.search(r"[^\W\d_]|^\d$", line.text)]
    if not words:
        return ()
    first = words[-1]
    under = page.beneath(first)
    if under is None or [line for line in page.level(under) if _is_cells(line.text)] or _is_cells(under.text):
        return (first.text,)
    return joined([first.text, under.text]), first.text


def lists_of_statistics(page: StatisticsPage) -> Iterator[PlacedStatistic]:
    """Read lines of an arm's name and a value under a line that says what they are."""
    for line in page.lines:
        heading = heading_in(line.text)
        if heading is None or id(line) in page.used:
            continue
        last = line
        while (under := page.beneath(last)) is not None and id(under) not in page.used:
            item = _item(heading, under)
            if item is None:
                break
            page.used.update((id(line), id(under)))
            yield from item
            last = under


def _item(heading: Heading, line: TextLine) -> list[PlacedStatistic] | None:
    """Return the statistics of a line in a list: its name, then one cell and no more."""
    for colon in re.finditer(r"[:=,]\s+", line.text):
        name, rest = line.text[: colon.start()], line.text[colon.end() :]
        cells = statistic_cells(heading, rest) if _CELL_TEXT.match(rest) else []
        if len(cells) != 1 or not re.search(r"[^\W\d_]", name) or heading_in(name) is not None or "%" in name:
            continue
        (made, (start, end)) = cells[0]
        if start == 0 and not _NO_CELL.search(_CELL_WORDS.sub("", rest[end:])):
            own = [s for s in statistics_in(name) if s.quantity in ("n", "events")]
            made = [s if s.unit or s.quantity != "median" else replace(s, unit=unit_in(rest[end:])) for s in made]
            named = f"{name}: {heading.text}" if heading.quantity == "hazard_ratio" else name
            return [PlacedStatistic(statistic=s, line=line, named=(named,)) for s in (*made, *own)]
    return None

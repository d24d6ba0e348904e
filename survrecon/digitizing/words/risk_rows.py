"""Where the numbers at risk stand: rows of counts, their columns' times, their names and what they count."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.words.layout import TextLine, clusters, text_lines
from survrecon.digitizing.words.settings import TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.geometry import Axis
    from survrecon.digitizing.words.words import Word

__all__ = ["CountCell", "CountKind", "CountRow", "CountTable", "find_counts"]

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:[.·]\d+)?"
_CELL = re.compile(rf"({_NUMBER})(?:\s*(%))?(?:\s*[(\[{{/]\s*({_NUMBER})\s*(%?)\s*[)\]}}]?)?")
_LETTER = re.compile(r"[^\W\d_]")
_AT_RISK = re.compile(r"at\s*ri[s5]k|^n\s*risk|still\s*in\s*study|under\s*observation", re.IGNORECASE)
_CENSORED = re.compile(r"censor", re.IGNORECASE)
_EVENTS = re.compile(r"\b(?:events?|deaths?)\b", re.IGNORECASE)
_PERCENT = re.compile(r"percent|%\s*(?:of\s*\w+\s*)?at\s*risk|proportion\s*at\s*risk", re.IGNORECASE)
_WEIGHTED = re.compile(r"weighted|adjusted|standardi[sz]ed|effective|IPTW", re.IGNORECASE)
_TIME_CELL = re.compile(r"^(\d+(?:\.\d+)?)\s*(?:years?|yrs?|months?|mos?|weeks?|wks?|days?|[ymwd])\.?$", re.IGNORECASE)
_TIME_TITLE = re.compile(r"\b(?:time|months?|years?|days?|weeks?|follow-?\s*up)\b", re.IGNORECASE)
_ALL_PATIENTS = re.compile(r"^(?:n|total|patients|no\.?|n\s*=?)$", re.IGNORECASE)
_ALL_EVENTS = re.compile(r"^(?:[o0]|events?|deaths?|ev\.?)$", re.IGNORECASE)


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


@dataclass(kw_only=True, slots=True)
class _Line:
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
        return len(self.alone) + sum(len(run) for run in self.runs) + sum(_packed(w) for w in self.text)


def find_counts(words: Sequence[Word], axis: Axis, *, bottom: float, taken: Sequence[Word]) -> CountTable | None:
    """Find the numbers at risk of one panel: below its axis, or elsewhere under a heading that says so.

    Parameters
    ----------
    words : sequence of Word
        All words of the panel.
    axis : Axis
        The calibrated time axis.
    bottom : float
        Height of the plot's lower edge: a table below it needs no heading.
    taken : sequence of Word
        Tick labels, which are no counts.
    """
    used = {id(w) for w in taken}
    free = [w for w in words if id(w) not in used and not w.vertical]
    ticks, values = tick_grid(*_labelled(axis, taken), free, bottom)
    at_ticks = [w.cy for w in taken if w.cy > bottom and not w.vertical]
    lines = [
        line
        for line in _lines_of_counts(free, ticks)
        if not (at_ticks and abs(line.y - float(np.median(at_ticks))) < TABLE.level * line.size)
    ]
    blocks = _blocks(lines)
    best: tuple[float, list[_Line], Word | None] | None = None
    for block in blocks:
        heading = _heading(block, free)
        below = block[0].y > bottom
        if not (below or heading is not None) or not _regular(block, ticks, headed=heading is not None):
            continue
        score = sum(line.count for line in block) + (1000.0 if heading is not None else 0.0) + (100.0 if below else 0.0)
        if best is None or score > best[0]:
            best = score, block, heading
    return None if best is None else _put_together(best[1], best[2], free, ticks, values, axis)


def _labelled(axis: Axis, taken: Sequence[Word]) -> tuple[FloatArray, FloatArray]:
    """Return places and values of an axis's ticks, and of labels whose ticks were not found, in rising order."""
    values = list(np.unique(axis.values))
    spacing = abs(float(np.median(np.diff(axis.position(np.array(values)))))) if len(values) > 1 else 40.0
    for word in taken:
        number = word.number
        if number is None or word.vertical or any(abs(number - v) < 1e-9 for v in values):
            continue
        if abs(float(axis.position(number)) - word.cx) < TABLE.label_slip * spacing:
            values.append(number)
    found = np.sort(np.array(values, float))
    return np.asarray(axis.position(found), float), found


def tick_grid(
    places: FloatArray, values: FloatArray, words: Sequence[Word] = (), bottom: float = np.inf
) -> tuple[FloatArray, FloatArray]:
    """Return places and values of ticks with those whose labels were not read, and one more at the end.

    Ticks at equal distances go on to the right as long as numbers stand under them, and begin at 0.
    """
    gaps = np.diff(values)
    if not len(gaps) or gaps.min() <= 0:
        return places, values
    step = float(gaps.min())
    whole = np.abs(gaps / step - np.round(gaps / step)).max() < TABLE.regular
    if whole:
        before = values[0] / step
        start = 0.0 if abs(before - round(before)) < TABLE.regular and 0 < before <= len(values) else values[0]
        count = round((values[-1] - start) / step) + 1
        scale = (places[-1] - places[0]) / (values[-1] - values[0])
        if count <= TABLE.most_ticks:
            values = np.array([start + k * step for k in range(count)])
            places = places[-1] + scale * (values - values[-1])
    more = values[-1] - values[-2], places[-1] - places[-2]
    for k in range(TABLE.most_ticks if whole else 1):
        values, places = np.append(values, values[-1] + more[0]), np.append(places, places[-1] + more[1])
        under = (w for w in words if w.cy > bottom and re.search(r"\d", w.text) and cells_in(w))
        if k and not any(w.box.x0 - more[1] / 2 < places[-1] < w.box.x1 + more[1] / 2 for w in under):
            break
    return places, values


def _lines_of_counts(free: Sequence[Word], ticks: FloatArray) -> list[_Line]:
    """Return what stands at each height where there are numbers in the reach of the axis."""
    spacing = _spacing(ticks)
    low, high = float(ticks.min()) - TABLE.before * spacing, float(ticks.max()) + TABLE.beyond * spacing
    inside = [(w, cells) for w in free if (cells := cells_in(w)) and (len(cells) > 1 or low <= w.cx <= high)]
    inside += [(w, []) for w in free if _packed(w)]
    lines: list[_Line] = []
    for group in _by_height([w for w, _ in inside]):
        y = float(np.median([inside[k][0].cy for k in group]))
        size = float(np.median([inside[k][0].size for k in group]))
        own = {id(inside[k][0]) for k in group if inside[k][1]}
        alone = sorted((inside[k][1][0] for k in group if len(inside[k][1]) == 1), key=lambda c: c.word.cx)
        runs = [inside[k][1] for k in group if len(inside[k][1]) > 1]
        text = [w for w in free if id(w) not in own and abs(w.cy - y) < TABLE.beside * max(w.size, size)]
        lines.append(_Line(y=y, size=size, alone=alone, runs=runs, text=text, cells=[]))
    return [line for line in lines if line.count >= 2 or (line.count == 1 and _headed(line, free))]


def _headed(line: _Line, free: Sequence[Word]) -> bool:
    """Return whether a single number stands in a row under a heading."""
    return any(
        _AT_RISK.search(w.text) and -TABLE.beside * w.size < line.y - w.cy < TABLE.heading_reach * w.size for w in free
    )


def _by_height(words: Sequence[Word]) -> list[list[int]]:
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


def cells_in(word: Word) -> list[CountCell]:
    """Return the counts that a word consists of; none where there is other text in it."""
    text = word.text.strip(" .:;-_'`|")
    start = word.text.find(text)
    plain = _digits(text)
    if plain is None or re.search(r"[^\s,.;|]", _CELL.sub("", plain)):
        return []
    hits = list(_CELL.finditer(plain))
    cells = [_cell(word.part(start + hit.start(), start + hit.end()), hit) for hit in hits]
    return _evenly(cells) if len(cells) > 2 else cells


def _evenly(cells: list[CountCell]) -> list[CountCell]:
    """Return the cells of one word at equal distances: columns are, and blanks between them are wider than one."""
    places = np.linspace(cells[0].word.cx, cells[-1].word.cx, len(cells))
    return [replace(cell, word=_moved(cell.word, float(x))) for cell, x in zip(cells, places, strict=True)]


def _moved(word: Word, x: float) -> Word:
    """Return a word with its middle at x."""
    half = word.box.width / 2
    return replace(word, box=replace(word.box, x0=x - half, x1=x + half))


def _behind_name(word: Word) -> tuple[int, list[CountCell]]:
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


def _packed(word: Word) -> int:
    """Return how many counts a word seems to hold behind a name, well read or not; 0 for less than three."""
    behind = len(_behind_name(word)[1])
    if behind > 2:
        return behind
    groups = re.findall(r"\d+", word.text)
    letters = len(_LETTER.findall(word.text))
    rows_of = len(groups) > TABLE.packed_numbers and letters < sum(map(len, groups))
    return len(groups) if rows_of else 0


def _before_name(word: Word) -> tuple[int, list[CountCell]]:
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


def _spacing(ticks: FloatArray) -> float:
    """Return the usual distance between ticks."""
    return float(np.median(np.abs(np.diff(np.sort(ticks))))) if len(ticks) > 1 else 40.0


def _blocks(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Return rows that follow each other closely."""
    blocks: list[list[_Line]] = []
    for line in sorted(lines, key=lambda one: one.y):
        if blocks and line.y - blocks[-1][-1].y < TABLE.rows_apart * max(line.size, blocks[-1][-1].size):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _heading(block: Sequence[_Line], free: Sequence[Word]) -> Word | None:
    """Return the word that says what a block counts, at its first row or above it."""
    top, size = block[0].y, block[0].size
    found = [
        w
        for w in free
        if _AT_RISK.search(w.text) and -TABLE.level * size < top - w.cy < TABLE.heading_reach * max(size, w.size)
    ]
    inside = [w for w in free if _AT_RISK.search(w.text) and top < w.cy < block[-1].y + size]
    return max(found, key=lambda w: w.cy) if found else (inside[0] if inside else None)


def _regular(block: list[_Line], ticks: FloatArray, *, headed: bool) -> bool:
    """Return whether a block can be a table of counts: under a heading, or in two columns near the ticks."""
    if headed:
        return True
    places = np.array([c.word.cx for line in block for c in line.alone])
    if not len(places):
        return any(line.count > 2 for line in block)
    slips = np.abs(places[:, None] - ticks[None]).min(axis=1)
    most = max(line.count for line in block)
    return most >= 2 and (float(np.median(slips)) < TABLE.off_tick * _spacing(ticks) or len(block) > 1)


def _put_together(
    block: list[_Line],
    heading: Word | None,
    free: Sequence[Word],
    ticks: FloatArray,
    values: FloatArray,
    axis: Axis,
) -> CountTable | None:
    """Return the table of a block of lines."""
    if heading is not None and any(abs(heading.cy - line.y) < TABLE.level * line.size for line in block if line.alone):
        heading = None  # it is the name of a row, under that of an arm
        top = block[0].y - TABLE.name_reach * block[0].size
    else:
        top = block[0].y if heading is None else min(heading.cy, block[0].y)
    near = [w for w in free if top - TABLE.beside * w.size <= w.cy < block[-1].y + TABLE.name_reach * w.size]
    heads = [w for w in near if heading is not None and _abreast(w, heading)]
    header = _header(block, near, values)
    if header is not None:
        ticks, values = tick_grid(np.array([x for x, _ in header.columns]), np.array([v for _, v in header.columns]))
        heads += header.words
    rows = [
        line
        for line in block
        if not (header is not None and abs(line.y - header.y) <= TABLE.level * line.size)
        and not (heading is not None and line.y < heading.cy - TABLE.level * line.size)
    ]
    rows = _long_enough(rows)
    if not rows:
        return None
    for line in rows:
        _without_name(line, ticks)
    times, places = _columns(rows, ticks, values, axis, own=header is not None)
    packed = any(_packed(w) for line in rows for w in line.text)
    for line in rows:
        _fill(line, places)
    totals = _totals(rows, near, places)
    made, claimed = _named(rows, near, heads, places, totals)
    filled = [k for k in range(len(places)) if any(row.cells[k] is not None for row in made)]
    if packed:  # cells before may be among what could not be told apart
        filled = list(range(filled[-1] + 1 if filled else len(places)))
    if not filled:
        return None
    made = [replace(row, cells=tuple(row.cells[k] for k in filled)) for row in made]
    title = " ".join(w.text for w in sorted(heads, key=lambda w: w.box.x0))
    return CountTable(
        times=tuple(times[k] for k in filled),
        places=tuple(places[k] for k in filled),
        rows=tuple(made),
        heading=title,
        kind=_table_kind(title, made),
        words=tuple(claimed),
    )


def _abreast(word: Word, other: Word) -> bool:
    """Return whether two words stand at one height."""
    return abs(word.cy - other.cy) < TABLE.level * max(word.size, other.size)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Header:
    """The line of a table that holds its columns' times: places and values, and its words."""

    y: float
    columns: tuple[tuple[float, float], ...]
    words: list[Word]


def _header(block: list[_Line], near: Sequence[Word], values: FloatArray) -> _Header | None:
    """Return the line of the table's own times: numbers that rise as the axis's labels do."""
    for line in (block[0], block[-1]):
        found = [(c.word.cx, c.value) for c in line.alone if c.second is None]
        if len(found) > 2 and _times_of_axis([v for _, v in found], values):
            words = [w for w in near if abs(w.cy - line.y) < TABLE.level * max(w.size, line.size)]
            return _Header(y=line.y, columns=tuple(found), words=words)
    for group in _by_height(near):
        timed = sorted((near[k].cx, float(hit[1]), k) for k in group if (hit := _TIME_CELL.match(near[k].text.strip())))
        if len(timed) > 1 and all(a[1] < b[1] for a, b in pairwise(timed)):
            words = [near[k] for k in group]
            return _Header(y=words[0].cy, columns=tuple((x, v) for x, v, _ in timed), words=words)
    return None


def _times_of_axis(found: Sequence[float], values: FloatArray) -> bool:
    """Return whether numbers rise, and are values of the axis but for one in five."""
    if any(b <= a for a, b in pairwise(found)):
        return False
    near = [float(np.abs(values - v).min()) < TABLE.near_nice * float(np.diff(values).min()) for v in found]
    return sum(near) >= (1 - TABLE.odd_times) * len(found)


def _long_enough(rows: list[_Line]) -> list[_Line]:
    """Leave out rows of a few stray numbers beside long ones."""
    most = max((line.count for line in rows), default=0)
    return [
        line
        for line in rows
        if line.count >= max(2, TABLE.short_row * most)
        or (line.count and any(_LETTER.search(w.text) for w in line.text))
    ]


def _without_name(line: _Line, ticks: FloatArray) -> None:
    """Count a number before the one at the first tick as text: an arm that is called by a number."""
    first, spacing = float(ticks.min()), _spacing(ticks)
    if len(line.alone) < 3 or line.alone[0].word.cx > first - TABLE.name_before * spacing:
        return
    if abs(line.alone[1].word.cx - first) < TABLE.one_column * spacing:
        line.text.append(line.alone.pop(0).word)


def _columns(
    rows: Sequence[_Line], ticks: FloatArray, values: FloatArray, axis: Axis, *, own: bool
) -> tuple[list[float], list[float]]:
    """Return the columns' times and places: at the ticks, all moved alike, or else where the cells stand."""
    cells = [c for line in rows for c in [*line.alone, *(c for run in line.runs for c in run)]]
    cells += [c for line in rows for w in line.text if len(found := _behind_name(w)[1]) > 2 for c in _evenly(found)]
    alone = np.array([c.word.cx for line in rows for c in line.alone])
    centres = alone if len(alone) > 1 else np.array([c.word.cx for c in cells])
    spacing = _spacing(ticks)
    order = np.argsort(ticks)
    ticks, values = ticks[order], values[order]
    if not len(centres):  # cells that could not be told apart, at the ticks for all that is known
        return values.tolist(), ticks.tolist()
    nearest = np.abs(centres[:, None] - ticks[None]).argmin(axis=1)
    shift = float(np.median(centres - ticks[nearest]))
    nearest = np.abs(centres[:, None] - shift - ticks[None]).argmin(axis=1)
    away = np.abs(centres - shift - ticks[nearest])
    if own or float(np.quantile(away, TABLE.most_cells)) <= TABLE.off_tick * spacing:
        return values.tolist(), (ticks + (0.0 if own else shift)).tolist()
    groups = clusters(centres.tolist(), TABLE.one_column * spacing)
    places = [float(np.median(centres[group])) for group in groups]
    step = spacing / abs(axis.scale)
    return [_nice(float(axis.value(p)), step) for p in places], places


def _nice(value: float, step: float) -> float:
    """Round to the steps of the axis where that is what was meant, else to a tenth of a step."""
    grid = 10 ** np.floor(np.log10(step)) if step > 0 else 1.0
    for unit in (step, step / 2, grid, grid / 2, grid / 10):
        near = round(value / unit) * unit
        if abs(near - value) < min(TABLE.near_nice * step, TABLE.off_tick * unit):
            return float(round(near, 9))
    return float(round(value, 6))


def _fill(line: _Line, places: Sequence[float]) -> None:
    """Put the cells of a line into columns; what is left over of its words is text."""
    where = np.array(places)
    spacing = _spacing(where)
    line.cells = [None] * len(places)
    for cell in line.alone:
        covered = [k for k, x in enumerate(places) if cell.word.box.x0 <= x <= cell.word.box.x1]
        if len(covered) > 1 and cell.second is None:
            line.runs.append(_cut(cell, len(covered)))
            continue
        k = int(np.abs(where - cell.word.cx).argmin())
        other = line.cells[k]
        if other is None:
            line.cells[k] = cell
        elif abs(other.word.cx - where[k]) > abs(cell.word.cx - where[k]):  # an arm that is called by a number
            line.text.append(other.word)
            line.cells[k] = cell
        else:
            line.text.append(cell.word)
    for run in line.runs:
        _spread(line.cells, run, where, TABLE.off_tick * spacing)
    text: list[Word] = []
    for word in line.text:
        text += _parted(line.cells, word, where, spacing)
    line.text = text


def _spread(cells: list[CountCell | None], run: list[CountCell], where: FloatArray, reach: float) -> None:
    """Put the cells of one word into the free columns that it covers, in order."""
    x0, x1 = run[0].word.box.x0 - reach, run[-1].word.box.x1 + reach
    free = [k for k in range(len(where)) if cells[k] is None and x0 <= where[k] <= x1]
    if len(run) < len(free):
        run = _unglued(run, len(free) - len(run))
    if len(run) == len(free):
        pairs = list(zip(free, run, strict=True))
    else:
        pairs = [(int(np.abs(where - c.word.cx).argmin()), c) for c in run]
    for k, cell in pairs:
        if cells[k] is None:
            cells[k] = replace(cell, word=_moved(cell.word, float(where[k])))


def _unglued(run: list[CountCell], missing: int) -> list[CountCell]:
    """Part numbers much longer than the others into several, as many as are missing."""
    usual = float(np.median([len(c.word.text) for c in run]))
    made: list[CountCell] = []
    for cell in run:
        digits = cell.word.text
        parts = _cut(cell, min(missing + 1, max(1, round(len(digits) / max(usual, 1.0)))))
        missing -= len(parts) - 1
        made += parts
    return made


def _cut(cell: CountCell, parts: int) -> list[CountCell]:
    """Part digits that run together into so many numbers of about one length."""
    digits = cell.word.text
    if parts < 2 or not digits.isdigit() or len(digits) < parts:
        return [cell]
    bounds = [round(len(digits) * k / parts) for k in range(parts + 1)]
    pieces = [cell.word.part(start, stop) for start, stop in pairwise(bounds)]
    weak = [replace(p, confidence=TABLE.split_confidence * p.confidence) for p in pieces]
    return [replace(cell, value=float(p.text), second=None, word=p) for p in weak]


def _parted(cells: list[CountCell | None], word: Word, where: FloatArray, spacing: float) -> list[Word]:
    """Part a name from the counts that were read as one word with it; return what is left of the word."""
    reach = TABLE.off_tick * spacing + TABLE.parted_reach * word.size
    start, behind = _behind_name(word)
    if behind:
        last = int(np.abs(where - behind[-1].word.cx).argmin())
        free = [k for k in range(last + 1) if cells[k] is None and where[k] > word.box.x0]
        if free and abs(where[last] - behind[-1].word.cx) < reach and cells[last] is None:
            kept = behind[-len(free) :]
            start = word.text.rfind(kept[0].word.text, 0, len(word.text)) if len(kept) == 1 else start
            if len(kept) < len(behind):
                start = _start_of(word, kept)
            _spread_behind(cells, kept, free, where)
            left = word.part(0, start)
            if len(re.findall(r"\d+", left.text)) > TABLE.packed_numbers or re.search(r"[(\d]\s*\(\s*\d", left.text):
                return _name_part(left)
            return [replace(left, text=left.text.strip())] if left.text.strip() else []
    stop, before = _before_name(word)
    if before and word.box.x0 > where[0] - reach:
        first = int(np.abs(where - before[0].word.cx).argmin())
        if abs(where[first] - before[0].word.cx) < reach and cells[first] is None:
            _spread_behind(cells, before, [k for k in range(first, len(where)) if cells[k] is None], where)
            return [replace(word.part(stop, len(word.text)), text=word.text[stop:].strip())]
    return _name_part(word) if _packed(word) else [word]


def _name_part(word: Word) -> list[Word]:
    """Return the letters that a word begins with, where counts that cannot be told apart follow."""
    hit = re.match(r"^[^\d(]*[^\W\d_]", word.text)
    return [word.part(0, hit.end())] if hit else []


def _start_of(word: Word, kept: Sequence[CountCell]) -> int:
    """Return where the last cells of a word begin in its text."""
    hits = list(_CELL.finditer(word.text))
    return hits[-len(kept)].start()


def _spread_behind(
    cells: list[CountCell | None], found: list[CountCell], free: Sequence[int], where: FloatArray
) -> None:
    """Put the counts of a parted word into the columns that are free, in order."""
    found = [replace(c, word=replace(c.word, confidence=TABLE.parted_confidence * c.word.confidence)) for c in found]
    if len(found) < len(free):
        found = _unglued(found, len(free) - len(found))
    chosen = list(free)[-len(found) :] if len(found) < len(free) and len(found) > 1 else list(free)
    if len(found) == 1:
        chosen = [min(free, key=lambda k: abs(where[k] - found[0].word.cx))]
    for k, cell in zip(chosen, found, strict=False):
        cells[k] = replace(cell, word=_moved(cell.word, float(where[k])))


def _totals(rows: Sequence[_Line], near: Sequence[Word], places: Sequence[float]) -> dict[int, tuple[str, int]]:
    """Return for words at the left of the first column what total each is, by its identity: "n" or "events"."""
    left = places[0] - TABLE.one_column * _spacing(np.array(places))
    found = [
        (w, line)
        for line in rows
        for w in line.text
        if w.box.x1 < left and re.fullmatch(r"\d[\d,]{0,9}", w.text.strip()) and _stands_alone(w, line.text)
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
        w
        for w in near
        if 0 < top.cy - w.cy < TABLE.heading_reach * top.size and w.box.x0 < top.box.x1 and w.box.x1 > top.box.x0
    ]
    return max(over, key=lambda w: w.cy).text.strip() if over else ""


def _named(
    rows: Sequence[_Line],
    near: Sequence[Word],
    heads: Sequence[Word],
    places: Sequence[float],
    totals: dict[int, tuple[str, int]],
) -> tuple[list[CountRow], list[Word]]:
    """Return the rows with their names, headings and kinds, and the words that belong to the table."""
    spacing = _spacing(np.array(places))
    skip = {id(w) for w in heads} | set(totals)
    on_rows = [w for line in rows for w in line.text if id(w) not in skip]
    own = {id(w) for line in rows for w in line.text}
    beside = [w for w in near if w.box.x1 < places[0] + TABLE.one_column * spacing or w.box.x0 > places[-1]]
    whole = {id(w) for w in near if any(abs(w.cy - line.y) < TABLE.beside * max(w.size, line.size) for line in rows)}
    off_rows = [
        w
        for w in beside
        if id(w) not in skip | own | whole and _LETTER.search(w.text) and not _TIME_TITLE.search(w.text)
    ]
    lines = text_lines(_once([w for w in [*on_rows, *off_rows] if w.text.strip()]))
    labels: list[list[TextLine]] = [[] for _ in rows]
    apart: list[TextLine] = []
    for line in lines:
        nearest = min(range(len(rows)), key=lambda k: abs(rows[k].y - line.cy))
        if abs(rows[nearest].y - line.cy) < TABLE.beside * max(line.size, rows[nearest].size):
            labels[nearest].append(line)
        else:
            apart.append(line)
    labels = [_next_to(label, places) for label in labels]
    grouped = _says_kinds([" ".join(x.text for x in label) for label in labels])
    headings: list[TextLine] = []
    for line in apart:
        if grouped or _kind_of(line.text) is not None or _AT_RISK.search(line.text):
            headings.append(line)
        elif (k := _wrapped_to(line, rows)) is not None:
            labels[k].append(line)
    made = [_row(one, labels[j], headings, totals, grouped=grouped) for j, one in enumerate(rows)]
    used = {id(x) for label in labels for line in label for x in line.words} | {
        id(x) for h in headings for x in h.words
    }
    claimed = [w for w in near if id(w) in skip | used | whole]
    return made, claimed


def _once(words: Sequence[Word]) -> list[Word]:
    """Return words, each once, though two rows may be close to one."""
    return list({id(w): w for w in words}.values())


def _next_to(label: list[TextLine], places: Sequence[float]) -> list[TextLine]:
    """Return the lines that stand next to a row's cells on one side, without letters and notes further off."""
    left = sorted((x for x in label if x.cx < places[0]), key=lambda x: -x.box.x1)
    kept = [
        x
        for x in left
        if left[0].box.x0 - x.box.x1 < TABLE.name_words * min(x.size, left[0].size) or x.box.x0 > left[0].box.x0
    ]
    right = [x for x in label if x.cx > places[-1]]
    return sorted(kept, key=lambda x: x.box.x0) or right or label[:1]


def _says_kinds(labels: Sequence[str]) -> bool:
    """Return whether the rows' names say what is counted, so that the arms' names stand over them."""
    risky = sum(bool(_AT_RISK.search(x)) for x in labels)
    return risky > 1 or (risky > 0 and any(_kind_of(x) is not None for x in labels))


def _kind_of(text: str) -> CountKind | None:
    """Return what a text says that a row counts other than patients at risk."""
    if _AT_RISK.search(text):
        return None
    if _CENSORED.search(text):
        return CountKind.CENSORED
    return CountKind.EVENTS if _EVENTS.search(text) else None


def _wrapped_to(line: TextLine, rows: Sequence[_Line]) -> int | None:
    """Return the row that a line of a name belongs to which stands above or below it; the one above where in doubt."""
    reach = [(line.cy - row.y) / max(line.size, row.size) for row in rows]
    costs = [gap if gap > 0 else -gap * TABLE.from_below for gap in reach]
    k = min(range(len(rows)), key=lambda j: costs[j])
    return k if abs(reach[k]) < TABLE.name_reach else None


def _row(
    line: _Line,
    label: list[TextLine],
    headings: Sequence[TextLine],
    totals: dict[int, tuple[str, int]],
    *,
    grouped: bool,
) -> CountRow:
    """Return one row with what its name and the headings above it say."""
    name = " ".join(x.text for x in label)
    above = [h for h in headings if h.cy < line.y]
    kinds = [h for h in above if _kind_of(h.text) is not None or _AT_RISK.search(h.text)]
    kind = _kind_of(name) if grouped or not label else None
    if kind is None and not grouped and kinds:
        kind = _kind_of(max(kinds, key=lambda h: h.cy).text)
    arms = [h for h in above if h not in kinds]
    heading = max(arms, key=lambda h: h.cy) if grouped and arms else None
    mine: dict[str, int] = dict(totals[id(w)] for w in line.text if id(w) in totals)
    if _AT_RISK.search(name):
        label = []
    return CountRow(
        label=tuple(sorted(label, key=lambda x: x.cy)),
        heading=heading,
        cells=tuple(line.cells),
        y=line.y,
        size=line.size,
        kind=kind or CountKind.AT_RISK,
        patients=mine.get("n"),
        events=mine.get("events"),
    )


def _table_kind(title: str, rows: Sequence[CountRow]) -> CountKind:
    """Return what a table counts: patients, percentages of them, or weights."""
    cells = [c for row in rows for c in row.printed]
    share = sum(c.percent for c in cells) / max(1, len(cells))
    no_brackets = all(c.second is None for c in cells)
    if share > TABLE.percent_share or (_PERCENT.search(title) and no_brackets):
        return CountKind.PERCENT
    broken = sum(c.value != round(c.value) or "." in c.word.text.split("(")[0] for c in cells) / max(1, len(cells))
    if broken > TABLE.weighted_share or _WEIGHTED.search(title):
        return CountKind.WEIGHTED
    return CountKind.AT_RISK

"""Where the numbers at risk stand: rows of counts and their columns' times."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.words.counts import (
    CountCell,
    CountTable,
    before_name,
    behind_name,
    counts_in,
    cut_apart,
    enters_late,
    evenly,
    moved_to,
    name_part,
    packed_in,
    start_of_cells,
    unglued,
    with_brackets,
)
from survrecon.digitizing.words.layout import clusters
from survrecon.digitizing.words.row_evidence import (
    RowLine,
    by_height,
    in_units_of,
    is_named_by_number,
    numbered_rows,
    rises,
    spacing_of,
    table_header,
    totals_beside,
    with_thousand,
    without_last_totals,
    without_name,
    without_shares,
    without_sum,
    without_times,
    without_totals,
)
from survrecon.digitizing.words.row_names import AT_RISK, named_rows, table_kind
from survrecon.digitizing.words.settings import TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.geometry import Axis
    from survrecon.digitizing.words.words import Word

__all__ = ["find_counts"]

_LETTER = re.compile(r"[^\W\d_]")
_NAME_LETTER = re.compile(r"(?![HhIlTtFEf])[A-Za-z]")
"""A letter of a name; others are what strokes are taken for, as a dash is for a letter of another alphabet."""


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
    free = with_brackets([w for w in words if id(w) not in used and not w.vertical])
    of_time = [w for w in taken if w.cy > bottom and not w.vertical]  # labels of the survival axis name no column
    ticks, values = tick_grid(*_labelled(axis, of_time), free, bottom)
    at_ticks = [w.cy for w in of_time]
    lines = [
        line
        for line in _lines_of_counts(free, ticks)
        if not (at_ticks and abs(line.y - float(np.median(at_ticks))) < TABLE.level * line.size)
    ]
    blocks = _blocks(lines)
    best: tuple[float, list[RowLine], Word | None] | None = None
    for block in blocks:
        heading = _heading(block, free)
        below = block[0].y > bottom
        if heading is None and not (below and _regular(block, ticks, bottom)):
            continue
        score = float(sum(line.count for line in block))
        score += TABLE.headed_worth * (heading is not None) + TABLE.below_worth * below
        if best is None or score > best[0]:
            best = score, block, heading
    return None if best is None else _put_together(best[1], best[2], free, ticks, values, axis)


def _labelled(axis: Axis, taken: Sequence[Word]) -> tuple[FloatArray, FloatArray]:
    """Return places and values of an axis's ticks, and of labels whose ticks were not found, in rising order."""
    values = list(np.unique(axis.values))
    spacing = abs(float(np.median(np.diff(axis.position(np.array(values)))))) if len(values) > 1 else TABLE.lone_spacing
    for word in taken:
        number = word.number
        if number is None or word.vertical or any(abs(number - v) < TABLE.same_value for v in values):
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
        under = (w for w in words if w.cy > bottom and re.search(r"\d", w.text) and counts_in(w))
        if k and not any(w.box.x0 - more[1] / 2 < places[-1] < w.box.x1 + more[1] / 2 for w in under):
            break
    return places, values


def _lines_of_counts(free: Sequence[Word], ticks: FloatArray) -> list[RowLine]:
    """Return what stands at each height where there are numbers in the reach of the axis."""
    spacing = spacing_of(ticks)
    low, high = float(ticks.min()) - TABLE.before * spacing, float(ticks.max()) + TABLE.beyond * spacing
    inside = [(w, cells) for w in free if (cells := counts_in(w)) and (len(cells) > 1 or low <= w.cx <= high)]
    inside += [(w, []) for w in free if packed_in(w)]
    lines: list[RowLine] = []
    for group in by_height([w for w, _ in inside]):
        y = float(np.median([inside[k][0].cy for k in group]))
        size = float(np.median([inside[k][0].size for k in group]))
        own = {id(inside[k][0]) for k in group if inside[k][1]}
        alone = sorted((inside[k][1][0] for k in group if len(inside[k][1]) == 1), key=lambda c: c.word.cx)
        runs = [inside[k][1] for k in group if len(inside[k][1]) > 1]
        text = [w for w in free if id(w) not in own and abs(w.cy - y) < TABLE.beside * max(w.size, size)]
        lines.append(RowLine(y=y, size=size, alone=alone, runs=runs, text=text, cells=[]))
    kept = [line for line in lines if not _is_ticks(line)]
    return [line for line in kept if line.count >= 2 or (line.count == 1 and _headed(line, free))]


def _is_ticks(line: RowLine) -> bool:
    """Return whether numbers of one row are the tick marks of an axis: ones alone, beside no name."""
    ones = all(cell.value == 1 and cell.second is None for cell in line.alone)
    return ones and len(line.alone) > 2 and not line.runs and not any(_NAME_LETTER.search(w.text) for w in line.text)


def _headed(line: RowLine, free: Sequence[Word]) -> bool:
    """Return whether a single number stands in a row under a heading."""
    return any(
        AT_RISK.search(w.text) and -TABLE.beside * w.size < line.y - w.cy < TABLE.heading_reach * w.size for w in free
    )


def _blocks(lines: Sequence[RowLine]) -> list[list[RowLine]]:
    """Return rows that follow each other closely."""
    blocks: list[list[RowLine]] = []
    for line in sorted(lines, key=lambda one: one.y):
        if blocks and line.y - blocks[-1][-1].y < TABLE.rows_apart * max(line.size, blocks[-1][-1].size):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _heading(block: Sequence[RowLine], free: Sequence[Word]) -> Word | None:
    """Return the word that says what a block counts, at its first row or above it."""
    top, size = block[0].y, block[0].size
    found = [
        w
        for w in free
        if AT_RISK.search(w.text) and -TABLE.level * size < top - w.cy < TABLE.heading_reach * max(size, w.size)
    ]
    inside = [w for w in free if AT_RISK.search(w.text) and top < w.cy < block[-1].y + size]
    return max(found, key=lambda w: w.cy) if found else (inside[0] if inside else None)


def _regular(block: list[RowLine], ticks: FloatArray, bottom: float) -> bool:
    """Return whether a block without a heading can be numbers at risk: close under the axis, at its ticks, falling."""
    if block[0].y - bottom > TABLE.below_reach * block[0].size:
        return False
    places = np.array([c.word.cx for line in block for c in line.alone])
    if not len(places):
        return any(line.count > 2 for line in block)
    away = places - ticks[np.abs(places[:, None] - ticks[None]).argmin(axis=1)]
    slips = np.abs(away - float(np.median(away)))
    rows = [[c.value for c in line.alone[is_named_by_number(line, ticks) :]] for line in block]
    falling = [values for values in rows if _falls(values) or rises(values) or enters_late(values)]
    at_ticks = float(np.median(slips)) < TABLE.unheaded_slip * spacing_of(ticks)
    return max(line.count for line in block) >= 2 and at_ticks and len(falling) >= len(block) / 2


def _falls(values: Sequence[float]) -> bool:
    return all(b <= a for a, b in pairwise(values))


def _put_together(
    block: list[RowLine],
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
    foot = block[-1].y
    near = [
        w
        for w in free
        if top - TABLE.beside * w.size <= w.cy < foot + TABLE.name_reach * w.size
        or (foot < w.cy < foot + TABLE.long_name_reach * w.size and _beside_cells(w, block))
    ]
    heads = [w for w in near if heading is not None and (_abreast(w, heading) or _goes_on_in_brackets(heading, w))]
    header = table_header(block, near, values)
    if header is not None:
        header = in_units_of(axis, header)
        ticks, values = tick_grid(np.array([x for x, _ in header.columns]), np.array([v for _, v in header.columns]))
        heads += header.words
    rows = _long_enough(
        [
            line
            for line in block
            if not (header is not None and abs(line.y - header.y) <= TABLE.level * line.size)
            and not (heading is not None and line.y < heading.cy - TABLE.level * line.size)
        ]
    )
    return _with_columns(rows, near, heads, ticks, values, axis, own=header is not None) if rows else None


def _goes_on_in_brackets(heading: Word, word: Word) -> bool:
    """Return whether a word goes on with a heading in the next line: "Number at risk" over "(number censored)"."""
    below = 0 < word.cy - heading.cy < TABLE.name_reach * heading.size
    over = min(word.box.x1, heading.box.x1) > max(word.box.x0, heading.box.x0)
    return below and over and re.match(r"^[(\[]\s*[^\W\d_]", word.text) is not None


def _beside_cells(word: Word, block: Sequence[RowLine]) -> bool:
    """Return whether a word stands left or right of all cells, where the names of rows go on over several lines."""
    boxes = [c.word.box for line in block for c in [*line.alone, *(c for run in line.runs for c in run)]]
    return bool(boxes) and (word.box.x1 < min(b.x0 for b in boxes) or word.box.x0 > max(b.x1 for b in boxes))


def _with_columns(
    rows: list[RowLine],
    near: Sequence[Word],
    heads: Sequence[Word],
    ticks: FloatArray,
    values: FloatArray,
    axis: Axis,
    *,
    own: bool,
) -> CountTable | None:
    """Return the table of rows with their columns and names; ``own`` is whether the ticks are the table's own."""
    for line in rows:
        without_name(line, ticks)
    without_totals(rows, ticks)
    without_last_totals(rows, near)
    times, places = _columns(rows, ticks, values, axis, own=own)
    packed = [sum(packed_in(w) for w in line.text) for line in rows]
    for line in rows:
        _fill(line, places)
    lost = any(sum(c is not None for c in line.cells) < count for line, count in zip(rows, packed, strict=True))
    totals = totals_beside(rows, near, places)
    made, claimed = named_rows(rows, near, heads, places, totals)
    filled = [k for k in range(len(places)) if any(row.cells[k] is not None for row in made)]
    if lost:  # cells before may be among what could not be told apart
        filled = list(range(filled[-1] + 1 if filled else len(places)))
    if not filled:
        return None
    made = [replace(row, cells=tuple(row.cells[k] for k in filled)) for row in made]
    made = without_times(without_sum(numbered_rows(without_shares(made))), [times[k] for k in filled])
    after = filled[-1] + (round(float(np.median(np.diff(filled)))) if len(filled) > 1 else 1)
    title = " ".join(w.text for w in sorted(heads, key=lambda w: w.box.x0))
    return CountTable(
        times=tuple(times[k] for k in filled),
        places=tuple(places[k] for k in filled),
        rows=tuple(made),
        heading=title,
        kind=table_kind(title, made),
        words=tuple(claimed),
        following=(times[after], places[after]) if after < len(places) else None,
    )


def _long_enough(rows: list[RowLine]) -> list[RowLine]:
    """Leave out rows of a few stray numbers beside long ones."""
    most = max((line.count for line in rows), default=0)
    return [
        line
        for line in rows
        if line.count >= max(2, TABLE.short_row * most)
        or (line.count and any(_LETTER.search(w.text) for w in line.text))
    ]


def _columns(
    rows: Sequence[RowLine], ticks: FloatArray, values: FloatArray, axis: Axis, *, own: bool
) -> tuple[list[float], list[float]]:
    """Return the columns' times and places: at the ticks, all moved alike, or else where the cells stand."""
    cells = [c for line in rows for c in [*line.alone, *(c for run in line.runs for c in run)]]
    cells += [c for line in rows for w in line.text if len(found := behind_name(w)[1]) > 2 for c in evenly(found)]
    alone = np.array([c.word.cx for line in rows for c in line.alone])
    centres = alone if len(alone) > 1 else np.array([c.word.cx for c in cells])
    spacing = spacing_of(ticks)
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
    grid = TABLE.ten ** np.floor(np.log10(step)) if step > 0 else 1.0
    for unit in (step, step / 2, grid, grid / 2, grid / TABLE.ten):
        near = round(value / unit) * unit
        if abs(near - value) < min(TABLE.near_nice * step, TABLE.off_tick * unit):
            return float(round(near, TABLE.decimals))
    return float(round(value, TABLE.decimals))


def _fill(line: RowLine, places: Sequence[float]) -> None:
    """Put the cells of a line into columns; what is left over of its words is text."""
    where = np.array(places)
    spacing = spacing_of(where)
    line.cells = [None] * len(places)
    for cell in line.alone:
        covered = [k for k, x in enumerate(places) if cell.word.box.x0 <= x <= cell.word.box.x1]
        if len(covered) > 1 and cell.second is None:
            line.runs.append(cut_apart(cell, len(covered)))
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
        run = unglued(run, len(free) - len(run))
    if len(run) == len(free):
        pairs = list(zip(free, run, strict=True))
    else:
        pairs = [(int(np.abs(where - c.word.cx).argmin()), c) for c in run]
    for k, cell in pairs:
        if cells[k] is None:
            cells[k] = replace(cell, word=moved_to(cell.word, float(where[k])))


def _parted(cells: list[CountCell | None], word: Word, where: FloatArray, spacing: float) -> list[Word]:
    """Part a name from the counts that were read as one word with it; return what is left of the word."""
    reach = TABLE.off_tick * spacing + TABLE.parted_reach * word.size
    word = with_thousand(word, next((c.value for c in cells if c is not None), 0.0))
    start, behind = behind_name(word)
    if behind:
        last = int(np.abs(where - behind[-1].word.cx).argmin())
        following = next((c.value for c in cells[last + 1 :] if c is not None), 0.0)
        if len(behind) == 1 and behind[0].second is None and behind[0].value < following:
            return [word]  # "ECOG 0" of a table without a first column
        free = [k for k in range(last + 1) if cells[k] is None and where[k] > word.box.x0]
        if free and abs(where[last] - behind[-1].word.cx) < reach and cells[last] is None:
            kept = behind[-len(free) :]
            start = word.text.rfind(kept[0].word.text, 0, len(word.text)) if len(kept) == 1 else start
            if len(kept) < len(behind):
                start = start_of_cells(word, kept)
            _spread_behind(cells, kept, free, where)
            left = word.part(0, start)
            if len(re.findall(r"\d+", left.text)) > TABLE.packed_numbers or re.search(r"[(\d]\s*\(\s*\d", left.text):
                return name_part(left)
            return [replace(left, text=left.text.strip())] if left.text.strip() else []
    stop, before = before_name(word)
    if before and word.box.x0 > where[0] - reach:
        first = int(np.abs(where - before[0].word.cx).argmin())
        if abs(where[first] - before[0].word.cx) < reach and cells[first] is None:
            _spread_behind(cells, before, [k for k in range(first, len(where)) if cells[k] is None], where)
            return [replace(word.part(stop, len(word.text)), text=word.text[stop:].strip())]
    return name_part(word) if packed_in(word) else [word]


def _spread_behind(
    cells: list[CountCell | None], found: list[CountCell], free: Sequence[int], where: FloatArray
) -> None:
    """Put the counts of a parted word into the columns that are free, in order."""
    found = [replace(c, word=replace(c.word, confidence=TABLE.parted_confidence * c.word.confidence)) for c in found]
    if len(found) < len(free):
        parted = unglued(found, len(free) - len(found))
        # digits that ran together come apart into numbers that fall; a name may cover the first column
        falls = _falls([c.value for c in parted]) or not _falls([c.value for c in found])
        found = parted if falls else found
    chosen = list(free)[-len(found) :] if len(found) < len(free) and len(found) > 1 else list(free)
    if len(found) == 1:
        chosen = [min(free, key=lambda k: abs(where[k] - found[0].word.cx))]
    for k, cell in zip(chosen, found, strict=False):
        cells[k] = replace(cell, word=moved_to(cell.word, float(where[k])))


def _abreast(word: Word, other: Word) -> bool:
    """Return whether two words stand at one height."""
    return abs(word.cy - other.cy) < TABLE.level * max(word.size, other.size)

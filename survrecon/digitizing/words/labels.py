"""Tick labels: rows and columns of numbers that form a progression, paired into panels."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.geometry import on_one_line
from survrecon.digitizing.panels.settings import LABELS
from survrecon.digitizing.words.words import number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.arrays import BoolArray, FloatArray
    from survrecon.digitizing.words.words import Word

__all__ = ["LabelRun", "PanelLabels", "find_panels", "label_columns", "label_rows", "tick_number"]

_LOST_POINT = re.compile(r"^0\d{1,2}$")
_TICK = re.compile(r"^(?:[A-Ha-h][).:]?\s+)?(\d[\d.,·]*)\s*%?\s*[+¬|_'°\-–—.,]*$")


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelRun:
    """Tick labels of one axis.

    Parameters
    ----------
    words : tuple of Word
        The labels in order of position.
    values : tuple of float
        Their numbers.
    outliers : tuple of Word
        Numbers in the same line that break the progression: misread labels.
    scale, offset : float
        ``position = offset + scale * value``, from the labels' centres.
    repaired : tuple of (Word, float)
        Labels that were read otherwise, and the values that the progression demands in their places.
    """

    words: tuple[Word, ...]
    values: tuple[float, ...]
    outliers: tuple[Word, ...]
    scale: float
    offset: float
    repaired: tuple[tuple[Word, float], ...] = ()

    def position(self, value: float) -> float:
        """Return the place of a value, as the labels' centres suggest."""
        return self.offset + self.scale * value

    @property
    def spacing(self) -> float:
        """Distance between neighbouring labels."""
        gaps = np.diff(sorted(self.position(v) for v in self.values))
        return float(np.median(gaps)) if len(gaps) else abs(self.scale)


@dataclass(frozen=True, kw_only=True, slots=True)
class PanelLabels:
    """The two axes' labels of one panel."""

    time: LabelRun
    survival: LabelRun


def tick_number(word: Word, *, survival: bool = False) -> float | None:
    """Return the number that a tick label is, without its tick mark or the panel's letter beside it.

    On a survival axis 08 is 0.8, whose point was not recognised.

    Examples
    --------
    >>> from survrecon.digitizing.geometry import Box
    >>> from survrecon.digitizing.words.words import Word
    >>> [tick_number(Word(text=t, box=Box(x0=0, y0=0, x1=9, y1=9))) for t in ("0.75", "1.0+", "100¬", "A 1.0", "n=3")]
    [0.75, 1.0, 100.0, 1.0, None]
    """
    plain = word.number
    if survival and _LOST_POINT.match(word.text.strip()):
        return float(f"0.{word.text.strip()[1:]}")
    if plain is not None:
        return plain
    hit = _TICK.match(word.text.strip())
    return None if hit is None else number_of(hit[1].rstrip(".,"))


def _agreeing(p: FloatArray, v: FloatArray, sign: int) -> BoolArray | None:
    """Return which numbers are linear in position, as many as can be, values rising with ``sign``."""
    between = float(np.median(np.diff(p)))
    keep = on_one_line(v, p, lambda apart: max(LABELS.least_stray, LABELS.stray * min(apart, between)), sign=sign)
    return None if keep is None or len(np.unique(v[keep])) < 2 else keep


def _progression(words: Sequence[Word], place: Callable[[Word], float], sign: int) -> LabelRun | None:
    """Return the largest subset of numbers that is linear in position, values rising with ``sign``."""
    items = [(place(w), tick_number(w, survival=sign < 0), w) for w in words]
    items = sorted(((p, v, w) for p, v, w in items if v is not None), key=lambda item: item[0])
    if len(items) < 2:
        return None
    p, v = np.array([i[0] for i in items]), np.array([i[1] for i in items], float)
    keep = _agreeing(p, v, sign)
    if keep is None:
        return None
    slope, offset = np.polyfit(v[keep], p[keep], 1)
    chosen = [item for item, k in zip(items, keep, strict=True) if k]
    return LabelRun(
        words=tuple(w for _, _, w in chosen),
        values=tuple(float(x) for _, x, _ in chosen if x is not None),
        outliers=tuple(w for (_, _, w), k in zip(items, keep, strict=True) if not k),
        scale=float(slope),
        offset=float(offset),
    )


def _mended(run: LabelRun, line: Sequence[Word], place: Callable[[Word], float]) -> LabelRun:
    """Return labels with those that were misread, where the progression tells what they are.

    Parameters
    ----------
    run : LabelRun
        The labels that form the progression.
    line : sequence of Word
        Everything that stands in their row or column.
    place : callable
        Where a word stands along the axis.
    """
    values = sorted(set(run.values))
    step = float(min(np.diff(values), default=0.0))
    if len(values) < 3 or step <= 0:
        return run
    run = _rounded(run, values[0], step)
    own = {id(w) for w in run.words}
    found = []
    for word in line:
        if id(word) in own or word.text.strip() == "":
            continue
        steps = ((place(word) - run.offset) / run.scale - values[0]) / step
        value = round(values[0] + round(steps) * step, 9)
        free = -1 <= round(steps) <= len(values) + 1 and value >= 0 and value not in run.values
        beyond = not 0 <= steps <= (values[-1] - values[0]) / step
        if beyond and word.number is not None and word.number != value:
            continue  # a number past the last label is no label misread: a table's first cell, say
        if free and abs(steps - round(steps)) < LABELS.stray and _resembles(word.text, value):
            found.append((word, value))
    if not found:
        return run
    mended = {id(w) for w, _ in found}
    pairs = sorted([*zip(run.words, run.values, strict=True), *found], key=lambda pair: place(pair[0]))
    return replace(
        run,
        words=tuple(w for w, _ in pairs),
        values=tuple(v for _, v in pairs),
        outliers=tuple(w for w in run.outliers if id(w) not in mended),
        repaired=(*run.repaired, *found),
    )


def _rounded(run: LabelRun, first: float, step: float) -> LabelRun:
    """Return labels with one that is nearly a whole number of steps, 1.001, where a tick mark was read as a digit."""
    values, changed = list(run.values), []
    for k, (word, value) in enumerate(zip(run.words, run.values, strict=True)):
        steps = (value - first) / step
        whole = round(first + round(steps) * step, 9)
        off = abs(steps - round(steps))
        longer = any(word.text.strip() in {e + "1", "1" + e} for e in _spelt(whole))
        if LABELS.exact < off < LABELS.stray and longer:
            values[k] = whole
            changed.append((word, whole))
    return replace(run, values=tuple(values), repaired=(*run.repaired, *changed)) if changed else run


def _spelt(value: float) -> set[str]:
    """Return how a label may spell a value, with as many decimals as it needs and more."""
    return {f"{value:.{d}f}" for d in range(4) if abs(round(value, d) - value) < LABELS.exact}


def _resembles(text: str, value: float) -> bool:
    """Return whether a text may be a misread number."""
    plain = re.sub(r"\s", "", text)
    if not any(ch.isdecimal() for ch in plain):
        return False
    spelt = _spelt(value)
    alike = [SequenceMatcher(None, plain, e).ratio() for e in spelt if abs(len(plain) - len(e)) <= 1]
    return max(alike, default=0.0) >= LABELS.alike or any(e.endswith(plain) and e.startswith("0.") for e in spelt)


def label_rows(words: Sequence[Word]) -> list[LabelRun]:
    """Return rows of numbers that could be a time axis, the longest first."""
    numbers = sorted((w for w in words if (tick_number(w) or 0) >= 0 and _is_tick(w)), key=lambda w: w.cy)
    runs: list[LabelRun] = []
    used: set[int] = set()
    for anchor in numbers:
        if id(anchor) in used:
            continue
        level = [w for w in numbers if abs(w.cy - anchor.cy) < LABELS.level * max(anchor.size, w.size)]
        row = [w for w in level if id(w) not in used]
        line = [w for w in words if abs(w.cy - anchor.cy) < LABELS.level * max(anchor.size, w.size)]
        for _ in range(LABELS.most_runs):  # panels side by side share a row
            run = _progression(row, lambda w: w.cx, 1)
            if run is None or len(run.words) < 2:
                break
            run = _mended(run, line, lambda w: w.cx)
            low, high = run.words[0].cx, run.words[-1].cx
            between = [w for w in row if low <= w.cx <= high]
            used.update(id(w) for w in between)
            runs.append(run)
            row = [w for w in row if not low <= w.cx <= high]
    return sorted(runs, key=lambda r: -len(r.words))


def _is_tick(word: Word) -> bool:
    return tick_number(word) is not None


def label_columns(words: Sequence[Word]) -> list[LabelRun]:
    """Return columns of numbers that could be a survival axis, the longest first."""
    numbers = [w for w in words if (n := tick_number(w, survival=True)) is not None and 0 <= n <= LABELS.highest]
    runs: list[LabelRun] = []
    for anchor in sorted(numbers, key=lambda w: -w.box.width):
        column = [w for w in numbers if _overlap(w, anchor) > LABELS.overlap]
        line = [w for w in words if _overlap(w, anchor) > LABELS.overlap and w.box.width < 2 * anchor.box.width]
        for _ in range(LABELS.most_runs):  # panels one under the other share a column
            run = _progression(column, lambda w: w.cy, -1)
            if run is None or len(run.words) < 2:
                break
            run = _mended(run, line, lambda w: w.cy)
            own = {id(w) for w in run.words}
            column = [w for w in column if id(w) not in own]
            if _survival_like(run.values) and not any(len({id(w) for w in r.words} & own) > 1 for r in runs):
                runs.append(run)
    return sorted(runs, key=lambda r: -len(r.words))


def _survival_like(values: Sequence[float]) -> bool:
    """Return whether numbers may be a survival axis: round ones, up to 1, 100, or a low end of either from 0 on."""
    top, distinct = max(values), len(set(values))
    small = LABELS.fraction < top < LABELS.percent
    if top > LABELS.highest or (small and (distinct < LABELS.small_labels or min(values) > 0)):
        return False
    whole = [round(v / LABELS.finest_value) for v in values]
    step = math.gcd(*(w - whole[0] for w in whole))
    return step > 0 and (max(whole) - min(whole)) / step <= LABELS.finest


def _overlap(a: Word, b: Word) -> float:
    inner = min(a.box.x1, b.box.x1) - max(a.box.x0, b.box.x0)
    return inner / max(LABELS.exact, min(a.box.width, b.box.width))


def find_panels(words: Sequence[Word]) -> list[PanelLabels]:
    """Pair survival columns with the time rows below them, panel by panel from the top left."""
    rows, columns = label_rows(words), label_columns(words)
    panels: list[tuple[float, PanelLabels]] = []
    for column in columns:
        costs = [(cost, k) for k, row in enumerate(rows) if (cost := _cost(column, row)) is not None]
        if costs:
            cost, k = min(costs)
            above = [row for _, j in costs if _repeats(rows[k], row := rows[j])]
            own = min(above, key=lambda row: row.words[0].cy, default=rows[k])
            panels.append((cost, PanelLabels(time=own, survival=column)))
    chosen: list[PanelLabels] = []
    for _, panel in sorted(panels, key=lambda p: (-len(p[1].survival.words), p[0])):
        if all(panel.time is not other.time for other in chosen):
            chosen.append(panel)
    chosen += _without_own_column(chosen, rows)
    many = [(p, len(p.time.words) + len(p.survival.words)) for p in chosen]
    strong = [p for p, n in many if n >= LABELS.enough] or [p for p, n in many if n >= LABELS.fewest]
    strong = [p for p in strong if not any(_in_table_under(p, other, words) for other in strong if other is not p)]
    return sorted(strong, key=lambda p: (round(p.survival.words[0].cy / LABELS.same_row), p.time.words[0].cx))


def _in_table_under(panel: PanelLabels, upper: PanelLabels, words: Sequence[Word]) -> bool:
    """Return whether labels of a panel are cells of the table under another one.

    They stand under the other one's time labels, and a survival label has further numbers at its height there; the
    survival labels of a panel under another one stand left of its ticks.
    """
    time = upper.time
    left, right = time.words[0].cx - LABELS.under * time.spacing, time.words[-1].cx + LABELS.under * time.spacing
    foot = max(w.box.y1 for w in time.words)

    def within(word: Word) -> bool:
        return word.cy > foot and left <= word.cx <= right

    if len(time.words) < len(panel.time.words) or not all(map(within, panel.time.words)):
        return False
    cells = [w for w in words if within(w) and tick_number(w) is not None]
    own = [w for w in panel.survival.words if within(w)]
    return any(sum(abs(c.cy - w.cy) < LABELS.level * w.size for c in cells) > LABELS.row_of_cells for w in own)


def _repeats(lower: LabelRun, upper: LabelRun) -> bool:
    """Return whether a row of labels says again what stands above it, as the head of a table does below an axis."""
    if len(upper.words) < 3 or upper.words[0].box.y1 > lower.words[0].box.y0:
        return False
    slips = [abs(upper.position(v) - lower.position(v)) for v in upper.values]
    return set(upper.values) <= set(lower.values) and max(slips) < LABELS.repeated * lower.spacing


def _cost(column: LabelRun, row: LabelRun) -> float | None:
    """Return how badly a row of numbers fits below a column as its time axis; None where it cannot be."""
    if {id(w) for w in row.words} & {id(w) for w in column.words}:
        return None
    bottom = max(column.position(v) for v in column.values)
    span = bottom - min(column.position(v) for v in column.values)
    right = max(w.box.x1 for w in column.words)
    y = float(np.mean([w.cy for w in row.words]))
    first, last = min(w.cx for w in row.words), max(w.cx for w in row.words)
    size = row.words[0].size
    floor = column.position(0.0) if bottom < column.position(0.0) < y else bottom
    below = y - floor
    if not -LABELS.above * size <= below <= LABELS.below_spans * span + LABELS.below_heights * size:
        return None
    if last < right or first < right - LABELS.before * size or last - first < LABELS.shortest * span:
        return None
    return below / span + max(0.0, first - right) / (last - first) - LABELS.per_label * len(row.words)


def _without_own_column(chosen: Sequence[PanelLabels], rows: Sequence[LabelRun]) -> list[PanelLabels]:
    """Return the panels at the right of others that have only the time labels of their own."""
    taken = {id(w) for p in chosen for w in p.time.words}
    found = []
    for panel in chosen:
        own = panel.time
        wide = own.words[-1].cx - own.words[0].cx
        for row in rows:
            first, last = row.words[0], row.words[-1]
            level = abs(first.cy - own.words[0].cy) < LABELS.level * first.size
            if id(first) in taken or not level or first.cx < own.words[-1].cx:
                continue
            same = abs((last.cx - first.cx) / wide - 1) < LABELS.same_width and len(row.words) > 2
            if same and row.values[0] == own.values[0] and row.values[-1] == own.values[-1]:
                found.append(PanelLabels(time=row, survival=panel.survival))
                taken.update(id(w) for w in row.words)
    return found

"""Tick labels: rows and columns of numbers that form a progression, paired into panels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.words.words import Word

__all__ = ["LabelRun", "PanelLabels", "find_panels", "label_columns", "label_rows"]

_STRAY = 0.12  # a label's centre may stray from its tick by this share of the spacing


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
    """

    words: tuple[Word, ...]
    values: tuple[float, ...]
    outliers: tuple[Word, ...]
    scale: float
    offset: float

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


def _progression(words: Sequence[Word], place: Callable[[Word], float], sign: int) -> LabelRun | None:
    """Return the largest subset of numbers that is linear in position, values rising with ``sign``."""
    items = [(place(w), w.number, w) for w in words]
    items = sorted(((p, v, w) for p, v, w in items if v is not None), key=lambda item: item[0])
    if len(items) < 2:
        return None
    p = np.array([i[0] for i in items])
    v = np.array([i[1] for i in items], float)
    best: tuple[int, float, FloatArray] | None = None
    for i, j in combinations(range(len(items)), 2):
        if v[i] == v[j] or p[i] == p[j]:
            continue
        scale = (p[j] - p[i]) / (v[j] - v[i])
        if scale * sign <= 0:
            continue
        error = np.abs(p - (p[i] + scale * (v - v[i])))
        steps = np.abs(p[j] - p[i])
        inliers = error < max(2.0, _STRAY * min(steps, float(np.median(np.diff(p))) if len(p) > 1 else steps))
        _, first = np.unique(v[inliers], return_index=True)
        count = len(first)
        total = float(error[inliers].mean())
        if best is None or (count, -total) > (best[0], -best[1]):
            best = (count, total, inliers.astype(float))
    if best is None or best[0] < 2:
        return None
    keep = best[2] > 0
    slope, offset = np.polyfit(v[keep], p[keep], 1)
    chosen = [item for item, k in zip(items, keep, strict=True) if k]
    return LabelRun(
        words=tuple(w for _, _, w in chosen),
        values=tuple(float(x) for _, x, _ in chosen if x is not None),
        outliers=tuple(w for (_, _, w), k in zip(items, keep, strict=True) if not k),
        scale=float(slope),
        offset=float(offset),
    )


def label_rows(words: Sequence[Word]) -> list[LabelRun]:
    """Return rows of numbers that could be a time axis, the longest first."""
    numbers = sorted((w for w in words if w.number is not None and w.number >= 0), key=lambda w: w.cy)
    runs: list[LabelRun] = []
    used: set[int] = set()
    for anchor in numbers:
        if id(anchor) in used:
            continue
        row = [w for w in numbers if abs(w.cy - anchor.cy) < 0.5 * max(anchor.size, w.size) and id(w) not in used]
        for _ in range(6):  # panels side by side share a row
            run = _progression(row, lambda w: w.cx, 1)
            if run is None or len(run.words) < 2:
                break
            low, high = run.words[0].cx, run.words[-1].cx
            between = [w for w in row if low <= w.cx <= high]
            used.update(id(w) for w in between)
            runs.append(run)
            row = [w for w in row if not low <= w.cx <= high]
    return sorted(runs, key=lambda r: -len(r.words))


def label_columns(words: Sequence[Word]) -> list[LabelRun]:
    """Return columns of numbers that could be a survival axis, the longest first."""
    numbers = [w for w in words if w.number is not None and 0 <= w.number <= 120]
    runs: list[LabelRun] = []
    for anchor in sorted(numbers, key=lambda w: -w.box.width):
        column = [w for w in numbers if _overlap(w, anchor) > 0.5]
        for _ in range(6):  # panels one under the other share a column
            run = _progression(column, lambda w: w.cy, -1)
            if run is None or len(run.words) < 2:
                break
            own = {id(w) for w in run.words}
            column = [w for w in column if id(w) not in own]
            if _survival_like(run.values) and not any(len({id(w) for w in r.words} & own) > 1 for r in runs):
                runs.append(run)
    return sorted(runs, key=lambda r: -len(r.words))


def _survival_like(values: Sequence[float]) -> bool:
    top = max(values)
    return top <= 1.2 or 5 <= top <= 120


def _overlap(a: Word, b: Word) -> float:
    inner = min(a.box.x1, b.box.x1) - max(a.box.x0, b.box.x0)
    return inner / max(1e-9, min(a.box.width, b.box.width))


def find_panels(words: Sequence[Word]) -> list[PanelLabels]:
    """Pair survival columns with the time rows below them, panel by panel from the top left."""
    rows, columns = label_rows(words), label_columns(words)
    panels: list[tuple[float, PanelLabels]] = []
    for column in columns:
        bottom = max(column.position(v) for v in column.values)
        top = min(column.position(v) for v in column.values)
        right = max(w.box.x1 for w in column.words)
        best: tuple[float, LabelRun] | None = None
        for row in rows:
            if {id(w) for w in row.words} & {id(w) for w in column.words}:
                continue
            y = float(np.mean([w.cy for w in row.words]))
            first = min(w.cx for w in row.words)
            last = max(w.cx for w in row.words)
            size = row.words[0].size
            floor = column.position(0.0) if bottom < column.position(0.0) < y else bottom
            below = y - floor
            if (
                below < -0.3 * size
                or below > 0.6 * (bottom - top) + 6 * size
                or last < right
                or first < right - 4 * size
            ):
                continue
            if last - first < 0.3 * (bottom - top):
                continue
            cost = below / (bottom - top) + max(0.0, first - right) / (last - first) - 0.05 * len(row.words)
            if best is None or cost < best[0]:
                best = (cost, row)
        if best is not None:
            panels.append((best[0], PanelLabels(time=best[1], survival=column)))
    chosen: list[PanelLabels] = []
    for _, panel in sorted(panels, key=lambda p: (-len(p[1].survival.words), p[0])):
        if all(panel.time is not other.time for other in chosen):
            chosen.append(panel)
    strong = [p for p in chosen if len(p.time.words) + len(p.survival.words) >= 6] or chosen
    return sorted(strong, key=lambda p: (round(p.survival.words[0].cy / 50), p.time.words[0].cx))

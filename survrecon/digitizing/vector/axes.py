"""Calibration of a vector panel: tick strokes and grid lines beside the labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.geometry import Axis, Box
from survrecon.digitizing.panels.settings import DRAWN, PLOT
from survrecon.digitizing.raster.axes import RasterAxes, fit_axis, uneven_note, with_uneven_ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.vector.strokes import Drawing, Stroke
    from survrecon.digitizing.words.labels import LabelRun, PanelLabels

__all__ = ["calibrate_drawing", "drawn_plot_area"]


def _segments(strokes: Sequence[Stroke], *, lettered: bool) -> FloatArray:
    """Return every straight piece as rows x0, y0, x1, y1; thin filled boxes too, but not where letters are shapes."""
    pieces = []
    for s in strokes:
        thin = min(s.box.width, s.box.height) < DRAWN.thin and len(s.points) <= 5
        if s.stroke is None and not (
            thin and s.fill is not None and max(s.box.width, s.box.height) > DRAWN.long and not lettered
        ):
            continue
        points = np.vstack([s.points, s.points[:1]]) if s.closed else s.points
        if len(points) > DRAWN.corners:
            continue
        pieces.append(np.hstack([points[:-1], points[1:]]))
    return np.concatenate(pieces) if pieces else np.zeros((0, 4))


def _robust(values: FloatArray, places: list[list[float]], agree: float) -> tuple[FloatArray, FloatArray] | None:
    """Return the values and places of the ticks that lie on one line."""
    flat = [(v, p) for v, near in zip(values, places, strict=True) for p in near]
    if len({v for v, _ in flat}) < 2:
        return None
    v, p = np.array([f[0] for f in flat]), np.array([f[1] for f in flat])
    best: tuple[tuple[int, float], FloatArray, FloatArray] | None = None
    for i in range(len(v)):
        for j in range(i + 1, len(v)):
            if v[i] == v[j]:
                continue
            scale = (p[j] - p[i]) / (v[j] - v[i])
            away = np.abs(p - p[i] - scale * (v - v[i]))
            keep = away < agree
            count = len(set(v[keep].tolist()))
            rank = (count, -float(away[keep].mean()))
            if best is None or rank > best[0]:
                best = (rank, v[keep], p[keep])
    need = 2 if len(values) <= 3 else int(np.ceil(DRAWN.most_ticks * len(values)))
    if best is None or best[0][0] < need:
        return None
    chosen = sorted({float(x) for x in best[1]})
    return np.array(chosen), np.array([float(np.mean(best[2][best[1] == c])) for c in chosen])


def _axis(
    run: LabelRun, segments: FloatArray, *, vertical: bool, beside: tuple[float, float]
) -> tuple[Axis, float | None]:
    """Fit one axis; ``beside`` limits where across the axis its ticks may start or end."""
    a, b = (0, 1) if not vertical else (1, 0)
    straight = np.abs(segments[:, a] - segments[:, a + 2]) < DRAWN.straight
    length = np.abs(segments[:, b] - segments[:, b + 2])
    low, high = np.minimum(segments[:, b], segments[:, b + 2]), np.maximum(segments[:, b], segments[:, b + 2])
    touches = (high >= beside[0]) & (low <= beside[1])
    marks = segments[straight & (length > 0.5) & touches]
    values = np.array(run.values)
    guess = np.array([run.position(v) for v in values])
    reach = min(DRAWN.reach * run.spacing, max(DRAWN.least_reach, DRAWN.reach_heights * run.words[0].size))
    at = marks[:, a]
    found = [np.unique(np.round(at[np.abs(at - g) < reach], 4)).tolist() for g in guess]
    found = [sorted(f, key=lambda x, g=g: abs(x - g))[:6] for f, g in zip(found, guess, strict=True)]  # type: ignore[misc]
    hit = _robust(values, found, DRAWN.agree)
    placed = hit is None  # by a designer, and not by a program
    hit = _robust(values, found, DRAWN.placed) if hit is None else hit
    if hit is None:
        centres = np.array([w.cy if vertical else w.cx for w in run.words])
        return fit_axis(values, centres, resolution=1.0, source="labels"), None
    axis = fit_axis(hit[0], hit[1], resolution=DRAWN.precision, source="tick marks", pieces=placed)
    more = with_uneven_ticks(axis, run, found)
    axis = axis if more is None else fit_axis(*more, resolution=DRAWN.precision, source="tick marks", pieces=True)
    hit = hit if more is None else more
    used = np.abs(at[:, None] - hit[1][None]).min(axis=1) < (DRAWN.placed if placed else DRAWN.agree)
    short = used & (length[straight & (length > 0.5) & touches] < DRAWN.tick_length)
    ends = marks[short][:, [b, b + 2]] if short.any() else marks[used][:, [b, b + 2]]
    return axis, float(np.median(ends.min(axis=1) if not vertical else ends.max(axis=1)))


def calibrate_drawing(drawing: Drawing, labels: PanelLabels) -> RasterAxes:
    """Calibrate the axes of one panel of a drawing."""
    segments = _segments(drawing.strokes, lettered=drawing.outlined or not drawing.words)
    row, column = labels.time, labels.survival
    label_top = min(w.box.y0 for w in row.words)
    label_right = max(w.box.x1 for w in column.words)
    bottom = max(column.position(v) for v in column.values)
    left = min(row.position(v) for v in row.values)
    size = row.words[0].size
    time, line = _axis(row, segments, vertical=False, beside=(min(bottom, label_top) - 2 * size, label_top + size))
    survival, side = _axis(
        column, segments, vertical=True, beside=(label_right - size, max(left, label_right) + 2 * size)
    )
    warnings = [
        f"no tick marks found on the {name} axis; calibrated from the labels' centres"
        for name, axis in (("time", time), ("survival", survival))
        if axis.source == "labels"
    ]
    warnings += [note for name, axis in (("time", time), ("survival", survival)) for note in uneven_note(name, axis)]
    return RasterAxes(time=time, survival=survival, time_line=line, survival_line=side, warnings=tuple(warnings))


def _as_axis_is_drawn(drawing: Drawing, axes: RasterAxes, high: float, low: float) -> float:
    """Return the upper end of the survival axis, up to a tick beyond its last label: curves may rise as far."""
    ticks = np.sort(axes.time.positions)
    near = float(ticks[0]) - float(np.median(np.diff(ticks))), float(ticks[0]) + DRAWN.thin
    tick = float(np.median(np.abs(np.diff(np.sort(axes.survival.positions)))))
    tops = [
        s.box.y0
        for s in drawing.strokes
        if s.box.y1 - s.box.y0 > DRAWN.tall * (low - high)
        and near[0] < s.box.x0 < near[1]
        and high - tick < s.box.y0 < high
        and s.box.y1 < low + PLOT.below * (low - high)
    ]
    return min([high, *tops])


def drawn_plot_area(drawing: Drawing, axes: RasterAxes, full: float) -> Box:
    """Return the box of time 0, or of a landmark, to the end of the axis line, frame or background."""
    ticks = np.sort(axes.time.positions)
    gap = float(np.median(np.diff(ticks)))
    high = float(axes.survival.position(max(full, axes.survival.values.max())))
    low = float(axes.survival.position(axes.survival.values.min()))
    ends = []
    for s in drawing.strokes:
        b = s.box
        if (
            len(s.points) > 6
            or b.x0 > ticks[0] + 0.5 * gap
            or b.x1 < ticks[-1] - PLOT.short_of_tick * gap
            or b.x1 > ticks[-1] + DRAWN.past_tick * gap
        ):
            continue
        level = b.height < 0.5 and high - DRAWN.above * (low - high) < b.y0 < low + PLOT.below * (low - high)
        tall = b.height > DRAWN.tall * (low - high) and b.y1 < low + PLOT.below * (low - high)
        frame = tall and (s.closed or len(s.points) > 3)  # three corners are two axes in one stroke
        if frame or (level and b.x1 > ticks[-1] + 0.5):  # R's axis line ends at the last tick, the curves need not
            ends.append(b.x1)
    right = max(float(ticks[-1]), min(ends)) if ends else float(ticks[-1]) + gap
    if full <= float(axes.survival.values.max()):
        high = _as_axis_is_drawn(drawing, axes, high, low)
    pad = PLOT.pad * (low - high)
    return Box(x0=float(axes.time.position(axes.begins)), y0=high - pad, x1=right, y1=low + pad)

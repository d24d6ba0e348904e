"""Calibration of a raster panel: labels say what the ticks mean, tick marks say where they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survrecon.digitizing.geometry import Axis, Box, FloatArray
from survrecon.digitizing.labels import LabelRun, PanelLabels
from survrecon.digitizing.pixels import Line, background, long_lines, panel_edges
from survrecon.digitizing.ticks import fit_axis, locate_ticks, tick_row
from survrecon.errors import DigitizingError

_GRID_LINE = 8  # pixels: a gap in a panel's background no wider than this is a grid line

__all__ = ["RasterAxes", "calibrate", "given_axes", "plot_area"]


@dataclass(frozen=True, kw_only=True)
class RasterAxes:
    """Both axes of a panel and where their marks stand."""

    time: Axis
    survival: Axis
    time_line: float | None
    survival_line: float | None
    warnings: tuple[str, ...]

    @property
    def box(self) -> Box:
        """From the first to the last tick of both."""
        x, y = self.time.positions, self.survival.positions
        return Box(x0=float(x.min()), y0=float(y.min()), x1=float(x.max()), y1=float(y.max()))


def _from_labels(run: LabelRun) -> Axis:
    values = np.array(run.values)
    vertical = run.scale < 0
    positions = np.array([w.cy if vertical else w.cx for w in run.words])
    return fit_axis(values, positions, resolution=2.0, source="labels")


def _edge(places: list[float], size: float) -> float:
    """Return the outermost edge of a line of labels, leaving out a box that swallowed a tick mark."""
    middle = float(np.median(places))
    return max(p for p in places if p <= middle + 0.4 * size)


def calibrate(pixels: FloatArray, labels: PanelLabels) -> RasterAxes:
    """Find the tick marks of both axes and fit the axes through them."""
    h, w = pixels.shape[:2]
    warnings: list[str] = []
    column, row = labels.survival, labels.time
    bottom = max(column.position(v) for v in column.values)
    label_top = -_edge([-word.box.y0 for word in row.words], row.words[0].size)
    label_right = _edge([word.box.x1 for word in column.words], column.words[0].size)
    left = min(row.position(v) for v in row.values)

    y0 = int(max(0, min(bottom, label_top) - 12))
    y1 = int(min(h, label_top + 2))
    time, time_line = None, None
    hit = locate_ticks(pixels[y0:y1], row) if y1 > y0 else None
    if hit is not None:
        time, time_line = fit_axis(hit[0], hit[1], resolution=1.0, source="tick marks"), float(y0 + hit[2])
    x0 = int(max(0, label_right - 2))
    x1 = int(min(w, max(left, label_right + 3) + 15))
    survival, survival_line = None, None
    hit = locate_ticks(pixels[:, x0:x1].transpose(1, 0, 2), column) if x1 > x0 else None
    if hit is not None:
        survival, survival_line = fit_axis(hit[0], hit[1], resolution=1.0, source="tick marks"), float(x0 + hit[2])
    if time is None:
        time = _from_labels(row)
        warnings.append("no tick marks found on the time axis; calibrated from the labels' centres")
    if survival is None:
        survival = _from_labels(column)
        warnings.append("no tick marks found on the survival axis; calibrated from the labels' centres")
    return RasterAxes(
        time=time, survival=survival, time_line=time_line, survival_line=survival_line, warnings=tuple(warnings)
    )


def plot_area(pixels: FloatArray, axes: RasterAxes, horizontal: list[Line], top_value: float) -> Box:
    """Return the box in which curves are drawn: from time 0 to the axis line's end, over all survival values.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (h, w, 3)
        The figure.
    axes : RasterAxes
        Its calibrated axes.
    horizontal : list of Line
        Its long horizontal lines.
    top_value : float
        Value of the survival axis at the top of the curves.
    """
    h, w = pixels.shape[:2]
    ticks = np.sort(axes.time.positions)
    gap = float(np.median(np.diff(ticks))) if len(ticks) > 1 else 0.1 * w
    zero = float(axes.time.position(0.0))
    high = float(axes.survival.position(top_value))
    low = float(axes.survival.position(min(axes.survival.values.min(), top_value)))
    if axes.time_line is not None and axes.time_line > low + 4:
        low = max(low, min(float(axes.survival.position(0.0)), axes.time_line - 3))

    def ends(lines: list[Line]) -> list[float]:
        return [
            line.stop
            for line in lines
            if line.start < ticks[0] + 0.5 * gap
            and line.stop > ticks[-1] - 0.05 * gap
            and high - 0.5 * (low - high) < line.across < low + 0.6 * (low - high)
        ]

    found = ends(horizontal)
    right = None if found else _panel_end(pixels, float(ticks[-1]), int(high), int(low))
    if found and max(found) < ticks[-1] + 0.04 * gap:
        right = float(ticks[-1]) + 0.9 * gap  # an axis line that ends at the last tick does not end the curves
    if right is None:
        found = found or ends(long_lines(pixels, faintest=0.05)[0])
        right = max(float(ticks[-1]), float(np.median(found))) if found else float(ticks[-1]) + 1.05 * gap
    right = min(float(w), right)
    pad = 0.03 * (low - high)
    return Box(x0=zero, y0=max(0.0, high - pad), x1=right, y1=min(float(h), low + pad))


def _panel_end(pixels: FloatArray, last: float, high: int, low: int) -> float | None:
    """Return where a panel with a background of its own ends."""
    w = pixels.shape[1]
    page = background(pixels)
    rows = slice(max(0, high), max(high + 1, low))
    tones = np.median(pixels[rows], axis=0)
    start = int(min(w - 1, last))
    tone = np.median(tones[max(0, start - 40) : start + 1], axis=0)
    if np.abs(tone - page).max() < 0.02:
        return None
    same = np.abs(tones[start:] - tone).max(axis=1) < 0.05
    inside = np.flatnonzero(same)
    if not len(inside) or inside[0] > _GRID_LINE:
        return None
    breaks = np.flatnonzero(np.diff(inside) > _GRID_LINE)
    return float(start + (inside[breaks[0]] if len(breaks) else inside[-1]) + 1)


def given_axes(
    pixels: FloatArray, x_range: tuple[float, float], y_range: tuple[float, float], where: str
) -> tuple[RasterAxes, PanelLabels]:
    """Calibrate from the caller's values of the first and last tick, where no label is read.

    Raises
    ------
    DigitizingError
        If no pair of axis lines with tick marks is found.
    """
    horizontal, vertical = long_lines(pixels)
    edges = panel_edges(pixels)
    if edges is not None:
        horizontal, vertical = [*horizontal, edges[0]], [*vertical, edges[1]]
    best: tuple[float, FloatArray, FloatArray, float, float] | None = None
    for low in horizontal:
        for left in vertical:
            if abs(left.across - low.start) > 0.06 * pixels.shape[1] or low.across < left.start + 0.5 * (
                left.stop - left.start
            ):
                continue
            if abs(left.stop - low.across) > 0.15 * pixels.shape[0]:
                continue
            along_x = tick_row(pixels, low)
            along_y = tick_row(pixels.transpose(1, 0, 2), left, before=True)
            if len(along_x) < 2 or len(along_y) < 2:
                continue
            score = (low.stop - low.start) * (left.stop - left.start)
            if best is None or score > best[0]:
                best = (score, along_x, along_y, low.across, left.across)
    if best is None:
        raise DigitizingError(
            where, "axis lines with tick marks", "none that were found", "give --crop around one panel"
        )
    _, xs, ys, x_line, y_line = best
    x_values = np.linspace(x_range[0], x_range[1], len(xs))
    y_values = np.linspace(y_range[1], y_range[0], len(ys))
    time = fit_axis(x_values, xs, resolution=1.0, source="given")
    survival = fit_axis(y_values, ys, resolution=1.0, source="given")
    empty = LabelRun(words=(), values=tuple(x_values), outliers=(), scale=time.scale, offset=time.offset)
    other = LabelRun(words=(), values=tuple(y_values), outliers=(), scale=survival.scale, offset=survival.offset)
    axes = RasterAxes(time=time, survival=survival, time_line=x_line, survival_line=y_line, warnings=())
    return axes, PanelLabels(time=empty, survival=other)

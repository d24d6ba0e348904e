"""Tick marks in pixels: thin strokes beside the labels, found to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.arrays import FloatArray, run_edges
from survrecon.callers import option_name
from survrecon.digitizing.geometry import Axis, Box, on_one_line
from survrecon.digitizing.panels.settings import CALIBRATION, PLOT
from survrecon.digitizing.raster.pixels import Line, background, long_lines, panel_edges
from survrecon.digitizing.words.labels import LabelRun, PanelLabels
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import BoolArray, FloatArray

__all__ = [
    "RasterAxes",
    "calibrate",
    "fit_axis",
    "given_axes",
    "locate_ticks",
    "plot_area",
    "restated",
    "tick_row",
    "uneven_note",
    "with_uneven_ticks",
]


def _strokes(line: FloatArray, widest: float) -> list[tuple[float, float]]:
    """Return centres and peak contrasts of the thin strokes in one line of pixels, shape (w, 3)."""
    away = np.abs(line - np.median(line, axis=0)).max(axis=1)
    peak = float(away.max(initial=0.0))
    if peak < CALIBRATION.faint:
        return []
    noise = float(np.median(away))
    on = away > max(CALIBRATION.faint, CALIBRATION.of_peak * peak, CALIBRATION.of_noise * noise)
    edges = run_edges(on)
    found = []
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        if b - a > widest or a == 0 or b == len(on):
            continue
        lo, hi = max(0, a - 1), min(len(on), b + 1)
        weight = np.maximum(away[lo:hi] - noise, 0.0)
        found.append((float((weight * (np.arange(lo, hi) + 0.5)).sum() / weight.sum()), float(away[a:b].max())))
    return found


def locate_ticks(block: FloatArray, labels: LabelRun) -> tuple[FloatArray, FloatArray, int] | None:
    """Find the tick of each label.

    Parameters
    ----------
    block : numpy.ndarray, shape (k, w, 3)
        Lines of pixels between labels and curves, each running along the axis.
    labels : LabelRun
        The labels with their approximate places.

    Returns
    -------
    tuple of values, positions, line, or None
        Values and sub-pixel positions of the ticks that agree, and the middle of the lines that show them.
    """
    values = np.array(labels.values)
    guess = np.array([labels.position(v) for v in values])
    size = labels.words[0].size
    reach = min(CALIBRATION.reach * labels.spacing, max(CALIBRATION.least_reach, CALIBRATION.reach_heights * size))
    widest = max(CALIBRATION.widest, CALIBRATION.widest_share * block.shape[1])
    found = np.full((len(block), len(values)), np.nan)
    for k, g in enumerate(guess):
        lo, hi = max(0, int(g - 2 * reach)), min(block.shape[1], int(g + 2 * reach) + 1)
        if hi <= lo:
            continue
        window = block[:, lo:hi]
        inked = (window.max(axis=1) - window.min(axis=1)).max(axis=1) >= CALIBRATION.faint  # most lines are bare
        for r in np.flatnonzero(inked).tolist():
            near = [(abs(c + lo - g), c + lo) for c, _ in _strokes(window[r], widest) if abs(c + lo - g) <= reach]
            if near:
                found[r, k] = min(near)[1]
    best: tuple[float, FloatArray, list[int]] | None = None
    fits = [_ticks_on_a_line(values, row) for row in found]
    scores = [0.0 if fit is None else fit[0].sum() - CALIBRATION.residual_cost * fit[1] for fit in fits]
    if not scores or max(scores) < CALIBRATION.least_score:
        return _beside_labels(found, labels)
    top = max(scores)
    lead = int(np.argmax(scores))
    fit = fits[lead]
    assert fit is not None
    rows = [lead]
    for r, other in enumerate(fits):
        if other is None or r == lead or scores[r] < top - max(1.0, CALIBRATION.near_best * len(values)):
            continue
        same = fit[0] & other[0]
        if same.any() and np.abs(found[r, same] - found[lead, same]).max() < CALIBRATION.same_mark:
            rows.append(r)
    middle = np.array([float(np.median(seen)) if len(seen := c[np.isfinite(c)]) else np.nan for c in found[rows].T])
    best = (top, middle, rows)
    agreeing = _ticks_on_a_line(values, best[1])
    if agreeing is None:
        return None
    keep = agreeing[0]
    line = int(np.median(best[2]))
    even = fit_axis(values[keep], best[1][keep], resolution=1.0, source="tick marks")
    more = with_uneven_ticks(even, labels, [[p] if np.isfinite(p) else [] for p in best[1]])
    return (values[keep], best[1][keep], line) if more is None else (*more, line)


def _beside_labels(found: FloatArray, labels: LabelRun) -> tuple[FloatArray, FloatArray, int] | None:
    """Return the ticks of an uneven axis: of a line of pixels in which each label has one, as far off as the others'.

    Parameters
    ----------
    found : numpy.ndarray, shape (lines, labels)
        The mark nearest to each label in each line of pixels, NaN where there is none.
    labels : LabelRun
        The labels.
    """
    centres = np.array([w.cy if labels.scale < 0 else w.cx for w in labels.words])
    whole = np.flatnonzero(np.isfinite(found).all(axis=1))
    if not len(whole) or len(centres) < CALIBRATION.placed_labels:
        return None
    spread = np.ptp(centres - found[whole], axis=1)
    best = int(whole[int(np.argmin(spread))])
    rising = np.diff(found[best][np.argsort(labels.values)]) * np.sign(labels.scale)
    if spread.min() > CALIBRATION.label_slack * labels.words[0].size or (rising <= 0).any():
        return None
    return np.array(labels.values), found[best], best


def _ticks_on_a_line(values: FloatArray, positions: FloatArray) -> tuple[BoolArray, float] | None:
    """Return which ticks lie on one line, and their root mean square residual; NaN where a label has no tick."""
    need = 2 if len(values) <= 3 else max(3, int(np.ceil(CALIBRATION.most_ticks * len(values))))
    seen = np.flatnonzero(np.isfinite(positions))
    on_line = on_one_line(values[seen], positions[seen], CALIBRATION.agree) if len(seen) >= need else None
    if on_line is None or on_line.sum() < need:
        return None
    keep = np.zeros(len(values), dtype=bool)
    keep[seen[on_line]] = True
    line = np.polyval(np.polyfit(values[keep], positions[keep], 1), values[keep])
    return keep, float(np.sqrt(np.mean((positions[keep] - line) ** 2)))


def with_uneven_ticks(
    axis: Axis, labels: LabelRun, found: Sequence[Sequence[float]]
) -> tuple[FloatArray, FloatArray] | None:
    """Return the ticks of an axis on which a designer did not place them evenly; None where they are even.

    A label whose mark lies beside the fitted axis counts where the label itself is off in the same way as the others
    are from theirs. Two such marks at least are needed: a single one is a slip, and the curves follow the scale;
    unless it is the first or last, and its label clearly stands there too.

    Parameters
    ----------
    axis : Axis
        The axis through the ticks that lie evenly.
    labels : LabelRun
        All labels.
    found : sequence of sequence of float
        For each label, where strokes were seen near it.
    """
    vertical = labels.scale < 0
    centres = [w.cy if vertical else w.cx for w in labels.words]
    known = {float(v): float(p) for v, p in zip(axis.values, axis.positions, strict=True)}
    usual = float(np.median([c - known[v] for c, v in zip(centres, labels.values, strict=True) if v in known] or [0.0]))
    slack = CALIBRATION.label_slack * labels.words[0].size
    added = {}
    for value, centre, near in zip(labels.values, centres, found, strict=True):
        own = [p for p in near if abs(centre - p - usual) < slack]
        expected = float(axis.position(value))
        gap = max(labels.spacing, min((abs(expected - p) for v, p in known.items() if v != value), default=0.0))
        own = [p for p in own if abs(p - expected) < CALIBRATION.uneven * gap]
        if value not in known and own:
            added[value] = min(own, key=lambda p: abs(centre - p - usual))
    ticks = sorted({**known, **added}.items())
    positions = np.array([p for _, p in ticks])
    steps = np.diff(positions) * np.sign(axis.scale)
    ends = {min(labels.values), max(labels.values)}
    centre_of = dict(zip(labels.values, centres, strict=True))
    clear = [v for v in ends & set(added) if abs(centre_of[v] - usual - float(axis.position(v))) > 2 * slack]
    if (len(added) < 2 and not clear) or (steps <= 0).any():
        return None
    return np.array([v for v, _ in ticks]), positions


def uneven_note(name: str, axis: Axis) -> list[str]:
    """Return what is said of an axis whose ticks are unevenly spaced."""
    if not axis.pieces:
        return []
    off = float(np.abs(axis.residuals).max())
    return [
        f"the ticks of the {name} axis are unevenly spaced, by up to {off:.1f}: between two of them it has a scale of "
        "its own"
    ]


def fit_axis(
    values: FloatArray, positions: FloatArray, *, resolution: float, source: str, pieces: bool = False
) -> Axis:
    """Fit an axis through its ticks by least squares, or with ``pieces`` by a line between neighbours."""
    scale, offset = np.polyfit(values, positions, 1)
    return Axis(
        offset=float(offset),
        scale=float(scale),
        values=values,
        positions=positions,
        residuals=positions - (offset + scale * values),
        resolution=abs(resolution / float(scale)),
        source=source,
        pieces=pieces,
    )


def restated(axis: Axis, ends: tuple[float, float]) -> Axis:
    """Return an axis with the values that the caller gives to its lowest and highest tick."""
    first, last = float(axis.values.min()), float(axis.values.max())
    low, high = ends
    values = low + (axis.values - first) / (last - first) * (high - low)
    return fit_axis(values, axis.positions, resolution=axis.resolution * abs(axis.scale), source="given")


def tick_row(pixels: FloatArray, line: Line, *, before: bool = False) -> FloatArray:
    """Return the places of evenly spaced tick marks beside an axis line, the longest marks only.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (h, w, 3)
        The figure, turned so that the line runs along its rows.
    line : Line
        The axis line.
    before : bool
        Whether outward is towards smaller rows, as left of a vertical axis.
    """
    start, stop = max(0, int(line.start) - 3), min(pixels.shape[1], int(line.stop) + 3)
    best = np.zeros(0)
    for side in (-1, 1) if before else (1, -1):
        for depth in (6, 4, 3, 2):
            at = round(line.across + side * (line.thickness / 2 + depth) - 0.5)
            if not 0 <= at < len(pixels):
                continue
            marks = np.array(
                [
                    c + start
                    for c, _ in _strokes(
                        pixels[at, start:stop], max(CALIBRATION.widest, CALIBRATION.widest_share * pixels.shape[1])
                    )
                ]
            )
            if len(marks) < 2:
                continue
            gaps = np.diff(marks)
            if len(marks) > 2 and np.ptp(gaps) > PLOT.even * np.median(gaps) + 2:
                continue
            if len(marks) > len(best):
                best = marks
            if len(best) >= 3:
                return best  # the longest marks; nearer to the line minor ones would join them
    return best


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

    def highest(self, labels: LabelRun) -> float:
        """Return the highest value of the survival axis, a label's whose tick was not found among them."""
        ticks = self.survival.values
        own = bool(np.isin(ticks, labels.values).all())  # else the caller stated other values
        return max([float(ticks.max()), *(labels.values if own else ())])

    @property
    def begins(self) -> float:
        """Time at which the plot begins: 0, or a landmark where the survival axis stands at a first tick after 0."""
        first = float(self.time.values.min())
        ticks = np.sort(self.time.positions)
        if first <= 0 or self.survival_line is None or len(ticks) < 2:
            return 0.0
        stands_there = abs(self.survival_line - ticks[0]) < PLOT.landmark * float(np.median(np.diff(ticks)))
        return first if stands_there else 0.0


def _from_labels(run: LabelRun) -> Axis:
    values = np.array(run.values)
    vertical = run.scale < 0
    positions = np.array([w.cy if vertical else w.cx for w in run.words])
    return fit_axis(values, positions, resolution=CALIBRATION.label_precision, source="labels")


def _edge(places: list[float], size: float) -> float:
    """Return the outermost edge of a line of labels, leaving out a box that swallowed a tick mark."""
    middle = float(np.median(places))
    return max(p for p in places if p <= middle + CALIBRATION.swallowed * size)


def calibrate(pixels: FloatArray, labels: PanelLabels) -> RasterAxes:
    """Find the tick marks of both axes and fit the axes through them."""
    h, w = pixels.shape[:2]
    warnings: list[str] = []
    column, row = labels.survival, labels.time
    bottom = max(column.position(v) for v in column.values)
    label_top = -_edge([-word.box.y0 for word in row.words], row.words[0].size)
    label_right = _edge([word.box.x1 for word in column.words], column.words[0].size)
    left = min(row.position(v) for v in row.values)

    y0 = int(max(0, min(bottom, label_top) - CALIBRATION.outward))
    y1 = int(min(h, label_top + 2))
    time, time_line = None, None
    hit = locate_ticks(pixels[y0:y1], row) if y1 > y0 else None
    if hit is not None:
        time, time_line = _of_ticks(hit), float(y0 + hit[2])
    x0 = int(max(0, label_right - 2))
    x1 = int(min(w, max(left, label_right + 3) + CALIBRATION.inward))
    survival, survival_line = None, None
    hit = locate_ticks(pixels[:, x0:x1].transpose(1, 0, 2), column) if x1 > x0 else None
    if hit is not None:
        survival, survival_line = _of_ticks(hit), float(x0 + hit[2])
    if time is None:
        time = _from_labels(row)
        warnings.append("no tick marks found on the time axis; calibrated from the labels' centres")
    if survival is None:
        survival = _from_labels(column)
        warnings.append("no tick marks found on the survival axis; calibrated from the labels' centres")
    warnings += [note for name, axis in (("time", time), ("survival", survival)) for note in uneven_note(name, axis)]
    return RasterAxes(
        time=time, survival=survival, time_line=time_line, survival_line=survival_line, warnings=tuple(warnings)
    )


def _of_ticks(hit: tuple[FloatArray, FloatArray, int]) -> Axis:
    """Return an axis through ticks; where they stray too far from one line, each piece has its own scale."""
    axis = fit_axis(hit[0], hit[1], resolution=1.0, source="tick marks")
    uneven = int((np.abs(axis.residuals) > CALIBRATION.agree).sum())
    return fit_axis(hit[0], hit[1], resolution=1.0, source="tick marks", pieces=True) if uneven > 1 else axis


def plot_area(pixels: FloatArray, axes: RasterAxes, horizontal: list[Line], top_value: float) -> Box:
    """Return the box in which curves are drawn: from time 0 or a landmark to the axis line's end, over all survival.

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
    gap = float(np.median(np.diff(ticks))) if len(ticks) > 1 else PLOT.unknown_gap * w
    zero = float(axes.time.position(axes.begins))
    high = float(axes.survival.position(top_value))
    low = float(axes.survival.position(min(axes.survival.values.min(), top_value)))
    if axes.time_line is not None and axes.time_line > low + 4:
        low = max(low, min(float(axes.survival.position(0.0)), axes.time_line - 3))
    page = np.median(np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]), axis=0)
    foot = _panel_end(pixels.transpose(1, 0, 2), page, low, int(zero), int(ticks[-1]))
    if foot is not None:  # where grid lines run on to the edge of a shaded panel, they were taken for ticks
        low = max(low, min(float(axes.survival.position(0.0)), foot))

    def ends(lines: list[Line]) -> list[float]:
        return [
            line.stop
            for line in lines
            if line.start < ticks[0] + 0.5 * gap
            and line.stop > ticks[-1] - PLOT.short_of_tick * gap
            and high - (low - high) / 2 < line.across < low + PLOT.below * (low - high)
        ]

    found = ends(horizontal)
    right = None if found else _panel_end(pixels, background(pixels), float(ticks[-1]), int(high), int(low))
    if found and max(found) < ticks[-1] + PLOT.at_tick * gap:
        right = (
            float(ticks[-1]) + PLOT.beyond_tick * gap
        )  # an axis line that ends at the last tick does not end the curves
    if right is None:
        found = found or ends(long_lines(pixels, faintest=PLOT.faint_line)[0])
        right = max(float(ticks[-1]), float(np.median(found))) if found else float(ticks[-1]) + PLOT.without_line * gap
    right = min(float(w), right)
    pad = PLOT.pad * (low - high)
    return Box(x0=zero, y0=max(0.0, high - pad), x1=right, y1=min(float(h), low + pad))


def _panel_end(pixels: FloatArray, page: FloatArray, last: float, high: int, low: int) -> float | None:
    """Return where a panel with a background of its own ends, to the right of its last tick."""
    w = pixels.shape[1]
    rows = slice(max(0, high), max(high + 1, low))
    tones = np.median(pixels[rows], axis=0)
    start = int(min(w - 1, last))
    tone = np.median(tones[max(0, start - PLOT.sampled) : start + 1], axis=0)
    if np.abs(tone - page).max() < PLOT.shade:
        return None
    same = np.abs(tones[start:] - tone).max(axis=1) < PLOT.same_shade
    inside = np.flatnonzero(same)
    if not len(inside) or inside[0] > PLOT.grid_line:
        return None
    breaks = np.flatnonzero(np.diff(inside) > PLOT.grid_line)
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
            if (
                abs(left.across - low.start) > PLOT.corner_x * pixels.shape[1]
                or low.across < (left.start + left.stop) / 2
            ):
                continue
            if abs(left.stop - low.across) > PLOT.corner_y * pixels.shape[0]:
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
            where, "axis lines with tick marks", "none that were found", f"give {option_name('crop')} around one panel"
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

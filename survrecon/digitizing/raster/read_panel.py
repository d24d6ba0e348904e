"""One panel of a picture: its plot area, and its curves in data units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.arrays import run_edges
from survrecon.digitizing.geometry import strongest
from survrecon.digitizing.options import MOST_OF_FRACTION
from survrecon.digitizing.raster.against import columns_off_ink, share_aslant, what_speaks_against
from survrecon.digitizing.raster.axes import RasterAxes, calibrate, plot_area
from survrecon.digitizing.raster.curves import find_curves
from survrecon.digitizing.raster.left_open import comes_down, height_of_dots, what_is_left_open
from survrecon.digitizing.raster.marks import Marks, find_marks, wide_shape
from survrecon.digitizing.raster.not_curves import not_curves
from survrecon.digitizing.raster.pixels import background, long_lines
from survrecon.digitizing.raster.run_on import to_their_ends
from survrecon.digitizing.raster.settings import PANEL
from survrecon.digitizing.raster.steps.line_cover import beside_marks, near_pixels
from survrecon.digitizing.raster.steps.staircase import fit_staircase
from survrecon.digitizing.words.scene import DrawnCurve

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.raster.curves import RawCurve
    from survrecon.digitizing.raster.pixels import Line
    from survrecon.digitizing.words.labels import PanelLabels
    from survrecon.digitizing.words.words import Word

__all__ = ["RasterPanel", "read_panel"]


@dataclass(frozen=True, kw_only=True)
class RasterPanel:
    """What the pixels of one panel hold.

    Parameters
    ----------
    axes : RasterAxes
        The calibrated axes.
    plot : Box
        The plot area.
    percent, rising : bool
        Whether the axis is in percent, and whether it shows 1 - S.
    page : numpy.ndarray, shape (3,)
        The plot area's background.
    curves : list of RawCurve
        The curves in pixels of the plot area, turned so that they fall.
    drawn : list of DrawnCurve
        The same in data units.
    origin : tuple of int
        Column and row of the plot area's first pixel.
    blank : numpy.ndarray of bool, shape of the plot area
        Its pixels of which no notice is taken.
    footprint : numpy.ndarray of bool, shape (h, w)
        Pixels of the whole figure that the curves cover.
    """

    axes: RasterAxes
    plot: Box
    percent: bool
    rising: bool
    page: FloatArray
    curves: list[RawCurve]
    drawn: list[DrawnCurve]
    origin: tuple[int, int]
    blank: npt.NDArray[np.bool_]
    footprint: npt.NDArray[np.bool_]

    @property
    def full(self) -> float:
        """Full survival on the axis."""
        return 100.0 if self.percent else 1.0


def read_panel(
    pixels: FloatArray,
    labels: PanelLabels,
    words: list[Word],
    *,
    wanted: int | None = None,
    rising: bool | None = None,
    axes: RasterAxes | None = None,
    percent: bool | None = None,
) -> RasterPanel:
    """Calibrate one panel and trace its curves."""
    axes = axes or calibrate(pixels, labels)
    highest = axes.highest(labels.survival)
    percent = highest > MOST_OF_FRACTION if percent is None else percent
    full = 100.0 if percent else 1.0
    horizontal, vertical = long_lines(pixels)
    if rising is None:
        rising = highest < PANEL.rising_below * full
    plot = plot_area(pixels, axes, horizontal, full if not rising else highest)
    plot = _as_axis_is_drawn(plot, axes, vertical, rising=rising)
    y0, y1 = int(np.floor(plot.y0)), int(np.ceil(plot.y1))
    x0, x1 = round(plot.x0), round(plot.x1)
    area = pixels[y0:y1, x0:x1]
    page = background(area)
    row = float(axes.survival.position(0.0 if rising else full)) - y0
    step = -1 if rising else 1
    first = len(area) - row if rising else row
    blank = not_curves(
        area, page, words=words, lines=(horizontal, vertical), plot=plot, first_row=first, falling=not rising
    )
    curves, _ = find_curves(area[::step], page, first_row=first, blank=blank[::step], wanted=wanted)
    curves = to_their_ends(curves, strongest(np.abs(area - page))[::step], blank[::step])
    panel = RasterPanel(
        axes=axes,
        plot=plot,
        percent=percent,
        rising=rising,
        page=page,
        curves=curves,
        drawn=[],
        origin=(x0, y0),
        blank=blank,
        footprint=np.zeros(pixels.shape[:2], bool),
    )
    panel.drawn.extend(_in_data_units(panel, curve, pixels) for curve in curves)
    for curve in curves:
        panel.footprint[y0:y1, x0:x1] |= curve.footprint[::step]
    return panel


def _as_axis_is_drawn(plot: Box, axes: RasterAxes, vertical: list[Line], *, rising: bool) -> Box:
    """Return a plot area as far as the survival axis is drawn: curves may run beyond its last tick read."""
    line = axes.survival_line if axes.survival_line is not None else plot.x0
    gap = np.abs(np.diff(np.sort(axes.survival.positions)))
    tick = float(np.median(gap)) if len(gap) else 0.0
    near = PANEL.axis_near * plot.width
    drawn = [v for v in vertical if abs(v.across - line) < near and v.stop - v.start > plot.height / 2]
    if rising:
        return replace(plot, y0=max(0.0, plot.y0 - tick, min([plot.y0, *(v.start for v in drawn)])))
    zero = float(axes.survival.position(0.0)) + PANEL.below_zero * plot.height
    ends = [v.stop for v in drawn] or ([] if axes.time_line is None else [axes.time_line])
    return replace(plot, y1=max(plot.y1, min(zero, plot.y1 + tick, max([plot.y1, *ends]))))


def _in_data_units(panel: RasterPanel, curve: RawCurve, pixels: FloatArray) -> DrawnCurve:
    """Turn a curve's pixels into times and survival."""
    marks = _marks(panel, curve)
    curve = _refined(panel, curve, marks)
    marks = None if marks is None else _marks(panel, curve) or marks
    curve = _up_to_last_mark(curve, marks)
    x0, y0 = panel.origin
    full = panel.full
    height = len(panel.blank)
    time = panel.axes.time.value(np.append(curve.x, curve.stop) + x0)
    rows = np.append(curve.y, curve.y[-1])
    shown = panel.axes.survival.value((height - rows if panel.rising else rows) + y0) / full
    survival = np.clip(1.0 - shown if panel.rising else shown, 0.0, 1.0)
    time = np.maximum.accumulate(np.maximum(time, 0.0))
    pixel = abs(1.0 / (panel.axes.survival.scale * full))
    if survival[0] > 1.0 - PANEL.at_full * pixel:
        survival[0] = 1.0
        time[0] = 0.0
    falls = curve.falls_to is not None or curve.stop - curve.x[-1] <= curve.layer.line_width + 3
    foot = curve.layer.line_width / 2 + PANEL.foot
    if falls and len(curve.x) > 1 and survival[-1] < (foot + _covered(panel, curve)) * pixel:
        survival[-2:] = 0.0  # the last patient's event: the line's end may or may not reach beyond its foot
        time[-1] = time[-2]
    columns = None if marks is None else marks.columns
    if columns is not None and len(columns):
        # the curve ends at its last patient, not at the end of that patient's plus sign
        over = curve.stop - float(columns[-1])
        if 0 < over <= 2 * curve.layer.line_width + 3:
            time[-1] = max(float(panel.axes.time.value(columns[-1] + x0)), float(time[-2]))
    return DrawnCurve(
        colour=curve.layer.colour,
        duty=curve.covered,
        followed=_followed(panel, curve),
        dash=curve.dash,
        line_width=curve.layer.line_width,
        time=time,
        survival=np.minimum.accumulate(survival),
        censor_times=None if columns is None else np.clip(panel.axes.time.value(columns + x0), 0.0, None),
        remarks=tuple(what_is_left_open(panel, curve)),
        first_drop=survival[0] < 1.0 and comes_down(panel, curve, pixels),
        dot_height=height_of_dots(curve),
        contradictions=tuple(what_speaks_against(panel, curve)),
        aslant=share_aslant(curve),
    )


def _up_to_last_mark(curve: RawCurve, marks: Marks | None) -> RawCurve:
    """Return a curve without steps at the mark that ends it, where that mark stands out above the line before them.

    The lower half of the mark, or a frame right behind it, looks like a last stroke downwards. A stroke that is one
    has its mark at its foot, and no ink above its head.
    """
    if marks is None or not len(marks.columns):
        return curve
    last, half = float(marks.columns[-1]), curve.layer.line_width / 2
    before = curve.x < last - half - 1
    if before.all() or not before.any() or curve.stop - last > 4 * half + 3:
        return curve
    foot = curve.y[before][-1] - half - 1.0
    rows = slice(max(0, round(foot - PANEL.mark_share * (marks.reach - half))), max(0, round(foot)))
    above = curve.layer.coverage[rows, max(0, int(last) - 1) : int(last) + 2]
    if not above.size or above.max(axis=1).mean() < 0.5:
        return curve
    return replace(curve, x=curve.x[before], y=curve.y[before], falls_to=None)


def _covered(panel: RasterPanel, curve: RawCurve) -> float:
    """Return how many rows the axis line hides below the foot of the stroke that ends a curve."""
    if curve.falls_to is None:
        return 0.0
    blank = panel.blank[:: -1 if panel.rising else 1]
    row = int(curve.falls_to + curve.layer.line_width / 2 + 0.5)
    below = blank[row : row + 3, min(int(curve.x[-1]), blank.shape[1] - 1)]
    if not below.any():
        return 0.0
    rows = np.flatnonzero(blank[row:, min(int(curve.x[-1]), blank.shape[1] - 1)])
    gaps = np.flatnonzero(np.diff(rows) > 1)
    return float(rows[gaps[0] if len(gaps) else -1] + 1)


def _refined(panel: RasterPanel, curve: RawCurve, marks: Marks | None) -> RawCurve:
    """Return a curve with its corners fitted to every pixel of its line that nothing hides."""
    over = panel.blank[:: -1 if panel.rising else 1].astype(float)
    for other in panel.curves:
        if other is curve:
            continue
        if other.layer is curve.layer:
            over = np.maximum(over, other.footprint & ~curve.footprint)
        else:
            over = np.maximum(over, other.layer.coverage)
    half = curve.layer.line_width / 2
    near = near_pixels(curve.layer.coverage, curve.layer.ink, over, curve.path, half, broken=curve.dash != "solid")
    if marks is not None:
        near = beside_marks(near, marks, curve.x, curve.y)
    keep = curve.x < curve.stop - half - 1 if curve.falls_to is not None else np.ones(len(curve.x), bool)
    x, y, _ = fit_staircase(near, curve.x[keep], curve.y[keep], half)
    full = float(panel.axes.survival.position(0.0 if panel.rising else panel.full)) - panel.origin[1]
    full = len(panel.blank) - full if panel.rising else full
    if abs(y[0] - full) < PANEL.full_slip:
        y = np.append(full, np.maximum(y[1:], full))
    fitted = replace(curve, x=np.append(x, curve.x[~keep]), y=np.append(y, curve.y[~keep]))
    # where the fit leaves ink of its own aside that the corners it began with do not, those are nearer to the line
    first, then = (int(columns_off_ink(panel, curve, one.x, one.y).sum()) for one in (curve, fitted))
    return curve if first < then else fitted


def _marks(panel: RasterPanel, curve: RawCurve) -> Marks | None:
    """Return the censoring marks; none where they show only beside one of two readings of the line."""
    hidden, broken = _foreign(panel, curve), curve.dash != "solid"
    shapes = (
        wide_shape(c.layer.ink, c.x, c.y, c.stop, c.layer.line_width, _foreign(panel, c))
        for c in [curve, *(other for other in panel.curves if other.layer is not curve.layer)]
    )
    shape = next((s for s in shapes if s is not None), None)  # arms of one figure bear the same marks
    reaches = []
    if broken:
        solid = (_marks(panel, other) for other in panel.curves if other.dash == "solid")
        reaches = [marks.reach for marks in solid if marks is not None]
    found = None
    for x, y in ((curve.first_x, curve.first_y), (curve.x, curve.y)):
        width = curve.layer.line_width
        found = find_marks(
            curve.layer.ink, x, y, curve.stop, width, hidden=hidden, broken=broken, shape=shape, reaches=reaches
        )
        if found is None:
            return None
    return found


def _followed(panel: RasterPanel, curve: RawCurve) -> float:
    """Return the share of a curve's columns with its ink, but for columns that others hide and a broken line's gaps."""
    path, half = curve.path, curve.layer.line_width / 2
    reach = int(np.ceil(half + 1))
    height = len(panel.blank)
    rows = np.clip(path.rows[:, None] + np.arange(-reach, reach + 1)[None, :], 0, height - 1)
    columns = path.columns[:, None]
    seen = (curve.layer.coverage[rows, columns] > PANEL.seen).any(axis=1)
    over = panel.blank[:: -1 if panel.rising else 1].copy()
    for other in panel.curves:
        if other.path is not curve.path:  # a curve whose corners were fitted is no longer the panel's
            over |= other.footprint
    visible = seen | ~over[rows, columns].any(axis=1)
    edges = run_edges(~seen)
    gaps = edges[1::2] - edges[::2]
    longest = PANEL.usual_gaps * float(np.median(gaps)) if len(gaps) and curve.dash != "solid" else 0.0
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        seen[start:stop] |= stop - start <= longest
    return float(seen[visible].mean()) if visible.any() else 0.0


def _foreign(panel: RasterPanel, curve: RawCurve) -> npt.NDArray[np.bool_]:
    """Return the pixels that other curves and their marks cover."""
    mask = np.zeros(curve.footprint.shape, bool)
    for other in (other for other in panel.curves if other is not curve):
        if other.layer is not curve.layer:
            mask |= (other.layer.coverage > PANEL.foreign) & (curve.layer.coverage < PANEL.own_ink)
        mask |= other.footprint & ~curve.footprint
    return mask

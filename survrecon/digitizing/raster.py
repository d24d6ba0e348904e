"""A raster panel from labels to curves in data units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survrecon.digitizing.axes import RasterAxes, calibrate, plot_area
from survrecon.digitizing.curves import RawCurve, find_curves
from survrecon.digitizing.geometry import Box, FloatArray
from survrecon.digitizing.labels import PanelLabels
from survrecon.digitizing.marks import find_marks
from survrecon.digitizing.pixels import Line, background, long_lines
from survrecon.digitizing.scene import DrawnCurve
from survrecon.digitizing.words import Word

__all__ = ["RasterPanel", "read_panel"]

_RISING_BELOW = 0.93  # an axis that ends below this share of full survival cannot show a curve that starts there


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
    highest = float(axes.survival.values.max())
    percent = highest > 1.5 if percent is None else percent
    full = 100.0 if percent else 1.0
    horizontal, vertical = long_lines(pixels)
    if rising is None:
        rising = highest < _RISING_BELOW * full
    plot = plot_area(pixels, axes, horizontal, full if not rising else highest)
    y0, y1 = int(np.floor(plot.y0)), int(np.ceil(plot.y1))
    x0, x1 = round(plot.x0), round(plot.x1)
    area = pixels[y0:y1, x0:x1]
    page = background(area)
    blank = _blank(area.shape, (x0, y0), area, page, words, horizontal, vertical, plot)
    row = float(axes.survival.position(0.0 if rising else full)) - y0
    step = -1 if rising else 1
    first = len(area) - row if rising else row
    curves, _ = find_curves(area[::step], page, first_row=first, blank=blank[::step], wanted=wanted)
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
    panel.drawn.extend(_in_data_units(panel, curve) for curve in curves)
    for curve in curves:
        panel.footprint[y0:y1, x0:x1] |= curve.footprint[::step]
    return panel


def _in_data_units(panel: RasterPanel, curve: RawCurve) -> DrawnCurve:
    """Turn a curve's pixels into times and survival."""
    x0, y0 = panel.origin
    full = 100.0 if panel.percent else 1.0
    height = len(panel.blank)
    time = panel.axes.time.value(np.append(curve.x, curve.stop) + x0)
    rows = np.append(curve.y, curve.y[-1])
    shown = panel.axes.survival.value((height - rows if panel.rising else rows) + y0) / full
    survival = np.clip(1.0 - shown if panel.rising else shown, 0.0, 1.0)
    time = np.maximum.accumulate(np.maximum(time, 0.0))
    pixel = abs(1.0 / (panel.axes.survival.scale * full))
    if survival[0] > 1.0 - 1.5 * pixel:
        survival[0] = 1.0
        time[0] = 0.0
    if curve.falls_to is not None and survival[-1] < (curve.layer.line_width / 2 + 0.7) * pixel:
        survival[-2:] = 0.0  # the last patient's event: the line's end may or may not reach beyond its foot
    marks = _marks(panel, curve)
    if marks is not None:
        # the curve ends at its last patient, not at the end of that patient's plus sign
        over = curve.stop - float(marks[-1])
        if 0 < over <= 2 * curve.layer.line_width + 3:
            time[-1] = max(float(panel.axes.time.value(marks[-1] + x0)), float(time[-2]))
    return DrawnCurve(
        colour=curve.layer.colour,
        duty=curve.covered,
        dash=curve.dash,
        line_width=curve.layer.line_width,
        time=time,
        survival=np.minimum.accumulate(survival),
        censor_times=None if marks is None else np.clip(panel.axes.time.value(marks + x0), 0.0, None),
        remarks=tuple(_remarks(panel, curve)),
    )


def _marks(panel: RasterPanel, curve: RawCurve) -> FloatArray | None:
    """Return the censoring marks; none where they show only beside one of two readings of the line."""
    hidden, broken = _foreign(panel, curve), curve.dash != "solid"
    found = None
    for x, y in ((curve.first_x, curve.first_y), (curve.x, curve.y)):
        width = curve.layer.line_width
        found = find_marks(curve.layer.ink, x, y, curve.stop, width, hidden=hidden, broken=broken)
        if found is None:
            return None
    return found


def _remarks(panel: RasterPanel, curve: RawCurve) -> list[str]:
    """Say what the pixels leave open about a curve."""
    found = []
    if curve.twin:
        found.append(
            "another solid line has the same colour: neither names nor the lines after they meet are told apart"
        )
    for start, stop in curve.hidden:
        a, b = (float(panel.axes.time.value(x + panel.origin[0])) for x in (start, stop))
        found.append(f"hidden from time {a:.4g} to {b:.4g}, where it is taken to run on")
    return found


def _foreign(panel: RasterPanel, curve: RawCurve) -> npt.NDArray[np.bool_]:
    """Return the pixels that other curves and their marks cover."""
    mask = np.zeros(curve.footprint.shape, bool)
    for other in panel.curves:
        if other is curve:
            continue
        if other.layer is not curve.layer:
            mask |= (other.layer.coverage > 0.6) & (curve.layer.coverage < 0.3)
        mask |= other.footprint & ~curve.footprint
    return mask


def _blank(
    shape: tuple[int, ...],
    origin: tuple[int, int],
    area: FloatArray,
    page: FloatArray,
    words: list[Word],
    horizontal: list[Line],
    vertical: list[Line],
    plot: Box,
) -> npt.NDArray[np.bool_]:
    """Return the pixels of words, legend keys and axis lines."""
    h, w = shape[:2]
    x0, y0 = origin
    blank = np.zeros((h, w), bool)
    for line in horizontal:
        near = line.across < plot.y0 + 0.1 * plot.height or line.across > plot.y1 - 0.1 * plot.height
        if near and line.stop - line.start > 0.85 * plot.width and max(line.colour) - min(line.colour) < 0.15:
            a, b = line.across - y0 - line.thickness / 2 - 0.6, line.across - y0 + line.thickness / 2 + 0.6
            blank[max(0, round(a)) : max(0, round(b)), max(0, int(line.start - x0)) : max(0, int(line.stop - x0))] = (
                True
            )
    for line in vertical:
        near = line.across < plot.x0 + 0.03 * plot.width or line.across > plot.x1 - 0.03 * plot.width
        if near and line.stop - line.start > 0.85 * plot.height and max(line.colour) - min(line.colour) < 0.15:
            a, b = line.across - x0 - line.thickness / 2 - 0.6, line.across - x0 + line.thickness / 2 + 0.6
            blank[max(0, int(line.start - y0)) : max(0, int(line.stop - y0)), max(0, round(a)) : max(0, round(b))] = (
                True
            )
    ink = np.abs(area - page).max(axis=2) > 0.25
    ink &= ~blank
    tagged, _ = ndimage.label(ink, structure=np.ones((3, 3), int))
    boxes = ndimage.find_objects(tagged)
    words_only = np.zeros_like(blank)
    for word in words:
        if not word.plausible:
            continue
        pad = 0.25 * word.size
        left = word.box.x0 - pad
        text_box = (word.box.y0 - pad - y0, word.box.y1 + pad - y0, left - x0, word.box.x1 + pad - x0)
        key_box = (
            word.cy - 0.75 * word.size - y0,
            word.cy + 0.75 * word.size - y0,
            word.box.x0 - x0 - 0.13 * w,
            word.box.x0 - x0,
        )
        if text_box[3] < 0 or text_box[2] > w or text_box[1] < 0 or text_box[0] > h:
            continue
        for tag, where in enumerate(boxes, start=1):
            rows, columns = where
            for n, (a, b, c, d) in enumerate((text_box, key_box)):
                if rows.start >= a and rows.stop <= b and columns.start >= c and columns.stop <= d:
                    if n == 1 and word.number is not None:
                        continue
                    words_only[rows, columns] |= tagged[rows, columns] == tag
    return np.asarray(blank | ndimage.binary_dilation(words_only, iterations=3), bool)

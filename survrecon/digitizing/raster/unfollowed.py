"""Lines of a plot that no curve follows: an arm may be missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from survrecon.digitizing.geometry import grown, strongest
from survrecon.digitizing.result import Doubt
from survrecon.digitizing.settings import UNFOLLOWED

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray
    from survrecon.digitizing.raster.read_panel import RasterPanel
    from survrecon.digitizing.settings import UnfollowedSettings

__all__ = ["unfollowed_lines"]


def unfollowed_lines(panel: RasterPanel, pixels: FloatArray, settings: UnfollowedSettings = UNFOLLOWED) -> list[Doubt]:
    """Return a doubt for each line that looks like a survival curve and that no curve follows.

    Parameters
    ----------
    panel : RasterPanel
        The panel with its curves.
    pixels : numpy.ndarray, shape (h, w, 3)
        The figure, 0 to 1.
    settings : UnfollowedSettings
        The thresholds.
    """
    if not panel.curves:
        return []
    x0, y0 = panel.origin
    height, width = panel.blank.shape
    line = max(curve.layer.line_width for curve in panel.curves)
    area = pixels[y0 : y0 + height, x0 : x0 + width]
    own = grown(panel.footprint[y0 : y0 + height, x0 : x0 + width], max(1, round(settings.beside * line)))
    strength = strongest(np.abs(area - panel.page))
    ink = (strength > settings.ink) & ~panel.blank & ~own
    hidden = panel.blank | panel.footprint[y0 : y0 + height, x0 : x0 + width]
    if panel.rising:
        ink, strength, hidden = ink[::-1], strength[::-1], hidden[::-1]
    # dashes, and what is left of a line on both sides of another, are one piece
    reach = max(1, round(settings.gap * width / 2))
    joined = ndimage.maximum_filter(ink.view(np.uint8), (3, 2 * reach + 1), mode="constant").view(bool)
    tagged, _ = ndimage.label(joined, structure=np.ones((3, 3), int))
    found = _that_go_on(panel, strength, hidden, settings)
    for tag, (rows, columns) in enumerate(ndimage.find_objects(tagged), start=1):
        if columns.stop - columns.start - 2 * reach < settings.length * width:
            continue
        piece = ink[rows, columns] & (tagged[rows, columns] == tag)
        stands_out = _stands_out(piece, strength, (rows.start, columns.start), line, settings)
        if stands_out and _is_a_curve(piece, line, height, settings):
            start, stop = (float(panel.axes.time.value(x + x0)) for x in (columns.start + reach, columns.stop - reach))
            found.append(_doubt(max(start, 0.0), stop))
    return found


def _that_go_on(
    panel: RasterPanel, strength: FloatArray, hidden: BoolArray, settings: UnfollowedSettings
) -> list[Doubt]:
    """Return a doubt for each solid curve behind whose end a line goes on at its level.

    Contrast and what is hidden are of the plot area, turned so that curves fall.
    """
    height, width = hidden.shape
    found = []
    for curve in panel.curves:
        first = int(curve.stop) + 2
        last = first + max(settings.least_behind, round(settings.behind * width))
        away = max(1, round(settings.clear * curve.layer.line_width)) + 1
        row = round(float(curve.y[-1]))
        if curve.dash != "solid" or curve.falls_to is not None or last >= width or not away < row < height - away - 1:
            continue
        level = strength[row - 1 : row + 2, first:last].max(axis=0)
        beside = np.maximum(strength[row - away - 1, first:last], strength[row + away + 1, first:last])
        own = settings.of_line * curve.layer.strength
        if not hidden[row - 1 : row + 2, first:last].any() and bool((level - beside > own).mean() > settings.goes_on):
            end = float(panel.axes.time.value(curve.stop + panel.origin[0]))
            found.append(
                replace(
                    _doubt(end, end),
                    read=f"a line that goes on from time {end:.4g}",
                    why="a curve at its level ends there: the rest of it may have been lost",
                )
            )
    return found


def _stands_out(
    piece: BoolArray, strength: FloatArray, corner: tuple[int, int], line: float, settings: UnfollowedSettings
) -> bool:
    """Whether a piece of ink is darker than what lies above and below it; the edge of a band is not."""
    inked = np.flatnonzero(piece.any(axis=0))
    if not len(inked):
        return False
    away = max(1, round(settings.clear * line))
    columns = inked + corner[1]
    top = piece.argmax(axis=0)[inked] + corner[0]
    bottom = len(piece) - 1 - piece[::-1].argmax(axis=0)[inked] + corner[0]
    over = strength[np.maximum(top - away, 0), columns]
    under = strength[np.minimum(bottom + away, len(strength) - 1), columns]
    own = strength[(top + bottom) // 2, columns]
    return float(np.median(own - np.maximum(over, under))) > settings.ink * settings.contrast


def _is_a_curve(piece: BoolArray, line: float, height: int, settings: UnfollowedSettings) -> bool:
    """Whether a piece of ink is thin, falls, and hardly ever rises."""
    inked = np.flatnonzero(piece.any(axis=0))
    if len(inked) < settings.seen * piece.shape[1]:
        return False
    top = piece.argmax(axis=0)[inked]
    bottom = len(piece) - piece[::-1].argmax(axis=0)[inked]
    if float(np.median(bottom - top)) > max(settings.thickness * line, settings.thinnest):
        return False
    centre = (top + bottom) / 2.0
    steps = np.diff(centre)
    falls = float(centre[-1] - centre[0]) > settings.fall * height
    return falls and float((steps < -1.0).mean()) < settings.rising


def _doubt(start: float, stop: float) -> Doubt:
    return Doubt(
        where="plot",
        read=f"a line from time {start:.4g} to {stop:.4g}",
        confidence=0.0,
        why="no curve follows it: an arm may be missing",
        options=("arms", "crop"),
        field="curve",
        time=start,
    )

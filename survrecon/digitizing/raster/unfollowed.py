"""Lines of a plot that no curve follows: an arm may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from survrecon.digitizing.geometry import grown, strongest
from survrecon.digitizing.result import Doubt

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray
    from survrecon.digitizing.raster.read_panel import RasterPanel

__all__ = ["UnfollowedSettings", "unfollowed_lines"]


@dataclass(frozen=True, kw_only=True, slots=True)
class UnfollowedSettings:
    """What of the ink that no curve covers looks like a curve."""

    ink: float = 0.25
    """Distance from the background, of 1, that counts as ink; as where words and keys are told from curves."""
    beside: float = 1.5
    """Line widths around a curve that are its own: its soft edge, and marks that hardly stick out."""
    gap: float = 0.02
    """Share of the plot's width that a gap may have: a dash's, or where another line crosses."""
    length: float = 0.3
    """Share of the plot's width that a line must run; words, keys and leader lines are shorter."""
    thickness: float = 2.5
    """Line widths, at the middle of its columns, beyond which it is a word, a band or a block."""
    thinnest: float = 3.0
    """Pixels that a line may have however thin the curves are: a soft edge takes one on each side."""
    fall: float = 0.04
    """Share of the plot's height that it must fall: grids, guide lines and frames are level."""
    rising: float = 0.08
    """Share of its columns in which it may rise, by more than a pixel: letters rise as often as they fall."""
    clear: float = 1.5
    """Line widths above and below it at which the page must show: soft edges end before."""
    contrast: float = 0.8
    """Of `ink`, by which it must be darker than there; bands are tinted on one side at least."""
    seen: float = 0.4
    """Share of its columns that must show ink; dashes show more."""


_SETTINGS = UnfollowedSettings()


def unfollowed_lines(panel: RasterPanel, pixels: FloatArray, settings: UnfollowedSettings = _SETTINGS) -> list[Doubt]:
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
    if panel.rising:
        ink, strength = ink[::-1], strength[::-1]
    # dashes, and what is left of a line on both sides of another, are one piece
    reach = max(1, round(settings.gap * width / 2))
    joined = ndimage.maximum_filter(ink.view(np.uint8), (3, 2 * reach + 1), mode="constant").view(bool)
    tagged, _ = ndimage.label(joined, structure=np.ones((3, 3), int))
    found = []
    for tag, (rows, columns) in enumerate(ndimage.find_objects(tagged), start=1):
        if columns.stop - columns.start - 2 * reach < settings.length * width:
            continue
        piece = ink[rows, columns] & (tagged[rows, columns] == tag)
        stands_out = _stands_out(piece, strength, (rows.start, columns.start), line, settings)
        if stands_out and _is_a_curve(piece, line, height, settings):
            start, stop = (float(panel.axes.time.value(x + x0)) for x in (columns.start + reach, columns.stop - reach))
            found.append(_doubt(max(start, 0.0), stop))
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

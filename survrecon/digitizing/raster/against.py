"""What the pixels say against a curve as read: ink of its own that it leaves aside, and falls that are drawn aslant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from survrecon.arrays import runs
from survrecon.digitizing.raster.left_open import time_of_column
from survrecon.digitizing.raster.pixels import nearest_in_columns

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray
    from survrecon.digitizing.raster.curves import RawCurve
    from survrecon.digitizing.raster.read_panel import RasterPanel

__all__ = ["AgainstSettings", "columns_off_ink", "share_aslant", "what_speaks_against"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AgainstSettings:
    """When a curve's own ink contradicts its reading."""

    ink: float = 0.5
    """Coverage from which a pixel is surely of the curve's ink; compression and soft edges have less."""
    edge: int = 2
    """Pixels around curves that their soft edges reach."""
    off: float = 0.01
    """Share of the plot's height by which a level is off its ink: as much as a reading may be off ..."""
    least_off: float = 1.5
    """... and so many pixels at least, which soft edges explain."""
    reach: float = 0.12
    """Share of the plot's height within which ink of the curve's colour is the curve's; keys and words are further."""
    beside_step: float = 1.5
    """Line widths, and as many pixels, on both sides of a step, where a stroke runs and levels are open."""
    run: float = 0.012
    """Share of the plot's width over which a level off its ink is no mark and no noise."""
    behind: float = 0.01
    """Share of the plot's width on which a curve's ink shows behind its end before its end is in question."""
    bare: float = 0.05
    """Share of the plot's width: over a longer stretch of bare paper no line runs; marks and words leave shorter ..."""
    words_near: float = 0.05
    """... unless words stand within this share of the plot's height of it, whose ground may be white ..."""
    fall_hidden: float = 0.02
    """... and the curve falls by no more than this share of the plot's height behind them."""
    window: int = 7
    """Columns in which a line falls without a stroke where it is drawn aslant."""
    fall: float = 3.0
    """Pixels by which it falls within them; soft edges and steps of a pixel each fall by less."""
    stroke: float = 1.5
    """Pixels by which the ink of a column may exceed the line's width before it shows a stroke."""


_SETTINGS = AgainstSettings()


def _own_ink(panel: RasterPanel, curve: RawCurve, settings: AgainstSettings) -> BoolArray:
    """Return the pixels that are surely of a curve's ink, without those of other curves of its colour.

    Ink that no curve covers is the curve's too, for compression takes the colour of thin lines.
    """
    blank = panel.blank[:: -1 if panel.rising else 1]
    own = curve.layer.coverage > settings.ink
    covered = curve.footprint.copy()
    for other in panel.curves:
        if other.path is not curve.path:
            covered |= other.footprint
            if other.layer is curve.layer:
                own &= ~(ndimage.binary_dilation(other.footprint) & ~curve.footprint)
    own |= (curve.layer.ink > settings.ink) & ~ndimage.binary_dilation(covered, iterations=settings.edge)
    return np.asarray(own & ~blank, bool)


def columns_off_ink(
    panel: RasterPanel, curve: RawCurve, x: FloatArray, y: FloatArray, settings: AgainstSettings = _SETTINGS
) -> BoolArray:
    """Return, for each column, whether levels leave aside ink of their curve that is seen above or below them.

    Parameters
    ----------
    panel : RasterPanel
        The panel with its curves.
    curve : RawCurve
        The curve.
    x, y : numpy.ndarray, shape (m,)
        Corners of the levels in pixels of the plot area: each y holds from its x on.
    settings : AgainstSettings
        The thresholds.
    """
    own = _own_ink(panel, curve, settings)
    height, width = own.shape
    columns = np.arange(min(int(curve.stop), width))
    level = y[np.maximum(np.searchsorted(x, columns + 0.5, side="right") - 1, 0)]
    row = np.clip(level.astype(int), 0, height - 1)
    above, below = (rows[row, columns] for rows in nearest_in_columns(own))
    up = np.where(above >= 0, level - 1 - above, np.inf)
    down = np.where(below < height, below - level, np.inf)
    away = np.minimum(up, down)
    off = (away > max(settings.least_off, settings.off * height)) & (away < settings.reach * height)
    # strokes stand beside steps
    margin = settings.beside_step * (curve.layer.line_width + 1)
    for at in x[1:]:
        off[max(0, int(at - margin)) : int(at + margin) + 1] = False
    return np.asarray(off, bool)


def what_speaks_against(panel: RasterPanel, curve: RawCurve, settings: AgainstSettings = _SETTINGS) -> list[str]:
    """Say what of a curve's own ink its reading leaves aside.

    Parameters
    ----------
    panel : RasterPanel
        The panel with its curves.
    curve : RawCurve
        The curve as read.
    settings : AgainstSettings
        The thresholds.
    """
    found = []
    width = panel.blank.shape[1]
    alone = not any(other.layer is curve.layer and other.path is not curve.path for other in panel.curves)
    if alone or curve.dash == "solid":  # between dashes the ink of another line of the colour may be the nearest
        off = runs(columns_off_ink(panel, curve, curve.x, curve.y, settings))
        longest = max(off, key=lambda run: run[1] - run[0], default=(0, 0))
        if longest[1] - longest[0] > settings.run * width:
            start, stop = (time_of_column(panel, column) for column in longest)
            found.append(f"from time {start:.4g} to {stop:.4g} ink of its colour stands above or below it")
    for start, stop in curve.hidden:
        a, b = (time_of_column(panel, column) for column in (start, stop))
        behind = curve.path.rows[max(0, start - 1) : stop + 1]
        if stop - start <= settings.bare * width:
            continue
        if not _near_words(panel, curve, start, stop, settings):
            found.append(f"from time {a:.4g} to {b:.4g} none of its ink shows, and nothing covers it there")
        elif behind[-1] - behind[0] > settings.fall_hidden * len(panel.blank):
            found.append(f"from time {a:.4g} to {b:.4g} words hide how it falls")
    if _runs_on_behind(panel, curve, settings):
        found.append(
            f"ink of its colour shows behind its end at time {time_of_column(panel, curve.stop):.4g}: it may run on"
        )
    return found


def _near_words(panel: RasterPanel, curve: RawCurve, start: int, stop: int, settings: AgainstSettings) -> bool:
    """Return whether something that is no curve stands over or beside most of a stretch of a curve."""
    blank = panel.blank[:: -1 if panel.rising else 1]
    near = int(settings.words_near * len(blank))
    level = curve.path.rows[start:stop]
    beside = blank[max(0, int(level.min()) - near) : int(level.max()) + near + 1, start:stop]
    return bool(beside.any(axis=0).mean() > 1 / 2)


def _runs_on_behind(panel: RasterPanel, curve: RawCurve, settings: AgainstSettings) -> bool:
    """Return whether ink of a curve's colour shows behind its end, at its last level or below."""
    own = _own_ink(panel, curve, settings)
    height, width = own.shape
    end = int(curve.stop + settings.beside_step * (curve.layer.line_width + 1))
    top = max(0, int(curve.y[-1] - curve.layer.line_width))
    bottom = int(curve.y[-1] + settings.reach * height)
    return bool(own[top:bottom, end:].any(axis=0).sum() > settings.behind * width)


def share_aslant(curve: RawCurve, settings: AgainstSettings = _SETTINGS) -> float:
    """Return the share of a curve's fall that is drawn aslant, without upright strokes.

    A stroke adds its height to the ink of its columns; a line drawn from one event to the next holds no more ink than
    a level one, while its middle moves down.

    Parameters
    ----------
    curve : RawCurve
        The curve.
    settings : AgainstSettings
        The thresholds.
    """
    half = curve.layer.line_width / 2
    reach = int(np.ceil(half + settings.fall))
    coverage, rows, columns = curve.layer.coverage, curve.path.rows, curve.path.columns
    around = np.clip(rows[:, None] + np.arange(-reach, reach + 1)[None, :], 0, len(coverage) - 1)
    ink = coverage[around, columns[:, None]]
    held = ink.sum(axis=1)
    middle = (ink * around).sum(axis=1) / np.maximum(held, settings.ink)
    window = settings.window
    total = float(rows[-1] - rows[0])
    if len(rows) <= window or total < settings.fall:
        return 0.0
    # windows without a stroke, seen in all their columns, in which the line falls all the same
    least = np.lib.stride_tricks.sliding_window_view(held, window).min(axis=1) > settings.ink
    level = np.lib.stride_tricks.sliding_window_view(held, window).max(axis=1) < 2 * half + settings.stroke
    falls = (middle[window - 1 :] - middle[: len(middle) - window + 1]) > settings.fall
    aslant = np.zeros(len(rows), bool)
    for k in np.flatnonzero(least & level & falls).tolist():
        aslant[k : k + window - 1] = True
    moved = np.diff(middle, append=middle[-1:])
    return float(np.clip(moved[aslant].sum() / total, 0.0, 1.0))

"""Where a curve runs on behind the end of its path: under a block of marks, or after a fall whose stroke is dashed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from survrecon.arrays import runs
from survrecon.digitizing.raster.curves import footprint
from survrecon.digitizing.raster.trace import usual_gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import BoolArray, FloatArray, IntArray
    from survrecon.digitizing.raster.curves import RawCurve

__all__ = ["RunOnSettings", "to_their_ends"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOnSettings:
    """When ink behind the end of a path is the curve's."""

    ink: float = 0.5
    """Coverage from which a pixel is surely inked; compression and soft edges have less."""
    faint: float = 0.35
    """Of the line's strength: ink of any tone from which it may run on; compression leaves thin lines no more."""
    joint: float = 1.0
    """Line widths, and two pixels, without ink that part no mark from the next: soft edges and thin gaps."""
    furthest: float = 0.12
    """Share of the plot's width over which marks may hide a curve's end: more is another line."""
    tall: float = 2.0
    """Pixels by which a mark stands out of its line above or below, soft edges allowed for."""
    marked: float = 0.25
    """Share of the columns behind the end that bear a mark: fewer are a line that crosses, or a letter."""
    longer_gap: float = 2.5
    """Usual gaps of a broken line: a longer one is no gap between dashes."""
    longest_gap: float = 0.03
    """Share of the plot's width: no broken line has longer gaps."""
    least_fall: float = 4.0
    """Pixels: a dashed stroke is at least so deep; a mark's lower half is not."""
    least_level: float = 0.008
    """Share of the plot's width: a level after the last fall that is shorter is no matter."""
    inked: float = 0.3
    """Share of the columns of such a level that show ink: a broken line's have as many."""
    falls: int = 4
    """Falls after the end of a path that are followed, at most: more were no end that the path missed."""


_SETTINGS = RunOnSettings()


def to_their_ends(
    curves: Sequence[RawCurve], strength: FloatArray, blank: BoolArray, settings: RunOnSettings = _SETTINGS
) -> list[RawCurve]:
    """Return curves that run on to where their ink ends.

    A path ends where its own colour does: marks of another tone that stand so close that no line shows between them
    hide what follows, and a broken line's last fall shows too few dashes to be worth following.

    Parameters
    ----------
    curves : sequence of RawCurve
        The curves of a plot area, in its pixels.
    strength : numpy.ndarray, shape (h, w)
        How far each pixel is from the background: where marks stand close they look like a filled area, which the ink
        of layers does not hold.
    blank : numpy.ndarray of bool, shape (h, w)
        Pixels that belong to no curve.
    settings : RunOnSettings
        The thresholds.
    """
    made = []
    for curve in curves:
        free = ~blank
        for other in curves:
            if other is not curve:
                free &= ~(ndimage.binary_dilation(other.footprint) & ~curve.footprint)
        if curve.dash != "solid":
            for _ in range(settings.falls):
                further = _after_fall(curve, (curve.layer.coverage > settings.ink) & free, settings)
                if further is curve:
                    break
                curve = further
        curve = _under_marks(curve, (strength > settings.faint * curve.layer.strength) & free, settings)
        made.append(curve)
    return made


def _reached(inked: BoolArray, gap: int) -> int:
    """Return how many columns from the first on are inked, with gaps up to a length."""
    last = 0
    for start, stop in runs(inked):
        if start - last > gap:
            break
        last = stop
    return last


def _under_marks(curve: RawCurve, ink: BoolArray, settings: RunOnSettings) -> RawCurve:
    """Return a curve that runs on along its last level as far as a block of marks does.

    The lower half of the first of them looks like a stroke that ends the curve.
    """
    before = _before_stroke(curve)
    half, stop = curve.layer.line_width / 2, int(np.ceil(curve.stop))
    height, width = ink.shape
    y = before.y
    level = slice(max(0, int(y[-1] - half)), min(height, int(np.ceil(y[-1] + half))))
    beyond = ink[:, stop : stop + int(settings.furthest * width)]
    gap = int(settings.joint * 2 * half) + 2
    far = _reached(np.asarray(beyond[level].any(axis=0), bool), gap)
    if far <= 2 * gap or far >= beyond.shape[1] - gap:
        return curve
    # marks stand out of the line in one piece with it
    reach = int(np.ceil(half + settings.tall))
    row = int(y[-1])
    above = beyond[max(0, row - reach) : level.start, :far].all(axis=0) if row >= reach else np.zeros(far, bool)
    below = beyond[level.stop : row + reach + 1, :far].all(axis=0)
    if (above | below).mean() < settings.marked:
        return curve
    return _further(before, np.full(max(0, stop + far - curve.path.stop), int(y[-1])), before.x, y)


def _before_stroke(curve: RawCurve) -> RawCurve:
    """Return a curve without the stroke that seems to end it."""
    if curve.falls_to is None or len(curve.x) < 2:
        return curve
    return replace(curve, x=curve.x[:-1], y=curve.y[:-1], falls_to=None)


def _further(curve: RawCurve, rows: IntArray, x: FloatArray, y: FloatArray) -> RawCurve:
    """Return a curve whose path goes on through rows, with its corners."""
    path = replace(
        curve.path, stop=curve.path.stop + len(rows), rows=np.concatenate([curve.path.rows, rows.astype(np.int64)])
    )
    return replace(
        curve,
        path=path,
        x=x,
        y=y,
        first_x=np.append(curve.first_x, x[len(curve.x) :]),
        first_y=np.append(curve.first_y, y[len(curve.y) :]),
        stop=float(path.stop),
        footprint=footprint(curve.footprint.shape, path, curve.layer.line_width) > 0,
    )


def _usual_gap(curve: RawCurve, settings: RunOnSettings) -> float:
    """Return the usual number of columns between the dashes of a curve's level runs."""
    rows, columns = curve.path.rows, curve.path.columns
    bare = (curve.layer.coverage[rows, columns] <= settings.ink) & (np.diff(rows, prepend=rows[:1]) == 0)
    return usual_gap(bare) or 1.0


def _after_fall(curve: RawCurve, own: BoolArray, settings: RunOnSettings) -> RawCurve:
    """Return a broken curve that goes on down a dashed stroke at its end and along the level at its foot."""
    height, width = own.shape
    line = curve.layer.line_width
    gap = int(min(np.ceil(settings.longer_gap * _usual_gap(curve, settings)) + 1, settings.longest_gap * width))
    before = _before_stroke(curve)
    end, top = int(curve.stop), int(before.y[-1] + line / 2) + 1
    first = max(0, end - int(np.ceil(line)) - 1)
    near = own[top:, first : min(width, end + gap + int(np.ceil(line)))]
    depths = np.array([_reached(near[:, k], gap) for k in range(near.shape[1])])
    if not len(depths) or depths.max() < max(settings.least_fall, 2 * line):
        return curve
    deepest = np.flatnonzero(depths >= depths.max() - line)
    at, foot = max(first + float(deepest.mean()) + 1 / 2, float(before.x[-1])), top + int(depths.max()) - line / 2
    # the level at the foot of the stroke, whose first dash may lie a gap away
    start = int(at + line / 2) + 1
    rows = slice(max(0, int(foot - line)), min(height, int(np.ceil(foot + line + 1))))
    beyond = own[rows, start:]
    far = _reached(np.asarray(beyond.any(axis=0), bool), gap)
    if far < settings.least_level * width or beyond[:, :far].any(axis=0).mean() < settings.inked:
        return curve
    weight = beyond[:, :far].sum(axis=1)
    level = float((weight * (np.arange(rows.start, rows.stop) + 1 / 2)).sum() / weight.sum())
    path_rows = np.full(max(0, start + far - curve.path.stop), int(level))
    path_rows[: max(0, int(at) - curve.path.stop)] = curve.path.rows[-1]
    return _further(before, path_rows, np.append(before.x, at), np.append(before.y, level))

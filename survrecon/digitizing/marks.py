"""Censoring marks in pixels: short strokes across a traced curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage, signal

from survrecon.digitizing.geometry import FloatArray
from survrecon.digitizing.mark_shapes import common_shape, find_shapes

__all__ = ["Marks", "find_marks", "wide_shape"]

_TALLEST = 0.06  # of the plot's height, on either side of the line
_FAINTEST = 0.16  # coverage of a stroke that is told from noise
_FEW = 2  # columns of the clearest stroke


@dataclass(frozen=True, kw_only=True)
class Marks:
    """Censoring marks of one curve.

    Parameters
    ----------
    columns : numpy.ndarray, shape (c,)
        Where they stand, continuous columns.
    reach : float
        How far a stroke reaches up and down from the middle of the line, in pixels.
    """

    columns: FloatArray
    reach: float


def find_marks(
    coverage: FloatArray,
    x: FloatArray,
    y: FloatArray,
    stop: float,
    width: float,
    *,
    hidden: npt.NDArray[np.bool_] | None = None,
    broken: bool = False,
    shape: npt.NDArray[np.bool_] | None = None,
) -> Marks | None:
    """Find the censoring marks of one curve.

    Ink that stands above the highest and hangs below the lowest level of the curve near a column belongs to no
    step of the curve: it is a tick, a plus sign or a circle.

    Parameters
    ----------
    coverage : numpy.ndarray, shape (h, w)
        Soft coverage of the curve's colour.
    x, y : numpy.ndarray, shape (m,)
        Corners of the step curve in continuous pixels, y down.
    stop : float
        Where the curve ends.
    width : float
        Its line width.
    hidden : numpy.ndarray of bool, shape (h, w), or None
        Pixels of other curves, which say nothing about marks.
    broken : bool
        Whether the line is dashed or dotted.
    shape : numpy.ndarray of bool or None
        The shape of the marks, where it is wider than a stroke (see `wide_shape`).

    Returns
    -------
    Marks or None
        None where the curve bears none.
    """
    h, w = coverage.shape
    n, level = _levels(w, x, y, stop, width)
    covered = np.zeros(coverage.shape, bool) if hidden is None else hidden
    if shape is not None:
        wide = find_shapes(shape, coverage, level, width, covered)
        return None if wide is None else Marks(columns=wide[0], reach=wide[1])
    coverage = np.where(covered, 0.0, coverage)
    coverage = _filled(coverage, level, width)
    tallest = int(max(8, _TALLEST * h))
    leak = float(np.median(_beside(coverage[:, :n], level - width / 2, -1, 3)[:, 2]))
    near = int(np.ceil(width / 2 + 0.5 + (leak > 0.04) + (leak > 0.12)))
    high = ndimage.minimum_filter1d(level, 2 * near + 1, mode="nearest")
    low = ndimage.maximum_filter1d(level, 2 * near + 1, mode="nearest")
    above = _beside(coverage[:, :n], high - width / 2, -1, tallest)
    below = _beside(coverage[:, :n], low + width / 2, 1, tallest)
    half = _half_height(np.minimum(above, below), low - high < 0.5)
    if half < (4 if broken else 2):  # ends of dashes look like short strokes
        return None
    tall = half + width / 2
    room = 1 if half <= 3 else 2
    ink = _summed(coverage[:, :n])
    up = _above_ground(_between(ink, level - tall + 0.25, high - width / 2 - 0.6, room))
    down = _above_ground(_between(ink, low + width / 2 + 0.6, level + tall - 0.25, room))
    strength = np.where(np.isnan(up) | np.isnan(down), 0.0, np.fmin(up, down))
    one_sided = np.where(np.isnan(down), np.nan_to_num(up), np.where(np.isnan(up), np.nan_to_num(down), 0.0))
    typical = _typical(strength)
    if typical < (_FAINTEST if half > 3 else 0.3 if half == 3 else 0.4):  # short strokes must be the bolder
        return None
    strength = np.where(one_sided > 0.55 * typical, np.maximum(strength, one_sided), strength)
    noise = float(np.median(np.abs(strength - np.median(strength))))
    on = strength > max(0.7 * _FAINTEST, 0.32 * typical, 5 * noise)
    beyond_up = np.nan_to_num(_above_ground(_between(ink, level - tall - 3.5, level - tall - 1.0)))
    beyond_down = np.nan_to_num(_above_ground(_between(ink, level + tall + 1.0, level + tall + 3.5)))
    on &= np.minimum(beyond_up, beyond_down) < 0.5 * strength
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    if not runs:
        return None
    usual = float(np.quantile([b - a for a, b in runs], 0.25))
    found: list[float] = []
    for a, b in runs:
        found += _peaks(strength, a, b, usual)
    return Marks(columns=np.array(found), reach=tall)


def wide_shape(
    coverage: FloatArray, x: FloatArray, y: FloatArray, stop: float, width: float, hidden: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_] | None:
    """Return the shape of a curve's marks where it is wider than a stroke; parameters as for `find_marks`."""
    return common_shape(coverage, _levels(coverage.shape[1], x, y, stop, width)[1], width, hidden)


def _levels(w: int, x: FloatArray, y: FloatArray, stop: float, width: float) -> tuple[int, FloatArray]:
    """Return how many columns a curve has, and its height in each."""
    n = min(w, int(np.ceil(stop + width / 2 + 1)))
    return n, y[np.clip(np.searchsorted(x, np.arange(n) + 0.5, side="right") - 1, 0, len(y) - 1)]


def _filled(coverage: FloatArray, level: FloatArray, width: float) -> FloatArray:
    """Fill the inside of small rings on the line, so that circles are strokes like any other mark."""
    ink = coverage > 0.4
    holes, _ = ndimage.label(~ink)
    outside = set(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]).tolist())
    largest = (3.0 * width + 5.0) ** 2
    filled = coverage.copy()
    for tag, (rows, columns) in enumerate(ndimage.find_objects(holes), start=1):
        if (
            tag in outside
            or columns.stop > len(level)
            or columns.stop - columns.start > 3 * width + 6
            or rows.stop - rows.start > 3 * width + 6
        ):
            continue
        here = holes[rows, columns] == tag
        middle = float(level[(columns.start + columns.stop) // 2 - 1])
        if here.sum() <= largest and abs((rows.start + rows.stop) / 2 - middle) < 1.5 * width + 4:
            filled[rows, columns][here] = 1.0
    return filled


def _above_ground(strength: FloatArray) -> FloatArray:
    """Take away what lies beside the line everywhere, such as what is left of a band or of noise."""
    ground = ndimage.percentile_filter(np.nan_to_num(strength), 20, size=81, mode="nearest")
    return np.where(np.isnan(strength), np.nan, np.maximum(strength - ground, 0.0))


def _summed(values: FloatArray) -> FloatArray:
    """Return the sums of each column down to every row, shape (h + 1, n)."""
    h, n = values.shape
    total = np.zeros((h + 1, n))
    np.cumsum(values, axis=0, out=total[1:])
    return total


def _between(ink: FloatArray, top: FloatArray, bottom: FloatArray, least: int = 2) -> FloatArray:
    """Return the mean coverage between two heights in every column, NaN where they leave too little room.

    Coverage comes as the sums of `_summed`. What another curve hides counts as bare: marks of which half is seen are
    left out, for a mark too many misleads a reconstruction more than one too few.
    """
    h, n = len(ink) - 1, ink.shape[1]
    first, last = np.clip(np.round(top), 0, h).astype(int), np.clip(np.round(bottom), 0, h).astype(int)
    last = np.maximum(first, last)
    columns = np.arange(n)
    mean = (ink[last, columns] - ink[first, columns]) / np.maximum(last - first, 1)
    return np.where(last - first >= least, mean, np.nan)


def _beside(coverage: FloatArray, edge: FloatArray, step: int, most: int) -> FloatArray:
    """Return the coverage beside the line, shape (columns, distance), from its edge outwards."""
    h, n = coverage.shape
    start = np.ceil(edge - 0.25) if step > 0 else np.floor(edge + 0.25) - 1
    rows = start.astype(int)[:, None] + step * np.arange(most)[None, :]
    ok = (rows >= 0) & (rows < h)
    return np.where(ok, coverage[np.clip(rows, 0, h - 1), np.arange(n)[:, None]], 0.0)


def _half_height(both: FloatArray, flat: npt.NDArray[np.bool_]) -> int:
    """Return how many pixels the strokes stand out of the line, 0 where there are none.

    Parameters
    ----------
    both : numpy.ndarray, shape (n, d)
        The lesser coverage above and below the line, by distance from its edge.
    flat : numpy.ndarray of bool, shape (n,)
        Columns without a step nearby, where strokes show their whole height.
    """
    running = np.minimum.accumulate(both, axis=1)
    score = running[:, : min(4, running.shape[1])].mean(axis=1)
    if (score[flat] > _FAINTEST).sum() >= _FEW:
        running, score = running[flat], score[flat]
    best = np.flatnonzero(score >= max(0.5 * float(score.max(initial=0.0)), 0.5 * _FAINTEST))
    if len(best) < _FEW:
        best = np.argsort(-score)[:_FEW]
    shape = np.median(running[best], axis=0)
    if shape[1] < _FAINTEST:
        return 0
    ends = np.flatnonzero(shape < 0.35 * shape[:2].min())
    half = int(ends[0]) if len(ends) else len(shape)
    return 0 if half >= len(shape) else half


def _typical(strength: FloatArray) -> float:
    """Return the usual strength of the clear strokes."""
    peaks = strength[(strength >= ndimage.maximum_filter1d(strength, 5)) & (strength > 0.5 * _FAINTEST)]
    if not len(peaks):
        return 0.0
    return float(np.median(peaks[peaks >= 0.5 * peaks.max()]))


def _peaks(strength: FloatArray, a: int, b: int, usual: float) -> list[float]:
    """Return the centres of the strokes in one run of marked columns."""
    lo, hi = max(0, a - 1), min(len(strength), b + 1)
    weight = strength[lo:hi]
    length = b - a
    if length <= usual + 1.0:
        return [float((weight * (np.arange(lo, hi) + 0.5)).sum() / max(float(weight.sum()), 1e-9))]
    tops, _ = signal.find_peaks(
        np.concatenate([[0.0], strength[a:b], [0.0]]), prominence=0.12 * float(strength[a:b].max())
    )
    expected = length / max(usual + 0.75, 2.0)
    if len(tops) >= 0.6 * expected and len(tops) > 1:
        return [float(a + t - 1 + 0.5) for t in tops]
    count = max(2, round(expected))
    return [float(v) for v in np.linspace(a + usual / 2, b - usual / 2, count)]

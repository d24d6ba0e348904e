"""Censoring marks wider than a stroke, such as crosses and circles: their common shape, then where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survrecon.arrays import run_edges
from survrecon.digitizing.settings import MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from survrecon.arrays import BoolArray, FloatArray

__all__ = ["Marks", "common_shape", "find_marks", "find_shapes", "holes_of_symbols", "wide_shape"]

_LARGEST = 14  # pixels from the line that a mark reaches at most
_NARROW = 4  # columns: a shape no wider is a stroke, which `find_marks` finds
_ALIKE = 2  # shapes that show what the marks look like, at least
_VISIBLE = 0.5  # share of them that neither the line nor another curve hides


@dataclass(frozen=True, kw_only=True)
class _Band:
    """Ink beside a line: coverage, and which pixels are neither the line's nor hidden; and the level of each column."""

    ink: BoolArray
    free: BoolArray
    level: FloatArray

    def around(self, columns: npt.NDArray[np.int64], reach: int) -> tuple[BoolArray, BoolArray]:
        """Return squares of ink, and of what is free, around the line, shape (c, 2 reach + 1, 2 reach + 1)."""
        h, n = self.ink.shape
        offsets = np.arange(-reach, reach + 1)
        rows = np.floor(self.level[columns]).astype(np.int64)[:, None, None] + offsets[None, :, None]
        across = columns[:, None, None] + offsets[None, None, :]
        ok = (rows >= 0) & (rows < h) & (across >= 0) & (across < n)
        rows, across = np.clip(rows, 0, h - 1), np.clip(across, 0, n - 1)
        return self.ink[rows, across] & ok, self.free[rows, across] & ok


def common_shape(coverage: FloatArray, level: FloatArray, width: float, hidden: BoolArray) -> BoolArray | None:
    """Return the shape of a curve's wide marks, from those that stand alone on level stretches.

    Parameters
    ----------
    coverage : numpy.ndarray, shape (h, w)
        Soft coverage of the curve's colour.
    level : numpy.ndarray, shape (n,)
        Height of the line in every column.
    width : float
        Its line width.
    hidden : numpy.ndarray of bool, shape (h, w)
        Pixels of other curves.

    Returns
    -------
    numpy.ndarray of bool, shape (2 r + 1, 2 r + 1), or None
        Pixels around the line's middle that marks cover; None where no wide shape comes again.
    """
    band, line = _band(coverage, level, width, hidden)
    for hole in (1, 2 * int(np.ceil(width / 2 + 1)) + 1):  # the line hides the middle of a cross
        shape = _shape(band, line, hole)
        if shape is not None and (hole == 1 or not _of_bars(shape)):
            return shape
    return None


def _of_bars(shape: BoolArray) -> bool:
    """Return whether a shape is but upright strokes beside each other, as two near marks are."""
    tall = shape.sum(axis=0)
    return bool(tall[tall > 0].mean() > MARKS.bars * tall.max())


def find_shapes(
    shape: BoolArray, coverage: FloatArray, level: FloatArray, width: float, hidden: BoolArray
) -> tuple[FloatArray, float] | None:
    """Find the marks of a known shape; other parameters as for `common_shape`.

    Returns
    -------
    tuple of columns and reach, or None
        Where the marks stand and how far they reach from the line; None where there is none.
    """
    band, _ = _band(coverage, level, width, hidden)
    reach, total = len(shape) // 2, int(shape.sum())
    squares, free = band.around(np.arange(len(level)), reach)
    asked = (free & shape).sum(axis=(1, 2))
    covered = (squares & free & shape).sum(axis=(1, 2)) / np.maximum(asked, 1)
    covered[asked < _VISIBLE * total] = 0.0
    found = _chosen(covered, band, shape, total)
    rows = np.flatnonzero(shape.any(axis=1)) - reach
    return (np.sort(np.array(found) + 0.5), float(np.abs(rows).max()) + 0.5) if found else None


def _band(coverage: FloatArray, level: FloatArray, width: float, hidden: BoolArray) -> tuple[_Band, BoolArray]:
    """Return the ink beside a line, and which pixels the line itself covers."""
    n, near = len(level), int(np.ceil(width / 2 + 1))
    high = ndimage.minimum_filter1d(level, 2 * near + 1, mode="nearest") - width / 2 - 1
    low = ndimage.maximum_filter1d(level, 2 * near + 1, mode="nearest") + width / 2 + 1
    row = np.arange(len(coverage))[:, None] + 0.5
    line = np.asarray((row > high) & (row < low), bool)
    return _Band(ink=coverage[:, :n] > MARKS.ink, free=~line & ~hidden[:, :n], level=level), line


def _shape(band: _Band, line: BoolArray, hole: int) -> BoolArray | None:
    """Return the usual shape of marks that stand alone on a level stretch, None where there is no wide one.

    The line hides up to ``hole`` columns in the middle of a cross.
    """
    n = len(band.level)
    r = np.arange(len(band.ink))[:, None] + 0.5
    beside = band.ink & ~line & (np.abs(r - band.level) <= _LARGEST)
    above = np.asarray((beside & (r < band.level)).any(axis=0), bool)
    below = np.asarray((beside & (r > band.level)).any(axis=0), bool)
    inked = ndimage.binary_closing(np.pad(above | below, hole), structure=np.ones(hole + 1, bool))  # a cross's middle
    on = np.concatenate([[False], inked[hole:-hole], [False]]).astype(np.int8)
    starts, stops = np.flatnonzero(np.diff(on) == 1), np.flatnonzero(np.diff(on) == -1)
    alone = []
    for k, (a, b) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
        gap = min(a - stops[k - 1] if k else a, (starts[k + 1] if k + 1 < len(starts) else n) - b)
        flat = np.ptp(band.level[max(0, a - 1) : b + 1]) < MARKS.flat
        if gap >= 2 and flat and b - a <= 2 * _LARGEST and above[a:b].any() and below[a:b].any():
            alone.append((a, b))
    if len(alone) < _ALIKE:
        return None
    lengths = np.array([b - a for a, b in alone])
    usual = float(np.median(lengths))
    alike = np.array(
        [round((a + b - 1) / 2) for (a, b), length in zip(alone, lengths, strict=True) if abs(length - usual) <= 1]
    )
    if usual <= _NARROW or len(alike) < _ALIKE:
        return None
    squares, free = band.around(alike, _LARGEST)
    seen = (squares & free).mean(axis=0)
    shape = np.asarray(seen > 0.5, bool)
    rows, columns = np.flatnonzero(shape.any(axis=1)), np.flatnonzero(shape.any(axis=0))
    if not len(rows) or len(columns) <= _NARROW or not rows[0] < _LARGEST < rows[-1]:
        return None
    if abs((_LARGEST - rows[0]) - (rows[-1] - _LARGEST)) > 3 or shape.sum() < 0.5 * (seen > MARKS.seldom).sum():
        return None  # no mark sits askew, and what differs from place to place is no mark
    if (shape & shape[:, ::-1]).sum() < MARKS.symmetric * shape.sum():
        return None
    reach = int(max(np.abs(rows - _LARGEST).max(), np.abs(columns - _LARGEST).max()))
    middle = slice(_LARGEST - reach, _LARGEST + reach + 1)
    return np.asarray(shape[middle, middle], bool)


def _chosen(covered: FloatArray, band: _Band, shape: BoolArray, total: int) -> list[int]:
    """Return columns in which the shape is covered, each with ink that no clearer one explains."""
    reach = len(shape) // 2
    explained = np.zeros(band.ink.shape, bool)
    peak = covered >= ndimage.maximum_filter1d(covered, 3)
    found: list[int] = []
    h, n = band.ink.shape
    for column in np.argsort(-covered, kind="stable").tolist():
        if covered[column] < MARKS.covered:
            break
        if not peak[column]:
            continue
        rows, across = np.nonzero(shape)
        rows = rows - reach + int(np.floor(band.level[column]))
        across = across - reach + column
        ok = (rows >= 0) & (rows < h) & (across >= 0) & (across < n)
        rows, across = rows[ok], across[ok]
        new = band.ink[rows, across] & band.free[rows, across] & ~explained[rows, across]
        if new.sum() < MARKS.new * total:
            continue
        explained[rows, across] = True
        found.append(column)
    return found


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
    reaches: Sequence[float] = (),
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
    reaches : sequence of float
        How far marks on other lines of the figure reach: a broken line bears such ones, however short.

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
    tallest = int(max(8, MARKS.tallest * h))
    leak = float(np.median(_beside(coverage[:, :n], level - width / 2, -1, 3)[:, 2]))
    near = int(np.ceil(width / 2 + 0.5 + (leak > MARKS.leak) + (leak > MARKS.wide_leak)))
    high = ndimage.minimum_filter1d(level, 2 * near + 1, mode="nearest")
    low = ndimage.maximum_filter1d(level, 2 * near + 1, mode="nearest")
    above = _beside(coverage[:, :n], high - width / 2, -1, tallest)
    below = _beside(coverage[:, :n], low + width / 2, 1, tallest)
    half = _half_height(np.minimum(above, below), low - high < 0.5)
    tall = half + width / 2
    alike = any(abs(tall - reach) <= MARKS.alike for reach in reaches)
    if half < (MARKS.shortest_on_dashes if broken and not alike else MARKS.shortest):
        return None
    room = 1 if half <= 3 else 2
    ink = _summed(coverage[:, :n])
    up = _above_ground(_between(ink, level - tall + MARKS.stroke_end, high - width / 2 - MARKS.line_edge, room))
    down = _above_ground(_between(ink, low + width / 2 + MARKS.line_edge, level + tall - MARKS.stroke_end, room))
    strength = np.where(np.isnan(up) | np.isnan(down), 0.0, np.fmin(up, down))
    one_sided = np.where(np.isnan(down), np.nan_to_num(up), np.where(np.isnan(up), np.nan_to_num(down), 0.0))
    typical = _typical(strength)
    if typical < (
        MARKS.faintest if half > 3 else MARKS.short_strength if half == 3 else MARKS.shortest_strength
    ):  # short strokes must be the bolder
        return None
    strength = np.where(one_sided > MARKS.one_sided * typical, np.maximum(strength, one_sided), strength)
    noise = float(np.median(np.abs(strength - np.median(strength))))
    on = strength > max(MARKS.least_strength * MARKS.faintest, MARKS.usual_strength * typical, 5 * noise)
    beyond_up = np.nan_to_num(_above_ground(_between(ink, level - tall - MARKS.beyond, level - tall - 1.0)))
    beyond_down = np.nan_to_num(_above_ground(_between(ink, level + tall + 1.0, level + tall + MARKS.beyond)))
    on &= np.minimum(beyond_up, beyond_down) < 0.5 * strength
    found = _places(strength, np.asarray(on, bool))
    return Marks(columns=np.array(found), reach=tall) if found else None


def _places(strength: FloatArray, on: BoolArray) -> list[float]:
    """Return where marks stand in the runs of columns that bear them."""
    edges = run_edges(on)
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    usual = float(np.quantile([b - a for a, b in runs], MARKS.single)) if runs else 0.0
    return [place for a, b in runs for place in _peaks(strength, a, b, usual)]


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
    largest = (MARKS.ring_widths * width + MARKS.ring_pixels) ** 2
    filled = coverage.copy()
    for (rows, columns), here in holes_of_symbols(coverage > MARKS.ring, width):
        if columns.stop > len(level):
            continue
        middle = float(level[(columns.start + columns.stop) // 2 - 1])
        if here.sum() <= largest and abs((rows.start + rows.stop) / 2 - middle) < MARKS.ring_off * width + 4:
            filled[rows, columns][here] = 1.0
    return filled


def holes_of_symbols(ink: BoolArray, width: float) -> Iterator[tuple[tuple[slice, slice], BoolArray]]:
    """Yield the place, and the pixels there, of each hole in ink that is no larger than that of an open symbol.

    Parameters
    ----------
    ink : numpy.ndarray of bool, shape (h, w)
        Where there is ink.
    width : float
        Of the line that bears the symbols, in pixels.
    """
    holes, _ = ndimage.label(~ink)
    outside = set(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]).tolist())
    largest = MARKS.hole_widths * width + MARKS.hole_pixels
    for tag, (rows, columns) in enumerate(ndimage.find_objects(holes), start=1):
        if tag not in outside and max(columns.stop - columns.start, rows.stop - rows.start) <= largest:
            yield (rows, columns), np.asarray(holes[rows, columns] == tag)


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
    start = np.ceil(edge - MARKS.edge_slack) if step > 0 else np.floor(edge + MARKS.edge_slack) - 1
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
    if (score[flat] > MARKS.faintest).sum() >= _FEW:
        running, score = running[flat], score[flat]
    best = np.flatnonzero(score >= max(0.5 * float(score.max(initial=0.0)), 0.5 * MARKS.faintest))
    if len(best) < _FEW:
        best = np.argsort(-score)[:_FEW]
    shape = np.median(running[best], axis=0)
    if shape[1] < MARKS.faintest:
        return 0
    ends = np.flatnonzero(shape < MARKS.stroke_fall * shape[:2].min())
    half = int(ends[0]) if len(ends) else len(shape)
    return 0 if half >= len(shape) else half


def _typical(strength: FloatArray) -> float:
    """Return the usual strength of the clear strokes."""
    peaks = strength[(strength >= ndimage.maximum_filter1d(strength, 5)) & (strength > 0.5 * MARKS.faintest)]
    if not len(peaks):
        return 0.0
    return float(np.median(peaks[peaks >= 0.5 * peaks.max()]))


def _peaks(strength: FloatArray, a: int, b: int, usual: float) -> list[float]:
    """Return the centres of the strokes in one run of marked columns."""
    lo, hi = max(0, a - 1), min(len(strength), b + 1)
    weight = strength[lo:hi]
    length = b - a
    if length <= usual + 1.0:
        return [float((weight * (np.arange(lo, hi) + 0.5)).sum() / max(float(weight.sum()), MARKS.tiny))]
    from scipy import signal  # heavy, and only for marks that run together

    tops, _ = signal.find_peaks(
        np.concatenate([[0.0], strength[a:b], [0.0]]), prominence=MARKS.prominence * float(strength[a:b].max())
    )
    expected = length / max(usual + MARKS.next_mark, 2.0)
    if len(tops) >= MARKS.peaks_seen * expected and len(tops) > 1:
        return [float(a + t - 1 + 0.5) for t in tops]
    count = max(2, round(expected))
    return [float(v) for v in np.linspace(a + usual / 2, b - usual / 2, count)]

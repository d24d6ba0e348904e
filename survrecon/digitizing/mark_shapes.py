"""Censoring marks wider than a stroke, such as crosses and circles: their common shape, then where it stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survrecon.digitizing.geometry import FloatArray

__all__ = ["common_shape", "find_shapes"]

BoolArray = npt.NDArray[np.bool_]

_INK = 0.4  # coverage of a mark's pixel
_LARGEST = 14  # pixels from the line that a mark reaches at most
_NARROW = 4  # columns: a shape no wider is a stroke, which `find_marks` finds
_ALIKE = 2  # shapes that show what the marks look like, at least
_COVERED = 0.8  # share of the shape's pixels that are inked where one stands
_SYMMETRIC = 0.6  # share of a shape that its mirror image covers
_BARS = 0.7  # of the tallest column's ink: the usual column has less where strokes slant
_NEW = 0.25  # share of them that no mark beside it explains
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
    return bool(tall[tall > 0].mean() > _BARS * tall.max())


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
    return _Band(ink=coverage[:, :n] > _INK, free=~line & ~hidden[:, :n], level=level), line


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
        flat = np.ptp(band.level[max(0, a - 1) : b + 1]) < 0.3
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
    if abs((_LARGEST - rows[0]) - (rows[-1] - _LARGEST)) > 3 or shape.sum() < 0.5 * (seen > 0.2).sum():
        return None  # no mark sits askew, and what differs from place to place is no mark
    if (shape & shape[:, ::-1]).sum() < _SYMMETRIC * shape.sum():
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
        if covered[column] < _COVERED:
            break
        if not peak[column]:
            continue
        rows, across = np.nonzero(shape)
        rows = rows - reach + int(np.floor(band.level[column]))
        across = across - reach + column
        ok = (rows >= 0) & (rows < h) & (across >= 0) & (across < n)
        rows, across = rows[ok], across[ok]
        new = band.ink[rows, across] & band.free[rows, across] & ~explained[rows, across]
        if new.sum() < _NEW * total:
            continue
        explained[rows, across] = True
        found.append(column)
    return found

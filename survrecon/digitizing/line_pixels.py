"""The pixels near a traced line: coverage, and what hides the line or stands on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survrecon.digitizing.geometry import FloatArray, grown
from survrecon.digitizing.marks import Marks
from survrecon.digitizing.trace import Path

__all__ = ["Pixels", "beside_marks", "near_pixels"]

IntArray = npt.NDArray[np.int64]

_AROUND = 2  # pixels around a line that are looked at
_HIDDEN = 0.15  # coverage by something else from which a pixel tells nothing of this line
_PALE, _DARKEST = 0.03, 0.45  # strength of a band beneath a line that is allowed for
_INKED = 0.5  # coverage from which a pixel belongs to a dash
_MARKED = 0.1  # weight of ink beyond the line beside a mark


@dataclass(frozen=True, kw_only=True)
class Pixels:
    """Pixels near a line that nothing hides: where they are, and how much of each is covered.

    Parameters
    ----------
    column, row : numpy.ndarray of int, shape (p,)
        Places.
    coverage : numpy.ndarray, shape (p,)
        Coverage, 0 to 1.
    marked : numpy.ndarray of bool, shape (p,)
        Whether a mark may have left more ink there than the line.
    """

    column: IntArray
    row: IntArray
    coverage: FloatArray
    marked: npt.NDArray[np.bool_]

    @cached_property
    def columns(self) -> tuple[IntArray, IntArray]:
        """The columns in which there are pixels, and which of them each pixel stands in."""
        found, of = np.unique(self.column, return_inverse=True)
        return found, np.asarray(of, np.int64)

    def trust(self, rest: FloatArray, scale: float) -> FloatArray:
        """Return the weight of residuals: far ones count less, and ink beside marks says little."""
        weight = 1.0 / (1.0 + (rest / scale) ** 2) ** 2
        return np.where(self.marked & (rest > 0), _MARKED * weight, weight)

    def loss(self, rest: FloatArray, scale: float) -> float:
        """Return what `trust` is the weight of: squares that level off."""
        share = np.where(self.marked & (rest > 0), _MARKED, 1.0)
        return float((share * rest**2 / (1.0 + (rest / scale) ** 2)).sum())


def near_pixels(
    coverage: FloatArray, ink: FloatArray, over: FloatArray, path: Path, half: float, *, broken: bool
) -> Pixels:
    """Return the pixels near a path but for those that something else covers or stands next to.

    Parameters
    ----------
    coverage, ink, over : numpy.ndarray, shape (h, w)
        Coverage by the line's colour; ink of any colour; coverage by other curves and words.
    path : Path
        The path on whole pixels.
    half : float
        Half the line's width.
    broken : bool
        Whether the line is dashed: then only what lies beside the inner part of a dash counts.
    """
    reach = int(np.ceil(half)) + _AROUND
    mask = grown(path.mask(coverage.shape), reach)
    mask[:, max(0, int(path.stop - half - 1)) :] = False  # what ends the line is looked at apart
    hidden = grown(over > _HIDDEN, 1)
    size = 2 * int(np.ceil(half)) + 5
    ground = ndimage.grey_opening(ink, size=(size, size))  # what is wider than the line: a band beneath it
    clean = (coverage - ground) / (1.0 - np.minimum(ground, _DARKEST))
    coverage = np.where((ground > _PALE) & (ground < _DARKEST), clean, coverage)
    if broken:
        mask &= _beside_dashes(coverage > _INKED, half)
    row, column = np.nonzero(mask & ~hidden)
    return Pixels(
        column=column,
        row=row,
        coverage=np.clip(coverage[row, column], 0.0, 1.0),
        marked=np.zeros(len(row), bool),
    )


def _beside_dashes(ink: npt.NDArray[np.bool_], half: float) -> npt.NDArray[np.bool_]:
    """Return the pixels beside the inner part of level and of upright dashes."""
    length, reach = 2 * int(np.ceil(half)) + 2, 2 * (int(np.ceil(half)) + _AROUND) + 1
    found = np.zeros(ink.shape, bool)
    for along in (1, 0):
        shape = (1, length) if along else (length, 1)
        dash = ndimage.binary_opening(ink, structure=np.ones(shape, bool))
        inner = ndimage.binary_erosion(dash, structure=np.ones((1, 3) if along else (3, 1), bool))
        found |= ndimage.binary_dilation(inner, structure=np.ones((reach, 1) if along else (1, reach), bool))
    return found


def beside_marks(pixels: Pixels, marks: Marks, x: FloatArray, y: FloatArray) -> Pixels:
    """Return pixels with those noted that a censoring mark may cover."""
    level = y[np.clip(np.searchsorted(x, marks.columns, side="right") - 1, 0, len(y) - 1)]
    reach = marks.reach + 1.5
    order = np.argsort(marks.columns)
    column, level = marks.columns[order], level[order]
    middle = pixels.column + 0.5
    first, last = np.searchsorted(column, middle - reach), np.searchsorted(column, middle + reach)
    marked = np.zeros(len(middle), bool)
    for k in range(int((last - first).max(initial=0))):
        one = np.minimum(first + k, len(column) - 1)
        marked |= (first + k < last) & (np.abs(pixels.row + 0.5 - level[one]) <= reach)
    return replace(pixels, marked=marked)

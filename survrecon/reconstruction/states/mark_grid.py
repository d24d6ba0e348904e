"""The grid, of days, weeks or months, that times of censoring lie on: told by the marks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from survrecon.curve import FloatArray

__all__ = ["finest_unit", "grid_of_columns", "open_columns"]

_FEWEST = 20  # marks that show a grid
_WIDEST, _FINEST = 40.0, 1.1  # columns between its times
_ON_GRID, _FALSE = 0.9, 20.0  # of what a grid gives; one in so many is found where there is none
_AMBIGUOUS = 0.08  # near two columns, a spacing and its mirror image cannot be told apart
_HALF_COLUMN = 0.6  # that a column is off its time of the grid, and a little
_ROUNDING = 1e-6  # of the follow-up: files round times
_OFF_UNIT = 0.12  # of a unit, that times may be off it


def finest_unit(times: FloatArray, last: float) -> float:
    """Return the unit of which gaps of exact marks (m,) are multiples; that of the file's rounding, if none is seen."""
    gaps = np.diff(np.unique(times))
    gaps = gaps[gaps > 2 * _ROUNDING * last]
    if gaps.size < 2:
        return _ROUNDING * last
    unit = float(gaps.min())
    for top in (3, 10, 40, 200):  # small multiples first: they tell the unit well enough for larger ones
        near = gaps[gaps < top * unit]
        count = np.round(near / unit)
        if np.abs(near / unit - count).max() > _OFF_UNIT + top * 2 * _ROUNDING * last / unit:
            return _ROUNDING * last
        unit = float((near * count).sum() / (count**2).sum())
    return unit


def grid_of_columns(at: FloatArray, length: float) -> tuple[float, float]:
    """Return columns between times of the grid that marks at columns (m,) lie on, say weeks, and a place of one.

    The spacing is 0 where times are on no grid, or on one as fine as the columns. Times of a grid, rounded to columns,
    are alike in phase; the coarsest grid is taken by which they are as much so as they must be.
    """
    if at.size < _FEWEST or length < _FEWEST:
        return 0.0, 0.0
    turns = np.arange(1 / _WIDEST, 1 / _FINEST, 0.2 / length)
    alike = np.abs(np.exp(2j * np.pi * np.outer(turns, at)).mean(axis=1))
    by_chance = np.sqrt(np.log(_FALSE * turns.size) / at.size)
    fits = alike > np.maximum(_ON_GRID * np.sinc(turns), by_chance)
    coarsest = turns[int(np.argmax(fits))]
    if not fits.any() or abs(coarsest - 0.5) < _AMBIGUOUS:
        return 0.0, 0.0
    fine = coarsest + np.linspace(-0.2, 1.2, 141) / length
    phases = np.exp(2j * np.pi * np.outer(fine, at)).mean(axis=1)
    best = int(np.abs(phases).argmax())
    return float(1 / fine[best]), float(np.angle(phases[best]) / (2 * np.pi) / fine[best])


def open_columns(at: FloatArray, spacing: float, place: float) -> npt.NDArray[np.bool_]:
    """Return which columns (J,) hold a time of the grid."""
    turn = (at - place) / spacing
    return np.asarray(np.abs(turn - np.round(turn)) * spacing <= _HALF_COLUMN)

"""Points of one arm in order of time, and how they were read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survrecon.convention import PointKind
from survrecon.curve import FloatArray, SurvivalCurve
from survrecon.reconstruction.states.noise import Kind, Reading, reading

__all__ = ["Points", "ordered"]

_FEWEST_COLUMNS, _MOST_COLUMNS = 100, 4000  # of pixels in a figure's time axis


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Points:
    """Points in order of time, within the axes, and how they were read."""

    time: FloatArray
    survival: FloatArray
    read: Reading


def ordered(curve: SurvivalCurve, n: int, points: PointKind = PointKind.AUTO) -> Points:
    """Return the points (m,) of an arm of ``n`` patients; steps of a picture that cannot be told apart by columns."""
    order = np.lexsort((-curve.survival, curve.time))
    time, survival = np.maximum(curve.time[order], 0.0), np.clip(curve.survival[order], 0.0, 1.0)
    read = reading(time, survival, n, curve.resolution, points)
    if read.kind is Kind.DROPS and curve.resolution is not None:
        columns = _columns(time, survival, curve.resolution.time)
        if columns is not None:
            time, survival = columns
            read = reading(time, survival, n, curve.resolution)
    return Points(time=time, survival=survival, read=read)


def _columns(time: FloatArray, survival: FloatArray, width: float | None) -> tuple[FloatArray, FloatArray] | None:
    """Return a step curve one point a pixel column, or None where the figure is no picture.

    Steps of several patients, and neighbours that the pixels ran together, are no events one by one: followed
    column by column they may be any events that give the same fall.
    """
    if not width or not _FEWEST_COLUMNS <= time[-1] / width <= _MOST_COLUMNS:
        return None
    at = np.arange(0.0, float(time[-1]), width)
    level = np.minimum.accumulate(np.append(1.0, survival))[np.searchsorted(time, at, side="right")]
    return at, level

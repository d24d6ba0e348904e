"""Three ways of reading an arm's curve off a figure of 600 by 400 pixels, and the censoring marks a reader sees.

`vector`: the corners of the steps as a vector file holds them, survival to five decimals, times to a millionth of
the axis. `trace`: one point a pixel column, rounded to a pixel row, with 0.3 pixels of noise and a shift that all
points of the figure share. `clicks`: a person's 30 to 160 points along the curve and at some of its corners, three
quarters of a pixel off in both directions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.curve import SurvivalCurve

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD

__all__ = ["HEIGHT", "WIDTH", "read_arm"]

WIDTH, HEIGHT = 600, 400
_LEAST_GAP = {"vector": 0, "trace": 2, "clicks": 3}
"""Pixels from one censoring mark to the next, below which a reader sees one."""


def read_arm(
    patients: PseudoIPD, end: float, shift: float, rng: np.random.Generator
) -> tuple[dict[str, SurvivalCurve], dict[str, FloatArray]]:
    """Return the points and the censoring marks, by kind of points.

    Parameters
    ----------
    patients : PseudoIPD
        The arm.
    end : float
        Where the time axis ends.
    shift : float
        Of a trace, upwards, in pixels.
    rng : Generator
        For the reader's noise.
    """
    points = {
        "vector": _vector(patients, end),
        "trace": _trace(patients, end, shift, rng),
        "clicks": _clicks(patients, end, rng),
    }
    censored = patients.time[~patients.event]
    return points, {kind: _told_apart(censored, end, gap) for kind, gap in _LEAST_GAP.items()}


def _vector(patients: PseudoIPD, end: float) -> SurvivalCurve:
    times, after = patients.kaplan_meier()
    before = np.append(1.0, after)[: after.size]
    last = float(patients.time[-1])
    time = np.concatenate([[0.0], np.repeat(times, 2), [last]])
    survival = np.concatenate([[1.0], np.column_stack([before, after]).ravel(), after[-1:]])
    return SurvivalCurve(time=_to_unit(time, end), survival=np.round(survival, 5))


def _trace(patients: PseudoIPD, end: float, shift: float, rng: np.random.Generator) -> SurvivalCurve:
    columns = (np.arange(WIDTH) + 0.5) * end / WIDTH
    columns = columns[columns <= patients.time[-1]]
    rows = patients.survival_at(columns) * HEIGHT + shift + rng.normal(0, 0.3, columns.size)
    return SurvivalCurve(time=columns, survival=np.clip(np.round(rows) / HEIGHT, 0, 1))


def _clicks(patients: PseudoIPD, end: float, rng: np.random.Generator) -> SurvivalCurve:
    times, after = patients.kaplan_meier()
    before = np.append(1.0, after)[: after.size]
    pixel, last = end / WIDTH, float(patients.time[-1])
    along = np.linspace(0, last, int(np.clip(0.6 * times.size, 30, 60)))
    along[1:-1] += rng.normal(0, pixel, along.size - 2)
    chosen = rng.random(times.size) < min(1.0, 50 / times.size)
    corners = np.concatenate([times[chosen], times[chosen]])
    time = np.concatenate([along, corners + rng.normal(0, 0.75 * pixel, corners.size)])
    survival = np.concatenate([patients.survival_at(along), before[chosen], after[chosen]])
    order = np.argsort(time)
    read = survival[order] + rng.normal(0, 0.75 / HEIGHT, time.size)
    return SurvivalCurve(time=np.clip(time[order], 0, last), survival=np.clip(read, 0, 1))


def _told_apart(times: FloatArray, end: float, gap: int) -> FloatArray:
    """Return the marks a reader sees: the first of each run of touching ones, in the middle of its column."""
    if not gap:
        return np.unique(_to_unit(times, end))
    columns = np.unique(np.round(times / end * WIDTH))
    first = np.append(True, np.diff(columns) >= gap)[: columns.size]
    return np.asarray((columns[first] + 0.5) * end / WIDTH)


def _to_unit(times: FloatArray, end: float) -> FloatArray:
    unit = end / 1e6
    return np.asarray(np.round(times / unit) * unit)

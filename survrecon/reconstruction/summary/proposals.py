"""One proposal a design: a survival function, the tail that a printed total demands, and patients along both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survrecon.curve import FloatArray, IntArray
from survrecon.reconstruction.summary.design import Design
from survrecon.reconstruction.summary.inputs import SummaryArm
from survrecon.reconstruction.summary.patients import (
    PatientBatch,
    departures_a_step,
    expected_departures,
    place_patients,
)
from survrecon.reconstruction.summary.target import HALF_TO_DOUBLE, AtRisk, Target, draw_target

__all__ = ["Proposals", "propose"]

_WIDE = np.log(8.0)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Proposals:
    """Patients for those designs for which there can be any.

    Parameters
    ----------
    rows : array of int, shape (p,)
        Which designs.
    batch : PatientBatch
        Their patients, (p, n).
    factor : array of float, shape (p,)
        Hazard after the last printed point as a multiple of the mean before; of all of it where no survival
        is printed.
    """

    rows: IntArray
    batch: PatientBatch
    factor: FloatArray


def propose(
    arm: SummaryArm, designs: Design, grid: FloatArray, *, wide: bool, scatter: bool, rng: np.random.Generator
) -> Proposals:
    """Make one proposal a design.

    Parameters
    ----------
    wide : bool
        Accept a tail hazard beyond half to double of the mean before where a printed total demands it.
    scatter : bool
        Let events fall at random along the target, in the printed number where one is printed.
    """
    administrative, not_lost = designs.still_followed(grid, arm.name)
    target = draw_target(arm, AtRisk(grid=grid, followed=administrative * not_lost), rng)
    offset = rng.uniform(size=len(administrative))
    drawn = np.exp(rng.uniform(-HALF_TO_DOUBLE, HALF_TO_DOUBLE, size=offset.size))
    factor = np.where(np.isnan(designs.tail_factor), drawn, designs.tail_factor)
    if not arm.has_survival_point:
        factor[:] = 1.0
    rows, number = np.arange(offset.size), None
    if arm.events is not None:
        limit = HALF_TO_DOUBLE if arm.has_survival_point and not wide else _WIDE
        fitted = _factor_for_total(target, administrative * not_lost, (arm.events + 0.5 - offset) / arm.n, limit)
        if scatter:
            factor, number = np.where(np.isnan(fitted), factor, fitted), np.full(offset.size, arm.events)
        else:
            factor, rows = fitted, np.flatnonzero(np.isfinite(fitted))
    survival = target.take(rows).survival(factor[rows])
    batch = place_patients(
        grid,
        expected_departures(survival, administrative[rows], not_lost[rows], arm.n),
        target.median_time[rows],
        offset[rows],
        arm.n,
        scatter=rng if scatter else None,
        number=number,
    )
    return Proposals(rows=rows, batch=batch, factor=factor[rows])


def _factor_for_total(target: Target, followed: FloatArray, share: FloatArray, limit: float) -> FloatArray:
    """Bisect the factor at which each row expects its share of patients (k,) to have the event.

    NaN where none within ``exp(-limit)`` to ``exp(limit)`` does.
    """
    free = max(int(np.argmax((target.scaled > 0).any(axis=0))) - 1, 0)  # the factor changes nothing before
    fixed = np.exp(-target.printed[:, : free + 1])
    before = departures_a_step(fixed, followed[:, : free + 1]).sum(axis=1)
    printed, scaled, followed = target.printed[:, free:], target.scaled[:, free:], followed[:, free:]

    def expected(log_factor: FloatArray, rows: IntArray) -> FloatArray:
        survival = np.exp(-printed[rows] - np.exp(log_factor)[:, None] * scaled[rows])
        events: FloatArray = before[rows] + departures_a_step(survival, followed[rows]).sum(axis=1)
        return events

    every = np.arange(share.size)
    least, most = (expected(np.full(share.size, end), every) for end in (-limit, limit))
    rows = np.flatnonzero((least <= share) & (share <= most))
    low, high = np.full(rows.size, -limit), np.full(rows.size, limit)
    for _ in range(10):  # to a thousandth of the range: far less than one event
        middle = (low + high) / 2
        too_many = expected(middle, rows) > share[rows]
        low, high = np.where(too_many, low, middle), np.where(too_many, middle, high)
    factor = np.full(share.size, np.nan)
    factor[rows] = np.exp((low + high) / 2)
    return factor

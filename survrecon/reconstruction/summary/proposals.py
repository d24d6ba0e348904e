"""Proposals of patients, and whether they print the same numbers as the paper: a draw counts only if they do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.estimate import USUAL_LEVEL, normal_quantile
from survrecon.model.kaplan_meier import FLAT
from survrecon.reconstruction.summary.patients import (
    PatientBatch,
    departures_a_step,
    expected_departures,
    place_patients,
)
from survrecon.reconstruction.summary.priors import SUMMARY_PRIORS
from survrecon.reconstruction.summary.settings import PROPOSALS, SIMULATION
from survrecon.reconstruction.summary.simulate import simulate_patients
from survrecon.reconstruction.summary.target import FollowedOnGrid, Target, draw_target

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray, IntArray
    from survrecon.reconstruction.summary.design import Design
    from survrecon.reconstruction.summary.inputs import PrintedMedian, SummaryArm

__all__ = ["Placing", "Proposals", "first_failure", "median_limits", "prints_the_same", "propose"]


def prints_the_same(batch: PatientBatch, arm: SummaryArm) -> dict[str, BoolArray]:
    """Return, for each printed number, which draws (k,) print it."""
    found: dict[str, BoolArray] = {}
    for point in arm.points:
        off = np.abs(batch.survival_at(point.time) - point.survival)
        found[f"survival at {point.time:g}"] = off <= point.rounding + PROPOSALS.rounding_slack
    if arm.median is not None:
        median = batch.halved(batch.kaplan_meier())
        off = np.abs(median - arm.median.time)
        found[f"median {arm.median.time:g}"] = off <= arm.median.rounding + PROPOSALS.rounding_slack
        found |= _limits_print_the_same(batch, arm.median)
    if arm.median_not_reached:
        found["median not reached"] = batch.kaplan_meier()[:, -1] > 0.5 + FLAT
    if arm.events is not None:
        found[f"{arm.events} events"] = batch.events == arm.events
    if arm.events_at_least:
        found[f"at least {arm.events_at_least} events"] = batch.events >= arm.events_at_least
    return found


def first_failure(found: dict[str, BoolArray]) -> str:
    """Name the printed number that the fewest draws meet."""
    return min(found, key=lambda name: int(found[name].sum()))


def median_limits(batch: PatientBatch, *, lower: bool, level: float = USUAL_LEVEL) -> FloatArray:
    """Return a limit of the median's interval a draw (k,), averaged over plain, log and log-log bands.

    The limit is the first time at which the band's edge is at most one half (Brookmeyer and Crowley,
    Biometrics 1982;38:29-41); NaN where an edge stays above.
    """
    half = (-1.0 if lower else 1.0) * normal_quantile(level)
    survival = np.maximum(batch.kaplan_meier(), SIMULATION.least)
    error = batch.log_standard_error()
    hazard = np.maximum(-np.log(survival), SIMULATION.least_hazard)
    edges = (
        survival * (1 + half * error),
        survival * np.exp(half * error),
        np.exp(-hazard * np.exp(-half * error / hazard)),
    )
    limits: FloatArray = np.mean([batch.halved(edge) for edge in edges], axis=0)
    return limits


def _limits_print_the_same(batch: PatientBatch, median: PrintedMedian) -> dict[str, BoolArray]:
    """Compare limits in survival: within the rounding of the time and the steps of the curve around it.

    A limit is the time of an event, so it can move only from event to event, and the three bands cross
    one half at different events.
    """
    found: dict[str, BoolArray] = {}
    for printed, lower in ((median.low, True), (median.high, False)):
        if printed is None:
            continue
        limit = median_limits(batch, lower=lower, level=median.level)
        first, last = np.minimum(limit, printed), np.maximum(limit, printed)
        steps = (batch.event & (batch.time >= first[:, None]) & (batch.time <= last[:, None])).sum(axis=1)
        near = (np.abs(limit - printed) <= median.rounding) | (steps <= PROPOSALS.limit_events)
        found[f"{'lower' if lower else 'upper'} limit {printed:g} of the median"] = near & np.isfinite(limit)
    return found


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
    survival : array of float, shape (p, m)
        The target that their events follow, on the grid.
    """

    rows: IntArray
    batch: PatientBatch
    factor: FloatArray
    survival: FloatArray

    def take(self, which: IntArray) -> Proposals:
        """Return some of them."""
        return Proposals(
            rows=self.rows[which],
            batch=self.batch.take(which),
            factor=self.factor[which],
            survival=self.survival[which],
        )


class Placing(Enum):
    """How events fall along the target: at random in either way, with the wiggles of a curve of that many patients."""

    BETWEEN_POINTS = auto()
    """As many between two printed points as are expected there: patients of every design, who will be followed on."""
    AT_RANDOM = auto()
    """In any number that prints the printed points: designs count by their chance of printing them."""


def propose(
    arm: SummaryArm,
    designs: Design,
    grid: FloatArray,
    *,
    wide: bool,
    placing: Placing,
    rng: np.random.Generator,
    power: FloatArray | None = None,
) -> Proposals:
    """Make one proposal a design.

    Parameters
    ----------
    wide : bool
        Accept a tail hazard beyond half to double of the mean before where a printed total demands it.
    placing : Placing
        How events fall along the target.
    power : array of float, shape (k,), optional
        As of ``draw_target``.
    """
    administrative, not_lost = designs.still_followed(grid, arm.name)
    target = draw_target(arm, FollowedOnGrid(grid=grid, followed=administrative * not_lost), rng, power=power)
    offset = rng.uniform(size=len(administrative))
    drawn = np.exp(rng.uniform(-SUMMARY_PRIORS.half_to_double, SUMMARY_PRIORS.half_to_double, size=offset.size))
    factor = np.where(np.isnan(designs.tail_factor), drawn, designs.tail_factor)
    if not arm.has_survival_point:
        factor[:] = 1.0
    limit = SUMMARY_PRIORS.half_to_double if arm.has_survival_point and not wide else PROPOSALS.widest_tail
    if placing is Placing.AT_RANDOM:
        made = simulate_patients(
            grid, target, designs, arm.name, arm.n, factor=factor, total=arm.events, limit=limit, rng=rng
        )
        survival = target.take(made.rows).survival(made.factor)
        return Proposals(rows=made.rows, batch=made.batch, factor=made.factor, survival=survival)
    rows = np.arange(offset.size)
    if arm.events is not None:
        factor = _factor_for_total(target, administrative * not_lost, (arm.events + 0.5 - offset) / arm.n, limit)
        rows = np.flatnonzero(np.isfinite(factor))
    survival = target.take(rows).survival(factor[rows])
    batch = place_patients(
        grid,
        expected_departures(survival, administrative[rows], not_lost[rows], arm.n),
        target.median_time[rows],
        offset[rows],
        arm.n,
        rng,
        between=arm.printed_times,
    )
    return Proposals(rows=rows, batch=batch, factor=factor[rows], survival=survival)


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
    for _ in range(PROPOSALS.tail_halvings):
        middle = (low + high) / 2
        too_many = expected(middle, rows) > share[rows]
        low, high = np.where(too_many, low, middle), np.where(too_many, middle, high)
    factor = np.full(share.size, np.nan)
    factor[rows] = np.exp((low + high) / 2)
    return factor

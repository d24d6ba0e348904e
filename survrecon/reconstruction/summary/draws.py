"""Draw data sets until each prints what the paper prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survrecon.curve import FloatArray
from survrecon.errors import ReconstructionError
from survrecon.followup import FollowUp
from survrecon.ipd import PseudoIPD
from survrecon.reconstruction.summary.conditions import first_failure, prints_the_same
from survrecon.reconstruction.summary.design import Design, Variation, draw_designs, follow_up_range
from survrecon.reconstruction.summary.inputs import SummaryArm
from survrecon.reconstruction.summary.patients import (
    PatientBatch,
    departures_a_step,
    expected_departures,
    place_patients,
)
from survrecon.reconstruction.summary.target import HALF_TO_DOUBLE, AtRisk, Target, central_survival, draw_target

__all__ = ["SummaryDraws", "draw_summary"]

ROUNDS = 40
"""Attempts at completing a design before it is given up."""

_NARROW_ROUNDS = 12  # after these, a tail hazard beyond half to double is accepted where totals demand it
_WIDE = np.log(8.0)
_GRID = 600
_COARSE = 5  # the accrual shape is fitted on every fifth time of the grid


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SummaryDraws:
    """Accepted draws of every arm, paired by design.

    Parameters
    ----------
    ipd : dict of str to list of PseudoIPD
        By arm, k data sets each.
    acceptance : dict of str to float
        Share of proposals that printed the paper's numbers, by arm.
    tail_factor : dict of str to array of float, shape (k,)
        Hazard after the last printed point as a multiple of the hazard before it, by arm.
    shape : array of float, shape (k,)
        Accrual shape of each draw's design.
    """

    ipd: dict[str, list[PseudoIPD]]
    acceptance: dict[str, float]
    tail_factor: dict[str, FloatArray]
    shape: FloatArray


def draw_summary(
    arms: Sequence[SummaryArm],
    follow_up: FollowUp,
    *,
    time_unit: str,
    k: int,
    rng: np.random.Generator,
    variation: Variation | None = None,
    only: Sequence[str] | None = None,
) -> SummaryDraws:
    """Draw k data sets an arm; draw i of every arm shares one follow-up design.

    Parameters
    ----------
    arms : sequence of SummaryArm
        Every arm of the trial: the design is fitted to all of them.
    follow_up : FollowUp
        The printed design.
    k : int
        Draws.
    variation : Variation, optional
        A scenario of the sensitivity table.
    only : sequence of str, optional
        Arms to draw; default all.

    Raises
    ------
    ReconstructionError
        If an arm has nothing that fixes its level, or no data set prints all of its numbers.
    """
    where = f"arms {', '.join(arm.name for arm in arms)}"
    variation = variation or Variation()
    ranges = follow_up_range(follow_up, time_unit, where=where)
    grid = np.linspace(0.0, ranges.longest[1], _GRID)
    wanted = [arm for arm in arms if only is None or arm.name in only]
    for arm in wanted:
        _require_buildable(arm)
    pooled = _pooled_survival([arm for arm in arms if arm.is_buildable], grid[::_COARSE], sum(ranges.longest) / 4)
    designs = draw_designs(
        follow_up,
        ranges,
        time_unit,
        arms=tuple(arm.name for arm in arms),
        grid=grid[::_COARSE],
        pooled_survival=pooled,
        variation=variation,
        k=k + k // 4 + 4,  # some designs will not do for every arm
        rng=rng,
    )
    done = {arm.name: _complete(arm, designs, grid, rng) for arm in wanted}
    kept = np.flatnonzero(np.all([outcome.complete for outcome in done.values()], axis=0))[:k]
    if kept.size == 0:
        raise ReconstructionError(where, "one follow-up design fits all arms", "none does", "check the follow-up")
    return SummaryDraws(
        ipd={arm.name: done[arm.name].patients(arm.name, kept, time_unit) for arm in wanted},
        acceptance={name: outcome.acceptance for name, outcome in done.items()},
        tail_factor={name: outcome.factor[kept] for name, outcome in done.items()},
        shape=designs.shape[kept],
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Outcome:
    """One arm's completed designs: patients (k, n), which rows are complete, the factor that was used."""

    time: FloatArray
    event: FloatArray
    factor: FloatArray
    complete: FloatArray
    acceptance: float

    def patients(self, arm: str, rows: FloatArray, time_unit: str) -> list[PseudoIPD]:
        return [PseudoIPD(time=self.time[row], event=self.event[row], arm=arm, time_unit=time_unit) for row in rows]


def _complete(arm: SummaryArm, designs: Design, grid: FloatArray, rng: np.random.Generator) -> _Outcome:
    """Propose patients for every design, again and again for those not yet complete."""
    k = designs.shape.size
    time, event = np.zeros((k, arm.n)), np.zeros((k, arm.n), dtype=bool)
    factor, complete = np.full(k, np.nan), np.zeros(k, dtype=bool)
    proposed, failure = 0, ""
    for attempt in range(ROUNDS):
        rows = np.flatnonzero(~complete)
        if rows.size == 0:
            break
        batch, used = _propose(arm, designs.take(rows), grid, attempt >= _NARROW_ROUNDS, rng)
        found = prints_the_same(batch, arm)
        accepted = np.all([np.ones(rows.size, dtype=bool), np.isfinite(used), *found.values()], axis=0)
        proposed += rows.size
        failure = first_failure(found) if found else ""
        good = rows[accepted]
        time[good], event[good], factor[good] = batch.time[accepted], batch.event[accepted], used[accepted]
        complete[good] = True
    if not complete.any():
        raise ReconstructionError(
            f"arm {arm.name}",
            "some data set prints all of the arm's numbers",
            f"none in {proposed} proposals; the hardest is: {failure}",
            "check the printed numbers against each other and against the follow-up",
        )
    return _Outcome(
        time=time, event=event, factor=factor, complete=complete, acceptance=float(complete.sum()) / proposed
    )


def _propose(
    arm: SummaryArm, designs: Design, grid: FloatArray, wide: bool, rng: np.random.Generator
) -> tuple[PatientBatch, FloatArray]:
    """Return one proposal a design, and the factor of its tail (NaN where no factor gives the total)."""
    administrative, not_lost = designs.still_followed(grid, arm.name)
    target = draw_target(arm, AtRisk(grid=grid, followed=administrative * not_lost), rng)
    offset = rng.uniform(size=len(administrative))
    factor = np.where(
        np.isnan(designs.tail_factor),
        np.exp(rng.uniform(-HALF_TO_DOUBLE, HALF_TO_DOUBLE, size=offset.size)),
        designs.tail_factor,
    )
    if not arm.has_survival_point:
        factor[:] = 1.0
    if arm.events is not None:
        limit = HALF_TO_DOUBLE if arm.has_survival_point and not wide else _WIDE
        factor = _factor_for_total(arm, target, administrative, not_lost, arm.events + 0.5 - offset, limit)
    survival = target.survival(np.nan_to_num(factor, nan=1.0))
    departures = expected_departures(survival, administrative, not_lost, arm.n)
    return place_patients(grid, departures, target.median_time, offset, arm.n), factor


def _factor_for_total(
    arm: SummaryArm, target: Target, administrative: FloatArray, not_lost: FloatArray, total: FloatArray, limit: float
) -> FloatArray:
    """Bisect the factor that gives each row its expected total of events; NaN where none within the limit does."""

    followed = administrative * not_lost

    def expected(log_factor: FloatArray) -> FloatArray:
        events: FloatArray = arm.n * departures_a_step(target.survival(np.exp(log_factor)), followed).sum(axis=1)
        return events

    low, high = np.full(total.size, -limit), np.full(total.size, limit)
    within = (expected(low) <= total) & (total <= expected(high))
    for _ in range(18):  # to a hundred-thousandth of the range
        middle = (low + high) / 2
        too_many = expected(middle) > total
        low, high = np.where(too_many, low, middle), np.where(too_many, middle, high)
    return np.where(within, np.exp((low + high) / 2), np.nan)


def _pooled_survival(arms: Sequence[SummaryArm], grid: FloatArray, mean_follow_up: float) -> FloatArray:
    """Return survival of all patients together on a grid (m,)."""
    curves = [arm.n * central_survival(arm, grid, mean_follow_up) for arm in arms]
    pooled: FloatArray = np.sum(curves, axis=0) / sum(arm.n for arm in arms)
    return pooled


def _require_buildable(arm: SummaryArm) -> None:
    if not arm.is_buildable:
        raise ReconstructionError(
            f"arm {arm.name}",
            "at least one printed survival probability, a median, or a total of events",
            "none",
            "the record shows its facts; a curve cannot be built from them",
        )

"""Do rebuilt patients print the same numbers as the paper? A draw counts only if they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.errors import ReconstructionError
from survrecon.model.estimate import USUAL_LEVEL, normal_quantile
from survrecon.model.ipd import PseudoIPD
from survrecon.model.kaplan_meier import FLAT
from survrecon.reconstruction.summary.design import Design, Variation, draw_designs, follow_up_range
from survrecon.reconstruction.summary.inputs import SummaryArm
from survrecon.reconstruction.summary.patients import (
    PatientBatch,
    departures_a_step,
    expected_departures,
    place_patients,
)
from survrecon.reconstruction.summary.target import HALF_TO_DOUBLE, AtRisk, Target, central_survival, draw_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import BoolArray, FloatArray, IntArray
    from survrecon.model.document import FollowUp
    from survrecon.reconstruction.summary.inputs import PrintedMedian, SummaryArm

__all__ = ["Proposals", "SummaryDraws", "draw_summary", "first_failure", "median_limits", "prints_the_same", "propose"]

_SLACK = 1e-9  # a value that falls on the edge of its rounding is within it

_STEPS = 2  # the three bands cross one half at different events; their mean falls between events


def prints_the_same(batch: PatientBatch, arm: SummaryArm) -> dict[str, BoolArray]:
    """Return, for each printed number, which draws (k,) print it."""
    found: dict[str, BoolArray] = {}
    for point in arm.points:
        off = np.abs(batch.survival_at(point.time) - point.survival)
        found[f"survival at {point.time:g}"] = off <= point.rounding + _SLACK
    if arm.median is not None:
        median = batch.halved(batch.kaplan_meier())
        found[f"median {arm.median.time:g}"] = np.abs(median - arm.median.time) <= arm.median.rounding + _SLACK
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
    survival = np.maximum(batch.kaplan_meier(), 1e-9)
    error = batch.log_standard_error()
    hazard = np.maximum(-np.log(survival), 1e-12)
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
        near = (np.abs(limit - printed) <= median.rounding) | (steps <= _STEPS)
        found[f"{'lower' if lower else 'upper'} limit {printed:g} of the median"] = near & np.isfinite(limit)
    return found


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


ROUNDS = 40
"""Attempts at completing a design before it is given up."""

LAST_ROUND = 120
"""Attempts before the printed numbers are refused, where no design was completed at all.

In these further ones events fall at random: a real curve's wiggles can print what no even one does.
"""

WAVES = 4
"""Sets of designs that are tried before fewer draws than wanted are returned."""

_NARROW_ROUNDS = 12  # after these, a tail hazard beyond half to double is accepted where totals demand it
_GRID = 400
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
    scatter: bool = False,
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
    scatter : bool
        Let events fall at random along the target instead of evenly: for predicting a number that was left
        out, which the real patients printed with all the wiggles of a curve of that many patients.

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
    kept = _Kept(arms=tuple(arm.name for arm in wanted))
    for _ in range(WAVES):
        designs = draw_designs(
            follow_up,
            ranges,
            time_unit,
            arms=tuple(arm.name for arm in arms),
            grid=grid[::_COARSE],
            pooled_survival=pooled,
            variation=variation,
            k=k - kept.count + (k - kept.count) // 4 + 4,  # some designs will not do for every arm
            rng=rng,
        )
        kept.add(designs, {arm.name: _complete(arm, designs, grid, scatter, rng) for arm in wanted}, time_unit)
        if kept.count >= k:
            break
    if kept.count == 0:
        raise ReconstructionError(where, "one follow-up design fits all arms", "none does", "check the follow-up")
    return kept.first(k)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Outcome:
    """One arm's attempts at a wave of designs: patients (k, n), the factor used, which rows are complete."""

    time: FloatArray
    event: BoolArray
    factor: FloatArray
    complete: BoolArray
    proposed: int


class _Kept:
    """Designs that every arm has completed, wave after wave."""

    def __init__(self, arms: tuple[str, ...]) -> None:
        self._ipd: dict[str, list[PseudoIPD]] = {arm: [] for arm in arms}
        self._factor: dict[str, list[float]] = {arm: [] for arm in arms}
        self._tried = {arm: [0, 0] for arm in arms}  # completed, proposed
        self._shape: list[float] = []

    @property
    def count(self) -> int:
        return len(self._shape)

    def add(self, designs: Design, outcomes: dict[str, _Outcome], time_unit: str) -> None:
        rows = np.flatnonzero(np.all([outcome.complete for outcome in outcomes.values()], axis=0))
        self._shape += designs.shape[rows].tolist()
        for arm, outcome in outcomes.items():
            self._ipd[arm] += [
                PseudoIPD(time=outcome.time[row], event=outcome.event[row], arm=arm, time_unit=time_unit)
                for row in rows
            ]
            self._factor[arm] += outcome.factor[rows].tolist()
            self._tried[arm][0] += int(outcome.complete.sum())
            self._tried[arm][1] += outcome.proposed

    def first(self, k: int) -> SummaryDraws:
        return SummaryDraws(
            ipd={arm: draws[:k] for arm, draws in self._ipd.items()},
            acceptance={arm: done / proposed for arm, (done, proposed) in self._tried.items()},
            tail_factor={arm: np.array(factor[:k]) for arm, factor in self._factor.items()},
            shape=np.array(self._shape[:k]),
        )


def _complete(arm: SummaryArm, designs: Design, grid: FloatArray, scatter: bool, rng: np.random.Generator) -> _Outcome:
    """Propose patients for every design, again and again for those not yet complete."""
    k = designs.shape.size
    time, event = np.zeros((k, arm.n)), np.zeros((k, arm.n), dtype=bool)
    factor, complete = np.full(k, np.nan), np.zeros(k, dtype=bool)
    proposed, failure = 0, ""
    for attempt in range(LAST_ROUND):
        rows = np.flatnonzero(~complete)
        if rows.size == 0 or (attempt >= ROUNDS and complete.any()):
            break
        found = propose(
            arm, designs.take(rows), grid, wide=attempt >= _NARROW_ROUNDS, scatter=scatter or attempt >= ROUNDS, rng=rng
        )
        proposed += rows.size
        prints = prints_the_same(found.batch, arm)
        failure = first_failure(prints) if prints and found.rows.size else f"{arm.events} events"
        accepted = np.all([np.ones(found.rows.size, dtype=bool), *prints.values()], axis=0)
        good = rows[found.rows[accepted]]
        time[good], event[good] = found.batch.time[accepted], found.batch.event[accepted]
        factor[good], complete[good] = found.factor[accepted], True
    if not complete.any():
        raise ReconstructionError(
            f"arm {arm.name}",
            "some data set prints all of the arm's numbers",
            f"none in {proposed} proposals; the hardest is: {failure}",
            "check the printed numbers against each other and against the follow-up",
        )
    return _Outcome(time=time, event=event, factor=factor, complete=complete, proposed=proposed)


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

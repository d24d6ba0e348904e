"""Draw data sets until each prints what the paper prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survrecon.curve import FloatArray
from survrecon.errors import ReconstructionError
from survrecon.followup import FollowUp
from survrecon.ipd import PseudoIPD
from survrecon.reconstruction.summary.conditions import BoolArray, first_failure, prints_the_same
from survrecon.reconstruction.summary.design import Design, Variation, draw_designs, follow_up_range
from survrecon.reconstruction.summary.inputs import SummaryArm
from survrecon.reconstruction.summary.proposals import propose
from survrecon.reconstruction.summary.target import central_survival

__all__ = ["SummaryDraws", "draw_summary"]

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

"""Draws at one data cut-off: patients of every arm that share a follow-up design and print the paper's numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from survrecon.errors import ReconstructionError
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.summary.design import Design, Variation, draw_designs, follow_up_range
from survrecon.reconstruction.summary.patients import PatientBatch
from survrecon.reconstruction.summary.proposals import Placing, first_failure, prints_the_same, propose
from survrecon.reconstruction.summary.target import central_survival

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.arrays import BoolArray, FloatArray, IntArray
    from survrecon.model.document import FollowUp
    from survrecon.reconstruction.summary.inputs import SummaryArm

__all__ = ["ArmAtCutoff", "AtCutoff", "SummaryDraws", "draw_at_cutoff", "draw_summary"]

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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ArmAtCutoff:
    """One arm's accepted patients, and the survival that their events follow.

    Parameters
    ----------
    batch : PatientBatch
        Patients, (k, n).
    survival : array of float, shape (k, m)
        The target on the grid.
    factor : array of float, shape (k,)
        As of ``Proposals``.
    completed, proposed : int
        How many proposals printed the paper's numbers, of how many.
    """

    batch: PatientBatch
    survival: FloatArray
    factor: FloatArray
    completed: int
    proposed: int

    @property
    def acceptance(self) -> float:
        """Share of proposals that printed the paper's numbers."""
        return self.completed / self.proposed

    def take(self, rows: IntArray) -> ArmAtCutoff:
        """Return the patients of some draws."""
        return replace(self, batch=self.batch.take(rows), survival=self.survival[rows], factor=self.factor[rows])

    @classmethod
    def together(cls, parts: Sequence[ArmAtCutoff]) -> ArmAtCutoff:
        """Return the patients of several waves of designs."""
        return cls(
            batch=PatientBatch.together([part.batch for part in parts]),
            survival=np.concatenate([part.survival for part in parts]),
            factor=np.concatenate([part.factor for part in parts]),
            completed=sum(part.completed for part in parts),
            proposed=sum(part.proposed for part in parts),
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class AtCutoff:
    """Accepted patients of every arm at one data cut-off: draw i of every arm is of design i.

    ``grid`` (m,) are the times at which the targets are told.
    """

    grid: FloatArray
    design: Design
    arms: dict[str, ArmAtCutoff]

    @property
    def count(self) -> int:
        """How many draws there are."""
        return self.design.shape.size

    def take(self, rows: IntArray) -> AtCutoff:
        """Return some draws."""
        return replace(
            self, design=self.design.take(rows), arms={name: arm.take(rows) for name, arm in self.arms.items()}
        )

    @classmethod
    def together(cls, parts: Sequence[AtCutoff]) -> AtCutoff:
        """Return the draws of several waves of designs."""
        return cls(
            grid=parts[0].grid,
            design=Design.together([part.design for part in parts]),
            arms={name: ArmAtCutoff.together([part.arms[name] for part in parts]) for name in parts[0].arms},
        )

    def ipd(self, time_unit: str) -> dict[str, list[PseudoIPD]]:
        """Return the data sets of each arm."""
        return {
            name: [
                PseudoIPD(time=time, event=event, arm=name, time_unit=time_unit)
                for time, event in zip(arm.batch.time, arm.batch.event, strict=True)
            ]
            for name, arm in self.arms.items()
        }


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
    drawn = draw_at_cutoff(
        arms,
        follow_up,
        time_unit=time_unit,
        k=k,
        rng=rng,
        variation=variation,
        only=only,
        placing=Placing.AT_RANDOM if scatter else Placing.EVENLY,
    )
    return SummaryDraws(
        ipd=drawn.ipd(time_unit),
        acceptance={name: arm.acceptance for name, arm in drawn.arms.items()},
        tail_factor={name: arm.factor for name, arm in drawn.arms.items()},
        shape=drawn.design.shape,
    )


def draw_at_cutoff(
    arms: Sequence[SummaryArm],
    follow_up: FollowUp,
    *,
    time_unit: str,
    k: int,
    rng: np.random.Generator,
    variation: Variation | None = None,
    only: Sequence[str] | None = None,
    placing: Placing = Placing.EVENLY,
    admitted: Callable[[Design], BoolArray] | None = None,
) -> AtCutoff:
    """Draw patients that print the paper's numbers, with all that a later data cut-off will need of them.

    Parameters
    ----------
    placing : Placing
        How events fall along the target.
    admitted : callable, optional
        Which designs (k,) are possible, where more than their own data cut-off is known of them.

    The others, and what is raised, as of ``draw_summary``.
    """
    where = f"arms {', '.join(arm.name for arm in arms)}"
    ranges = follow_up_range(follow_up, time_unit, where=where)
    grid = np.linspace(0.0, ranges.longest[1], _GRID)
    wanted = [arm for arm in arms if only is None or arm.name in only]
    for arm in wanted:
        _require_buildable(arm)
    pooled = _pooled_survival([arm for arm in arms if arm.is_buildable], grid[::_COARSE], sum(ranges.longest) / 4)
    settled = partial(
        draw_designs,
        follow_up,
        ranges,
        time_unit,
        arms=tuple(arm.name for arm in arms),
        grid=grid[::_COARSE],
        pooled_survival=pooled,
        variation=variation or Variation(),
        rng=rng,
    )
    kept: list[AtCutoff] = []
    missing = k
    for _ in range(WAVES):
        designs = _admitted(settled, missing + missing // 4 + 4, admitted)  # some will not do for every arm
        kept.append(_complete_everywhere(wanted, designs, grid, placing, rng))
        missing -= kept[-1].count
        if missing <= 0:
            break
    if missing == k:
        raise ReconstructionError(where, "one follow-up design fits all arms", "none does", "check the follow-up")
    return AtCutoff.together(kept).take(np.arange(k - max(missing, 0)))


def _admitted(settled: Callable[..., Design], k: int, admitted: Callable[[Design], BoolArray] | None) -> Design:
    """Draw k designs, and more of them where few are admitted."""
    designs = settled(k=k)
    if admitted is None:
        return designs
    rows = np.flatnonzero(admitted(designs))
    for _ in range(WAVES):
        if 2 * rows.size >= k:
            break
        designs = settled(k=4 * designs.shape.size)
        rows = np.flatnonzero(admitted(designs))
    if rows.size == 0:
        raise ReconstructionError(
            "follow-up", "a follow-up that prints the medians of both data cut-offs", "none", "check both records"
        )
    return designs.take(np.resize(rows, k))


def _complete_everywhere(
    arms: Sequence[SummaryArm], designs: Design, grid: FloatArray, placing: Placing, rng: np.random.Generator
) -> AtCutoff:
    """Return the patients of those designs that every arm completes."""
    outcomes = {arm.name: _complete(arm, designs, grid, placing, rng) for arm in arms}
    rows = np.flatnonzero(np.all([complete for _, complete in outcomes.values()], axis=0))
    return AtCutoff(
        grid=grid, design=designs.take(rows), arms={name: found.take(rows) for name, (found, _) in outcomes.items()}
    )


def _complete(
    arm: SummaryArm, designs: Design, grid: FloatArray, placing: Placing, rng: np.random.Generator
) -> tuple[ArmAtCutoff, BoolArray]:
    """Propose patients for every design, again and again for those not yet complete; return which are (k,)."""
    k = designs.shape.size
    batch = PatientBatch(
        time=np.zeros((k, arm.n)), event=np.zeros((k, arm.n), dtype=bool), lost=np.zeros((k, arm.n), dtype=bool)
    )
    survival, factor, complete = np.zeros((k, grid.size)), np.full(k, np.nan), np.zeros(k, dtype=bool)
    proposed, failure = 0, ""
    for attempt in range(LAST_ROUND):
        rows = np.flatnonzero(~complete)
        if rows.size == 0 or (attempt >= ROUNDS and complete.any()):
            break
        found = propose(
            arm,
            designs.take(rows),
            grid,
            wide=attempt >= _NARROW_ROUNDS,
            placing=Placing.AT_RANDOM if attempt >= ROUNDS else placing,
            rng=rng,
        )
        proposed += rows.size
        prints = prints_the_same(found.batch, arm)
        failure = first_failure(prints) if prints and found.rows.size else f"{arm.events} events"
        accepted = np.all([np.ones(found.rows.size, dtype=bool), *prints.values()], axis=0)
        good = rows[found.rows[accepted]]
        batch.time[good], batch.event[good] = found.batch.time[accepted], found.batch.event[accepted]
        batch.lost[good], survival[good] = found.batch.lost[accepted], found.survival[accepted]
        factor[good], complete[good] = found.factor[accepted], True
    if not complete.any():
        raise ReconstructionError(
            f"arm {arm.name}",
            "some data set prints all of the arm's numbers",
            f"none in {proposed} proposals; the hardest is: {failure}",
            "check the printed numbers against each other and against the follow-up",
        )
    completed = int(complete.sum())
    return ArmAtCutoff(batch=batch, survival=survival, factor=factor, completed=completed, proposed=proposed), complete


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

"""Accepted patients at one data cut-off: proposed again and again until they print the paper's numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.errors import ReconstructionError
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.summary.design import Design
from survrecon.reconstruction.summary.patients import PatientBatch
from survrecon.reconstruction.summary.priors import SUMMARY_PRIORS
from survrecon.reconstruction.summary.proposals import Placing, Proposals, first_failure, prints_the_same, propose
from survrecon.reconstruction.summary.settings import PROPOSALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import BoolArray, FloatArray, IntArray
    from survrecon.reconstruction.summary.inputs import SummaryArm

__all__ = ["ArmCutoffDraws", "CutoffDraws", "as_often_as_they_print", "complete_everywhere"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ArmCutoffDraws:
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

    def take(self, rows: IntArray) -> ArmCutoffDraws:
        """Return the patients of some draws."""
        return replace(self, batch=self.batch.take(rows), survival=self.survival[rows], factor=self.factor[rows])

    @classmethod
    def together(cls, parts: Sequence[ArmCutoffDraws]) -> ArmCutoffDraws:
        """Return the patients of several waves of designs."""
        return cls(
            batch=PatientBatch.together([part.batch for part in parts]),
            survival=np.concatenate([part.survival for part in parts]),
            factor=np.concatenate([part.factor for part in parts]),
            completed=sum(part.completed for part in parts),
            proposed=sum(part.proposed for part in parts),
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CutoffDraws:
    """Accepted patients of every arm at one data cut-off: draw i of every arm is of design i.

    ``grid`` (m,) are the times at which the targets are told.
    """

    grid: FloatArray
    design: Design
    arms: dict[str, ArmCutoffDraws]

    @property
    def count(self) -> int:
        """How many draws there are."""
        return self.design.shape.size

    def take(self, rows: IntArray) -> CutoffDraws:
        """Return some draws."""
        return replace(
            self, design=self.design.take(rows), arms={name: arm.take(rows) for name, arm in self.arms.items()}
        )

    @classmethod
    def together(cls, parts: Sequence[CutoffDraws]) -> CutoffDraws:
        """Return the draws of several waves of designs."""
        return cls(
            grid=parts[0].grid,
            design=Design.together([part.design for part in parts]),
            arms={name: ArmCutoffDraws.together([part.arms[name] for part in parts]) for name in parts[0].arms},
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


@dataclass(kw_only=True, slots=True, eq=False)
class _Found:
    """Patients of one arm that print its numbers, of any of the designs tried, and how often each design had some.

    ``counts`` is (k,), ``row`` which design each data set is of; ``hardest`` is the printed number that fewest met.
    """

    arm: SummaryArm
    counts: IntArray
    row: list[IntArray]
    parts: list[Proposals]
    proposed: int = 0
    hardest: str = ""

    def try_again(
        self, designs: Design, grid: FloatArray, power: FloatArray, *, wide: bool, rng: np.random.Generator
    ) -> None:
        """Propose patients for every design once more."""
        found = propose(self.arm, designs, grid, wide=wide, placing=Placing.AT_RANDOM, power=power, rng=rng)
        prints = prints_the_same(found.batch, self.arm)
        self.hardest = first_failure(prints) if prints and found.rows.size else f"{self.arm.events} events"
        good = np.flatnonzero(np.all([np.ones(found.rows.size, dtype=bool), *prints.values()], axis=0))
        self.proposed += designs.shape.size
        self.row.append(found.rows[good])
        self.parts.append(found.take(good))
        self.counts += np.bincount(found.rows[good], minlength=self.counts.size)

    def choose(self, row: IntArray, which: IntArray) -> ArmCutoffDraws:
        """Return data sets: of each design ``row`` (k,), the ``which``-th (k,) that was found."""
        design = np.concatenate(self.row)
        order, first = np.argsort(design, kind="stable"), np.cumsum(self.counts) - self.counts
        return self._all().take(order[first[row] + which])

    def _all(self) -> ArmCutoffDraws:
        return ArmCutoffDraws(
            batch=PatientBatch.together([part.batch for part in self.parts]),
            survival=np.concatenate([part.survival for part in self.parts]),
            factor=np.concatenate([part.factor for part in self.parts]),
            completed=int(self.counts.sum()),
            proposed=self.proposed,
        )


def as_often_as_they_print(
    arms: Sequence[SummaryArm], designs: Design, grid: FloatArray, k: int, rng: np.random.Generator
) -> CutoffDraws:
    """Return k data sets, of each design as many as by the chance that its patients print the numbers of all arms.

    Every design is tried as often as the others. Any of its data sets of one arm goes with any of the other's, so a
    choice among all such pairs is one by that chance.
    """
    tried = designs.shape.size
    power = np.exp(SUMMARY_PRIORS.trend * rng.standard_normal(tried))
    found = [_Found(arm=arm, counts=np.zeros(tried, dtype=np.int64), row=[], parts=[]) for arm in arms]
    for attempt in range(PROPOSALS.last_attempts):
        for one in found:
            one.try_again(designs, grid, power, wide=attempt >= PROPOSALS.narrow_attempts, rng=rng)
        counts = np.array([one.counts for one in found])
        enough = counts.min(axis=0) if attempt < PROPOSALS.attempts else counts.prod(axis=0)
        if enough.sum() >= k:
            break
    for one in found:
        if not one.counts.any():
            raise _none_prints(one.arm, one.proposed, one.hardest)
    pairs = np.prod([one.counts for one in found], axis=0)
    chosen = rng.permutation(_spread(int(pairs.sum()), k, rng))
    row = np.searchsorted(np.cumsum(pairs), chosen, side="right")
    which = chosen - (np.cumsum(pairs) - pairs)[row]
    taken = {}
    for one in found:
        which, mine = np.divmod(which, np.maximum(one.counts[row], 1))
        taken[one.arm.name] = one.choose(row, mine)
    return CutoffDraws(grid=grid, design=designs.take(row), arms=taken)


def _spread(count: int, k: int, rng: np.random.Generator) -> IntArray:
    """Return k different whole numbers below ``count``, evenly spread; all of them where there are no more."""
    if count <= k:
        return np.arange(count)
    return ((np.arange(k) + rng.uniform()) * count / k).astype(np.int64)


def _none_prints(arm: SummaryArm, proposed: int, hardest: str) -> ReconstructionError:
    return ReconstructionError(
        f"arm {arm.name}",
        "some data set prints all of the arm's numbers",
        f"none in {proposed} proposals; the hardest is: {hardest}",
        "check the printed numbers against each other and against the follow-up",
    )


def complete_everywhere(
    arms: Sequence[SummaryArm], designs: Design, grid: FloatArray, placing: Placing, rng: np.random.Generator
) -> CutoffDraws:
    """Return the patients of those designs that every arm completes."""
    outcomes = {arm.name: _complete(arm, designs, grid, placing, rng) for arm in arms}
    rows = np.flatnonzero(np.all([complete for _, complete in outcomes.values()], axis=0))
    return CutoffDraws(
        grid=grid, design=designs.take(rows), arms={name: found.take(rows) for name, (found, _) in outcomes.items()}
    )


def _complete(
    arm: SummaryArm, designs: Design, grid: FloatArray, placing: Placing, rng: np.random.Generator
) -> tuple[ArmCutoffDraws, BoolArray]:
    """Propose patients for every design, again and again for those not yet complete; return which are (k,)."""
    k = designs.shape.size
    batch = PatientBatch(
        time=np.zeros((k, arm.n)), event=np.zeros((k, arm.n), dtype=bool), lost=np.zeros((k, arm.n), dtype=bool)
    )
    survival, factor, complete = np.zeros((k, grid.size)), np.full(k, np.nan), np.zeros(k, dtype=bool)
    proposed, failure = 0, ""
    for attempt in range(PROPOSALS.last_attempts):
        rows = np.flatnonzero(~complete)
        if rows.size == 0 or (attempt >= PROPOSALS.attempts and complete.any()):
            break
        found = propose(
            arm,
            designs.take(rows),
            grid,
            wide=attempt >= PROPOSALS.narrow_attempts,
            placing=Placing.AT_RANDOM if attempt >= PROPOSALS.attempts else placing,
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
        raise _none_prints(arm, proposed, failure)
    completed = int(complete.sum())
    drawn = ArmCutoffDraws(batch=batch, survival=survival, factor=factor, completed=completed, proposed=proposed)
    return drawn, complete

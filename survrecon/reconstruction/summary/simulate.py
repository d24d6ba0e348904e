"""Patients of chance: each enters, is lost and has the event by itself, and together they print the printed points.

What the paper does not print depends on the wiggles of the real curve, which is one of a trial of that many patients
and not the smooth one that it estimates. So patients are simulated along the target, and in each stretch between two
printed points the hazard is multiplied by what takes their Kaplan-Meier estimate from one point to the next. Given
that, where events fall within a stretch, how many there are, and who is censored when, is left to chance. The
derivation is in docs/model.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from survrecon.reconstruction.summary.patients import PatientBatch, with_medians
from survrecon.reconstruction.summary.settings import SIMULATION
from survrecon.reconstruction.summary.target import interpolate_rows

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray, IntArray
    from survrecon.reconstruction.summary.design import Design
    from survrecon.reconstruction.summary.target import Target

__all__ = ["SimulatedPatients", "simulate_patients"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SimulatedPatients:
    """Patients of those designs that can have the printed total of events.

    Parameters
    ----------
    rows : array of int, shape (p,)
        Which designs.
    batch : PatientBatch
        Their patients, (p, n).
    factor : array of float, shape (p,)
        By what the hazard after the last printed point was multiplied.
    """

    rows: IntArray
    batch: PatientBatch
    factor: FloatArray


def simulate_patients(
    grid: FloatArray,
    target: Target,
    design: Design,
    arm: str,
    n: int,
    *,
    factor: FloatArray,
    rng: np.random.Generator,
    total: int | None = None,
    limit: float = np.inf,
) -> SimulatedPatients:
    """Simulate n patients a draw who print the points of the target.

    Parameters
    ----------
    grid : array of float, shape (m,)
        Times at which the target is told.
    target : Target
        The survival of each draw, and the points that it goes through.
    design : Design
        The follow-up of each draw.
    arm : str
        Whose loss to follow-up.
    n : int
        Patients.
    factor : array of float, shape (k,)
        By what the hazard after the last printed point is multiplied, where no total says it.
    total : int, optional
        Printed events: the hazard after the last printed point is multiplied by what gives them.
    limit : float
        Largest size of the log of that multiple.
    """
    lives = _FollowedPatients.of(grid, target, design, arm, n, rng)
    for point in range(target.times.shape[1]):
        lives.lead_to(target.times[:, point], target.point(point), rng)
    rows, factor = lives.carry_on(factor, total, limit, rng)
    return SimulatedPatients(rows=rows, batch=with_medians(lives.batch(rows), target.median_time[rows]), factor=factor)


@dataclass(kw_only=True, slots=True, eq=False)
class _FollowedPatients:
    """Patients of k draws, as far as they are followed already; arrays (k, n) unless said otherwise.

    ``leaving`` is when each is censored, ``lost`` whether by loss; ``until`` (k,) is the time reached, ``log_survival``
    (k,) the Kaplan-Meier estimate there.
    """

    grid: FloatArray
    target: Target
    leaving: FloatArray
    lost: BoolArray
    time: FloatArray = field(init=False)
    event: BoolArray = field(init=False)
    until: FloatArray = field(init=False)
    log_survival: FloatArray = field(init=False)
    hazard_when_leaving: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.time, self.event = self.leaving.copy(), np.zeros(self.leaving.shape, dtype=bool)
        self.until, self.log_survival = np.zeros(len(self.leaving)), np.zeros(len(self.leaving))
        self.hazard_when_leaving = interpolate_rows(self.leaving, self._times, self.target.printed)

    @classmethod
    def of(
        cls, grid: FloatArray, target: Target, design: Design, arm: str, n: int, rng: np.random.Generator
    ) -> _FollowedPatients:
        """Return patients who have just entered."""
        shape = (design.shape.size, n)
        late = rng.uniform(size=shape) ** (1 / design.shape[:, None])
        end = design.longest[:, None] - (design.longest - design.shortest)[:, None] * late
        loss = rng.standard_exponential(shape) / np.maximum(design.loss[arm], SIMULATION.least)[:, None]
        return cls(grid=grid, target=target, leaving=np.minimum(end, loss), lost=loss < end)

    @property
    def _times(self) -> FloatArray:
        return np.broadcast_to(self.grid, self.target.printed.shape)

    def lead_to(self, end: FloatArray, survival: FloatArray, rng: np.random.Generator) -> None:
        """Follow all to ``end`` (k,), by a hazard that takes the Kaplan-Meier estimate to ``survival``.

        Its rows, (3, k), are what to come near to, and the lowest and the highest that prints the point.
        """
        printed, at_risk = self.target.printed, ~self.event & (self.leaving > self.until[:, None])
        start, stop = (interpolate_rows(at[:, None], self._times, printed) for at in (self.until, end))
        exposure = np.where(at_risk, np.clip(self.hazard_when_leaving, start, stop) - start, 0.0)
        level = rng.standard_exponential(exposure.shape)
        multiple, fall = _search(
            exposure, level, at_risk, np.log(np.maximum(survival, SIMULATION.least)) - self.log_survival
        )
        # an event comes where the multiplied hazard reaches the patient's level
        reached = level / multiple[:, None]
        fails = at_risk & (reached < exposure)
        when = interpolate_rows(start + np.minimum(reached, exposure), printed, self.grid)
        self.time, self.event = np.where(fails, when, self.time), self.event | fails
        self.until, self.log_survival = end, self.log_survival + fall

    def carry_on(
        self, factor: FloatArray, total: int | None, limit: float, rng: np.random.Generator
    ) -> tuple[IntArray, FloatArray]:
        """Follow all to their end by the hazard beyond the printed points; return which draws can be, and by what."""
        scaled = self.target.scaled
        at_risk = ~self.event & (self.leaving > self.until[:, None])
        exposure = np.where(at_risk, interpolate_rows(self.leaving, self._times, scaled), 0.0)
        level = rng.standard_exponential(exposure.shape)
        rows = np.arange(factor.size)
        if total is not None:
            more = total - self.event.sum(axis=1)
            low, high = _between(np.sort(_needed(exposure, level), axis=1), np.clip(more, 0, exposure.shape[1]))
            possible = (more >= 0) & (more <= (exposure > 0).sum(axis=1))
            least, most = np.exp(-limit), np.exp(limit)
            rows = np.flatnonzero(possible & (low < most) & (high > least))
            factor = np.sqrt(np.maximum(low, least) * np.minimum(high, most))
        reached = level / factor[:, None]
        fails = reached < exposure
        self.time = np.where(fails, interpolate_rows(np.minimum(reached, exposure), scaled, self.grid), self.time)
        self.event = self.event | fails
        return rows, factor[rows]

    def batch(self, rows: IntArray) -> PatientBatch:
        """Return the patients of some draws."""
        event = self.event[rows]
        return PatientBatch.in_order(self.time[rows], event, self.lost[rows] & ~event)


def _needed(exposure: FloatArray, level: FloatArray) -> FloatArray:
    """Return by what the hazard is to be multiplied for each patient to have the event (k, n)."""
    return np.where(exposure > 0, level / np.maximum(exposure, SIMULATION.least), SIMULATION.never)


def _between(needed: FloatArray, events: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the multiples (k,) between which so many have the event, ``needed`` (k, n) being in order."""
    rows, last = np.arange(len(needed)), needed.shape[1] - 1
    low = np.where(events > 0, needed[rows, np.maximum(events - 1, 0)], needed[:, 0] / SIMULATION.beyond)
    high = np.where(events <= last, needed[rows, np.minimum(events, last)], SIMULATION.never)
    return low, np.minimum(high, np.where(high >= SIMULATION.never, low * SIMULATION.beyond, high))


def _search(
    exposure: FloatArray, level: FloatArray, at_risk: BoolArray, wanted: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Find the multiple of the hazard (k,) whose events take log S to ``wanted``, as near as whole ones do.

    Parameters
    ----------
    wanted : array of float, shape (3, k)
        By how much log S is to fall, and the largest and the smallest fall that will do.

    Returns
    -------
    multiple, fall : array of float, shape (k,)
        The multiple, and by how much log S then falls (negative).
    """
    needed = np.sort(_needed(exposure, level), axis=1)
    k, most = len(needed), (needed < SIMULATION.never).sum(axis=1)
    best, fall, off = np.ones(k), np.zeros(k), np.full(k, np.inf)
    # too few and too many events, as far as known; to begin with as many events as if nobody were censored
    few, many = np.full(k, -1), most + 1
    events = np.clip((at_risk.sum(axis=1) * -np.expm1(wanted[0])).round().astype(np.int64), 0, most)
    rows = np.arange(k)
    for _ in range(SIMULATION.searches):
        multiple = np.sqrt(np.prod(_between(needed[rows], events), axis=0))
        obtained = _fall(exposure[rows], level[rows] / multiple[:, None], at_risk[rows])
        near, lowest, highest = wanted[:, rows]
        outside = (obtained < lowest) | (obtained > highest)
        away = np.abs(obtained - near) + np.where(outside, SIMULATION.off_point, 0.0)
        nearer = away < off[rows]
        for kept, value in ((best, multiple), (fall, obtained), (off, away)):
            kept[rows] = np.where(nearer, value, kept[rows])
        few[rows] = np.where(obtained > near, np.maximum(few[rows], events), few[rows])
        many[rows] = np.where(obtained > near, many[rows], np.minimum(many[rows], events))
        # log S falls in proportion to the hazard; where that leads to what is known not to do, half the way to it
        events = (needed[rows] < (multiple * near / np.minimum(obtained, -SIMULATION.least))[:, None]).sum(axis=1)
        inside = (events > few[rows]) & (events < many[rows])
        events = np.where(inside, events, (few[rows] + many[rows]) // 2)
        going = many[rows] - few[rows] > 1
        rows, events = rows[going], events[going]
        if rows.size == 0:
            break
    return best, fall


def _fall(exposure: FloatArray, reached: FloatArray, at_risk: BoolArray) -> FloatArray:
    """Return by how much log S falls (k,) where those have the event who reach it within their exposure."""
    order = np.argsort(np.where(at_risk, np.minimum(reached, exposure), -1.0), axis=1)
    fails = np.take_along_axis(at_risk & (reached < exposure), order, axis=1)
    left = np.arange(exposure.shape[1], 0, -1)
    steps = np.log(np.maximum(1 - 1 / left, SIMULATION.least))
    fall: FloatArray = np.where(fails, steps, 0.0).sum(axis=1)
    return fall

"""Patients of many draws, and patients placed along a target in the numbers that it expects.

The j-th event belongs where the expected number of events reaches j - offset, with one offset a draw. Between two
printed points, events are then placed at random, as many as belong there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.model.kaplan_meier import FLAT
from survrecon.model.settings import NUMERICAL_NOISE
from survrecon.reconstruction.summary.target import interpolate_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray, IntArray

__all__ = ["PatientBatch", "departures_a_step", "expected_departures", "place_patients", "with_medians"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PatientBatch:
    """Patients of many draws, each row in order of time.

    Parameters
    ----------
    time : array of float, shape (k, n)
        When each patient left.
    event : array of bool, shape (k, n)
        Whether by the event.
    lost : array of bool, shape (k, n)
        Whether by loss to follow-up: nothing more will be seen of them at a later data cut-off.
    """

    time: FloatArray
    event: npt.NDArray[np.bool_]
    lost: npt.NDArray[np.bool_]

    @classmethod
    def in_order(cls, time: FloatArray, event: npt.NDArray[np.bool_], lost: npt.NDArray[np.bool_]) -> PatientBatch:
        """Return patients given in any order."""
        order = np.argsort(time, axis=1, kind="stable")
        return cls(
            time=np.take_along_axis(time, order, axis=1),
            event=np.take_along_axis(event, order, axis=1),
            lost=np.take_along_axis(lost, order, axis=1),
        )

    @classmethod
    def together(cls, parts: Sequence[PatientBatch]) -> PatientBatch:
        """Return the draws of several batches with the same number of patients."""
        return cls(
            time=np.concatenate([part.time for part in parts]),
            event=np.concatenate([part.event for part in parts]),
            lost=np.concatenate([part.lost for part in parts]),
        )

    def take(self, rows: IntArray) -> PatientBatch:
        """Return the patients of some draws."""
        return PatientBatch(time=self.time[rows], event=self.event[rows], lost=self.lost[rows])

    @property
    def events(self) -> npt.NDArray[np.int64]:
        """Events a draw (k,)."""
        return np.asarray(self.event.sum(axis=1), dtype=np.int64)

    def kaplan_meier(self) -> FloatArray:
        """Return the Kaplan-Meier estimate just after each patient's time (k, n)."""
        at_risk = np.arange(self.time.shape[1], 0, -1)
        return np.asarray(np.cumprod(1 - self.event / at_risk, axis=1), dtype=float)

    def log_standard_error(self) -> FloatArray:
        """Return Greenwood's standard error of log S just after each patient's time (k, n)."""
        at_risk = np.arange(self.time.shape[1], 0, -1).astype(float)
        terms = self.event / (at_risk * np.maximum(at_risk - 1, 0.5))
        error: FloatArray = np.sqrt(np.cumsum(terms, axis=1))
        return error

    def survival_at(self, time: float) -> FloatArray:
        """Return S(time) a draw (k,)."""
        before = (self.time <= time).sum(axis=1)
        survival = np.concatenate([np.ones((len(self.time), 1)), self.kaplan_meier()], axis=1)
        at: FloatArray = survival[np.arange(len(survival)), before]
        return at

    def greenwood_at(self, time: float) -> FloatArray:
        """Return Greenwood's sum, the variance of log S(time), a draw (k,)."""
        before = (self.time <= time).sum(axis=1)
        sums = np.concatenate([np.zeros((len(self.time), 1)), self.log_standard_error() ** 2], axis=1)
        at: FloatArray = sums[np.arange(len(sums)), before]
        return at

    def halved(self, falling: FloatArray) -> FloatArray:
        """Return the time a draw at which ``falling`` (k, n) comes down to one half; NaN if it never does.

        Where it rests at exactly one half, the middle of that rest, as `survrecon.model.kaplan_meier` has it.
        """
        rows = np.arange(len(falling))
        reached, below = falling <= 0.5 + FLAT, falling < 0.5 - FLAT
        first, leaving = np.argmax(reached, axis=1), np.argmax(below, axis=1)
        start = np.where(reached.any(axis=1), self.time[rows, first], np.nan)
        end = np.where(below.any(axis=1), self.time[rows, leaving], start)
        times: FloatArray = (start + end) / 2
        return times


def expected_departures(
    survival: FloatArray, administrative: FloatArray, not_lost: FloatArray, n: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return expected cumulative events, administrative censorings and losses on the grid, each (k, m).

    Competing departures from n patients with independent survival functions: the first is
    n times the integral of (administrative x not_lost) d(1 - survival), and so on.
    """

    def cumulated(falling: FloatArray, staying: FloatArray) -> FloatArray:
        steps = departures_a_step(falling, staying)
        return n * np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)

    return (
        cumulated(survival, administrative * not_lost),
        cumulated(administrative, survival * not_lost),
        cumulated(not_lost, survival * administrative),
    )


def departures_a_step(falling: FloatArray, staying: FloatArray) -> FloatArray:
    """Return the share of patients that leave by ``falling`` while ``staying``, by step of the grid (k, m - 1)."""
    return (falling[:, :-1] - falling[:, 1:]) * (staying[:, 1:] + staying[:, :-1]) / 2


def place_patients(
    grid: FloatArray,
    departures: tuple[FloatArray, FloatArray, FloatArray],
    median_time: FloatArray,
    offset: FloatArray,
    n: int,
    rng: np.random.Generator,
    *,
    between: tuple[float, ...] = (),
) -> PatientBatch:
    """Place n patients a draw: events at random within their stretch, and who is censored when at random.

    Parameters
    ----------
    grid : array of float, shape (m,)
        Times.
    departures : three arrays of float, shape (k, m)
        Expected cumulative events, administrative censorings and losses.
    median_time : array of float, shape (k,)
        The time of the event that takes the curve to one half; NaN leaves it where it falls.
    offset : array of float, shape (k,)
        Where between two whole numbers the events come, 0 to 1.
    rng : Generator
        For the places.
    between : tuple of float, optional
        Times at the ends of stretches, each of which has the number of events that is expected there.
    """
    events, administrative, losing = departures
    place = np.broadcast_to(np.arange(n), (len(offset), n))
    deaths = np.minimum((events[:, -1] + offset).astype(int), n)[:, None]
    leaving = losing[:, -1:] + administrative[:, -1:]
    losses = rng.binomial(n - deaths, np.clip(losing[:, -1:] / np.maximum(leaving, NUMERICAL_NOISE), 0.0, 1.0))
    first, last = _stretch(place + 1 - offset[:, None], grid, events, between)
    along = first + rng.uniform(size=place.shape) * (last - first)
    time = interpolate_rows(along, events, grid)
    for count, cumulated in ((deaths, losing), (deaths + losses, administrative)):
        spread = rng.uniform(size=place.shape) * cumulated[:, -1:]
        time = np.where(place >= count, interpolate_rows(spread, cumulated, grid), time)
    event = place < deaths
    lost = (place >= deaths) & (place < deaths + losses)
    return with_medians(PatientBatch.in_order(time, event, lost), median_time)


def _stretch(
    place: FloatArray, grid: FloatArray, events: FloatArray, between: tuple[float, ...]
) -> tuple[FloatArray, FloatArray]:
    """Return the expected numbers of events at both ends of the stretch that each place (k, n) is in."""
    first, last = np.zeros(place.shape), np.broadcast_to(events[:, -1:], place.shape).copy()
    for reached in interpolate_rows(np.array(between), np.broadcast_to(grid, events.shape), events).T[..., None]:
        first = np.where(place > reached, np.maximum(first, reached), first)
        last = np.where(place > reached, last, np.minimum(last, reached))
    return first, last


def with_medians(batch: PatientBatch, median_time: FloatArray) -> PatientBatch:
    """Move the event that takes the curve to one half onto the printed median, as far as the next events allow."""
    reached = batch.kaplan_meier() <= 0.5 + FLAT
    time, event, lost = batch.time.copy(), batch.event.copy(), batch.lost.copy()
    for row in np.flatnonzero(np.isfinite(median_time) & reached.any(axis=1)):
        crossing = int(np.argmax(reached[row]))
        earlier, later = (
            time[row, :crossing][event[row, :crossing]],
            time[row, crossing + 1 :][event[row, crossing + 1 :]],
        )
        first, last = earlier.max(initial=0.0), later.min(initial=np.inf)
        time[row, crossing] = min(max(median_time[row], first), last)
        order = np.argsort(time[row], kind="stable")
        time[row], event[row], lost[row] = time[row, order], event[row, order], lost[row, order]
    return PatientBatch(time=time, event=event, lost=lost)

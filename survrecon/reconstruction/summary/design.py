"""The follow-up design: when patients entered, and when they were lost.

Potential follow-up C of a patient runs from ``shortest`` (the last to enter) to ``longest`` (the
first): C = longest - (longest - shortest) u, with u ~ Beta(shape, 1). A shape of 1 is uniform
entry; more than 1 means that more patients entered late. Loss to follow-up is exponential. The
shape is fitted, draw by draw, to the printed median follow-up by its printed method.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING

import numpy as np

from survrecon.errors import ReconstructionError
from survrecon.model.document import FollowUp, FollowUpMethod
from survrecon.model.settings import DAYS_IN
from survrecon.reconstruction.summary.settings import PROPOSALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray, IntArray

__all__ = [
    "Design",
    "FollowUpRange",
    "Variation",
    "draw_designs",
    "follow_up_range",
    "median_follow_up",
    "methods_of",
    "potential_follow_up",
]

_METHODS = (FollowUpMethod.REVERSE_KAPLAN_MEIER, FollowUpMethod.SURVIVORS, FollowUpMethod.ALL_PATIENTS)


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowUpRange:
    """Ranges of the shortest and longest potential follow-up, in the record's time unit."""

    shortest: tuple[float, float]
    longest: tuple[float, float]
    assumed: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Variation:
    """What a scenario of the sensitivity table changes.

    Parameters
    ----------
    shape_factor : float
        Multiplies the fitted accrual shape: 2 is later accrual.
    extra_yearly_loss : mapping-like tuple of (arm, share)
        Loss to follow-up on top of the drawn one, by arm.
    tail_factor : float or None
        Fixes the hazard after the last printed point at this multiple of the hazard before.
    shortest_at : float or None
        Fixes an assumed shortest follow-up at this place of its range, 0 to 1.
    """

    name: str = "as printed"
    description: str = ""
    shape_factor: float = 1.0
    extra_yearly_loss: tuple[tuple[str, float], ...] = ()
    tail_factor: float | None = None
    shortest_at: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Design:
    """One follow-up design a draw; arrays of shape (k,).

    ``loss`` is the hazard of loss to follow-up by arm; ``tail_factor`` is NaN where it is to be drawn.
    """

    shortest: FloatArray
    longest: FloatArray
    shape: FloatArray
    loss: dict[str, FloatArray]
    tail_factor: FloatArray

    def take(self, rows: IntArray) -> Design:
        """Return the designs of some draws."""
        return replace(
            self,
            shortest=self.shortest[rows],
            longest=self.longest[rows],
            shape=self.shape[rows],
            loss={arm: hazard[rows] for arm, hazard in self.loss.items()},
            tail_factor=self.tail_factor[rows],
        )

    @classmethod
    def together(cls, parts: Sequence[Design]) -> Design:
        """Return the designs of several sets of draws."""
        return cls(
            shortest=np.concatenate([part.shortest for part in parts]),
            longest=np.concatenate([part.longest for part in parts]),
            shape=np.concatenate([part.shape for part in parts]),
            loss={arm: np.concatenate([part.loss[arm] for part in parts]) for arm in parts[0].loss},
            tail_factor=np.concatenate([part.tail_factor for part in parts]),
        )

    def still_followed(self, grid: FloatArray, arm: str) -> tuple[FloatArray, FloatArray]:
        """Return P(potential follow-up > t) and P(not lost by t) on a grid (m,): two arrays (k, m)."""
        administrative = potential_follow_up(grid, self.shortest, self.longest, self.shape)
        return administrative, np.exp(-np.outer(self.loss[arm], grid))


def potential_follow_up(grid: FloatArray, shortest: FloatArray, longest: FloatArray, shape: FloatArray) -> FloatArray:
    """Return P(C > t) for designs (k,) on a grid (m,)."""
    late = (longest[:, None] - grid[None, :]) / (longest - shortest)[:, None]
    share: FloatArray = np.clip(late, 0.0, 1.0) ** shape[:, None]
    return share


def follow_up_range(follow_up: FollowUp, time_unit: str, *, where: str) -> FollowUpRange:
    """Return the printed window, or the recorded assumption.

    Raises
    ------
    ReconstructionError
        If there is neither.
    """
    window = follow_up.window(time_unit)
    if follow_up.assumed is not None:
        a = follow_up.assumed
        return FollowUpRange(shortest=a.shortest, longest=a.longest, assumed=a.reason)
    if window is None:
        raise ReconstructionError(
            where,
            "a summary curve needs the follow-up design",
            "no recruitment window with a data cut-off, and no assumption",
            "add recruitment_start, recruitment_end and data_cutoff, or [follow_up.assumed] with its reason",
        )
    return FollowUpRange(shortest=(window[0], window[0]), longest=(window[1], window[1]), assumed=None)


def draw_designs(
    follow_up: FollowUp,
    ranges: FollowUpRange,
    time_unit: str,
    *,
    arms: tuple[str, ...],
    grid: FloatArray,
    pooled_survival: FloatArray,
    variation: Variation,
    k: int,
    rng: np.random.Generator,
) -> Design:
    """Draw k designs that print the median follow-up.

    Parameters
    ----------
    grid : array of float, shape (m,)
        Times.
    pooled_survival : array of float, shape (m,)
        Survival of all arms together, for medians over patients who are still without the event.
    """
    place = np.full(k, variation.shortest_at) if variation.shortest_at is not None else rng.uniform(size=k)
    shortest = ranges.shortest[0] + place * (ranges.shortest[1] - ranges.shortest[0])
    longest = rng.uniform(*ranges.longest, size=k)
    per_year = DAYS_IN["years"] / DAYS_IN[time_unit]
    loss = -np.log1p(-rng.uniform(*follow_up.yearly_loss, size=k)) / per_year
    extra = dict(variation.extra_yearly_loss)
    if follow_up.median is None:
        shape = np.exp(rng.uniform(-log(2), log(2), size=k))
    else:
        half = 0.5 * 10.0**-follow_up.median_decimals
        median = follow_up.median + rng.uniform(-half, half, size=k)
        fitted = [
            _fit_shape(median, method, shortest, longest, loss, grid, pooled_survival)
            for method in methods_of(follow_up)
        ]
        shape = _choose_fitting(np.stack(fitted), rng)
    fits = np.flatnonzero(np.isfinite(shape))
    if fits.size == 0:
        raise ReconstructionError(
            "follow-up",
            f"a printed median follow-up ({follow_up.method}) between the shortest and the longest follow-up",
            f"{follow_up.median:g} {time_unit} with {shortest.min():.1f} to {longest.max():.1f}",
            "check recruitment window, data cut-off and what the median is of",
        )
    designs = Design(
        shortest=shortest,
        longest=longest,
        shape=np.clip(shape * variation.shape_factor, *PROPOSALS.accrual_shapes),
        loss={arm: loss - np.log1p(-extra.get(arm, 0.0)) / per_year for arm in arms},
        tail_factor=np.full(k, np.nan if variation.tail_factor is None else variation.tail_factor),
    )
    return designs.take(np.resize(fits, k))


def methods_of(follow_up: FollowUp) -> tuple[FollowUpMethod, ...]:
    """Return what a printed median follow-up may be the median of."""
    return _METHODS if follow_up.method is FollowUpMethod.NOT_STATED else (follow_up.method,)


def _choose_fitting(fitted: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Choose, a draw, one of the methods (rows) whose median can be met; NaN where none can."""
    preference = np.where(np.isfinite(fitted), rng.uniform(size=fitted.shape), -1.0)
    chosen: FloatArray = fitted[preference.argmax(axis=0), np.arange(fitted.shape[1])]
    return chosen


def _fit_shape(
    median: FloatArray,
    method: FollowUpMethod,
    shortest: FloatArray,
    longest: FloatArray,
    loss: FloatArray,
    grid: FloatArray,
    survival: FloatArray,
) -> FloatArray:
    """Bisect the shape for which the median follow-up is the printed one; NaN where no shape does.

    A larger shape (later entry) always shortens follow-up, whatever the method.
    """
    lost = np.exp(-np.outer(loss, grid))

    def obtained(log_shape: FloatArray) -> FloatArray:
        followed = potential_follow_up(grid, shortest, longest, np.exp(log_shape)) * lost
        return median_follow_up(followed, method, grid, survival)

    low, high = (np.full(median.size, log(limit)) for limit in PROPOSALS.accrual_shapes)
    within = (obtained(high) <= median) & (median <= obtained(low))
    for _ in range(PROPOSALS.shape_halvings):
        middle = (low + high) / 2
        too_long = obtained(middle) > median
        low, high = np.where(too_long, middle, low), np.where(too_long, high, middle)
    return np.where(within, np.exp((low + high) / 2), np.nan)


def median_follow_up(
    followed: FloatArray, method: FollowUpMethod, grid: FloatArray, survival: FloatArray
) -> FloatArray:
    """Return each draw's expected median follow-up (k,), given P(still followed at t), shape (k, m)."""
    if method is FollowUpMethod.REVERSE_KAPLAN_MEIER:
        return _crossing(followed, grid, 0.5)
    if method is FollowUpMethod.ALL_PATIENTS:
        return _crossing(followed * survival[None, :], grid, 0.5)
    censored = -np.diff(followed, axis=1) * (survival[1:] + survival[:-1]) / 2  # survivors leave by censoring
    later = np.concatenate([np.cumsum(censored[:, ::-1], axis=1)[:, ::-1], np.zeros((len(followed), 1))], axis=1)
    return _crossing(later / later[:, :1], grid, 0.5)


def _crossing(falling: FloatArray, grid: FloatArray, level: float) -> FloatArray:
    """Return where each falling row (k, m) crosses a level, by linear interpolation."""
    after = np.argmax(falling <= level, axis=1)
    after[~(falling <= level).any(axis=1)] = falling.shape[1] - 1
    after = np.maximum(after, 1)
    rows = np.arange(len(falling))
    upper, lower = falling[rows, after - 1], falling[rows, after]
    share = np.where(upper > lower, (upper - level) / np.where(upper > lower, upper - lower, 1.0), 0.0)
    crossing: FloatArray = grid[after - 1] + np.clip(share, 0, 1) * (grid[after] - grid[after - 1])
    return crossing

"""Curves through printed points: cumulative hazards on a grid, drawn for every row at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.estimate import USUAL_LEVEL, normal_quantile
from survrecon.reconstruction.summary.priors import SUMMARY_PRIORS
from survrecon.reconstruction.summary.settings import PROPOSALS

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.reconstruction.summary.inputs import PrintedMedian, SummaryArm

__all__ = ["FollowedOnGrid", "Target", "central_survival", "draw_target", "interpolate_rows", "median_limit_survival"]


def interpolate_rows(x: FloatArray, xp: FloatArray, fp: FloatArray) -> FloatArray:
    """Interpolate row i of ``x`` in row i of ``xp`` and ``fp``; beyond the ends the end values are carried on.

    Parameters
    ----------
    x : array of float, shape (k, n) or (n,)
        Where.
    xp : array of float, shape (k, m)
        Rising in each row.
    fp : array of float, shape (k, m) or (m,)
        Values there.

    Returns
    -------
    array of float, shape (k, n)

    Examples
    --------
    >>> interpolate_rows(np.array([1.0, 9.0]), np.array([[0.0, 2.0], [0.0, 4.0]]), np.array([0.0, 8.0])).tolist()
    [[4.0, 8.0], [2.0, 8.0]]
    """
    k = len(xp)
    if k == 0:
        return np.empty((0, np.shape(x)[-1]))
    low, high = xp[:, :1], xp[:, -1:]
    shift = np.arange(k)[:, None] * (float((high - low).max()) + 1.0)  # lays the rows side by side, apart
    inside = np.clip(np.broadcast_to(x, (k, np.shape(x)[-1])), low, high)
    values = np.interp(
        (inside - low + shift).ravel(), (xp - low + shift).ravel(), np.broadcast_to(fp, xp.shape).ravel()
    )
    return np.asarray(values.reshape(inside.shape), dtype=float)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FollowedOnGrid:
    """P(followed beyond t) on a grid: ``grid`` (m,), ``followed`` (k, m)."""

    grid: FloatArray
    followed: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Target:
    """Cumulative hazards on a grid, split into what is printed and what one free factor scales.

    Parameters
    ----------
    printed : array of float, shape (k, m)
        Cumulative hazard through the printed points, constant after the last.
    scaled : array of float, shape (k, m)
        Cumulative hazard to be multiplied by the free factor: that of the tail, or all of it where no
        survival is printed.
    median_time : array of float, shape (k,)
        Where the curve is to cross one half; NaN where no median is printed.
    times, levels : array of float, shape (k, p)
        The points that the curve goes through, in order of time.
    printed_levels : array of float, shape (2, k, p)
        The lowest and the highest survival that prints each point; 0 and 1 where a time is printed instead.
    """

    printed: FloatArray
    scaled: FloatArray
    median_time: FloatArray
    times: FloatArray
    levels: FloatArray
    printed_levels: FloatArray

    def take(self, rows: IntArray) -> Target:
        """Return the targets of some draws."""
        return replace(
            self,
            printed=self.printed[rows],
            scaled=self.scaled[rows],
            median_time=self.median_time[rows],
            times=self.times[rows],
            levels=self.levels[rows],
            printed_levels=self.printed_levels[:, rows],
        )

    def survival(self, factor: FloatArray) -> FloatArray:
        """Return S on the grid (k, m) for one factor a draw (k,)."""
        survival: FloatArray = np.exp(-self.printed - factor[:, None] * self.scaled)
        return survival

    def point(self, number: int) -> FloatArray:
        """Return survival at a point, and the lowest and the highest that prints it (3, k)."""
        return np.concatenate([self.levels[None, :, number], self.printed_levels[:, :, number]])


def draw_target(
    arm: SummaryArm, at_risk: FollowedOnGrid, rng: np.random.Generator, *, power: FloatArray | None = None
) -> Target:
    """Draw one survival function a row of ``at_risk``, on its grid.

    Parameters
    ----------
    power : array of float, shape (k,), optional
        The power of time with which the hazard accumulates between printed points, but for its changes; default 1.
    """
    grid, k = at_risk.grid, len(at_risk.followed)
    if not arm.has_survival_point:
        return _unprinted_target(arm, at_risk, rng, power)
    times, survival, median_time = _printed_points(arm, k, rng)
    if arm.median is not None and (arm.median.low is not None or arm.median.high is not None):
        times, survival = _with_median_limits(arm.median, arm.n, times, survival, at_risk)
    knots, hazard = _bend(_powered(times, times, power), -np.log(survival), rng)
    beyond = np.maximum(grid[None, :] - times[:, -1:], 0.0)
    return Target(
        printed=_on_grid(_powered(grid, times, power), knots, hazard),
        scaled=(hazard[:, -1:] / times[:, -1:]) * beyond,
        median_time=median_time,
        times=times,
        levels=survival,
        printed_levels=_printed_levels(arm, times),
    )


def _unprinted_target(
    arm: SummaryArm, at_risk: FollowedOnGrid, rng: np.random.Generator, power: FloatArray | None
) -> Target:
    """Return a hazard that bends in the middle of follow-up; the total events will fix its level."""
    grid, k = at_risk.grid, len(at_risk.followed)
    person_time = np.atleast_1d(np.trapezoid(at_risk.followed, grid, axis=1))[:, None] * arm.n
    knots = np.tile([0.0, grid[-1] / 2, grid[-1]], (k, 1))
    level = (arm.events or 0) / person_time
    _, hazard = _bend(knots[:, 2:], level * grid[-1], rng)
    return Target(
        printed=np.zeros((k, grid.size)),
        scaled=_on_grid(_powered(grid, knots, power), knots, hazard),
        median_time=np.full(k, np.nan),
        times=np.empty((k, 0)),
        levels=np.empty((k, 0)),
        printed_levels=np.empty((2, k, 0)),
    )


def _on_grid(grid: FloatArray, knots: FloatArray, values: FloatArray) -> FloatArray:
    """Interpolate each row's piecewise linear function (k, p) on the grid, constant after its last knot."""
    return interpolate_rows(grid, knots, values)


def _powered(time: FloatArray, points: FloatArray, power: FloatArray | None) -> FloatArray:
    """Return times (m,) or (k, m) on a scale on which a hazard of that power is even, up to the last of ``points``."""
    if power is None:
        return time
    last = points[:, -1:]
    scaled: FloatArray = last * (time / last) ** power[:, None]
    return scaled


def central_survival(arm: SummaryArm, grid: FloatArray, mean_follow_up: float) -> FloatArray:
    """Return S on a grid (m,) through the printed points as they stand, for medians over both arms."""
    points = [(point.time, point.survival) for point in arm.points]
    if arm.median is not None:
        points.append((arm.median.time, 0.5))
    if not points:
        points = [(mean_follow_up, 1 - min((arm.events or 0) / arm.n, SUMMARY_PRIORS.most_dead))]
    points.sort()
    times = np.array([0.0, *(time for time, _ in points)])
    hazard = np.maximum.accumulate([0.0, *(-log(max(s, SUMMARY_PRIORS.least_survival)) for _, s in points)])
    slope = hazard[-1] / times[-1]
    survival: FloatArray = np.exp(-np.interp(grid, times, hazard) - slope * np.maximum(grid - times[-1], 0.0))
    return survival


def median_limit_survival(standard_error: FloatArray, *, lower: bool, level: float = USUAL_LEVEL) -> FloatArray:
    """Return the survival at a limit of the median's interval, averaged over three bands.

    Parameters
    ----------
    standard_error : array of float
        Standard error of log S at the limit (Greenwood).
    lower : bool
        Whether it is the lower limit, where the band's lower edge is 0.5.
    level : float
        Of the interval.

    References
    ----------
    Brookmeyer and Crowley, Biometrics 1982;38:29-41; Kalbfleisch and Prentice, 2nd ed., 2002, section 1.4.1.
    """
    shift = normal_quantile(level) * standard_error * (1 if lower else -1)
    plain = 0.5 / np.maximum(1 - shift, 0.5)
    logarithmic = 0.5 * np.exp(shift)
    hazard = np.full_like(shift, log(2))
    for _ in range(PROPOSALS.band_rounds):  # log H + shift / H = log(log 2), damped
        hazard = (hazard + log(2) * np.exp(-shift / hazard)) / 2
    average: FloatArray = np.clip((plain + logarithmic + np.exp(-hazard)) / 3, *PROPOSALS.limit_levels)
    return average


def _printed_points(arm: SummaryArm, k: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return times (k, p), survival (k, p) in order of time, and where each row crosses one half (k,)."""
    times = [np.full(k, point.time) for point in arm.points]
    survival = [point.survival + rng.uniform(-point.rounding, point.rounding, size=k) for point in arm.points]
    median_time = np.full(k, np.nan)
    if arm.median is not None:
        median_time = arm.median.time + rng.uniform(-arm.median.rounding, arm.median.rounding, size=k)
        times.append(median_time)
        survival.append(np.full(k, 0.5))
    t, s = np.stack(times, axis=1), np.stack(survival, axis=1)
    order = np.argsort(t, axis=1)
    t, s = np.take_along_axis(t, order, axis=1), np.take_along_axis(s, order, axis=1)
    return t, np.minimum.accumulate(np.clip(s, *PROPOSALS.printed_levels), axis=1), median_time


def _printed_levels(arm: SummaryArm, times: FloatArray) -> FloatArray:
    """Return the lowest and the highest survival that prints each point of a target (2, k, p)."""
    levels = np.stack([np.zeros(times.shape), np.ones(times.shape)])
    for point in arm.points:
        here = times == point.time
        levels[0][here], levels[1][here] = point.survival - point.rounding, point.survival + point.rounding
    return levels


def _with_median_limits(
    median: PrintedMedian, n: int, times: FloatArray, survival: FloatArray, at_risk: FollowedOnGrid
) -> tuple[FloatArray, FloatArray]:
    """Add S at the limits of the median's interval; its standard error needs the curve, so iterate."""
    k = len(times)
    limits = [(limit, lower) for limit, lower in ((median.low, True), (median.high, False)) if limit is not None]
    at_limits = [np.full(k, 0.5 + (PROPOSALS.limit_start if lower else -PROPOSALS.limit_start)) for _, lower in limits]
    for _ in range(PROPOSALS.limit_rounds):
        t = np.concatenate([times, *(np.full((k, 1), limit) for limit, _ in limits)], axis=1)
        s = np.concatenate([survival, *(values[:, None] for values in at_limits)], axis=1)
        order = np.argsort(t, axis=1)
        t, s = np.take_along_axis(t, order, axis=1), np.take_along_axis(s, order, axis=1)
        s = np.minimum.accumulate(s, axis=1)
        greenwood = _greenwood(t, s, n, at_risk)
        at_limits = [
            median_limit_survival(np.sqrt(_at(limit, at_risk.grid, greenwood)), lower=lower, level=median.level)
            for limit, lower in limits
        ]
    return t, s


def _greenwood(times: FloatArray, survival: FloatArray, n: int, at_risk: FollowedOnGrid) -> FloatArray:
    """Return the expected Greenwood variance of log S on the grid (k, m): the integral of dH / n(t)."""
    k = len(times)
    start = np.zeros((k, 1))
    knots, hazards = np.concatenate([start, times], axis=1), np.concatenate([start, -np.log(survival)], axis=1)
    hazard = _on_grid(at_risk.grid, knots, hazards)
    numbers = np.maximum(n * np.exp(-hazard) * at_risk.followed, 1.0)
    steps = np.diff(hazard, axis=1) / ((numbers[:, 1:] + numbers[:, :-1]) / 2)
    return np.concatenate([start, np.cumsum(steps, axis=1)], axis=1)


def _at(time: float, grid: FloatArray, rows: FloatArray) -> FloatArray:
    """Interpolate every row (k, m) at one time (k,)."""
    after = int(np.clip(np.searchsorted(grid, time), 1, grid.size - 1))
    share = (time - grid[after - 1]) / (grid[after] - grid[after - 1])
    values: FloatArray = rows[:, after - 1] + share * (rows[:, after] - rows[:, after - 1])
    return values


def _bend(times: FloatArray, hazard: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Put a knot somewhere in the middle of every stretch, the hazard before it half to double that after."""
    k = len(times)
    t = np.concatenate([np.zeros((k, 1)), times], axis=1)
    h = np.concatenate([np.zeros((k, 1)), hazard], axis=1)
    ratio = np.exp(rng.uniform(-SUMMARY_PRIORS.half_to_double, SUMMARY_PRIORS.half_to_double, size=times.shape))
    place = rng.uniform(*SUMMARY_PRIORS.bend, size=times.shape)
    middle_t = t[:, :-1] + place * np.diff(t, axis=1)
    middle_h = h[:, :-1] + np.diff(h, axis=1) * ratio * place / (ratio * place + 1 - place)
    knots, values = np.empty((k, 2 * times.shape[1] + 1)), np.empty((k, 2 * times.shape[1] + 1))
    knots[:, ::2], knots[:, 1::2] = t, middle_t
    values[:, ::2], values[:, 1::2] = h, middle_h
    return knots, values

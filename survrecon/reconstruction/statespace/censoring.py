"""Where censorings may fall: how many are still to come, and in which pattern.

Between two printed numbers at risk the figure does not show when patients were censored. Their number
follows from the balance of the interval: patients who leave are events or censorings, and the fall of the curve
fixes the events once the pattern is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.reconstruction.statespace.settings import GUARDS, SAMPLER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray, IntArray
    from survrecon.reconstruction.statespace.priors import CensoringPrior
    from survrecon.reconstruction.statespace.timeline import Timeline

__all__ = ["CensoringBalance", "CensoringPattern", "even_patterns", "events_to_come", "outlived"]

_ROOT_POWER = 0.25  # power: a slope that is small but whose square is a number
_UNIFORM_VARIANCE = 1 / 12  # variance of the place of one patient, uniform over the interval


@dataclass(frozen=True, kw_only=True, slots=True)
class CensoringPattern:
    """Where patients are censored after the last printed number, but for how early or late.

    Parameters
    ----------
    even : float
        Part of them that are spread evenly, however early or late the others are.
    closing : float
        From when on patients leave because the trial ends, as a part of the follow-up.
    before : float
        How dense censoring is before, relative to afterwards.
    """

    even: float = 0.0
    closing: float = 0.0
    before: float = 1.0

    def density(self, time: FloatArray) -> FloatArray:
        """Return how dense censoring is at times, parts of the follow-up."""
        return np.where(time <= self.closing, self.before, 1.0)


def even_patterns(prior: CensoringPrior) -> tuple[CensoringPattern, ...]:
    """Return the patterns of trials without an ending of their own."""
    return tuple(CensoringPattern(even=part) for part in prior.even_parts)


class CensoringBalance:
    """Expected censorings of each bin, given where a path stands.

    Parameters
    ----------
    line : Timeline
        The bins.
    events : int or None
        Total events, if told.
    noise : float
        Standard deviation of a point: how well the curve shows in which pattern patients left.
    prior : CensoringPrior
        How early or late patients may leave.
    patterns : sequence of CensoringPattern
        Of which each path has one, where the total of events is known.
    pattern : array of int, shape (P,), or None
        Which; not given where there is only one.
    """

    def __init__(
        self,
        line: Timeline,
        events: int | None,
        noise: float,
        prior: CensoringPrior,
        patterns: Sequence[CensoringPattern] = (CensoringPattern(),),
        pattern: IntArray | None = None,
    ) -> None:
        self.line, self.events = line, events
        self.kept, self.ahead = _kept(line)
        self.first = line.last_interval
        if line.to_zero and line.marks is None:  # time after the curve in which patients would have been censored
            self.ahead[self.first :] += prior.after_zero * float(line.weight.sum())
        self.tilts = np.linspace(-prior.steepest_tilt, prior.steepest_tilt, SAMPLER.tilts)
        self.told = _told_intervals(line, noise, self.tilts, prior)
        if events is not None:
            bins = np.arange(self.first, len(line))
            tilted = (_tilted(line, bins, noise, one, self.tilts, prior.tilt_sd) for one in patterns)
            self.tables = list(tilted)
            self.own = [slice(None) if pattern is None else np.flatnonzero(pattern == k) for k in range(len(patterns))]

    def remaining(
        self,
        j: int,
        at_risk: IntArray,
        survival: FloatArray,
        events_so_far: IntArray,
        moved: FloatArray | float = 0.0,
        bias: FloatArray | float = 0.0,
    ) -> FloatArray:
        """Return how many censorings are to come before the next printed number; arrays (P,).

        ``moved`` is how much later than drawn the hazard of a step across that printed time is taken to be, ``bias``
        how much higher than it is the curve is read.
        """
        target = int(self.line.target[j])
        room = np.maximum(at_risk - target, 0)
        if self.events is not None and j >= self.first:
            return np.asarray(np.maximum(at_risk - target - (self.events - events_so_far), 0.0))
        told = self.told.get(int(self.line.end[j]))
        if told is not None:
            return np.asarray(np.maximum(at_risk - target - (told.events - events_so_far), 0.0))
        end = np.exp(-self.line.hazard[self.line.end[j]])
        fall = np.clip((end - bias) / np.maximum(survival, GUARDS.small), 0, 1)
        return np.asarray(np.minimum(np.maximum((at_risk * fall - target * np.exp(moved)) / self.kept[j], 0), room))

    def expected(
        self,
        j: int,
        at_risk: IntArray,
        survival: FloatArray,
        events_so_far: IntArray,
        moved: FloatArray | float = 0.0,
        bias: FloatArray | float = 0.0,
    ) -> tuple[FloatArray, FloatArray | float]:
        """Return the censorings to come (P,) and the share of them that falls into bin ``j``.

        After the last printed number all who are left leave: evenly, with the hazard of trials whose patients came in
        evenly. With the total of events known, they leave in known proportions, so the pattern must be early or late
        enough for that many events to give the curve's fall.
        """
        if self.events is None and j >= self.first and self.line.marks is None:
            return at_risk.astype(float), float(self.line.weight[j] / max(self.ahead[j], GUARDS.vanishing))
        left = self.remaining(j, at_risk, survival, events_so_far, moved, bias)
        told = self.told.get(int(self.line.end[j]))
        if told is not None:
            later = self.line.target[j] / np.maximum(np.exp(-self.line.hazard[self.line.end[j]]), GUARDS.small)
            needed = (at_risk / np.maximum(survival, GUARDS.small) - later) / np.maximum(left, 0.5)
            needed = needed / np.maximum(1 + bias * needed, GUARDS.least_read)
            tilt = np.interp(needed, told.inverse[:, j - told.first], self.tilts)
            return left, np.interp(tilt, self.tilts, told.share[:, j - told.first])
        if self.events is None or j < self.first:
            return left, float(self.line.weight[j] / max(self.ahead[j], GUARDS.vanishing))
        needed = at_risk / np.maximum(left, 0.5) / np.maximum(survival, GUARDS.small)
        needed = needed / np.maximum(1 + bias * needed, GUARDS.least_read)
        share = np.zeros(left.size)
        for own, (inverse, part) in zip(self.own, self.tables, strict=True):
            tilt = np.interp(needed[own], inverse[:, j - self.first], self.tilts)
            share[own] = np.interp(tilt, self.tilts, part[:, j - self.first])
        return left, share


def outlived(line: Timeline) -> FloatArray:
    """Return the part of the patients censored from each bin (J,) to the end of its interval who would outlive it."""
    return _kept(line)[0]


def _kept(line: Timeline) -> tuple[FloatArray, FloatArray]:
    """Return the share of patients censored in the rest of an interval that would have outlived it, and the weights."""
    kept, ahead = np.ones(len(line)), np.zeros(len(line))
    for end in np.unique(line.end):
        i = np.flatnonzero(line.end == end)
        weight = line.weight[i]
        alive = np.exp(-np.minimum(line.hazard[end] - line.hazard[i], GUARDS.steepest))
        ahead[i] = np.cumsum(weight[::-1])[::-1]
        kept[i] = np.cumsum((weight * alive)[::-1])[::-1] / np.maximum(ahead[i], GUARDS.vanishing)
    return np.maximum(kept, GUARDS.small), ahead


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _ToldInterval:
    """The bins up to a column whose events so far are told.

    Parameters
    ----------
    first : int
        The first of them.
    events : int
        Events from the start up to their end.
    inverse, share : array of float, shape (tilts, bins)
        As `_tilted` gives them.
    """

    first: int
    events: int
    inverse: FloatArray
    share: FloatArray


def _told_intervals(line: Timeline, noise: float, tilts: FloatArray, prior: CensoringPrior) -> dict[int, _ToldInterval]:
    """Return the intervals whose events are told, by their last bin.

    n / S falls by 1 / S with each patient who is censored and stays where one fails: so the mean of 1 / S over those
    censored in an interval is known when its numbers at risk and its events are, and with it how early they leave.
    """
    found: dict[int, _ToldInterval] = {}
    if line.told is None:
        return found
    for end in np.flatnonzero(line.told >= 0):
        bins = np.flatnonzero(line.end == end)
        inverse, share = _tilted(line, bins, noise, CensoringPattern(), tilts, prior.tilt_sd)
        found[int(end)] = _ToldInterval(first=int(bins[0]), events=int(line.told[end]), inverse=inverse, share=share)
    return found


def _tilted(
    line: Timeline, i: IntArray, noise: float, pattern: CensoringPattern, tilts: FloatArray, tilt_sd: float
) -> tuple[FloatArray, FloatArray]:
    """Return, for each tilt of the pattern and each of the bins ``i``: the mean of 1/S over the rest, the bin's share.

    A tilt that the curve shows no better than its noise is drawn towards none: means of larger tilts are set apart.
    """
    place = (i - i[0]) / max(i.size - 1, 1)
    weight = np.exp(tilts[:, None] * place)
    weight = (1 - pattern.even) * weight / weight.mean(axis=1, keepdims=True) + pattern.even
    fewer = np.exp(-line.hazard[i]) if line.crowd is None else 1.0  # left; marks show patients, not their hazard
    weight = weight * line.weight[i] * fewer * pattern.density(line.right[i] / line.right[-1])
    rest = np.maximum(np.cumsum(weight[:, ::-1], axis=1)[:, ::-1], GUARDS.vanishing)
    inverse = np.exp(np.minimum(line.hazard[i], GUARDS.inverse))
    mean = np.cumsum((weight * inverse)[:, ::-1], axis=1)[:, ::-1] / rest
    slope = np.maximum(np.gradient(mean, tilts, axis=0), GUARDS.vanishing**_ROOT_POWER)
    pull = (noise * inverse**2 / tilt_sd) ** 2 / slope
    return np.maximum.accumulate(mean + tilts[:, None] * pull, axis=0), weight / rest


def events_to_come(
    line: Timeline, balance: CensoringBalance, n: int, events: int, noise: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the mean of the events after each bin (J,), its change with a shift of the curve, its standard deviation.

    An interval's patients who leave are events or censorings, and the fall of the curve divides them once it is known
    where in the interval censorings lie. That place is unknown, more so where the total is far from what even spreading
    gives.
    """
    mean, variance = _expected(line, balance, n, line.hazard)
    missing = events - mean.sum()
    variance *= max(1.0, missing**2 / max(variance.sum(), GUARDS.small))
    higher, lower = (
        _later(_expected(line, balance, n, -np.log(np.maximum(np.exp(-line.hazard) - shift, GUARDS.lowest)))[0])
        for shift in (SAMPLER.goal_shift, -SAMPLER.goal_shift)
    )
    spread = np.sqrt(_later(variance) + SAMPLER.goal_least**2 + (line.target * noise) ** 2)
    return _later(mean), (higher - lower) / (2 * SAMPLER.goal_shift), spread


def _later(values: FloatArray) -> FloatArray:
    """Return the sum after each bin (J,)."""
    return np.asarray(np.cumsum(values[::-1])[::-1] - values)


def _expected(line: Timeline, balance: CensoringBalance, n: int, hazard: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of the events of each bin (J,)."""
    mean, variance = np.zeros(len(line)), np.zeros(len(line))
    at_risk, before = n, 0.0
    for end in np.unique(line.end):
        bins = np.flatnonzero(line.end == end)
        left = int(line.target[end])
        fall = np.minimum(np.exp(before - hazard[bins]), 1.0)
        censored = float(np.clip((at_risk * fall[-1] - left) / balance.kept[bins[0]], 0, at_risk - left))
        share = np.diff(1 - fall, prepend=0.0) / max(1 - fall[-1], GUARDS.tiny)
        mean[bins] = (at_risk - left - censored) * share
        hidden = (hazard[end] - before) * censored
        unseen = 1.0
        if line.marks is not None:  # the places of the others are known
            unseen = max(1 - float(line.marks[bins].sum()) / max(censored, 1.0), SAMPLER.goal_unseen)
        place = unseen * (SAMPLER.goal_place**2 * unseen + _UNIFORM_VARIANCE / max(censored, 1.0))
        variance[bins] = hidden**2 * place / bins.size
        at_risk, before = left, hazard[end]
    return mean, variance

"""How likely numbers of events in a time bin are, and how likely the points read there are given survival."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_ndtr

from survrecon.arrays import FloatArray, IntArray
from survrecon.reconstruction.statespace.counts import (
    geometric,
    geometric_up_to,
    negative_binomial,
    negative_binomial_up_to,
    poisson,
    poisson_up_to,
)
from survrecon.reconstruction.statespace.reading import CurveDetail, PointReading
from survrecon.reconstruction.statespace.settings import GUARDS, SAMPLER
from survrecon.reconstruction.statespace.timeline import Timeline

if TYPE_CHECKING:
    from survrecon.reconstruction.statespace.particles import Particles
    from survrecon.reconstruction.statespace.priors import EventPrior, ReadingModel

__all__ = ["Emission", "EventTransition", "clumping", "event_rates", "plateau_noise"]

_ROOT_2PI = math.sqrt(2 * math.pi)
_BESIDE_NEIGHBOURS = 1.5  # variance of a value beside the mean of its two neighbours, relative to its own
_Density = Callable[[FloatArray], FloatArray]  # of counts, by means


class EventTransition:
    """Prior of the number of events in each time bin, given the number at risk.

    Parameters
    ----------
    line : Timeline
        The time bins.
    n : int
        Patients at the start.
    noise : array of float, shape (J,)
        Standard deviation of the point of each bin.
    prior : EventPrior
        Its numbers.
    clicks : bool
        Whether points are clicks, between which everything may happen at once.
    zero_bin : int
        Bin in which the curve falls to 0 and all who are left fail, -1 where there is none.
    """

    def __init__(
        self, line: Timeline, n: int, noise: FloatArray, prior: EventPrior, *, clicks: bool, zero_bin: int = -1
    ) -> None:
        self.line, self.n, self.prior, self.clicks, self.zero_bin = line, n, prior, clicks, zero_bin
        self.hazard, self.nearby, self.freedom, width = event_rates(line, n, prior)
        points = max(width * sum(map(len, line.points)) / len(line), 1.0)
        self.scatter = self.hazard * width * points / (2 * noise**2)
        clumped = clumping(line, n, noise.min(), prior)
        self.shape = None
        if clumped > prior.clumped:  # clumps scatter alike whatever the number of patients, so none of them gain by it
            self.shape = n * np.exp(-line.hazard) * self.hazard / (clumped - 1)
            self.freedom = np.zeros(len(line))
        self.last_bin = int(np.flatnonzero(line.can_fail)[-1]) if line.can_fail.any() else -1

    def density_up_to(self, j: int, most: int, state: Particles) -> FloatArray:
        """Return p(d | n) of 0 to ``most`` events (most + 1, P) in bin ``j``."""
        spread = partial(poisson_up_to, most)
        if self.shape is not None:
            spread = partial(negative_binomial_up_to, most, shape=self.shape[j])
        density = self._mixture(j, state, spread, partial(geometric_up_to, most))
        if j == self.zero_bin:
            self._all_fail(density, state)
        return density

    def log_density(self, j: int, died: IntArray, state: Particles) -> FloatArray:
        """Return log p(d | n) of ``died`` events (P,), or (D, P), in bin ``j``."""
        spread = partial(poisson, died)
        if self.shape is not None:
            spread = partial(negative_binomial, died, shape=self.shape[j])
        return np.asarray(np.log(self._mixture(j, state, spread, partial(geometric, died))))

    def _mixture(self, j: int, state: Particles, spread: _Density, visit: _Density) -> FloatArray:
        """Mix events by the smoothed hazard with those of a visit, and of a burst between clicks."""
        prior = self.prior
        usual = np.maximum(state.at_risk * self.hazard[j], GUARDS.mean)
        nearby = np.maximum(state.at_risk * self.nearby[j], prior.visit_least)
        density = spread(usual)
        density *= 1 - prior.visit
        density += prior.visit * visit(nearby)
        if self.clicks:  # what happens between two clicks may all have happened at once
            size = np.maximum(prior.burst_size * state.at_risk, 1.0)
            density = (1 - prior.burst) * density + prior.burst * visit(size)
        density += GUARDS.vanishing
        return density

    def _all_fail(self, density: FloatArray, state: Particles) -> None:
        """Let all who are left fail together where a curve falls to 0: not as often as the hazard before says."""
        own = np.flatnonzero((state.at_risk >= 1) & (state.at_risk < len(density)))
        left, prior = state.at_risk[own], self.prior
        together = np.exp(-prior.tie * (left - 1.0)) + np.exp(-prior.many) * left**-prior.many_power
        density[left, own] = np.maximum(density[left, own], together)

    def last_fails(self, state: Particles) -> FloatArray:
        """Return the probability (P,) that a curve ends with an event: small unless one is left and many failed.

        Where patients enter evenly the last of n is seen to about 1 / (n S) of the follow-up before its possible end,
        so failing has the odds of the hazard over that time to being censored.
        """
        survival = np.maximum(state.survival, GUARDS.tiny)
        odds = self.prior.last_fails * (-np.log(survival) / (self.n * survival))
        return np.asarray(np.where(state.at_risk == 1, odds / (1 + odds), 0.0))

    def overfit(self, j: int, state: Particles, noise_factor: FloatArray | float) -> FloatArray:
        """Return the log of what paths of more patients gain because the hazard was fitted to the points.

        The more patients, the closer their events come to any hazard, and this one is the points' own. With the hazard
        integrated out, a path's density falls, for each number that was estimated, with the root of how much its
        events scatter beside the noise of the points.
        """
        return np.asarray(
            -0.5
            * self.freedom[j]
            * np.log1p(self.scatter[j] * (state.survival / noise_factor) ** 2 / np.maximum(state.at_risk, 1))
        )


class Emission:
    """Density of the points read in each time bin, given the exact Kaplan-Meier value after it.

    Parameters
    ----------
    line : Timeline
        The time bins.
    read : PointReading
        How the points were read.
    model : ReadingModel
        Its numbers.
    noise_factor : array of float, shape (P,), or float
        How much wider each path takes the noise of clicks to be.
    """

    def __init__(
        self, line: Timeline, read: PointReading, model: ReadingModel, noise_factor: FloatArray | float = 1.0
    ) -> None:
        self.line, self.read, self.model, self.noise_factor = line, read, model, noise_factor
        self.clicks = read.detail is CurveDetail.CLICKS
        self.noise = plateau_noise(line, read, model)
        self.bias_variance = read.bias**2
        self.zero_bin = _first_at_zero(line, read) if line.to_zero and not self.clicks else -1
        self.last_bin = int(np.flatnonzero(line.can_fail)[-1]) if line.can_fail.any() else -1

    def log_density(self, j: int, after: FloatArray, state: Particles) -> FloatArray:
        """Return log p(y | S) of the points of bin ``j`` given survival ``after`` it (D, P)."""
        if self.clicks:
            return sum((self._click(j, point, after, state) for point in self.line.points[j]), np.zeros_like(after))
        point, half = self.line.points[j][0], self.read.grid / 2
        level_read = after + state.bias
        if point >= 1 - half - GUARDS.same or point <= half:
            above = level_read - (1 - half) if point > half else half - level_read
            counts = (self.read.noise / self.noise[j]) ** 2
            return np.asarray(counts * log_ndtr(above / np.sqrt(self.read.noise**2 + self.bias_variance)))
        spread = np.sqrt(self.noise[j] ** 2 + self.bias_variance)
        return np.asarray(-0.5 * ((point - level_read) / spread) ** 2)

    def _click(self, j: int, point: float, after: FloatArray, state: Particles) -> FloatArray:
        """Return the log density of a click: a hand may be off in time by a bin, or slip."""
        noise, model = self.noise[j] * self.noise_factor, self.model
        if point >= 1 - GUARDS.same:
            return np.asarray(log_ndtr((after - 1) / noise + 1.0))
        within = np.exp(-0.5 * ((point - after) / noise) ** 2)
        before = np.exp(-0.5 * ((point - state.survival) / noise) ** 2)
        earlier = np.exp(-0.5 * ((point - state.earlier) / noise) ** 2)
        slip = np.exp(-np.abs(point - after) / (model.slip_scale * noise))
        late = 0.0 if j == self.last_bin else 1.0  # nothing is drawn after the last click
        shifted = late * (model.click_before * before + model.click_earlier * earlier)
        shown = (1 - (1 - model.click_within) * late) * within
        return np.asarray(np.log(shown + shifted + model.click_slip * slip + GUARDS.vanishing))

    def look_ahead(self, j: int, after: FloatArray, state: Particles) -> FloatArray:
        """Return the auxiliary log weight of paths (D, P) by how near they are to the smoothed curve."""
        off = (after + (state.bias - np.exp(-self.line.hazard[j]))) / self.noise[j]
        return np.asarray(np.maximum(-0.5 * off**2, SAMPLER.nearest))

    def learn_shift(self, j: int, state: Particles, log_weight: FloatArray) -> None:
        """Follow the shift that all points share by one more point; its variance is the same for all paths.

        A point at the top tells only that it is not below: as a censored observation, its variance averaged by the
        weights of the paths. Left out, the lower points of the first plateau alone would settle the shift.
        """
        if self.read.bias == 0:
            return
        point, half = self.line.points[j][0], self.read.grid / 2
        level_read = state.survival + state.bias
        if half < point < 1 - half:
            gain = self.bias_variance / (self.bias_variance + self.noise[j] ** 2)
            state.bias = state.bias + gain * (point - level_read)
            self.bias_variance *= 1 - gain
        elif point >= 1 - half:
            spread = np.sqrt(self.bias_variance + self.read.noise**2)
            gain = (self.read.noise / self.noise[j]) ** 2 * self.bias_variance / spread**2
            above = (level_read - (1 - half)) / spread
            mills = np.exp(-0.5 * above**2 - log_ndtr(above)) / _ROOT_2PI
            state.bias = state.bias + gain * spread * mills
            weight = np.exp(log_weight - log_weight.max())
            self.bias_variance *= 1 - gain * float(np.average(mills * (mills + above), weights=weight))

    def most_events(self, j: int, state: Particles, room: IntArray) -> int:
        """Return the largest number of events worth trying for any path."""
        most = float(self._fallen(min(self.line.points[j]), -1, j, state).max())
        return max(min(math.ceil(most), int(room.max())), 1)

    def spaced_events(self, j: int, state: Particles, room: IntArray) -> IntArray:
        """Return numbers of events worth trying (D, P) where they are too many to try all: evenly spaced ones."""
        points = self.line.points[j]
        low = np.clip(np.floor(self._fallen(max(points), 1, j, state)), 0, room)
        high = np.clip(np.ceil(self._fallen(min(points), -1, j, state)), low, room)
        places = np.linspace(0, 1, SAMPLER.spaced)[:, None]
        return np.asarray(low + places * (high - low)).round().astype(np.int64)

    def _fallen(self, point: float, side: int, j: int, state: Particles) -> FloatArray:
        """Return the events (P,) by which survival falls to the highest or lowest level that gives a point."""
        level = point + side * (SAMPLER.widest * self.noise[j] * self.noise_factor + 2 * np.sqrt(self.bias_variance))
        fall = 1 - (level - state.bias) / np.maximum(state.survival, GUARDS.tiny)
        return np.asarray(state.at_risk * np.minimum(fall, 1.0))


def _first_at_zero(line: Timeline, read: PointReading) -> int:
    """Return the first bin from which on all points are 0 as read, -1 where there is none."""
    above = [j for j, points in enumerate(line.points) if points and max(points) > max(read.grid / 2, GUARDS.same)]
    after = above[-1] + 1 if above else 0
    at_zero = (j for j in range(after, len(line)) if line.points[j])
    return next(at_zero, -1)


def plateau_noise(line: Timeline, read: PointReading, model: ReadingModel) -> FloatArray:
    """Return the noise of the point of each bin (J,), wider on long plateaus.

    A plateau of many columns fixes survival so sharply that hardly any of the paths drawn so far would meet it;
    it counts as no more than a dozen independent points. Printed numbers at risk keep paths close enough.
    """
    level = np.exp(-line.hazard)
    if read.detail is not CurveDetail.TRACE or (line.printed >= 0).any():
        return np.full(len(line), read.noise)
    alike = np.searchsorted(-level, -level + 0.5 * read.noise) - np.searchsorted(-level, -level - 0.5 * read.noise)
    return np.asarray(read.noise * np.sqrt(np.maximum(alike / model.plateau_points, 1.0)))


def event_rates(line: Timeline, n: int, prior: EventPrior) -> tuple[FloatArray, FloatArray, FloatArray, int]:
    """Return the hazard of each bin smoothed over some ten events, and over three bins; its freedom and its width.

    The freedom is the share of a bin in the numbers that the smoothed hazard was estimated by, each from ``width``
    bins.
    """
    size = len(line)
    step = np.diff(np.append(0.0, line.hazard))
    expected = max(prior.seen_part * n * (1 - np.exp(-line.hazard[-1])), GUARDS.fewest_expected)
    half = int(np.clip(prior.window_events / 2 * size / expected, 2, size // SAMPLER.fewest_windows + 2))
    smooth = np.maximum(_moving(step, half), GUARDS.rate)
    width = 2 * half + 1
    seen = width * smooth * n * np.exp(-line.hazard)
    freedom = np.minimum(seen / (1 + seen) / width, sum(map(len, line.points)) / size)
    return smooth, _moving(step, 1), freedom, width


def clumping(line: Timeline, n: int, noise: float, prior: EventPrior) -> float:
    """Return the variance of numbers of events relative to chance alone, at least 1: visits come in clumps.

    The bins are joined until some three events are expected in each block, which is compared with its neighbours.
    Only the first blocks count, where few are censored: later a fall by 1 / ``n`` is less than an event.
    """
    events = n * -np.diff(np.exp(-line.hazard), prepend=1.0)
    blocks = min(int(events.sum() / prior.clump_block), len(line))
    if blocks < prior.fewest_blocks:
        return 1.0
    block = np.add.reduceat(events, np.unique(np.linspace(0, len(line), blocks, endpoint=False).astype(np.int64)))
    block = block[: int(prior.early_blocks * block.size)]
    apart = block[1:-1] - (block[:-2] + block[2:]) / 2
    by_chance = _BESIDE_NEIGHBOURS * (block[1:-1].mean() + 2 * (n * noise) ** 2)
    return max(float((apart**2).mean() / by_chance), 1.0)


def _moving(values: FloatArray, half: int) -> FloatArray:
    total = np.concatenate([[0.0], np.cumsum(values)])
    i = np.arange(values.size)
    low, high = np.maximum(i - half, 0), np.minimum(i + half + 1, values.size)
    return np.asarray(np.maximum((total[high] - total[low]) / (high - low), 0.0))

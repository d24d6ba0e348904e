"""How likely numbers of events in a slot are: by how often events fall around it, and by the points read there."""

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
from survrecon.reconstruction.statespace.reading import Kind, PointReading
from survrecon.reconstruction.statespace.timeline import Timeline, clumping, event_rates, plateau_noise

if TYPE_CHECKING:
    from survrecon.reconstruction.statespace.particles import Particles

__all__ = ["Chances"]

_WIDEST = 4.0  # standard deviations of a point up to which events are tried
_SPACED = 101  # numbers of events tried where they are many
_FLOOR = -18.0
_ROOT_2PI = math.sqrt(2 * math.pi)
_VISIT = 0.3  # share of slots in which events come as at a visit
_CLUMPED = 2.0  # more than by chance, from where on events are taken to come in clumps
_BURST, _BURST_SIZE = 0.005, 0.03
_LAST = 0.5  # how the odds of a last patient to fail go with the hazard of its follow-up that is not seen
_TINY = 1e-12
_TIE, _MANY, _LONG = 1.2, 3.0, 1.5  # cost of each further patient who fails with the last; of many; power of how many
_Chance = Callable[[FloatArray], FloatArray]  # of counts, by means


class Chances:
    """Chances of events in the slots of one arm.

    Parameters
    ----------
    line : Timeline
        The slots.
    read : Reading
        How the points were read.
    n : int
        Patients at the start.
    wider : array of float, shape (P,), or float
        How much wider each path takes the noise of clicks to be.
    """

    def __init__(self, line: Timeline, read: PointReading, n: int, wider: FloatArray | float = 1.0) -> None:
        self.line, self.read, self.n, self.wider = line, read, n, wider
        self.clicks = read.kind is Kind.CLICKS
        self.noise = plateau_noise(line, read)
        self.usual, self.nearby, self.freedom, width = event_rates(line, n)
        points = max(width * sum(map(len, line.points)) / len(line), 1.0)
        self.scatter = self.usual * width * points / (2 * self.noise**2)
        clumped = clumping(line, n, self.noise.min())
        self.shape = None
        if clumped > _CLUMPED:  # clumps scatter alike whatever the number of patients, so none of them gain by it
            self.shape = n * np.exp(-line.hazard) * self.usual / (clumped - 1)
            self.freedom = np.zeros(len(line))
        self.last_slot = int(np.flatnonzero(line.can_fail)[-1]) if line.can_fail.any() else -1
        self.bias_variance = read.bias**2
        self.zero_slot = _first_at_zero(line, read) if line.to_zero and not self.clicks else -1

    def most(self, j: int, state: Particles, room: IntArray) -> int:
        """Return the largest number of events worth trying for any path."""
        most = float(self._fallen(min(self.line.points[j]), -1, j, state).max())
        return max(min(math.ceil(most), int(room.max())), 1)

    def spaced(self, j: int, state: Particles, room: IntArray) -> IntArray:
        """Return numbers of events worth trying (D, P) where they are too many to try all: evenly spaced ones."""
        points = self.line.points[j]
        low = np.clip(np.floor(self._fallen(max(points), 1, j, state)), 0, room)
        high = np.clip(np.ceil(self._fallen(min(points), -1, j, state)), low, room)
        return np.asarray(low + np.linspace(0, 1, _SPACED)[:, None] * (high - low)).round().astype(np.int64)

    def _fallen(self, point: float, side: int, j: int, state: Particles) -> FloatArray:
        """Return the events (P,) by which survival falls to the highest or lowest level that gives a point."""
        level = point + side * (_WIDEST * self.noise[j] * self.wider + 2 * np.sqrt(self.bias_variance))
        fall = 1 - (level - state.bias) / np.maximum(state.survival, 1e-12)
        return np.asarray(state.at_risk * np.minimum(fall, 1.0))

    def prior(self, j: int, most: int, state: Particles) -> FloatArray:
        """Return the chance of 0 to ``most`` events (most + 1, P): as often as around, or many at one visit."""
        spread = partial(poisson_up_to, most)
        if self.shape is not None:
            spread = partial(negative_binomial_up_to, most, shape=self.shape[j])
        chance = self._prior(j, state, spread, partial(geometric_up_to, most))
        if j == self.zero_slot:
            self._all_fail(chance, state)
        return chance

    def _all_fail(self, chance: FloatArray, state: Particles) -> None:
        """Let all who are left fail together where a curve falls to 0: not as often as the hazard before says."""
        own = np.flatnonzero((state.at_risk >= 1) & (state.at_risk < len(chance)))
        left = state.at_risk[own]
        together = np.exp(-_TIE * (left - 1.0)) + np.exp(-_MANY) * left**-_LONG
        chance[left, own] = np.maximum(chance[left, own], together)

    def log_chance(self, j: int, died: IntArray, state: Particles) -> FloatArray:
        """Return the log chance of ``died`` (P,) events."""
        spread = partial(poisson, died)
        if self.shape is not None:
            spread = partial(negative_binomial, died, shape=self.shape[j])
        return np.asarray(np.log(self._prior(j, state, spread, partial(geometric, died))))

    def _prior(self, j: int, state: Particles, spread: _Chance, visit: _Chance) -> FloatArray:
        usual = np.maximum(state.at_risk * self.usual[j], 1e-4)
        nearby = np.maximum(state.at_risk * self.nearby[j], 0.02)
        chance = spread(usual)
        chance *= 1 - _VISIT
        chance += _VISIT * visit(nearby)
        if self.clicks:  # what happens between two clicks may all have happened at once
            chance = (1 - _BURST) * chance + _BURST * visit(np.maximum(_BURST_SIZE * state.at_risk, 1.0))
        chance += 1e-300
        return chance

    def last_fails(self, state: Particles) -> FloatArray:
        """Return the chance (P,) that a curve ends with an event: small unless one patient is left and many failed.

        Where patients enter evenly the last of n is seen to about 1 / (n S) of the follow-up before its possible end,
        so failing has the odds of the hazard over that time to being censored.
        """
        short = -np.log(np.maximum(state.survival, _TINY)) / (self.n * np.maximum(state.survival, _TINY))
        odds = _LAST * short
        return np.asarray(np.where(state.at_risk == 1, odds / (1 + odds), 0.0))

    def own_fit(self, j: int, state: Particles) -> FloatArray:
        """Return the log of what paths of more patients gain because the usual hazard was fitted to the points.

        The more patients, the closer their events come to any hazard, and this one is the points' own. With the hazard
        integrated out, a path's chance falls, for each number that was estimated, with the root of how much its
        events scatter beside the noise of the points.
        """
        return np.asarray(
            -0.5
            * self.freedom[j]
            * np.log1p(self.scatter[j] * (state.survival / self.wider) ** 2 / np.maximum(state.at_risk, 1))
        )

    def fit(self, j: int, after: FloatArray, state: Particles) -> FloatArray:
        """Return the log chance of the points of slot ``j`` given survival after it (D, P)."""
        if self.clicks:
            return sum((self._click(j, point, after, state) for point in self.line.points[j]), np.zeros_like(after))
        point, half = self.line.points[j][0], self.read.grid / 2
        level_read = after + state.bias
        if point >= 1 - half - 1e-9 or point <= half:
            above = level_read - (1 - half) if point > half else half - level_read
            counts = (self.read.noise / self.noise[j]) ** 2
            return np.asarray(counts * log_ndtr(above / np.sqrt(self.read.noise**2 + self.bias_variance)))
        spread = np.sqrt(self.noise[j] ** 2 + self.bias_variance)
        return np.asarray(-0.5 * ((point - level_read) / spread) ** 2)

    def near(self, j: int, after: FloatArray, state: Particles) -> FloatArray:
        """Return how near paths are to the smoothed curve (D, P), as a log chance."""
        off = (after + (state.bias - np.exp(-self.line.hazard[j]))) / self.noise[j]
        return np.asarray(np.maximum(-0.5 * off**2, _FLOOR))

    def learn_bias(self, j: int, state: Particles, log_weight: FloatArray) -> None:
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

    def _click(self, j: int, point: float, after: FloatArray, state: Particles) -> FloatArray:
        """Return the log chance of a click: a hand may be off in time by a column, or slip."""
        noise = self.noise[j] * self.wider
        if point >= 1 - 1e-9:
            return np.asarray(log_ndtr((after - 1) / noise + 1.0))
        within = np.exp(-0.5 * ((point - after) / noise) ** 2)
        before = np.exp(-0.5 * ((point - state.survival) / noise) ** 2)
        earlier = np.exp(-0.5 * ((point - state.earlier) / noise) ** 2)
        slip = np.exp(-np.abs(point - after) / (3 * noise))
        late = 0.0 if j == self.last_slot else 1.0  # nothing is drawn after the last click
        shifted = late * (0.4 * before + 0.1 * earlier)
        return np.asarray(np.log((1 - 0.5 * late) * within + shifted + 0.02 * slip + 1e-300))


def _first_at_zero(line: Timeline, read: PointReading) -> int:
    """Return the first slot from which on all points are 0 as read, -1 where there is none."""
    above = [j for j, points in enumerate(line.points) if points and max(points) > max(read.grid / 2, 1e-9)]
    after = above[-1] + 1 if above else 0
    at_zero = (j for j in range(after, len(line)) if line.points[j])
    return next(at_zero, -1)

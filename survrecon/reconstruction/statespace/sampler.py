"""Particle filter over number at risk and exact Kaplan-Meier value, one slot of a figure's time axis after another.

Each particle is one possible past: integer events and censorings, the survival they imply, and its share of the
shift that all points of a line have in common (kept in closed form: mean a particle, variance for all). Events
of a slot are drawn knowing the point read there; weights are raised where a path stays near the curve ahead
and near the total of events, and lowered again by the same factor before they count. Particles are resampled within
islands, which stay independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.reconstruction.statespace.censoring import events_to_come
from survrecon.reconstruction.statespace.counts import LARGEST, draw_poisson, log_poisson, poisson
from survrecon.reconstruction.statespace.emission import Chances
from survrecon.reconstruction.statespace.leaving import Leaving
from survrecon.reconstruction.statespace.particles import IMPOSSIBLE, Passed, Stored, systematic
from survrecon.reconstruction.statespace.reading import Kind, PointReading
from survrecon.reconstruction.statespace.timeline import Timeline, event_rates, next_point

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray

__all__ = ["Settings", "noise_of_clicks", "run_filter"]

_GOAL_EVERY = 10
_ONE_BY_ONE = 100  # events of a slot, up to which every number is tried
_RAREST, _UNSEEN = 0.01, 1.5  # chance of an event after the last column; cost of each further one
_OFF_TOTAL = 50.0
_NONE_LEFT = 1e-9
_OWN_SHIFT = 0.1  # sd, in rows, of the shift within an island
_GOLDEN = 0.618
_BETWEEN_CLUMPS = 0.3  # of the usual events, tried in slots without a clump


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Size and aims of one pass.

    Parameters
    ----------
    islands, particles : int
        Number of islands, and of paths followed in each.
    store_every : int
        Slots between states kept for sampling backward.
    wider : tuple of float, one an island, or empty
        How much wider than found the noise of clicks is taken to be.
    """

    islands: int
    particles: int
    store_every: int
    wider: tuple[float, ...] = ()


def run_filter(
    line: Timeline, read: PointReading, n: int, events: int | None, settings: Settings, rng: np.random.Generator
) -> Passed | None:
    """Follow particles through all slots; ``None`` if none of them can meet the inputs."""
    return _Filter(line, read, n, events, settings, rng).run()


class _Filter:
    """One pass over the slots."""

    def __init__(
        self,
        line: Timeline,
        read: PointReading,
        n: int,
        events: int | None,
        settings: Settings,
        rng: np.random.Generator,
    ) -> None:
        self.line, self.events, self.settings, self.rng = line, events, settings, rng
        self.chances = Chances(line, read, n, np.repeat(settings.wider, settings.particles) if settings.wider else 1.0)
        self.leaving = Leaving(line, n, events, read, settings.islands, settings.particles, rng)
        self.next_point = next_point(line)
        self.to_come = None
        if events is not None and (line.pin >= 0).any():
            self.to_come = events_to_come(line, self.leaving.balance, n, events, read.noise)
        size = settings.islands * settings.particles
        self.state = self.leaving.first_paths()
        if read.bias and read.blurs(n):
            self.chances.bias_variance = (_OWN_SHIFT * read.grid) ** 2
            self.state.bias = np.repeat(read.grid * _shifts(settings.islands), settings.particles)
        self.log_weight = np.zeros(size)
        self.evidence = np.zeros(settings.islands)

    def run(self) -> Passed | None:
        slots, size = len(self.line), self.log_weight.size
        done = Passed(
            events=np.zeros((slots, size), dtype=np.int32),
            censored=np.zeros((slots, size), dtype=np.int32),
            log_weight=self.log_weight,
            ancestors=[None] * slots,
            evidence=self.evidence,
        )
        for j in range(slots):
            if self.line.can_fail[j]:
                done.events[j] = self._fail(j)
            done.censored[j], cost = self.leaving.draw(j, self.state)
            self.state.at_risk = self.state.at_risk - done.censored[j]
            self.log_weight = self.log_weight + cost
            self._aim(j)
            if j % self.settings.store_every == self.settings.store_every - 1:
                done.stored[j] = self._stored()
            if not self._resample(j, done):
                return None
        done.log_weight = self.log_weight
        return done

    def _resample(self, j: int, done: Passed) -> bool:
        """Draw anew in islands where few particles carry the weight; return whether any path is left."""
        last, per = j == len(self.line) - 1, self.settings.particles
        rows = self.log_weight.reshape(-1, per)
        largest = rows.max(axis=1)
        alive = largest > IMPOSSIBLE / 2
        self.evidence[~alive] = -np.inf
        weight = np.exp(rows - np.where(alive, largest, 0.0)[:, None])
        total = weight.sum(axis=1)
        poor = alive & (last | (total**2 < 0.5 * per * (weight**2).sum(axis=1)))
        self.evidence[poor] += largest[poor] + np.log(total[poor] / per)
        if not last and poor.any():
            index = np.arange(self.log_weight.size)
            for k in np.flatnonzero(poor):
                index[k * per : (k + 1) * per] = k * per + systematic(weight[k], per, self.rng)
            done.ancestors[j] = index
            self.state.take(index)
            self.log_weight = np.where(poor[:, None], 0.0, rows).ravel()
        return bool(alive.any())

    def _fail(self, j: int) -> IntArray:
        """Draw the events of slot ``j`` and weigh by the point read there."""
        state, line = self.state, self.line
        room = np.maximum(state.at_risk - line.target[j], 0)
        if self.events is not None:
            room = np.minimum(room, self.events - state.used)
        self.log_weight = self.log_weight - self.chances.own_fit(j, state)
        died = self._seen(j, room) if line.points[j] else self._unseen(j, room)
        if self.chances.clicks:
            state.earlier = state.survival
        state.survival = state.survival * (1 - died / np.maximum(state.at_risk, 1))
        state.at_risk = state.at_risk - died
        state.used = state.used + died
        if line.points[j]:
            self.chances.learn_bias(j, state, self.log_weight)
        return np.asarray(died)

    def _seen(self, j: int, room: IntArray) -> IntArray:
        """Try every likely number of events, draw one by how well it meets the point."""
        state, chances = self.state, self.chances
        most = chances.most(j, state, room)
        many = most > (LARGEST if j == chances.zero_slot else _ONE_BY_ONE)
        died = chances.spaced(j, state, room) if many else np.arange(most + 1)[:, None]
        after = state.survival * (1 - died / np.maximum(state.at_risk, 1))
        score, near = chances.fit(j, after, state), None
        if not chances.clicks:
            near = chances.near(j, after, state)
            score = score + near
        if most > room.min():
            score[np.broadcast_to(died > room, score.shape)] = IMPOSSIBLE
        if many:
            score = score + chances.log_chance(j, died, state) + np.log(np.maximum(np.ptp(died, axis=0), 1))
        best = score.max(axis=0)
        chance = np.exp(score - best)
        if not many:
            chance *= chances.prior(j, most, state)
        for d in range(1, len(chance)):  # running sums: row by row is ten times faster than cumsum
            chance[d] += chance[d - 1]
        drawn = (chance < self.rng.random(best.size) * chance[-1]).sum(axis=0)
        self.log_weight = self.log_weight + best + np.log(chance[-1])
        if near is not None:
            self.log_weight = self.log_weight - state.near
            state.near = near[drawn, np.arange(best.size)]
        return np.asarray(died[drawn, np.arange(best.size)] if many else drawn)

    def _unseen(self, j: int, room: IntArray) -> IntArray:
        """Draw events where no point was read: on the way to the next one, or after the last."""
        state, line = self.state, self.line
        ahead = int(self.next_point[j])
        if ahead < len(line):
            before = line.hazard[j - 1] if j else 0.0
            share = (line.hazard[j] - before) / max(line.hazard[ahead] - before, 1e-12)
            if line.pin[j] >= 0 and not self.chances.clicks:
                share = state.part
            fall = np.maximum(np.log(np.maximum(state.survival, 1e-9)) + line.hazard[ahead], 0)
            usual = np.maximum(state.at_risk * self.chances.usual[j], 1e-4)
            if self.chances.clicks and self.chances.shape is not None:
                return self._clumped(j, usual, np.maximum(state.at_risk * fall, 1e-4), float(min(share, 1.0)), room)
            aimed = 0.5 * usual + 0.5 * state.at_risk * fall * np.minimum(share, 1.0)
            aimed = np.minimum(aimed, np.maximum(room, _NONE_LEFT))
            died = np.asarray(np.minimum(draw_poisson(aimed, self.rng), room))
            if (
                self.chances.clicks and self.chances.shape is None
            ):  # slots between clicks are many: bursts in each of them would add up
                self.log_weight = self.log_weight + died * np.log(usual / aimed) - (usual - aimed)
            else:
                chance = self.chances.log_chance(j, died, state)
                self.log_weight = self.log_weight + chance - log_poisson(died, aimed)
            return died
        usual = state.at_risk * self.chances.usual[j]
        if self.events is not None and j == self.chances.last_slot:
            died = np.asarray(np.clip(self.events - state.used, 0, room))
            one = np.clip(self.chances.last_fails(state) + usual, _RAREST, 0.5)
            chance = np.where(died > 0, np.log(one) - _UNSEEN * (died - 1), np.log(1 - one))
            self.log_weight = self.log_weight + chance
            return died
        if j == self.chances.last_slot:  # a curve ends with its last patient, who may fail there
            alone = self.rng.random(usual.size) < self.chances.last_fails(state)
            usual = np.where(alone, 0.0, usual)
            return np.asarray(np.minimum(draw_poisson(usual, self.rng) + alone, room))
        return np.asarray(np.minimum(draw_poisson(usual, self.rng), room))

    def _clumped(self, j: int, usual: FloatArray, fall: FloatArray, share: float, room: IntArray) -> IntArray:
        """Draw events that come in clumps on the way to a click: the whole fall at once, in one slot of those left."""
        at_once = self.rng.random(usual.size) < share
        few = _BETWEEN_CLUMPS * usual
        died = np.asarray(np.minimum(draw_poisson(np.where(at_once, fall, few), self.rng), room))
        drawn = share * poisson(died, fall) + (1 - share) * poisson(died, few)
        self.log_weight = self.log_weight + self.chances.log_chance(j, died, self.state) - np.log(drawn + 1e-300)
        return died

    def _aim(self, j: int) -> None:
        """Raise paths on course for the total of events; settle all such credit at the end."""
        state, last = self.state, j == len(self.line) - 1
        if self.to_come is not None and (j % _GOAL_EVERY == _GOAL_EVERY - 1 or last):
            mean, slope, spread = self.to_come
            goal = -0.5 * ((state.used + mean[j] + slope[j] * state.bias - self.events) / spread[j]) ** 2
            self.log_weight = self.log_weight + goal - state.goal
            state.goal = goal
        if last:
            self.log_weight = self.log_weight - state.near
            if self.events is not None:
                self.log_weight = self.log_weight - _OFF_TOTAL * np.abs(state.used - self.events)

    def _stored(self) -> Stored:
        state = self.state
        return Stored(
            at_risk=state.at_risk, survival=state.survival, bias=state.bias, used=state.used,
            log_weight=self.log_weight - state.near, bias_variance=self.chances.bias_variance,
        )  # fmt: skip


def _shifts(islands: int) -> FloatArray:
    """Return a shift for each island (K,), in rows, within what rounding allows; the rest is learnt.

    Islands of other settings have shifts far apart.
    """
    place = np.argsort(np.arange(islands) * _GOLDEN % 1)
    return np.asarray((place + 0.5) / islands - 0.5)


_TRIED = np.geomspace(0.0004, 0.008, 7)
_USUAL, _SPREAD = 0.0018, 0.7  # three quarters of a pixel of a figure 400 pixels high, and the sd of its log
_PARTICLES = 120


def noise_of_clicks(line: Timeline, read: PointReading, n: int, events: int | None, rng: np.random.Generator) -> float:
    """Return the standard deviation of a click in survival, a mean over its likely values.

    The distance of clicks from a smooth curve tells little: a hand that is a column early at a step is off by the
    step's height. So each of some values is given to an island of paths, and their evidence weighs them.

    Parameters
    ----------
    line : Timeline
        The slots.
    read : Reading
        Whose ``noise`` is the least possible.
    n, events : int, int or None
        Patients at the start; total events.
    rng : Generator
        For the paths.
    """
    assert read.kind is Kind.CLICKS
    tried = np.unique(np.maximum(_TRIED, read.noise))
    wider = tuple(float(value) for value in tried / read.noise)
    settings = Settings(islands=tried.size, particles=_PARTICLES, store_every=len(line) + 1, wider=wider)
    done = run_filter(line, read, n, events, settings, rng)
    prior = -0.5 * (np.log(tried / _USUAL) / _SPREAD) ** 2
    if done is not None:
        within = sum(point < 1 - 1e-9 for points in line.points for point in points)
        free = event_rates(line, n)[2].sum()  # points spent on the usual hazard tell nothing of the noise
        prior = prior + done.evidence - (within - free) * np.log(tried)
    weight = np.exp(prior - prior.max())
    return float(np.exp(np.average(np.log(tried), weights=weight)))

"""Particle filter over number at risk and exact Kaplan-Meier value, one slot of a figure's time axis after another.

Each particle is one possible past: integer events and censorings, the survival they imply, and its share of the
shift that all points of a line have in common (kept in closed form: mean a particle, variance for all). Events
of a slot are drawn knowing the point read there; weights are raised where a path stays near the curve ahead
and near the total of events, and lowered again by the same factor before they count.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from scipy.special import gammaln, log_ndtr

from survrecon.curve import FloatArray, IntArray
from survrecon.reconstruction.states.censoring import Balance, level
from survrecon.reconstruction.states.lookups import event_rates, mark_gaps, next_point, plateau_noise
from survrecon.reconstruction.states.noise import Kind, Reading
from survrecon.reconstruction.states.timeline import Timeline

__all__ = ["IMPOSSIBLE", "Passed", "Settings", "Stored", "run_filter", "systematic"]

IMPOSSIBLE = -1e300
_BASE_SPREAD = 0.8  # of the log density of censoring that a path keeps throughout
_JUMPS = 6.0  # changes of the density of censoring in a follow-up, on average
_JUMP_EVERY = 4
_GOAL_EVERY = 10
_WIDEST = 4.0  # standard deviations of a point up to which events are tried
_MOST_EVENTS = 400  # in a slot
_FLOOR = -18.0
_UNMARKED = 2.0  # cost of a patient censored without a mark
_UNSEEN = 1.5  # cost of an event after the last column
_OFF_TOTAL = 50.0
_LOG_FACTORIAL = gammaln(np.arange(_MOST_EVENTS + 1) + 1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Size and aims of one pass.

    Parameters
    ----------
    particles : int
        Number of paths followed.
    store_every : int
        Slots between states kept for sampling backward.
    goal : tuple of arrays of float, shape (J,), or None
        Mean and standard deviation of the events after each slot, from a pilot pass.
    """

    particles: int = 1000
    store_every: int = 6
    goal: tuple[FloatArray, FloatArray] | None = None


@dataclass(kw_only=True, slots=True)
class _State:
    """What each particle carries; arrays (P,)."""

    at_risk: IntArray
    survival: FloatArray
    earlier: FloatArray
    used: IntArray
    bias: FloatArray
    base: FloatArray
    density: FloatArray
    pending: IntArray
    rate: IntArray
    near: FloatArray
    goal: FloatArray

    def take(self, index: IntArray) -> None:
        for f in fields(self):
            setattr(self, f.name, getattr(self, f.name)[index])


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """States after a slot, before resampling, kept for sampling backward; arrays (P,)."""

    at_risk: IntArray
    survival: FloatArray
    bias: FloatArray
    used: IntArray
    log_weight: FloatArray
    bias_variance: float


@dataclass(kw_only=True, slots=True)
class Passed:
    """A finished pass.

    Parameters
    ----------
    events, censored : array of int, shape (J, P)
        What each particle drew in each slot.
    log_weight : array of float, shape (P,)
        Final weights.
    ancestors : list of array of int (P,) or None, length J
        Which particle each one came from where they were resampled after a slot.
    evidence : float
        Log of the mean weight: how likely the points are, by this pass.
    stored : dict of int to Stored
        States kept, by slot.
    """

    events: IntArray
    censored: IntArray
    log_weight: FloatArray
    ancestors: list[IntArray | None]
    evidence: float = 0.0
    stored: dict[int, Stored] = field(default_factory=dict)


def run_filter(
    line: Timeline, read: Reading, n: int, events: int | None, settings: Settings, rng: np.random.Generator
) -> Passed | None:
    """Follow particles through all slots; ``None`` if none of them can meet the inputs."""
    return _Filter(line, read, n, events, settings, rng).run()


def systematic(weight: FloatArray, size: int, rng: np.random.Generator) -> IntArray:
    """Return ``size`` indices drawn by weight, evenly."""
    total = np.cumsum(weight)
    index = np.searchsorted(total, (rng.random() + np.arange(size)) / size * total[-1])
    return np.asarray(np.minimum(index, weight.size - 1))


class _Filter:
    """One pass over the slots."""

    def __init__(
        self, line: Timeline, read: Reading, n: int, events: int | None, settings: Settings, rng: np.random.Generator
    ) -> None:
        self.line, self.read, self.events, self.settings, self.rng = line, read, events, settings, rng
        self.balance = Balance(line, events)
        self.clicks = read.kind is Kind.CLICKS
        self.noise = plateau_noise(line, read)
        self.usual, self.nearby = event_rates(line, n)
        self.next_point = next_point(line)
        self.gap, self.marks_left = mark_gaps(line)
        self.last_slot = int(np.flatnonzero(line.can_fail)[-1]) if line.can_fail.any() else -1
        size = settings.particles
        base = rng.normal(0.0, _BASE_SPREAD, size)
        whole, zero = np.zeros(size, dtype=np.int64), np.zeros(size)
        self.state = _State(
            at_risk=np.full(size, n), survival=np.ones(size), earlier=np.ones(size), used=whole, bias=zero,
            base=base, density=level(base, bool(line.pin[line.end[0]] >= 0), rng), pending=whole.copy(),
            rate=whole.copy(), near=zero.copy(), goal=zero.copy(),
        )  # fmt: skip
        self.bias_variance = read.bias**2
        self.log_weight = zero.copy()

    def run(self) -> Passed | None:
        slots, size = len(self.line), self.settings.particles
        done = Passed(
            events=np.zeros((slots, size), dtype=np.int32),
            censored=np.zeros((slots, size), dtype=np.int32),
            log_weight=self.log_weight,
            ancestors=[None] * slots,
        )
        for j in range(slots):
            if self.line.can_fail[j]:
                died = self._fail(j)
                done.events[j] = died
            left = self._censor(j)
            done.censored[j] = left
            self.state.at_risk = self.state.at_risk - left
            self._aim(j)
            if j % self.settings.store_every == self.settings.store_every - 1:
                done.stored[j] = self._stored()
            largest = float(self.log_weight.max())
            if largest <= IMPOSSIBLE / 2:
                return None
            weight = np.exp(self.log_weight - largest)
            if j == slots - 1:
                done.evidence += largest + float(np.log(weight.mean()))
            elif weight.sum() ** 2 < 0.5 * size * (weight**2).sum():
                done.evidence += largest + float(np.log(weight.mean()))
                index = systematic(weight, size, self.rng)
                done.ancestors[j] = index
                self.state.take(index)
                self.log_weight = np.zeros(size)
        done.log_weight = self.log_weight
        return done

    def _fail(self, j: int) -> IntArray:
        """Draw the events of slot ``j`` and weigh by the point read there."""
        state, line = self.state, self.line
        room = np.maximum(state.at_risk - line.target[j], 0)
        if self.events is not None:
            room = np.minimum(room, self.events - state.used)
        died = self._seen(j, room) if line.points[j] else self._unseen(j, room)
        state.earlier = state.survival
        state.survival = state.survival * (1 - died / np.maximum(state.at_risk, 1))
        state.at_risk = state.at_risk - died
        state.used = state.used + died
        if self.read.bias > 0 and line.points[j]:
            self._learn_bias(j, line.points[j][0])
        return np.asarray(died)

    def _seen(self, j: int, room: IntArray) -> IntArray:
        """Try every likely number of events, draw one by how well it meets the point."""
        state = self.state
        lowest = min(self.line.points[j]) - _WIDEST * self.noise[j] - 2 * np.sqrt(self.bias_variance)
        fall = np.clip(1 - (lowest - state.bias) / np.maximum(state.survival, 1e-12), 0, 1)
        most = int(np.clip(np.ceil((state.at_risk * fall).max()), 1, min(max(int(room.max()), 0), _MOST_EVENTS) or 1))
        died = np.arange(most + 1)
        after = state.survival[:, None] * (1 - died / np.maximum(state.at_risk, 1)[:, None])
        score = self._prior(j, died) + self._fit(j, after)
        if not self.clicks:
            off = (after + state.bias[:, None] - np.exp(-self.line.hazard[j])) / self.noise[j]
            near = np.maximum(-0.5 * off**2, _FLOOR)
            score = score + near
        score[died > room[:, None]] = IMPOSSIBLE
        best = score.max(axis=1)
        chance = np.exp(score - best[:, None]).cumsum(axis=1)
        drawn = (chance < (self.rng.random(best.size) * chance[:, -1])[:, None]).sum(axis=1)
        self.log_weight = self.log_weight + best + np.log(chance[:, -1])
        if not self.clicks:
            self.log_weight = self.log_weight - state.near
            state.near = near[np.arange(best.size), drawn]
        return np.asarray(drawn)

    def _prior(self, j: int, died: IntArray) -> FloatArray:
        """Return the log chance of each number of events (P, D): as often as around, or many at one visit."""
        state = self.state
        usual = np.maximum(state.at_risk * self.usual[j], 1e-4)
        if self.clicks:
            behind = np.maximum(np.log(np.maximum(state.survival, 1e-9)) + self.line.hazard[j], 0)
            usual = np.maximum(0.5 * usual + 0.5 * state.at_risk * behind, 1e-3)
        nearby = np.maximum(state.at_risk * self.nearby[j], 0.02)
        poisson = np.exp(died * np.log(usual)[:, None] - usual[:, None] - _LOG_FACTORIAL[died])
        geometric = (nearby / (1 + nearby))[:, None] ** died / (1 + nearby)[:, None]
        return np.asarray(np.log(0.85 * poisson + 0.15 * geometric + 1e-300))

    def _fit(self, j: int, after: FloatArray) -> FloatArray:
        """Return the log chance of the points of slot ``j`` given survival after it (P, D)."""
        if self.clicks:
            return sum((self._click(j, point, after) for point in self.line.points[j]), np.zeros_like(after))
        point, half = self.line.points[j][0], self.read.grid / 2
        spread = np.sqrt(self.noise[j] ** 2 + self.bias_variance)
        level_read = after + self.state.bias[:, None]
        if point >= 1 - half - 1e-9:
            return np.asarray(log_ndtr((level_read - (1 - half)) / spread))
        if point <= half:
            return np.asarray(log_ndtr((half - level_read) / spread))
        return np.asarray(-0.5 * ((point - level_read) / spread) ** 2)

    def _click(self, j: int, point: float, after: FloatArray) -> FloatArray:
        """Return the log chance of a click: a hand may be off in time by a column, or slip."""
        noise = self.noise[j]
        if point >= 1 - 1e-9:
            return np.asarray(log_ndtr((after - 1) / noise + 1.0))
        within = np.exp(-0.5 * ((point - after) / noise) ** 2)
        before = np.exp(-0.5 * ((point - self.state.survival) / noise) ** 2)
        earlier = np.exp(-0.5 * ((point - self.state.earlier) / noise) ** 2)
        slip = np.exp(-np.abs(point - after) / (3 * noise))
        late = 0.0 if j == self.last_slot else 1.0  # nothing is drawn after the last click
        shifted = late * (0.4 * before + 0.1 * earlier)[:, None]
        return np.asarray(np.log((1 - 0.5 * late) * within + shifted + 0.02 * slip + 1e-300))

    def _unseen(self, j: int, room: IntArray) -> IntArray:
        """Draw events where no point was read: on the way to the next one, or after the last."""
        state, line = self.state, self.line
        ahead = int(self.next_point[j])
        if ahead < len(line):
            before = line.hazard[j - 1] if j else 0.0
            share = (line.hazard[j] - before) / max(line.hazard[ahead] - before, 1e-12)
            fall = np.maximum(np.log(np.maximum(state.survival, 1e-9)) + line.hazard[ahead], 0)
            return np.asarray(np.minimum(self.rng.poisson(state.at_risk * fall * min(share, 1.0)), room))
        if self.events is not None and j == self.last_slot:
            died = np.asarray(np.clip(self.events - state.used, 0, room))
            self.log_weight = self.log_weight - _UNSEEN * died
            return died
        return np.asarray(np.minimum(self.rng.poisson(state.at_risk * self.usual[j]), room))

    def _learn_bias(self, j: int, point: float) -> None:
        half, noise = self.read.grid / 2, self.noise[j] ** 2
        if half < point < 1 - half:
            gain = self.bias_variance / (self.bias_variance + noise)
            self.state.bias = self.state.bias + gain * (point - self.state.survival - self.state.bias)
            self.bias_variance *= 1 - gain

    def _censor(self, j: int) -> IntArray:
        """Draw the censorings of slot ``j``; at the end of an interval, meet its printed number."""
        state, line = self.state, self.line
        if j % _JUMP_EVERY == 0:
            jumps = np.flatnonzero(self.rng.random(state.density.size) < _JUMPS * _JUMP_EVERY / len(line))
            if jumps.size:
                state.density[jumps] = level(state.base[jumps], bool(line.pin[line.end[j]] >= 0), self.rng)
        if j == line.end[j]:
            return self._meet(j)
        room = np.maximum(state.at_risk - line.target[j], 0)
        if line.marks is not None and line.marks[j] == 0:
            left = np.asarray(np.minimum(np.minimum(state.pending, state.rate), room))
            state.pending = state.pending - left
            return left
        to_come, share = self.balance.expected(j, state.at_risk, state.survival, state.used)
        if line.marks is not None:
            return self._marked(j, to_come, room)
        return np.asarray(np.minimum(self.rng.poisson(state.density * to_come * share), room))

    def _meet(self, j: int) -> IntArray:
        state, line = self.state, self.line
        left = state.at_risk - line.target[j]
        self.log_weight[left < 0] = IMPOSSIBLE
        left = np.maximum(left, 0)
        if line.marks is not None:
            hidden = np.zeros_like(left) if line.marks[j] > 0 else np.maximum(left - state.pending, 0)
            self.log_weight = self.log_weight - _UNMARKED * np.minimum(hidden, 20)
            state.pending = np.zeros_like(state.pending)
        return np.asarray(left)

    def _marked(self, j: int, to_come: FloatArray, room: IntArray) -> IntArray:
        """Draw the patients behind a mark: one, and those whose marks run into it from the following columns."""
        state, end = self.state, int(self.line.end[j])
        marks = self.marks_left[j] - (self.marks_left[end + 1] if end + 1 < len(self.line) else 0)
        hidden = state.density * np.maximum((to_come - state.pending - marks) / max(marks, 1), 0.003)
        state.pending = state.pending + self.rng.geometric(1 / (1 + hidden)) - 1
        span = np.maximum(np.minimum(self.gap[j], np.ceil(0.7 * state.pending).astype(np.int64)), 1)
        state.rate = -(-state.pending // span)
        more = np.minimum(state.pending, state.rate)
        state.pending = state.pending - more
        return np.asarray(np.minimum(more + 1, room))

    def _aim(self, j: int) -> None:
        """Raise paths on course for the total of events; settle all such credit at the end."""
        state, last = self.state, j == len(self.line) - 1
        if self.events is not None and self.settings.goal is not None and (j % _GOAL_EVERY == _GOAL_EVERY - 1 or last):
            mean, spread = self.settings.goal
            goal = -0.5 * ((state.used + mean[j] - self.events) / spread[j]) ** 2
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
            log_weight=self.log_weight - state.near, bias_variance=self.bias_variance,
        )  # fmt: skip

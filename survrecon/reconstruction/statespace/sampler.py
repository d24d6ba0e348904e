"""Particle filter over number at risk and exact Kaplan-Meier value, one bin of a figure's time axis after another.

Each particle is one possible past: integer events and censorings, the survival they imply, and its share of the
shift that all points of a line have in common (kept in closed form: mean a particle, variance for all). Events
of a bin are drawn knowing the point read there; weights are raised where a path stays near the curve ahead
and near the total of events, and lowered again by the same factor before they count. Particles are resampled within
islands, which stay independent of each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.reconstruction.statespace.counts import LARGEST, draw_poisson, log_poisson, poisson
from survrecon.reconstruction.statespace.emission import event_rates
from survrecon.reconstruction.statespace.model import ArmModel
from survrecon.reconstruction.statespace.particles import IslandPlan, ParticleHistories, StoredPaths, island_plan
from survrecon.reconstruction.statespace.reading import CurveDetail, PointReading
from survrecon.reconstruction.statespace.settings import GUARDS, SAMPLER
from survrecon.reconstruction.statespace.smc import resample_islands
from survrecon.reconstruction.statespace.timeline import Timeline, next_point, told_ahead

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.reconstruction.statespace.priors import EventPrior, Priors, ReadingModel

__all__ = ["log_noise_prior", "noise_of_clicks", "run_filter"]


def run_filter(
    line: Timeline,
    read: PointReading,
    n: int,
    total: int | None,
    priors: Priors,
    plan: IslandPlan,
    rng: np.random.Generator,
    *,
    store_every: int,
) -> ParticleHistories | None:
    """Follow particles through all time bins; ``None`` if none of them can meet the inputs.

    Parameters
    ----------
    line, read, n, total, priors, plan
        As for `survrecon.reconstruction.statespace.model.ArmModel`.
    rng : Generator
        For all draws.
    store_every : int
        Bins between states kept for backward sampling.
    """
    model = ArmModel(line, read, n, total, priors, plan, rng)
    return _Filter(model, priors.events, store_every, rng).run()


class _Filter:
    """One run over the time bins."""

    def __init__(self, model: ArmModel, prior: EventPrior, store_every: int, rng: np.random.Generator) -> None:
        self.model, self.prior, self.store_every, self.rng = model, prior, store_every, rng
        self.line, self.total = model.line, model.total
        self.next_point, self.told_ahead = next_point(model.line), told_ahead(model.line)
        self.state = model.initial_state()
        self.log_weight = np.zeros(self.state.at_risk.size)
        self.evidence = np.zeros(len(model.plan))

    def run(self) -> ParticleHistories | None:
        bins, size = len(self.line), self.log_weight.size
        histories = ParticleHistories(
            events=np.zeros((bins, size), dtype=np.int32),
            censored=np.zeros((bins, size), dtype=np.int32),
            log_weight=self.log_weight,
            ancestors=[None] * bins,
            evidence=self.evidence,
        )
        for j in range(bins):
            if self.line.can_fail[j]:
                histories.events[j] = self._fail(j)
            histories.censored[j], cost = self.model.draw_censored(j, self.state)
            self.log_weight = self.log_weight + cost
            self._aim(j)
            if j % self.store_every == self.store_every - 1:
                histories.stored[j] = self._stored()
            index, self.log_weight, alive = resample_islands(
                self.log_weight,
                self.evidence,
                self.rng,
                poor=SAMPLER.poor,
                impossible=GUARDS.impossible,
                last=j == bins - 1,
            )
            if index is not None:
                histories.ancestors[j] = index
                self.state.take(index)
            if not alive.any():
                return None
        histories.log_weight = self.log_weight
        return histories

    def _fail(self, j: int) -> IntArray:
        """Draw the events of bin ``j`` and weigh by the point read there."""
        state, line = self.state, self.line
        room = np.maximum(state.at_risk - line.target[j], 0)
        if self.total is not None:
            room = np.minimum(room, self.total - state.events)
        if self.told_ahead[j] >= 0:
            room = np.minimum(room, np.maximum(self.told_ahead[j] - state.events, 0))
        self.log_weight = self.log_weight - self.model.overfit(j, state)
        died = self._seen(j, room) if line.points[j] else self._unseen(j, room)
        self.model.fail(j, died, state, self.log_weight)
        return np.asarray(died)

    def _seen(self, j: int, room: IntArray) -> IntArray:
        """Try every likely number of events, draw one by how well it meets the point."""
        state, model = self.state, self.model
        most = model.emission.most_events(j, state, room)
        many = most > (LARGEST if j == model.zero_bin else SAMPLER.one_by_one)
        died = model.emission.spaced_events(j, state, room) if many else np.arange(most + 1)[:, None]
        after = state.survival * (1 - died / np.maximum(state.at_risk, 1))
        score, near = model.log_emission_density(j, after, state), None
        if not model.clicks:
            near = model.look_ahead(j, after, state)
            score = score + near
        if most > room.min():
            score[np.broadcast_to(died > room, score.shape)] = GUARDS.impossible
        if many:
            score = score + model.log_event_density(j, died, state) + np.log(np.maximum(np.ptp(died, axis=0), 1))
        best = score.max(axis=0)
        chance = np.exp(score - best)
        if not many:
            chance *= model.event_densities(j, most, state)
        for d in range(1, len(chance)):  # running sums: row by row is ten times faster than cumsum
            chance[d] += chance[d - 1]
        drawn = (chance < self.rng.random(best.size) * chance[-1]).sum(axis=0)
        self.log_weight = self.log_weight + best + np.log(chance[-1])
        if near is not None:
            self.log_weight = self.log_weight - state.near_credit
            state.near_credit = near[drawn, np.arange(best.size)]
        return np.asarray(died[drawn, np.arange(best.size)] if many else drawn)

    def _unseen(self, j: int, room: IntArray) -> IntArray:
        """Draw events where no point was read: on the way to the next one, or after the last."""
        ahead = int(self.next_point[j])
        return self._on_the_way(j, ahead, room) if ahead < len(self.line) else self._after_last(j, room)

    def _on_the_way(self, j: int, ahead: int, room: IntArray) -> IntArray:
        """Draw events between points, half by the hazard, half by the fall to the next point; weigh by their prior."""
        state, line, events = self.state, self.line, self.model.events
        before = line.hazard[j - 1] if j else 0.0
        share = (line.hazard[j] - before) / max(line.hazard[ahead] - before, GUARDS.tiny)
        if line.printed[j] >= 0 and not self.model.clicks:
            share = state.before_printed
        fall = np.maximum(np.log(np.maximum(state.survival, GUARDS.small)) + line.hazard[ahead], 0)
        usual = np.maximum(state.at_risk * events.hazard[j], GUARDS.mean)
        if self.model.clicks and events.shape is not None:
            whole = np.maximum(state.at_risk * fall, GUARDS.mean)
            return self._clumped(j, usual, whole, float(min(share, 1.0)), room)
        aimed = 0.5 * usual + 0.5 * state.at_risk * fall * np.minimum(share, 1.0)
        aimed = np.minimum(aimed, np.maximum(room, GUARDS.small))
        died = np.asarray(np.minimum(draw_poisson(aimed, self.rng), room))
        if self.model.clicks:  # bins between clicks are many: bursts in each of them would add up
            self.log_weight = self.log_weight + died * np.log(usual / aimed) - (usual - aimed)
        else:
            density = self.model.log_event_density(j, died, state)
            self.log_weight = self.log_weight + density - log_poisson(died, aimed)
        return died

    def _after_last(self, j: int, room: IntArray) -> IntArray:
        """Draw events after the last point, in the last bin those that the total misses, or the last patient's."""
        state, events = self.state, self.model.events
        usual = state.at_risk * events.hazard[j]
        if self.total is not None and j == events.last_bin:
            died = np.asarray(np.clip(self.total - state.events, 0, room))
            one = np.clip(events.last_fails(state) + usual, self.prior.unseen_least, 0.5)
            further = self.prior.unseen_further * (died - 1)
            self.log_weight = self.log_weight + np.where(died > 0, np.log(one) - further, np.log(1 - one))
            return died
        if j == events.last_bin:  # a curve ends with its last patient, who may fail there
            alone = self.rng.random(usual.size) < events.last_fails(state)
            usual = np.where(alone, 0.0, usual)
            return np.asarray(np.minimum(draw_poisson(usual, self.rng) + alone, room))
        return np.asarray(np.minimum(draw_poisson(usual, self.rng), room))

    def _clumped(self, j: int, usual: FloatArray, fall: FloatArray, share: float, room: IntArray) -> IntArray:
        """Draw events that come in clumps on the way to a click: the whole fall at once, in one bin of those left."""
        at_once = self.rng.random(usual.size) < share
        few = SAMPLER.between_clumps * usual
        died = np.asarray(np.minimum(draw_poisson(np.where(at_once, fall, few), self.rng), room))
        drawn = share * poisson(died, fall) + (1 - share) * poisson(died, few)
        density = self.model.log_event_density(j, died, self.state)
        self.log_weight = self.log_weight + density - np.log(drawn + GUARDS.vanishing)
        return died

    def _aim(self, j: int) -> None:
        """Weigh by events told so far; lend weight to paths on course for the total, taken back at the end."""
        state, credit = self.state, self.model.total_course(j, self.state)
        if self.line.told is not None and self.line.told[j] >= 0:
            self.log_weight = self.log_weight - SAMPLER.off_total * np.abs(state.events - self.line.told[j])
        if credit is not None:
            self.log_weight = self.log_weight + credit - state.total_credit
            state.total_credit = credit
        if j == len(self.line) - 1:
            self.log_weight = self.log_weight - state.near_credit
            if self.total is not None:
                self.log_weight = self.log_weight - SAMPLER.off_total * np.abs(state.events - self.total)

    def _stored(self) -> StoredPaths:
        state = self.state
        return StoredPaths(
            at_risk=state.at_risk, survival=state.survival, bias=state.bias, events=state.events,
            log_weight=self.log_weight - state.near_credit, bias_variance=self.model.emission.bias_variance,
        )  # fmt: skip


def noise_of_clicks(
    line: Timeline, read: PointReading, n: int, total: int | None, priors: Priors, rng: np.random.Generator
) -> float:
    """Return the standard deviation of a click in survival, a mean over its likely values.

    The distance of clicks from a smooth curve tells little: a hand that is a bin early at a step is off by the
    step's height. So each of some values is given to an island of paths, and their evidence weighs them.

    Parameters
    ----------
    line : Timeline
        The time bins.
    read : PointReading
        Whose ``noise`` is the least possible.
    n, total : int, int or None
        Patients at the start; total events.
    priors : Priors
        Of the noise, and of all else.
    rng : Generator
        For the paths.
    """
    assert read.detail is CurveDetail.CLICKS
    tried = np.unique(np.maximum(np.geomspace(*SAMPLER.noises_tried), read.noise))
    wider = tuple(float(value) for value in tried / read.noise)
    plan = island_plan(tried.size, SAMPLER.noise_particles, len(priors.censoring.even_parts), wider)
    histories = run_filter(line, read, n, total, priors, plan, rng, store_every=len(line) + 1)
    log_weight = log_noise_prior(tried, priors.reading)
    if histories is not None:
        within = sum(point < 1 - GUARDS.same for points in line.points for point in points)
        free = event_rates(line, n, priors.events)[2].sum()  # points spent on the hazard tell nothing of the noise
        log_weight = log_weight + histories.evidence - (within - free) * np.log(tried)
    weight = np.exp(log_weight - log_weight.max())
    return float(np.exp(np.average(np.log(tried), weights=weight)))


def log_noise_prior(noise: FloatArray, model: ReadingModel) -> FloatArray:
    """Return the log prior density of the noise of clicks, log-normal, up to a constant."""
    return np.asarray(-0.5 * (np.log(noise / model.click_noise) / model.click_noise_sd) ** 2)

"""Exact decoding: integer numbers at risk and events from the heights of steps.

A step of d events among n at risk multiplies survival by 1 - d/n, so its height gives n/d. Particles hold (n, exact
survival); at a step each tries every pair (d, n) whose product of factors so far stays within the rounding
of the curve, weighs it by how likely the censorings in between are, and draws one. Where few pairs fit this is an
exhaustive search.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from survrecon.reconstruction.statespace.backward import DecodingGoal
from survrecon.reconstruction.statespace.censoring import CensoringBalance
from survrecon.reconstruction.statespace.particles import ParticleHistories, StoredDecodings
from survrecon.reconstruction.statespace.settings import GUARDS, SAMPLER
from survrecon.reconstruction.statespace.smc import effective_sample_size, systematic_resampling
from survrecon.reconstruction.statespace.timeline import told_ahead

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.reconstruction.statespace.priors import DecodingPrior, EventPrior, Priors
    from survrecon.reconstruction.statespace.timeline import Timeline

__all__ = ["decode", "decoding_goal", "find_steps", "smoothed"]

_LARGEST = 20000


@cache
def _log_choices_table(shape: float) -> FloatArray:
    count = np.arange(_LARGEST)
    return np.asarray(gammaln(count + shape) - gammaln(shape) - gammaln(count + 1.0))


def _log_choices(count: IntArray, shape: float) -> FloatArray:
    """Return the log of the number of ways of a negative binomial count, from a table where it reaches."""
    known = _log_choices_table(shape)[np.minimum(count, _LARGEST - 1)]
    if count.max(initial=0) < _LARGEST:
        return np.asarray(known)
    large = np.maximum(count, _LARGEST)
    computed = gammaln(large + shape) - gammaln(shape) - gammaln(large + 1.0)
    return np.asarray(np.where(count < _LARGEST, known, computed))


def find_steps(time: FloatArray, survival: FloatArray, grid: float) -> tuple[FloatArray, FloatArray]:
    """Return times and levels (k,) of the steps in points (m,) in order of time."""
    times, first = np.unique(time, return_index=True)
    level = np.minimum.accumulate(np.minimum.reduceat(survival, first))
    step = level < np.append(1.0, level[:-1]) - 0.5 * grid
    return times[step], level[step]


def smoothed(line: Timeline, censored: IntArray, prior: DecodingPrior) -> FloatArray:
    """Return weights of censoring (J,) from draws (J, K) of a first pass: their density, smoothed in time."""
    middle, length = (line.left + line.right) / 2, line.right - line.left
    mean = censored.mean(axis=1)
    beyond = mean[-1] if line.open_until > 0 else 0.0
    mean[-1] -= beyond  # those seen on after the last drop left at no time that is drawn
    near = np.exp(-0.5 * ((middle[:, None] - middle) / (prior.bandwidth * line.right[-1])) ** 2)
    density = (near @ mean) / np.maximum(near @ length, GUARDS.tiny) + prior.background * mean.sum() / line.right[-1]
    weight = np.maximum(length * density, GUARDS.small)
    weight[-1] += beyond
    return np.asarray(weight / weight.sum())


def decoding_goal(line: Timeline, levels: FloatArray, tolerance: float, prior: DecodingPrior) -> DecodingGoal:
    """Return what paths must meet at the steps of a timeline: ``levels`` (k,) within ``tolerance``."""
    kept = float(np.exp(-prior.density_turns / len(line)))
    return DecodingGoal(
        levels=levels, tolerance=tolerance, density_kept=kept, density_sd=prior.density_sd * (1 - kept**2) ** 0.5
    )


def decode(
    line: Timeline,
    goal: DecodingGoal,
    n: int,
    events: int | None,
    particles: int,
    priors: Priors,
    rng: np.random.Generator,
) -> ParticleHistories | None:
    """Return particles that meet every level; ``None`` if none was found."""
    return _Decoder(line, goal, n, events, particles, priors, rng).run()


def _tie(levels: FloatArray, n: int, prior: EventPrior) -> float:
    """Return the cost of each further event at one time: small where the first drops, before many left, are of several.

    Patients seen in whole months or at visits fail several at a time as a rule, not by a rare tie.
    """
    early = levels[: -(-levels.size // 2)]
    mean = n * (1 - float(early[-1])) / early.size if early.size else 0.0
    return 1 / mean if mean > prior.tie_several else prior.tie


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pairs:
    """Pairs (d, n) that fit a step, in order of particles; arrays (M,).

    Few of all that are tried fit, so that they alone are weighed: ``particle`` says whose each is, ``died`` its d,
    ``left`` who leaves before it, and ``spacing`` for how many numbers at risk it stands.
    """

    particle: IntArray
    died: IntArray
    left: IntArray
    spacing: FloatArray


class _Decoder:
    """One pass over the steps."""

    def __init__(
        self,
        line: Timeline,
        goal: DecodingGoal,
        n: int,
        events: int | None,
        particles: int,
        priors: Priors,
        rng: np.random.Generator,
    ) -> None:
        self.prior, self.event_prior = priors.decoding, priors.events
        self.line, self.goal, self.events, self.rng = line, goal, events, rng
        self.levels, self.tolerance = goal.levels, goal.tolerance
        self.balance = CensoringBalance(line, events, 0.0, priors.censoring)
        self.at_risk = np.full(particles, n)
        self.survival = np.ones(particles)
        self.events_so_far = np.zeros(particles, dtype=np.int64)
        self.log_density = self.prior.density_sd * rng.standard_normal(particles)
        self.log_weight = np.zeros(particles)
        self.tie = _tie(goal.levels, n, priors.events)
        self.steps_left = np.cumsum((line.step >= 0)[::-1])[::-1]
        self.told_ahead = told_ahead(line)
        marks = line.marks if line.marks is not None else np.zeros(len(line), dtype=np.int64)
        self.marks_left = np.append(np.cumsum(marks[::-1])[::-1], 0)
        hidden = np.maximum(line.weight - marks, GUARDS.small)
        ahead = np.append(np.cumsum(hidden[::-1])[::-1], 0.0)
        self.hidden_share = hidden / np.maximum(ahead[:-1] - ahead[line.end + 1], hidden)

    def run(self) -> ParticleHistories | None:
        bins, size = len(self.line), self.at_risk.size
        histories = ParticleHistories(
            events=np.zeros((bins, size), dtype=np.int32),
            censored=np.zeros((bins, size), dtype=np.int32),
            log_weight=self.log_weight,
            ancestors=[None] * bins,
            evidence=np.zeros(1),
        )
        every = -(-bins * size // SAMPLER.stored_states)
        for j in range(bins):
            fresh = self.rng.standard_normal(size)
            self.log_density = self.goal.density_kept * self.log_density + self.goal.density_sd * fresh
            if self.line.step[j] < 0:
                histories.censored[j] = self._meet(j)
            else:
                pairs = self._pairs(j)
                if pairs is None:
                    return None
                histories.events[j], histories.censored[j] = self._draw(j, pairs)
            if self.events is not None and j == bins - 1:
                self.log_weight = self.log_weight - SAMPLER.decoded_off_total * np.abs(self.events_so_far - self.events)
            if self.log_weight.max() <= GUARDS.impossible / 2:
                return None
            if j % every == every - 1:
                histories.steps[j] = StoredDecodings(
                    at_risk=self.at_risk, survival=self.survival, events=self.events_so_far,
                    log_weight=self.log_weight.copy(), log_density=self.log_density,
                )  # fmt: skip
            weight = np.exp(self.log_weight - self.log_weight.max())
            if effective_sample_size(weight) < SAMPLER.poor * size:
                histories.ancestors[j] = self._resample(weight)
        histories.log_weight = self.log_weight
        return histories

    def _resample(self, weight: FloatArray) -> IntArray:
        index = systematic_resampling(weight, weight.size, self.rng)
        self.at_risk, self.survival, self.events_so_far = (
            self.at_risk[index],
            self.survival[index],
            self.events_so_far[index],
        )
        self.log_density, self.log_weight = self.log_density[index], np.zeros(weight.size)
        return np.asarray(index)

    def _meet(self, j: int) -> IntArray:
        """Let patients leave down to a printed number, or all at the end."""
        last = j == len(self.line) - 1
        left = self.at_risk - (0 if last else self.line.target[j])
        self.log_weight[left < 0] = GUARDS.impossible
        left = np.maximum(left, 0)
        if self.line.told is not None and self.line.told[j] >= 0:
            self.log_weight = self.log_weight - SAMPLER.decoded_off_total * np.abs(
                self.events_so_far - self.line.told[j]
            )
        if self.line.marks is not None:
            marks = int(self.line.marks[j])
            missing = np.maximum(marks - left, 0)
            self.log_weight = self.log_weight - self.prior.missing_mark * missing
            if marks == 0:
                self.log_weight = self.log_weight - self.prior.unmarked * (left > 0)
        self.at_risk = self.at_risk - left
        return np.asarray(left)

    def _pairs(self, j: int) -> _Pairs | None:
        """Return the pairs that meet the level of the step at the end of bin ``j``."""
        level, survival = self.levels[self.line.step[j]], np.maximum(self.survival, GUARDS.tiny)
        most_fall = 1 - np.maximum(level - self.tolerance, 0) / survival
        least_fall = np.maximum(1 - (level + self.tolerance) / survival, GUARDS.tiny)
        marks = int(self.line.marks[j]) if self.line.marks is not None else 0
        top = self.at_risk - marks
        if level <= self.tolerance:
            most_fall = np.ones_like(most_fall)
        most = np.floor(top * most_fall + GUARDS.small).astype(np.int64)
        largest = max(int(most.max()), 1)
        tried = largest
        if largest > SAMPLER.all_events:
            tried = int(min(SAMPLER.tried_part * largest + 2, SAMPLER.tried_events))
        # numbers of events of each particle, from the most down, and of all who are left a few as well
        down, up = np.clip(most, 0, tried), np.zeros_like(most)
        if level <= self.tolerance:  # of any number of them, a few are as possible as all
            up = np.clip(most - tried, 0, min(largest - tried, SAMPLER.tried_events))
        particle = np.repeat(np.arange(most.size), down + up)
        place = np.arange(particle.size) - np.repeat(np.cumsum(down + up) - down - up, down + up)
        beyond = place - down[particle]
        died = np.where(beyond < 0, most[particle] - place, beyond + 1)
        lowest = np.maximum(np.ceil(died / most_fall[particle] - GUARDS.small), self.line.target[j] + died)
        highest = np.minimum(np.floor(died / least_fall[particle] + GUARDS.small), top[particle])
        width = highest - lowest + 1
        widest = width.max(initial=0.0)
        if widest < 1:
            return None
        columns = int(min(widest, SAMPLER.tried_at_risk))
        start = self.rng.random() if widest > SAMPLER.tried_at_risk else 0.0
        # numbers at risk of each particle and number of events that have any
        spacing = np.maximum(width / columns, 1.0)
        offset = np.floor((np.arange(columns) + start) * spacing[:, None])
        one, column = np.nonzero(offset < width[:, None])
        left = self.at_risk[particle[one]] - lowest[one] - offset[one, column]
        return _Pairs(particle=particle[one], died=died[one], left=left.astype(np.int64), spacing=spacing[one])

    def _draw(self, j: int, pairs: _Pairs) -> tuple[IntArray, IntArray]:
        """Draw a pair for each particle by the chance of its censorings and ties."""
        size = self.at_risk.size
        score = self._censoring(j, pairs) + np.log(pairs.spacing) + self._ties(j, pairs)
        # a row for each particle, as long as the most pairs of one
        count = np.bincount(pairs.particle, minlength=size)
        first = np.cumsum(count) - count
        scores = np.full((size, int(count.max())), GUARDS.impossible)
        scores[pairs.particle, np.arange(score.size) - first[pairs.particle]] = score
        best = scores.max(axis=1)
        possible = best > GUARDS.impossible / 2
        chance = np.exp(scores - np.where(possible, best, 0.0)[:, None]).cumsum(axis=1)
        drawn = (chance < (self.rng.random(size) * chance[:, -1])[:, None]).sum(axis=1)
        gain = np.where(possible, best + np.log(np.maximum(chance[:, -1], GUARDS.vanishing)), GUARDS.impossible)
        self.log_weight = self.log_weight + gain
        pair = np.minimum(first + drawn, score.size - 1)
        left, died = (np.where(possible, values[pair], 0) for values in (pairs.left, pairs.died))
        before = self.at_risk - left
        self.survival = self.survival * (1 - died / np.maximum(before, 1))
        self.at_risk = before - died
        self.events_so_far = self.events_so_far + died
        return died, left

    def _censoring(self, j: int, pairs: _Pairs) -> FloatArray:
        """Return the log chance of as many patients censored in bin ``j`` as each pair has (M,)."""
        to_come, share = self.balance.expected(j, self.at_risk, self.survival, self.events_so_far)
        prior, density = self.prior, np.exp(self.log_density)
        expected, extra, rare, least = density * to_come * share, pairs.left, prior.burst, prior.least_censored
        if self.line.marks is not None:
            marks, end = int(self.line.marks[j]), int(self.line.end[j])
            ahead = self.marks_left[j] - self.marks_left[end + 1]
            hidden = np.maximum(to_come - ahead, prior.least_hidden * max(ahead, 1)) * self.hidden_share[j]
            expected, extra = density * hidden * (marks > 0), np.maximum(pairs.left - marks, 0)
            rare, least = prior.burst_marked, prior.least_marked
        mean, shape, own = np.maximum(expected, least), prior.shape, pairs.particle
        none, each = shape * np.log(shape / (shape + mean)), np.log(mean / (shape + mean))
        usual = _log_choices(extra, shape) + none[own] + extra * each[own]
        size = np.maximum(prior.burst_scale * self.at_risk, prior.burst_least)
        return np.logaddexp(usual, -rare - extra / size[own])

    def _ties(self, j: int, pairs: _Pairs) -> FloatArray:
        """Return the log chance of the events at one time of each pair (M,): few, or many at a visit."""
        several = np.maximum(pairs.died, 1)
        many = -self.event_prior.many - self.event_prior.many_power * np.log(several)
        chance = np.logaddexp(-self.tie * (several - 1.0), many)
        for goal, steps in self._goals(j):
            spare = np.maximum(goal - self.events_so_far - (steps - 1), 0)
            chance = chance - SAMPLER.beyond_spare * np.maximum(pairs.died - spare[pairs.particle], 0)
        return np.asarray(chance)

    def _goals(self, j: int) -> list[tuple[int, int]]:
        """Return the events that are told up to a time ahead, each with the steps from bin ``j`` on up to there."""
        goals = [] if self.events is None else [(self.events, int(self.steps_left[j]))]
        if self.line.told is not None and self.told_ahead[j] >= 0:
            end = j + int(np.flatnonzero(self.line.told[j:] >= 0)[0])
            goals.append((int(self.told_ahead[j]), int((self.line.step[j : end + 1] >= 0).sum())))
        return goals

"""How many patients of each path are censored in a bin: by the balance of their interval, or by the marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from survrecon.reconstruction.statespace.censoring import CensoringBalance, CensoringPattern, even_patterns
from survrecon.reconstruction.statespace.counts import draw_poisson
from survrecon.reconstruction.statespace.crowding import run_gain
from survrecon.reconstruction.statespace.particles import Particles
from survrecon.reconstruction.statespace.reading import CurveDetail, PointReading
from survrecon.reconstruction.statespace.settings import GUARDS, SAMPLER
from survrecon.reconstruction.statespace.timeline import Timeline, falls_at_printed_times, mark_crowds, mark_gaps

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.reconstruction.statespace.particles import IslandPlan
    from survrecon.reconstruction.statespace.priors import CensoringPrior, Priors

__all__ = ["CensoringTransition", "closings", "density_before", "fitting_endings"]

_ENDED = -np.inf  # instead of a time when the trial begins to end: it has, or the pattern knows


class CensoringTransition:
    """Prior of the number of patients censored in each time bin: how dense censoring is, and what marks hide.

    Parameters
    ----------
    line, n, events : Timeline, int, int or None
        The bins; patients at the start; total events, if told.
    read : PointReading
        How the points were read.
    priors : Priors
        Of censoring and of marks.
    plan : IslandPlan
        What the islands differ in.
    rng : Generator
        For the draws.
    """

    def __init__(
        self,
        line: Timeline,
        n: int,
        events: int | None,
        read: PointReading,
        priors: Priors,
        plan: IslandPlan,
        rng: np.random.Generator,
    ) -> None:
        self.line, self.n, self.plan, self.rng = line, n, plan, rng
        self.prior, self.mark_model = priors.censoring, priors.marks
        self.by_neighbours = plan.of_particles(plan.marks_by_neighbours)
        self.by_time = plan.of_particles(plan.marks_by_time)
        self.has_ending = plan.of_particles(plan.has_ending)
        patterns = self._patterns(events)
        even = len(self.prior.even_parts)
        self.fitted = len(patterns) > even
        stratum = plan.of_particles(plan.level_stratum)
        pattern = np.where(self.fitted & self.has_ending, even + stratum, plan.of_particles(plan.even_pattern))
        self.balance = CensoringBalance(line, events, read.noise, self.prior, patterns, pattern)
        self.gap, self.marks_left = mark_gaps(line)
        self.crowds = mark_crowds(line, self.mark_model)
        self.crowds_left = np.cumsum(self.crowds[::-1])[::-1]
        alive = np.exp(-line.hazard)
        self.even_part = alive / np.cumsum(alive[::-1])[::-1]
        marked = line.marks > 0 if line.marks is not None else np.zeros(len(line), dtype=bool)
        self.before_mark, self.after_mark = np.append(marked[1:], False), np.append(False, marked[:-1])
        self.runs = MarkRuns(line, rng) if line.crowd is not None else None
        self.low, self.high = falls_at_printed_times(
            line, priors.reading.click_reach if read.detail is CurveDetail.CLICKS else 0
        )

    def _patterns(self, events: int | None) -> tuple[CensoringPattern, ...]:
        """Return the patterns of censoring that paths with a known total have: half of them end as the total says."""
        even = even_patterns(self.prior)
        if events is None or self.line.marks is not None or self.line.last_interval > 0:
            return even
        number = (len(self.plan) + 1) // 2
        found = fitting_endings(self.line, self.n, events, number, self.prior, self.rng)
        return (*even, *(CensoringPattern(closing=float(c), before=float(b)) for c, b in zip(*found, strict=True)))

    def first_paths(self) -> Particles:
        """Return paths before the first bin, islands in parts of their own of what is possible."""
        size, prior = self.has_ending.size, self.prior
        stratum = self.plan.of_particles(self.plan.level_stratum)
        place = (stratum + self.rng.random(size)) / (len(self.plan) / 2)
        level = prior.level_sd * ndtri(np.minimum(place, SAMPLER.highest_level))
        endings = _ENDED if self.fitted else closings(self.rng, size, prior)
        closing = np.where(self.has_ending, endings, np.inf)
        level = np.where(closing == _ENDED, 0.0, level)
        density = self.draw_density(0, level, closing)
        return Particles.at_start(
            self.n, level=level, density=density, before_printed=self._before_printed(size), closing=closing
        )

    def draw_density(self, j: int, level: FloatArray, closing: FloatArray) -> FloatArray:
        """Draw how dense censoring is from bin ``j`` on, relative to an even spread (P,): mostly near a usual level.

        Without a printed number ahead, patterns from none until the cut-off to most at the start are likely.
        """
        prior = self.prior
        often: FloatArray | float
        if self._printed_ahead(j):
            ends_here = np.isfinite(closing) & (closing <= self.line.right[self.line.end[j]] / self.line.right[-1])
            usual = np.where(ends_here, prior.level_before_closing, prior.level_kept * level)
            spread, lowest, highest = prior.pinned_sd, prior.pinned_lowest, prior.pinned_highest
            often = prior.pinned_usual
        else:
            ends = np.isfinite(closing) & (self.balance.events is None) & (self.line.marks is None)
            start = self.line.left[self.balance.first] / self.line.right[-1]
            before = density_before(ndtr(level / prior.level_sd), (closing - start) / (1 - start), prior)
            usual = np.where(ends, before, level)
            spread, lowest, highest = prior.open_sd, prior.open_lowest, prior.open_highest
            often = np.where(ends | (closing == _ENDED), prior.open_usual_ending, prior.open_usual)
        mild, broad = self.rng.normal(usual, spread), self.rng.uniform(lowest, highest, level.size)
        return np.asarray(np.exp(np.where(self.rng.random(level.size) < often, mild, broad)))

    def _before_printed(self, size: int) -> FloatArray:
        """Draw how much of a fall across a printed time comes before it (P,); its convention says what is usual."""
        usual = 1.0 if self.line.counts_after else 0.0
        kind, part = self.rng.random(size), self.rng.random(size)
        as_counted, mixed = self.prior.convention_kept, self.prior.convention_mixed
        return np.where(kind < as_counted, usual, np.where(kind < 1 - mixed, 1 - usual, part))

    def draw(self, j: int, state: Particles) -> tuple[IntArray, FloatArray | float]:
        """Draw the censorings of bin ``j`` and their log chance beyond the draw's own; meet a printed number."""
        line = self.line
        if j % SAMPLER.jump_every == 0:
            chance = self.prior.changes * SAMPLER.jump_every / len(line)
            jumps = np.flatnonzero(self.rng.random(state.density.size) < chance)
            if jumps.size:
                state.density = state.density.copy()
                state.density[jumps] = self.draw_density(j, state.level[jumps], state.closing[jumps])
            self._close(j, state)
        if self.runs is not None and self.runs.marked[j]:
            self.runs.begin(j, self._scale(j, state)[0], state)
        if j == line.end[j]:
            return self._meet(j, state)
        last = int(line.end[j] == len(line) - 1)  # then a curve is drawn as long as somebody is at risk
        room = np.maximum(state.at_risk - max(int(line.target[j]), last), 0)
        if self.runs is not None:
            if not (j < state.run_end).any():
                return np.zeros(room.size, dtype=np.int64), 0.0
            scale, to_come = self._scale(j, state)
            return np.minimum(self.runs.draw(j, scale, to_come, state), room), 0.0
        if line.marks is not None and line.marks[j] == 0:
            return self._unmarked(j, room, state), 0.0
        to_come, share = self._expected(j, state)
        if line.marks is not None:
            return self._marked(j, to_come, room, state), 0.0
        return np.asarray(np.minimum(draw_poisson(state.density * to_come * share, self.rng), room)), 0.0

    def _expected(self, j: int, state: Particles) -> tuple[FloatArray, FloatArray | float]:
        moved: FloatArray | float = 0.0
        if self.low[j] or self.high[j]:
            moved = self.low[j] + state.before_printed * (self.high[j] - self.low[j])
        return self.balance.expected(j, state.at_risk, state.survival, state.events, moved, state.bias)

    def _scale(self, j: int, state: Particles) -> tuple[FloatArray, FloatArray]:
        """Return how many times more patients leave from bin ``j`` on than the marks suggest, and how many are to."""
        to_come, share = self._expected(j, state)
        return np.asarray(state.density * to_come * share / self.line.weight[j]), to_come

    def _close(self, j: int, state: Particles) -> None:
        """Let all who are left leave evenly in the paths whose trial begins to end."""
        now = np.flatnonzero((state.closing > _ENDED) & (state.closing <= self.line.left[j] / self.line.right[-1]))
        if now.size:
            state.level, state.density, state.closing = state.level.copy(), state.density.copy(), state.closing.copy()
            state.level[now], state.closing[now] = 0.0, _ENDED
            state.density[now] = np.exp(self.rng.normal(0.0, self.prior.closing_sd, now.size))

    def _printed_ahead(self, j: int) -> bool:
        return bool(self.line.printed[self.line.end[j]] >= 0)

    def _meet(self, j: int, state: Particles) -> tuple[IntArray, FloatArray]:
        line = self.line
        left = state.at_risk - line.target[j]
        cost = np.where(left < 0, GUARDS.impossible, 0.0)
        left = np.maximum(left, 0)
        state.before_printed = self._before_printed(left.size)
        if j + 1 < len(line):
            state.density = self.draw_density(j + 1, state.level, state.closing)
        if self.runs is not None:
            stray = np.where(j < state.run_end, 0, left)
            cost = cost - self.mark_model.unmarked * np.minimum(stray, self.mark_model.unmarked_most)
        elif line.marks is not None:
            hidden = np.zeros_like(left) if line.marks[j] > 0 else np.maximum(left - state.hidden_left, 0)
            state.settled = np.minimum(hidden, int(self.before_mark[j]))
            cost = cost - self.mark_model.unmarked * np.minimum(hidden - state.settled, self.mark_model.unmarked_most)
            state.hidden_left = np.maximum(state.hidden_left - left, 0) * int(self.after_mark[j] or line.marks[j] > 0)
        return np.asarray(left), cost

    def _unmarked(self, j: int, room: IntArray, state: Particles) -> IntArray:
        """Draw the patients whose marks ran into the last one, or whose mark stands beside the bin."""
        left = np.minimum(np.minimum(state.hidden_left, draw_poisson(state.hidden_rate, self.rng)), room)
        state.hidden_left = state.hidden_left - left
        if self.after_mark[j]:
            late = np.minimum(state.settled < 0, room - left)
            left, state.settled = left + late, np.maximum(state.settled, 0)
        if self.before_mark[j]:
            early = np.minimum(self.rng.random(room.size) < self.mark_model.read_late, room - left)
            left, state.settled = left + early, early
        return np.asarray(left)

    def _marked(self, j: int, to_come: FloatArray, room: IntArray, state: Particles) -> IntArray:
        """Draw the patients behind a mark: one, and those whose marks run into it from the following columns.

        The one may have left a bin before, or leave in the next; right before a printed time, after it.
        """
        end = int(self.line.end[j])
        marks = self.marks_left[j] - (self.marks_left[end + 1] if end + 1 < len(self.line) else 0)
        hidden = self._hidden(j, np.maximum(to_come - state.hidden_left - marks, 0.0), max(int(marks), 1), state)
        state.hidden_left = state.hidden_left + self.rng.geometric(1 / (1 + hidden)) - 1
        wide = (
            self.mark_model.bins_a_patient
            * np.exp(self.rng.normal(0.0, self.mark_model.width_sd, room.size))
            * state.hidden_left
        )
        state.hidden_rate = state.hidden_left / np.clip(wide, 1.0, max(self.gap[j], 1.0))
        more = np.minimum(state.hidden_left, draw_poisson(state.hidden_rate, self.rng))
        own = 1 - state.settled
        late = np.zeros_like(own)
        if j + 1 < end:
            late = np.minimum(own, self.rng.random(own.size) < self.mark_model.read_early)
            own = own - late
        left = np.minimum(more + own, room)
        state.hidden_left = state.hidden_left - more + (more + own - left) * (end - j <= 1)
        state.settled = -late
        return np.asarray(left)

    def _hidden(self, j: int, rest: FloatArray, marks: int, state: Particles) -> FloatArray:
        """Return how many patients a mark is expected to hide (P,) of the ``rest`` that have no mark of their own.

        In half of the islands all marks hide as many; in the others as many as their neighbours suggest. Without a
        printed number ahead a mark may begin a stretch of marks that run into each other, as the last one often does;
        and in half of the former islands patients leave evenly over time, so that where they are many few marks stand
        apart.
        """
        model = self.mark_model
        evenly = state.density * np.maximum(rest / marks, model.least_hidden)
        if self._printed_ahead(j):
            end = int(self.line.end[j]) + 1
            crowds = self.crowds_left[j] - (self.crowds_left[end] if end < len(self.line) else 0.0)
            nearby = state.density * np.maximum(rest * self.crowds[j] / crowds, model.least_hidden)
        else:
            crowded = self.rng.random(rest.size) < (model.last_crowd if marks == 1 else model.crowd)
            nearby = np.where(crowded, rest + model.beyond_left, np.exp(state.level) * self.crowds[j])
            rate = state.density * (rest + marks) * self.even_part[j]
            run = np.expm1(np.minimum(model.touching * rate, GUARDS.longest_run))
            run = np.minimum(run, rate * max(self.gap[j] - model.touching, 0))
            evenly = np.where(self.by_time, np.maximum(run, model.least_hidden), evenly)
        return np.where(self.by_neighbours, nearby, evenly)


def closings(rng: np.random.Generator, size: int, prior: CensoringPrior) -> FloatArray:
    """Draw from when on patients leave because the trial ends (P,), as a part of the follow-up."""
    place, at_cutoff = rng.random(size), rng.random(size) < prior.at_cutoff
    return np.asarray(1 - np.where(at_cutoff, prior.shortest_closing**place, place))


def density_before(place: FloatArray, closing: FloatArray, prior: CensoringPrior) -> FloatArray:
    """Return the log density of censoring before the end begins, relative to an even one (P,).

    ``place``, from 0 to 1, says how many drop out among the shares that are possible.
    """
    some = (place - prior.nobody_before) / (1 - prior.nobody_before)
    share = prior.few_before * ((1 + prior.most_before / prior.few_before) ** some - 1)
    end = np.clip(closing, prior.shortest_closing, 1 - prior.shortest_closing)
    return np.asarray(np.log(np.log1p(-np.maximum(share, GUARDS.least_before)) / np.log1p(-end)))


def fitting_endings(
    line: Timeline, n: int, events: int, number: int, prior: CensoringPrior, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw endings by which ``n`` patients of this curve have that many events.

    The mean survival at which patients are censored, weighted by how many would still be there, is the share that is
    censored: so for each beginning of the end one share drops out before it, and at the first one that fits it is
    nobody. Numbers vary by chance, and so do the endings that fit.

    Returns
    -------
    closing, before : array of float, shape (number,) or (0,)
        From when on patients leave because the trial ends, as a part of the follow-up; how dense censoring is before,
        relative to afterwards. None where no such ending fits.
    """
    time, width = line.right / line.right[-1], line.weight
    survival = np.exp(-line.hazard)
    shortest = prior.shortest_closing
    tried = 1 - np.geomspace(1 - shortest, shortest, SAMPLER.endings_tried)
    early = time <= tried[:, None]
    before = (early * width * survival).sum(axis=1) / np.maximum((early * width).sum(axis=1), GUARDS.small)
    after = (~early * width * survival).sum(axis=1) / np.maximum((~early * width).sum(axis=1), GUARDS.small)
    censored = 1 - events / n
    censored = censored + np.sqrt(censored * (1 - censored) / n) * rng.standard_normal((number, 1))
    share = (censored - after) / np.maximum(before - after, GUARDS.small)
    usual = prior.at_cutoff + (1 - prior.at_cutoff) * -np.log(shortest) * (
        1 - tried
    )  # the trials that `closings` draws
    fits = (share >= 0) & (share <= prior.most_before)
    weight = np.where(fits, usual / (share + prior.few_before) / np.maximum(before - after, GUARDS.small), 0.0)
    rows = np.flatnonzero(weight.any(axis=1))
    if not rows.size:
        return np.zeros(0), np.zeros(0)
    row = rows[np.arange(number) * rows.size // number]
    total = np.cumsum(weight[row], axis=1)
    place = (np.arange(number) + rng.random(number)) / number * total[:, -1]
    column = np.minimum((total < place[:, None]).sum(axis=1), SAMPLER.endings_tried - 1)
    first = np.minimum((total == 0).sum(axis=1), SAMPLER.endings_tried - 1)
    every = round(1 / prior.nobody_before) if prior.nobody_before > 0 else number + 1
    nobody = (np.arange(number) % every == 0) & (share[row, first] < prior.none_before_fits)
    column = np.where(nobody, first, column)
    closing, share = tried[column], np.where(nobody, 0.0, share[row, column])
    return closing, share * (1 - closing) / (closing * (1 - share))


class MarkRuns:
    """Runs of touching marks of one arm.

    Parameters
    ----------
    line : Timeline
        Columns with marks, and the rates (``crowd``) by which patients leave.
    rng : Generator
        For the draws.
    """

    def __init__(self, line: Timeline, rng: np.random.Generator) -> None:
        assert line.marks is not None
        assert line.crowd is not None
        self.line, self.rng, self.crowd, self.narrow = line, rng, line.crowd, line.narrow
        self.marked = line.marks > 0
        size = len(line)
        own = np.where(self.marked, np.arange(size), size)
        self.next = np.append(np.minimum.accumulate(own[::-1])[::-1], size)[1:]
        self.until = np.append(0.0, np.cumsum(self.crowd))

    def begin(self, j: int, scale: FloatArray, state: Particles) -> None:
        """Draw where the run that begins with the mark of bin ``j`` ends (P,).

        ``scale`` is how many times more patients leave than the rates say. Columns of the run are taken, those after it
        are free up to the next mark. What marks say of the rates has been used to estimate them, and does not count
        for paths again.
        """
        stop = int(self.next[j])
        free = stop if stop == len(self.line) else max(stop - self.line.reach, j + 1)
        rate = np.maximum(self.crowd[j:free, None] * scale, GUARDS.small)
        log_run = np.cumsum(run_gain(rate, self.narrow[j:free, None], self.line.reach), axis=0)
        chance = np.cumsum(np.exp(log_run - log_run.max(axis=0)), axis=0)
        state.run_end = j + 1 + (chance < self.rng.random(scale.size) * chance[-1]).sum(axis=0)

    def draw(self, j: int, scale: FloatArray, to_come: FloatArray, state: Particles) -> IntArray:
        """Draw how many are censored in bin ``j`` of the paths whose run goes on (P,).

        In the last run before a printed number all are censored who are to be.
        """
        end = int(self.line.end[j])
        rate = self.crowd[j] * scale
        if self.next[j] > end:
            ahead = self.until[np.clip(state.run_end, j + 1, end + 1)] - self.until[j]
            rate = to_come * self.crowd[j] / ahead
        rate = np.clip(rate, GUARDS.small, GUARDS.most_in_column)
        if self.narrow[j] or self.line.reach > 1:
            left = draw_poisson(rate / -np.expm1(-rate * self.line.reach) if not self.narrow[j] else rate, self.rng)
        else:
            left = _at_least_one(rate, self.rng)
        return np.asarray(np.where(j < state.run_end, left, 0))


def _at_least_one(rate: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw counts (P,) by rates, given that they are not 0: the first comes at a time that is known to be within."""
    first = -np.log1p(rng.random(rate.size) * np.expm1(-rate))
    return 1 + draw_poisson(np.maximum(rate - first, 0.0), rng)

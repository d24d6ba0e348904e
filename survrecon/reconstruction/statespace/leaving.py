"""How many patients of each path are censored in a slot: by the balance of their interval, or by the marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from survrecon.reconstruction.statespace.censoring import EVENLY, Balance, Pattern
from survrecon.reconstruction.statespace.counts import draw_poisson
from survrecon.reconstruction.statespace.particles import IMPOSSIBLE, Particles
from survrecon.reconstruction.statespace.reading import Kind, PointReading
from survrecon.reconstruction.statespace.runs import Runs
from survrecon.reconstruction.statespace.timeline import Timeline, falls_at_printed_times, mark_crowds, mark_gaps

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray

__all__ = ["Leaving", "closings", "density_before", "fitting_endings"]

_BASE_SPREAD = 1.2  # of the log density of censoring that a path keeps throughout
_KEPT_BASE = 0.4  # part of it that stays between printed numbers, which settle how many are censored
_NONE_YET = 2.5  # log density of censoring, below an even one, in the interval where such an end begins
_ENDED = -np.inf  # instead of a time when the trial begins to end: it has, or the pattern knows
_JUMPS = 6.0  # changes of the density of censoring in a follow-up, on average
_JUMP_EVERY = 4
_AS_COUNTED, _WITHIN = 0.5, 0.3  # falls across a printed time: on the side of its convention, or partly on both
_CROWD, _LAST_CROWD, _MORE = 0.03, 0.7, 2.0  # how often a mark begins a stretch of marks; patients beyond those left
_TOUCHING, _LONGEST = 1.5, 30.0  # slots in which the next mark runs into one; log of the most patients in a run
_SLOTS_A_MARK, _MARKS_SPREAD = 0.7, 0.5  # how far marks that run together reach, and the sd of its log
_READ_LATE, _READ_EARLY = 0.3, 0.15  # how often a mark is read a column after its patient left, or before
_OFF = 2  # slots that a click may be off
_HIGHEST_PLACE = 0.999  # of the range of the usual density
_UNMARKED = 2.0  # cost of a patient censored without a mark


class Leaving:
    """Censorings of the slots of one arm.

    Parameters
    ----------
    line, n, events : Timeline, int, int or None
        The slots; patients at the start; total events, if told.
    read : Reading
        How the points were read.
    islands, particles : int
        Of the paths. Islands differ in what early slots cannot settle: whether the trial ends in a stretch of its own,
        how dense censoring usually is, which part of it is even, and whether marks hide as many as their neighbours
        suggest.
    rng : Generator
        For the draws.
    """

    def __init__(
        self,
        line: Timeline,
        n: int,
        events: int | None,
        read: PointReading,
        islands: int,
        particles: int,
        rng: np.random.Generator,
    ) -> None:
        self.line, self.n, self.islands, self.rng = line, n, islands, rng
        self.island = np.repeat(np.arange(islands), particles)
        self.by_neighbours, self.by_time = self.island // 2 % 2 == 1, self.island // 2 % 4 == 2
        patterns = self._patterns(events)
        self.fitted = len(patterns) > len(EVENLY)
        ending = self.fitted & (self.island % 2 == 0)
        pattern = np.where(ending, len(EVENLY) + self.island // 2, self.island % len(EVENLY))
        self.balance = Balance(line, events, read.noise, patterns, pattern)
        self.gap, self.marks_left = mark_gaps(line)
        self.crowds = mark_crowds(line)
        self.crowds_left = np.cumsum(self.crowds[::-1])[::-1]
        alive = np.exp(-line.hazard)
        self.even_part = alive / np.cumsum(alive[::-1])[::-1]
        marked = line.marks > 0 if line.marks is not None else np.zeros(len(line), dtype=bool)
        self.before_mark, self.after_mark = np.append(marked[1:], False), np.append(False, marked[:-1])
        self.runs = Runs(line, rng) if line.crowd is not None else None
        self.low, self.high = falls_at_printed_times(line, _OFF if read.kind is Kind.CLICKS else 0)

    def _patterns(self, events: int | None) -> tuple[Pattern, ...]:
        """Return the patterns of censoring that paths with a known total have: half of them end as the total says."""
        if events is None or self.line.marks is not None or self.line.last_interval > 0:
            return EVENLY
        found = fitting_endings(self.line, self.n, events, (self.islands + 1) // 2, self.rng)
        return (*EVENLY, *(Pattern(closing=float(c), before=float(b)) for c, b in zip(*found, strict=True)))

    def first_paths(self) -> Particles:
        """Return paths before the first slot, islands in parts of their own of what is possible."""
        size = self.island.size
        place = (self.island // 2 + self.rng.random(size)) / (self.islands / 2)
        base = _BASE_SPREAD * ndtri(np.minimum(place, _HIGHEST_PLACE))
        closing = np.where(self.island % 2 == 0, _ENDED if self.fitted else closings(self.rng, size), np.inf)
        base = np.where(closing == _ENDED, 0.0, base)
        density = self._densities(0, base, closing)
        return Particles.at_start(self.n, base=base, density=density, part=self._parts(size), closing=closing)

    def _densities(self, j: int, base: FloatArray, closing: FloatArray) -> FloatArray:
        """Draw how dense censoring is from slot ``j`` on, relative to an even spread (P,): mostly near a usual level.

        Without a printed number ahead, patterns from none until the cut-off to most at the start are likely.
        """
        if self._pinned(j):
            ends_here = np.isfinite(closing) & (closing <= self.line.right[self.line.end[j]] / self.line.right[-1])
            usual = np.where(ends_here, -_NONE_YET, _KEPT_BASE * base)
            spread, lowest, highest = 0.4, -4.0, 1.5
            often: FloatArray | float = 0.85
        else:
            ends = np.isfinite(closing) & (self.balance.events is None) & (self.line.marks is None)
            start = self.line.left[self.balance.first] / self.line.right[-1]
            before = density_before(ndtr(base / _BASE_SPREAD), (closing - start) / (1 - start))
            usual = np.where(ends, before, base)
            spread, lowest, highest = 0.5, -5.0, 2.0
            often = np.where(ends | (closing == _ENDED), 0.9, 0.7)
        mild, broad = self.rng.normal(usual, spread), self.rng.uniform(lowest, highest, base.size)
        return np.asarray(np.exp(np.where(self.rng.random(base.size) < often, mild, broad)))

    def _parts(self, size: int) -> FloatArray:
        """Draw how much of a fall across a printed time comes before it (P,); its convention says what is usual."""
        usual = 1.0 if self.line.counts_after else 0.0
        kind, part = self.rng.random(size), self.rng.random(size)
        return np.where(kind < _AS_COUNTED, usual, np.where(kind < 1 - _WITHIN, 1 - usual, part))

    def draw(self, j: int, state: Particles) -> tuple[IntArray, FloatArray | float]:
        """Draw the censorings of slot ``j`` and their log chance beyond the draw's own; meet a printed number."""
        line = self.line
        if j % _JUMP_EVERY == 0:
            jumps = np.flatnonzero(self.rng.random(state.density.size) < _JUMPS * _JUMP_EVERY / len(line))
            if jumps.size:
                state.density = state.density.copy()
                state.density[jumps] = self._densities(j, state.base[jumps], state.closing[jumps])
            self._close(j, state)
        if self.runs is not None and self.runs.marked[j]:
            self.runs.begin(j, self._scale(j, state)[0], state)
        if j == line.end[j]:
            return self._meet(j, state)
        last = int(line.end[j] == len(line) - 1)  # then a curve is drawn as long as somebody is at risk
        room = np.maximum(state.at_risk - max(int(line.target[j]), last), 0)
        if self.runs is not None:
            if not (j < state.run).any():
                return np.zeros(room.size, dtype=np.int64), 0.0
            scale, to_come = self._scale(j, state)
            return np.minimum(self.runs.leaving(j, scale, to_come, state), room), 0.0
        if line.marks is not None and line.marks[j] == 0:
            return self._unmarked(j, room, state), 0.0
        to_come, share = self._expected(j, state)
        if line.marks is not None:
            return self._marked(j, to_come, room, state), 0.0
        return np.asarray(np.minimum(draw_poisson(state.density * to_come * share, self.rng), room)), 0.0

    def _expected(self, j: int, state: Particles) -> tuple[FloatArray, FloatArray | float]:
        moved: FloatArray | float = 0.0
        if self.low[j] or self.high[j]:
            moved = self.low[j] + state.part * (self.high[j] - self.low[j])
        return self.balance.expected(j, state.at_risk, state.survival, state.used, moved, state.bias)

    def _scale(self, j: int, state: Particles) -> tuple[FloatArray, FloatArray]:
        """Return how many times more patients leave from slot ``j`` on than the marks suggest, and how many are to."""
        to_come, share = self._expected(j, state)
        return np.asarray(state.density * to_come * share / self.line.weight[j]), to_come

    def _close(self, j: int, state: Particles) -> None:
        """Let all who are left leave evenly in the paths whose trial begins to end."""
        now = np.flatnonzero((state.closing > _ENDED) & (state.closing <= self.line.left[j] / self.line.right[-1]))
        if now.size:
            state.base, state.density, state.closing = state.base.copy(), state.density.copy(), state.closing.copy()
            state.base[now], state.closing[now] = 0.0, _ENDED
            state.density[now] = np.exp(self.rng.normal(0.0, 0.5, now.size))

    def _pinned(self, j: int) -> bool:
        return bool(self.line.pin[self.line.end[j]] >= 0)

    def _meet(self, j: int, state: Particles) -> tuple[IntArray, FloatArray]:
        line = self.line
        left = state.at_risk - line.target[j]
        cost = np.where(left < 0, IMPOSSIBLE, 0.0)
        left = np.maximum(left, 0)
        state.part = self._parts(left.size)
        if j + 1 < len(line):
            state.density = self._densities(j + 1, state.base, state.closing)
        if self.runs is not None:
            stray = np.where(j < state.run, 0, left)
            cost = cost - _UNMARKED * np.minimum(stray, 20)
        elif line.marks is not None:
            hidden = np.zeros_like(left) if line.marks[j] > 0 else np.maximum(left - state.pending, 0)
            state.spent = np.minimum(hidden, int(self.before_mark[j]))
            cost = cost - _UNMARKED * np.minimum(hidden - state.spent, 20)
            state.pending = np.maximum(state.pending - left, 0) * int(self.after_mark[j] or line.marks[j] > 0)
        return np.asarray(left), cost

    def _unmarked(self, j: int, room: IntArray, state: Particles) -> IntArray:
        """Draw the patients whose marks ran into the last one, or whose mark stands beside the slot."""
        left = np.minimum(np.minimum(state.pending, draw_poisson(state.rate, self.rng)), room)
        state.pending = state.pending - left
        if self.after_mark[j]:
            late = np.minimum(state.spent < 0, room - left)
            left, state.spent = left + late, np.maximum(state.spent, 0)
        if self.before_mark[j]:
            early = np.minimum(self.rng.random(room.size) < _READ_LATE, room - left)
            left, state.spent = left + early, early
        return np.asarray(left)

    def _marked(self, j: int, to_come: FloatArray, room: IntArray, state: Particles) -> IntArray:
        """Draw the patients behind a mark: one, and those whose marks run into it from the following columns.

        The one may have left a slot before, or leave in the next; right before a printed time, after it.
        """
        end = int(self.line.end[j])
        marks = self.marks_left[j] - (self.marks_left[end + 1] if end + 1 < len(self.line) else 0)
        hidden = self._hidden(j, np.maximum(to_come - state.pending - marks, 0.0), max(int(marks), 1), state)
        state.pending = state.pending + self.rng.geometric(1 / (1 + hidden)) - 1
        wide = _SLOTS_A_MARK * np.exp(self.rng.normal(0.0, _MARKS_SPREAD, room.size)) * state.pending
        state.rate = state.pending / np.clip(wide, 1.0, max(self.gap[j], 1.0))
        more = np.minimum(state.pending, draw_poisson(state.rate, self.rng))
        own = 1 - state.spent
        late = np.zeros_like(own)
        if j + 1 < end:
            late = np.minimum(own, self.rng.random(own.size) < _READ_EARLY)
            own = own - late
        left = np.minimum(more + own, room)
        state.pending = state.pending - more + (more + own - left) * (end - j <= 1)
        state.spent = -late
        return np.asarray(left)

    def _hidden(self, j: int, rest: FloatArray, marks: int, state: Particles) -> FloatArray:
        """Return how many patients a mark is expected to hide (P,) of the ``rest`` that have no mark of their own.

        In half of the islands all marks hide as many; in the others as many as their neighbours suggest. Without a
        printed number ahead a mark may begin a stretch of marks that run into each other, as the last one often does;
        and in half of the former islands patients leave evenly over time, so that where they are many few marks stand
        apart.
        """
        evenly = state.density * np.maximum(rest / marks, 0.003)
        if self._pinned(j):
            end = int(self.line.end[j]) + 1
            crowds = self.crowds_left[j] - (self.crowds_left[end] if end < len(self.line) else 0.0)
            nearby = state.density * np.maximum(rest * self.crowds[j] / crowds, 0.003)
        else:
            crowded = self.rng.random(rest.size) < (_LAST_CROWD if marks == 1 else _CROWD)
            nearby = np.where(crowded, rest + _MORE, np.exp(state.base) * self.crowds[j])
            rate = state.density * (rest + marks) * self.even_part[j]
            run = np.minimum(np.expm1(np.minimum(_TOUCHING * rate, _LONGEST)), rate * max(self.gap[j] - _TOUCHING, 0))
            evenly = np.where(self.by_time, np.maximum(run, 0.003), evenly)
        return np.where(self.by_neighbours, nearby, evenly)


_SHORTEST = 0.02  # of the follow-up, in which a trial ends
_NOBODY = 0.25  # part of the trials in which nobody drops out before
_MOST_OUT, _FEW_OUT = 0.6, 0.01  # of the others: largest share; the share from where on more is as much rarer
_AT_CUTOFF = 0.5  # part of the trials in which short ends are as likely as long ones, by the log of their lengths
_LEAST_OUT = 1e-3  # instead of nobody, where a logarithm is taken
_TRIED, _NEARLY_NOBODY = 60, 0.1  # beginnings of the end; share of drop-out at the first that fits, to be none


def closings(rng: np.random.Generator, size: int) -> FloatArray:
    """Draw from when on patients leave because the trial ends (P,), as a part of the follow-up."""
    place, at_cutoff = rng.random(size), rng.random(size) < _AT_CUTOFF
    return np.asarray(1 - np.where(at_cutoff, _SHORTEST**place, place))


def density_before(place: FloatArray, closing: FloatArray) -> FloatArray:
    """Return the log density of censoring before the end begins, relative to an even one (P,).

    ``place``, from 0 to 1, says how many drop out among the shares that are possible.
    """
    share = _FEW_OUT * ((1 + _MOST_OUT / _FEW_OUT) ** ((place - _NOBODY) / (1 - _NOBODY)) - 1)
    end = np.clip(closing, _SHORTEST, 1 - _SHORTEST)
    return np.asarray(np.log(np.log1p(-np.maximum(share, _LEAST_OUT)) / np.log1p(-end)))


def fitting_endings(
    line: Timeline, n: int, events: int, number: int, rng: np.random.Generator
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
    tried = 1 - np.geomspace(1 - _SHORTEST, _SHORTEST, _TRIED)
    early = time <= tried[:, None]
    before = (early * width * survival).sum(axis=1) / np.maximum((early * width).sum(axis=1), 1e-9)
    after = (~early * width * survival).sum(axis=1) / np.maximum((~early * width).sum(axis=1), 1e-9)
    censored = 1 - events / n
    censored = censored + np.sqrt(censored * (1 - censored) / n) * rng.standard_normal((number, 1))
    share = (censored - after) / np.maximum(before - after, 1e-9)
    usual = _AT_CUTOFF + (1 - _AT_CUTOFF) * -np.log(_SHORTEST) * (1 - tried)  # the trials that `closings` draws
    fits = (share >= 0) & (share <= _MOST_OUT)
    weight = np.where(fits, usual / (share + _FEW_OUT) / np.maximum(before - after, 1e-9), 0.0)
    rows = np.flatnonzero(weight.any(axis=1))
    if not rows.size:
        return np.zeros(0), np.zeros(0)
    row = rows[np.arange(number) * rows.size // number]
    total = np.cumsum(weight[row], axis=1)
    place = (np.arange(number) + rng.random(number)) / number * total[:, -1]
    column = np.minimum((total < place[:, None]).sum(axis=1), _TRIED - 1)
    first = np.minimum((total == 0).sum(axis=1), _TRIED - 1)
    nobody = (np.arange(number) % round(1 / _NOBODY) == 0) & (share[row, first] < _NEARLY_NOBODY)
    column = np.where(nobody, first, column)
    closing, share = tried[column], np.where(nobody, 0.0, share[row, column])
    return closing, share * (1 - closing) / (closing * (1 - share))

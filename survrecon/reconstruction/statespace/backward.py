"""Whole paths from a finished pass, drawn backward so that early bins stay as diverse as late ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.reconstruction.statespace.emission import plateau_noise
from survrecon.reconstruction.statespace.settings import GUARDS, SAMPLER
from survrecon.reconstruction.statespace.smc import gumbel_choice, matching_particles, parents

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.reconstruction.statespace.particles import ParticleHistories, StoredDecodings, StoredPaths
    from survrecon.reconstruction.statespace.priors import ReadingModel
    from survrecon.reconstruction.statespace.reading import PointReading
    from survrecon.reconstruction.statespace.timeline import Timeline

__all__ = ["ArmPass", "DecodingGoal", "DrawnPaths", "draw_backward", "draw_steps_backward", "trace_back"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DrawnPaths:
    """Paths drawn from a pass, one a column.

    Parameters
    ----------
    events, censored : array of int, shape (J, K)
        In each time bin.
    lineage : array of int, shape (J, K)
        The particle of each bin that the path goes through.
    """

    events: IntArray
    censored: IntArray
    lineage: IntArray


def trace_back(histories: ParticleHistories, size: int, rng: np.random.Generator) -> DrawnPaths:
    """Return paths of ``size`` surviving particles, followed to their ancestors."""
    index = histories.final(size, rng)
    lineage = np.zeros((len(histories.ancestors), size), dtype=np.int64)
    for j in range(len(histories.ancestors) - 1, -1, -1):
        index = parents(histories.ancestors[j], index)
        lineage[j] = index
    return _along(histories, lineage)


def draw_backward(
    histories: ParticleHistories,
    line: Timeline,
    read: PointReading,
    model: ReadingModel,
    size: int,
    total: int | None,
    rng: np.random.Generator,
) -> DrawnPaths:
    """Return ``size`` paths drawn backward.

    At each stored bin a path may go on from any particle, of any island, with the same number at risk (and events
    that complete the total), in proportion to its weight and to how well the path's own future meets the
    points from that particle's survival and shift.
    """
    index = histories.final(size, rng)
    lineage = np.zeros((len(histories.ancestors), size), dtype=np.int64)
    ahead = _StatesAhead(line, size, total)
    future = _PointsAhead(size, read)
    noise = plateau_noise(line, read, model)
    share = np.log(histories.shares(float(histories.evidence.max())) + GUARDS.nothing)
    share = np.repeat(share, histories.log_weight.size // share.size)
    for j in range(len(line) - 1, -1, -1):
        index = parents(histories.ancestors[j], index)
        ahead.reach(j)
        stored = histories.stored.get(j)
        if stored is not None and j < len(line) - 1:
            log_weight = histories.island_weights(stored.log_weight) + share
            among = np.flatnonzero(log_weight > GUARDS.unlikely)
            state, wanted = ahead.states(stored.at_risk[among], stored.events[among])
            path, particle = matching_particles(state, wanted, among, index, SAMPLER.paths_tried, rng)
            score = log_weight[particle] + future.score(stored, path, particle)
            index = gumbel_choice(path, particle, score, rng)
        lineage[j], died = index, histories.events[j, index].astype(np.int64)
        ahead.step_back(died, histories.censored[j, index])
        future.extend(1 - died / np.maximum(ahead.at_risk, 1), line.points[j], (read.noise / noise[j]) ** 2)
    return _along(histories, lineage)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DecodingGoal:
    """What decoded paths must meet, and how their density of censoring moves from bin to bin.

    Parameters
    ----------
    levels : array of float, shape (k,)
        Survival after each step.
    tolerance : float
        How far off a path may be.
    density_kept, density_sd : float
        Part of the log density that is kept to the next bin, and the standard deviation of what is added.
    """

    levels: FloatArray
    tolerance: float
    density_kept: float
    density_sd: float


def draw_steps_backward(
    histories: ParticleHistories,
    line: Timeline,
    goal: DecodingGoal,
    size: int,
    total: int | None,
    rng: np.random.Generator,
) -> DrawnPaths:
    """Return ``size`` decoded paths drawn backward.

    Followed to their ancestors alone, paths of hundreds of steps share a few beginnings. A path may go on from any
    particle with the same number at risk (and events that complete the total), from whose survival all later steps are
    met within the rounding, in proportion to its weight and to how well the density of censoring goes on.
    """
    index = histories.final(size, rng)
    lineage = np.zeros((len(histories.ancestors), size), dtype=np.int64)
    ahead = _StatesAhead(line, size, total)
    lowest, highest, density = np.zeros(size), np.full(size, np.inf), None
    for j in range(len(line) - 1, -1, -1):
        index = parents(histories.ancestors[j], index)
        ahead.reach(j)
        stored = histories.steps.get(j)
        if stored is not None:
            if j < len(line) - 1:
                state, wanted = ahead.states(stored.at_risk, stored.events)
                possible = np.flatnonzero(stored.log_weight - stored.log_weight.max() > GUARDS.unlikely)
                path, particle = matching_particles(state[possible], wanted, possible, index, SAMPLER.paths_tried, rng)
                score = _goes_on(stored, particle, lowest[path], highest[path])
                if density is not None:
                    added = density[path] - goal.density_kept * stored.log_density[particle]
                    score = score - 0.5 * (added / goal.density_sd) ** 2
                index = gumbel_choice(path, particle, score, rng)
            density = stored.log_density[index]
        else:
            density = None
        lineage[j] = index
        died, left = histories.events[j, index], histories.censored[j, index]
        if line.step[j] >= 0:
            level = goal.levels[line.step[j]]
            lowest = np.maximum(lowest, level - goal.tolerance - GUARDS.round_off)
            highest = np.minimum(highest, level + goal.tolerance + GUARDS.round_off)
            kept = 1 - died / np.maximum(ahead.at_risk + died, 1)
            open_ = kept > 0
            lowest = np.where(open_, lowest / np.where(open_, kept, 1.0), 0.0)
            highest = np.where(open_, highest / np.where(open_, kept, 1.0), np.inf)
        ahead.step_back(died, left)
    return _along(histories, lineage)


class _StatesAhead:
    """The discrete state by which paths drawn backward may go on: at risk, and events where their number is told."""

    def __init__(self, line: Timeline, size: int, total: int | None) -> None:
        self.told, self.goal = line.told, total
        self.largest = max(total or 0, int(line.told.max()) if line.told is not None else 0)
        self.at_risk, self.later = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)

    def reach(self, j: int) -> None:
        """Come to bin ``j``: where the events up to its end are told, none after it count towards them."""
        if self.told is not None and self.told[j] >= 0:
            self.goal, self.later = int(self.told[j]), np.zeros_like(self.later)

    def states(self, at_risk: IntArray, events: IntArray) -> tuple[IntArray, IntArray]:
        """Return the states of particles (P,) and of the particles that the paths (K,) may come from."""
        if self.goal is None:
            return at_risk, self.at_risk
        each = self.largest + 1
        return at_risk * each + events, self.at_risk * each + self.goal - self.later

    def step_back(self, died: IntArray, left: IntArray) -> None:
        """Step one bin back, over those who failed and left in it (K,)."""
        self.at_risk = self.at_risk + died + left
        self.later = self.later + died


def _goes_on(stored: StoredDecodings, particle: IntArray, lowest: FloatArray, highest: FloatArray) -> FloatArray:
    """Return the log weights of particles (M,), all but none where the later steps of the path would not be met."""
    survival = stored.survival[particle]
    fits = (survival >= lowest) & (survival <= highest)
    return np.asarray(np.where(fits, stored.log_weight[particle], 100 * GUARDS.unlikely + stored.log_weight.max()))


class _PointsAhead:
    """Sums over the points ahead of each path, relative to its survival now: a quadratic in survival and shift."""

    def __init__(self, size: int, read: PointReading) -> None:
        self.half = read.grid / 2
        self.variance = read.noise**2
        self.squares, self.sums, self.products = np.zeros(size), np.zeros(size), np.zeros(size)
        self.total, self.count = 0.0, 0.0

    def score(self, stored: StoredPaths, path: IntArray, particle: IntArray) -> FloatArray:
        """Return the log chance (M,) of the points ahead of ``path`` (M,) from the state of ``particle`` (M,)."""
        s, b, n = stored.survival[particle], stored.bias[particle], self.count
        squares, sums, products = self.squares[path], self.sums[path], self.products[path]
        off = self.total - s * sums - n * b
        squared = s**2 * squares - 2 * s * (products - b * sums) - 2 * b * self.total + n * b**2
        shared = stored.bias_variance / (self.variance + n * stored.bias_variance)
        return np.asarray(-0.5 * (squared - shared * off**2) / self.variance)

    def extend(self, kept: FloatArray, points: tuple[float, ...], weight: float) -> None:
        """Step one bin back over points, of a weight, across which survival fell to ``kept`` (K,)."""
        for point in points:
            if self.half < point < 1 - self.half:
                self.squares, self.sums = self.squares + weight, self.sums + weight
                self.products, self.total = self.products + weight * point, self.total + weight * point
                self.count += weight
        self.squares, self.sums, self.products = kept**2 * self.squares, kept * self.sums, kept * self.products


def _along(histories: ParticleHistories, lineage: IntArray) -> DrawnPaths:
    """Return the paths that go through these particles."""
    events = np.take_along_axis(histories.events, lineage, axis=1).astype(np.int64)
    censored = np.take_along_axis(histories.censored, lineage, axis=1).astype(np.int64)
    return DrawnPaths(events=events, censored=censored, lineage=lineage)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ArmPass:
    """One finished pass over a timeline of an arm, of which draws are taken.

    Parameters
    ----------
    line : Timeline
        The bins that were passed.
    read, model : PointReading, ReadingModel
        How the points were read, and the numbers by which that is judged.
    histories : ParticleHistories
        What every particle drew in every bin.
    widened : float
        By how much wider the noise, or the rounding, had to be for any path to meet the points.
    seed : tuple of int
        For the draws.
    goal : DecodingGoal or None
        What decoded paths had to meet.
    share : float
        How much the pass counts beside the others of the arm.
    """

    line: Timeline
    read: PointReading
    model: ReadingModel
    histories: ParticleHistories
    widened: float
    seed: tuple[int, ...]
    goal: DecodingGoal | None = None
    share: float = 1.0

    def draw(self, size: int, total: int | None) -> tuple[int, DrawnPaths]:
        """Return how many draws had to be turned to meet the total, and the draws."""
        rng = np.random.default_rng([*self.seed, 3])
        if self.histories.stored:
            drawn = draw_backward(self.histories, self.line, self.read, self.model, size, total, rng)
        elif self.goal is not None and self.histories.steps:
            drawn = draw_steps_backward(self.histories, self.line, self.goal, size, total, rng)
        else:
            drawn = trace_back(self.histories, size, rng)
        turned, events, censored = _settled(self.line, drawn.events, drawn.censored, total)
        return turned, DrawnPaths(events=events, censored=censored, lineage=drawn.lineage)


def _settled(line: Timeline, events: IntArray, censored: IntArray, total: int | None) -> tuple[int, IntArray, IntArray]:
    """Turn events into censorings or back where a draw misses the total, or events told up to a printed time.

    Of the bins in question the last that allow it are changed, so that numbers at risk stay as they are. Returns how
    many draws were changed, and the draws (J, K).
    """
    events, censored, off = events.copy(), censored.copy(), np.zeros(events.shape[1], dtype=np.bool_)
    start, before = 0, np.zeros(events.shape[1], dtype=np.int64)
    for end, goal in _told_stretches(line, total):
        inside = slice(start, end + 1)
        missing = goal - before - events[inside].sum(axis=0)
        can_fail = line.can_fail[inside]
        order = np.flatnonzero(can_fail)[::-1]
        if end < len(line) - 1:  # between two columns everything is told, and is met wherever the curve falls
            order = np.concatenate([order, np.flatnonzero(~can_fail)[::-1]])
        for k in np.flatnonzero(missing):
            _turn(events[inside, k], censored[inside, k], int(missing[k]), order)
        off |= missing != 0
        before = before + events[inside].sum(axis=0)
        start = end + 1
    return int(off.sum()), events, censored


def _told_stretches(line: Timeline, total: int | None) -> list[tuple[int, int]]:
    """Return the last bins up to which events are told, and how many so far; the total belongs to the last bin."""
    told = np.zeros(0, dtype=np.int64) if line.told is None else np.flatnonzero(line.told >= 0)
    found = [(int(end), int(line.told[end])) for end in told] if line.told is not None else []
    return found if total is None else [*[one for one in found if one[0] < len(line) - 1], (len(line) - 1, total)]


def _turn(events: IntArray, censored: IntArray, missing: int, order: IntArray) -> None:
    """Turn so many censorings into events, or events back, in place, in the bins that come first in ``order``."""
    source, goal = (censored, events) if missing > 0 else (events, censored)
    rest = abs(missing)
    for j in order:
        turned = min(rest, int(source[j]))
        source[j] -= turned
        goal[j] += turned
        rest -= turned
        if rest == 0:
            break

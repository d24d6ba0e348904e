"""Whole paths from a finished pass, drawn backward so that early slots stay as diverse as late ones."""

from __future__ import annotations

import numpy as np

from survrecon.curve import FloatArray, IntArray
from survrecon.reconstruction.states.filtering import IMPOSSIBLE, Passed, Stored, systematic
from survrecon.reconstruction.states.lookups import plateau_noise
from survrecon.reconstruction.states.noise import Kind, Reading
from survrecon.reconstruction.states.timeline import Timeline

__all__ = ["draw_backward", "trace_back"]

_CLICK_WIDENING = 1.5  # clicks are off in time too


def trace_back(done: Passed, size: int, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Return events and censorings (J, size) of surviving particles, followed to their ancestors."""
    index = _final(done, size, rng)
    events, censored = _empty(done, size)
    for j in range(len(done.ancestors) - 1, -1, -1):
        index = _ancestor(done, j, index)
        events[j], censored[j] = done.events[j, index], done.censored[j, index]
    return events, censored


def draw_backward(
    done: Passed, line: Timeline, read: Reading, size: int, total: int | None, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Return events and censorings (J, size) of paths drawn backward.

    At each stored slot a path may go on from any particle with the same number at risk (and events that
    complete the total), in proportion to its weight and to how well the path's own future meets the points
    from that particle's survival and shift.
    """
    index = _final(done, size, rng)
    events, censored = _empty(done, size)
    at_risk, later = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    future = _Future(size, read)
    noise = plateau_noise(line, read)
    for j in range(len(line) - 1, -1, -1):
        index = _ancestor(done, j, index)
        stored = done.stored.get(j)
        if stored is not None and j < len(line) - 1:
            same = stored.at_risk == at_risk[:, None]
            if total is not None:
                same &= stored.used + later[:, None] == total
            index = _choose(np.where(same, future.score(stored), IMPOSSIBLE), index, rng)
        events[j], censored[j] = done.events[j, index], done.censored[j, index]
        at_risk = at_risk + events[j] + censored[j]
        later = later + events[j]
        future.extend(1 - events[j] / np.maximum(at_risk, 1), line.points[j], (read.noise / noise[j]) ** 2)
    return events, censored


class _Future:
    """Sums over the points ahead of each path, relative to its survival now: a quadratic in survival and shift."""

    def __init__(self, size: int, read: Reading) -> None:
        self.half = read.grid / 2
        self.variance = (read.noise * (_CLICK_WIDENING if read.kind is Kind.CLICKS else 1.0)) ** 2
        self.squares, self.sums, self.products = np.zeros(size), np.zeros(size), np.zeros(size)
        self.total, self.count = 0.0, 0.0

    def score(self, stored: Stored) -> FloatArray:
        """Return log weights (K, P) of going on from each stored particle."""
        s, b, n = stored.survival, stored.bias, self.count
        off = self.total - s * self.sums[:, None] - n * b
        squared = (
            s**2 * self.squares[:, None]
            - 2 * s * (self.products[:, None] - b * self.sums[:, None])
            - 2 * b * self.total
            + n * b**2
        )
        shared = stored.bias_variance / (self.variance + n * stored.bias_variance)
        return np.asarray(stored.log_weight - 0.5 * (squared - shared * off**2) / self.variance)

    def extend(self, kept: FloatArray, points: tuple[float, ...], weight: float) -> None:
        """Step one slot back over points, of a weight, across which survival fell to ``kept`` (K,)."""
        for point in points:
            if self.half < point < 1 - self.half:
                self.squares, self.sums = self.squares + weight, self.sums + weight
                self.products, self.total = self.products + weight * point, self.total + weight * point
                self.count += weight
        self.squares, self.sums, self.products = kept**2 * self.squares, kept * self.sums, kept * self.products


def _choose(score: FloatArray, index: IntArray, rng: np.random.Generator) -> IntArray:
    best = score.max(axis=1)
    chance = np.exp(score - best[:, None]).cumsum(axis=1)
    drawn = (chance < (rng.random(best.size) * chance[:, -1])[:, None]).sum(axis=1)
    return np.where(best > IMPOSSIBLE / 2, np.minimum(drawn, score.shape[1] - 1), index)


def _final(done: Passed, size: int, rng: np.random.Generator) -> IntArray:
    return systematic(np.exp(done.log_weight - done.log_weight.max()), size, rng)


def _ancestor(done: Passed, j: int, index: IntArray) -> IntArray:
    parents = done.ancestors[j]
    return index if parents is None else parents[index]


def _empty(done: Passed, size: int) -> tuple[IntArray, IntArray]:
    slots = len(done.ancestors)
    return np.zeros((slots, size), dtype=np.int64), np.zeros((slots, size), dtype=np.int64)

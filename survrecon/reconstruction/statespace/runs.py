"""Marks that run together in a picture: how far each run goes, and how many patients leave in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.reconstruction.statespace.counts import draw_poisson
from survrecon.reconstruction.statespace.crowding import run_gain

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.reconstruction.statespace.particles import Particles
    from survrecon.reconstruction.statespace.timeline import Timeline

__all__ = ["Runs"]

_TINY = 1e-9
_MOST_IN_COLUMN = 1e5


class Runs:
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
        """Draw where the run that begins with the mark of slot ``j`` ends (P,).

        ``scale`` is how many times more patients leave than the rates say. Columns of the run are taken, those after it
        are free up to the next mark. What marks say of the rates has been used to estimate them, and does not count
        for paths again.
        """
        stop = int(self.next[j])
        free = stop if stop == len(self.line) else max(stop - self.line.reach, j + 1)
        rate = np.maximum(self.crowd[j:free, None] * scale, _TINY)
        log_run = np.cumsum(run_gain(rate, self.narrow[j:free, None], self.line.reach), axis=0)
        chance = np.cumsum(np.exp(log_run - log_run.max(axis=0)), axis=0)
        state.run = j + 1 + (chance < self.rng.random(scale.size) * chance[-1]).sum(axis=0)

    def leaving(self, j: int, scale: FloatArray, to_come: FloatArray, state: Particles) -> IntArray:
        """Draw how many leave in slot ``j`` of the paths whose run goes on (P,).

        In the last run before a printed number all leave who are to.
        """
        end = int(self.line.end[j])
        rate = self.crowd[j] * scale
        if self.next[j] > end:
            ahead = self.until[np.clip(state.run, j + 1, end + 1)] - self.until[j]
            rate = to_come * self.crowd[j] / ahead
        rate = np.clip(rate, _TINY, _MOST_IN_COLUMN)
        if self.narrow[j] or self.line.reach > 1:
            left = draw_poisson(rate / -np.expm1(-rate * self.line.reach) if not self.narrow[j] else rate, self.rng)
        else:
            left = _at_least_one(rate, self.rng)
        return np.asarray(np.where(j < state.run, left, 0))


def _at_least_one(rate: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw counts (P,) by rates, given that they are not 0: the first comes at a time that is known to be within."""
    first = -np.log1p(rng.random(rate.size) * np.expm1(-rate))
    return 1 + draw_poisson(np.maximum(rate - first, 0.0), rng)

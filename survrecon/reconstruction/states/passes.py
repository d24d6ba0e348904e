"""One finished pass over the slots, and the draws that it gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survrecon.curve import IntArray
from survrecon.reconstruction.states.backward import Heights, draw_backward, draw_steps_backward, trace_back
from survrecon.reconstruction.states.noise import Reading
from survrecon.reconstruction.states.particles import Passed
from survrecon.reconstruction.states.timeline import Timeline

__all__ = ["Pass"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Pass:
    """One finished pass over the slots of a timeline, how much wider its noise had to be, how much it counts."""

    line: Timeline
    read: Reading
    done: Passed
    widened: float
    seed: tuple[int, ...]
    heights: Heights | None = None
    share: float = 1.0

    def draw(self, size: int, total: int | None) -> tuple[int, IntArray, IntArray]:
        """Return events and censorings (J, size), and how many draws had to be turned to meet the total."""
        rng = np.random.default_rng([*self.seed, 3])
        if self.done.stored:
            events, censored = draw_backward(self.done, self.line, self.read, size, total, rng)
        elif self.heights is not None and self.done.steps:
            events, censored = draw_steps_backward(self.done, self.line, self.heights, size, total, rng)
        else:
            events, censored = trace_back(self.done, size, rng)
        return _settled(self.line, events, censored, total)


def _settled(line: Timeline, events: IntArray, censored: IntArray, total: int | None) -> tuple[int, IntArray, IntArray]:
    """Turn events into censorings or back, in the last slots that allow it, where a draw misses the total.

    Numbers at risk stay as they are. Returns how many draws were changed, and the draws (J, K).
    """
    if total is None or (events.sum(axis=0) == total).all():
        return 0, events, censored
    events, censored = events.copy(), censored.copy()
    off = np.flatnonzero(events.sum(axis=0) != total)
    for k in off:
        missing = total - int(events[:, k].sum())
        source, goal = (censored, events) if missing > 0 else (events, censored)
        allowed = np.flatnonzero((source[:, k] > 0) & line.can_fail)
        for j in allowed[::-1]:
            turned = min(abs(missing), int(source[j, k]))
            source[j, k] -= turned
            goal[j, k] += turned
            missing -= turned if missing > 0 else -turned
            if missing == 0:
                break
    return off.size, events, censored
